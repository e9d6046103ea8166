import Nets
import Tensors

/// A network as it is used after training: running statistics, constant weights.
struct Inference: Sendable {
  let network: Network
  let parameters, statistics: [Tensor]
  let reference: Tensor?

  func callAsFunction(_ x: Tensor, _ condition: Tensor?, _ random: RandomKey) -> Tensor {
    network(
      x, parameters: parameters, state: statistics, isTraining: false, random: random,
      condition: condition, reference: reference
    ).output
  }

  /// Runs something sample by sample over a long batch, piece by piece, so that memory stays low.
  /// - Parameters:
  ///   - output: a sample's shape on the way out; nil: the network's.
  ///   - body: from a piece of x and the place of its samples.
  /// - Precondition: x is [at least 1] + the network's input, which callers check under the name that they have for it.
  func inChunks(
    _ x: Tensor, output: Shape? = nil, _ body: (Tensor, Range<Int>) -> Tensor
  ) throws(Failure) -> Tensor {
    let n = x.shape[0]
    let most = 64
    let output = output ?? network.output
    try GAN.reserve(floats: n, copies: output.count, for: "\(n) outputs of shape \(output)")
    try GAN.reserve(
      floats: min(n, most) + (reference?.shape[0] ?? 0),
      copies: network.floatsPerSample + 2 * most * network.floatsPerPair, for: "a forward pass")
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
