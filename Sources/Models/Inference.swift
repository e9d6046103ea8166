import SGBasics
import SGNets
import SGTensors

/// A network as it is used after training: running statistics, constant weights.
public struct Inference: Sendable {
  package let network: Network
  package let parameters, statistics: [Tensor]
  let reference: Tensor?

  /// What the network makes of samples, [count] + its output's shape, 64 at a time.
  /// - Parameters:
  ///   - x: [count] + its input's shape.
  ///   - seed: of layers that draw.
  /// - Throws: `Failure` of kind noMemory.
  public func outputs(for x: Tensor, seed: UInt64 = 0) throws(Failure) -> Tensor {
    try inChunks(x) { x, place in
      self(x, nil, RandomKey(.layers, seed: seed).from(place.lowerBound))
    }
  }

  func callAsFunction(_ x: Tensor, _ condition: Tensor?, _ random: RandomKey) -> Tensor {
    network(
      x, parameters: parameters, state: statistics, isTraining: false, random: random,
      condition: condition, reference: reference
    ).output
  }

  /// The most samples that go through the network at a time: 64, or all of them where a layer sees
  /// the whole batch, since what it makes of a sample would otherwise depend on where the batch was
  /// cut.
  func batch(of count: Int) -> Int { network.seesWholeBatch ? count : min(count, 64) }

  /// Runs something over a long batch, piece by piece where samples do not depend on each other, so
  /// that memory stays low.
  /// - Parameters:
  ///   - output: a sample's shape on the way out; nil: the network's.
  ///   - copies: how many times what a pass keeps is needed; 3 with a derivative.
  ///   - body: from a piece of x and the place of its samples.
  /// - Precondition: x is [at least 1] + the network's input, which callers check under the name
  ///   that they have for it.
  func inChunks(
    _ x: Tensor, output: Shape? = nil, copies: Int = 1, _ body: (Tensor, Range<Int>) -> Tensor
  ) throws(Failure) -> Tensor {
    let n = x.shape[0]
    let most = batch(of: n)
    let output = output ?? network.output
    try Memory.reserve(floats: n, copies: output.count, for: "\(n) outputs of shape \(output)")
    let (pairs, isLarge) = most.multipliedReportingOverflow(by: 2 * network.floatsPerPair)
    let (each, isLarger) = network.floatsPerSample.addingReportingOverflow(pairs)
    let (all, isLargest) = each.multipliedReportingOverflow(by: copies)
    try Memory.reserve(
      floats: most + (reference?.shape[0] ?? 0),
      copies: isLarge || isLarger || isLargest ? .max : all,
      for: network.seesWholeBatch
        ? "a pass of \(most) samples as one batch, which a layer of the network sees as a whole"
        : "a forward pass")
    if n <= most { return body(x, 0..<n) }
    return try Tensor(shape: output.prepending(n)) { (y) throws(Failure) in
      for first in stride(from: 0, to: n, by: most) {
        let place = first..<min(first + most, n)
        let part = body(x.rows(place), place)
        try Memory.check()
        part.withElements {
          _ = UnsafeMutableBufferPointer(rebasing: y[(first * output.count)...]).update(from: $0)
        }
      }
    }
  }
}
