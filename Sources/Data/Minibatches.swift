import SGBasics
import SGTensors

/// A dataset cut into minibatches, in the order in which training sees them. Each is a pure
/// function of its position.
package struct Minibatches: Sendable {
  private let data: Dataset
  /// Samples in each.
  let size: Int
  private let range: ValueRange?
  private let seed: UInt64
  private var order: SampleOrder
  /// Where the labels are, for a model that learns from few; or empty.
  private let labelled: [Int]
  private var labelledOrder: SampleOrder
  /// The order of inputs that belong to no sample in particular.
  private var inputOrder: SampleOrder

  package init(of data: Dataset, size: Int, range: ValueRange?, seed: UInt64, labelled: [Int]) {
    self.data = data
    self.size = size
    self.range = range
    self.seed = seed
    self.labelled = labelled
    order = SampleOrder(count: data.count, seed: seed, block: data.shuffleBlock)
    inputOrder = SampleOrder(count: data.inputs?.count ?? 1, seed: seed, stream: .inputOrder)
    labelledOrder = SampleOrder(count: max(labelled.count, 1), seed: seed, stream: .subset)
  }

  /// The minibatch that begins at a position, counted in samples over all epochs.
  package mutating func at(_ position: UInt64) throws(Failure) -> Batch {
    try Memory.checked(isFrequent: true) { () throws(Failure) in
      var result = try batch(try order.next(size, from: position), at: position, .augmentation)
      if !labelled.isEmpty {
        result.labels = []
        result.labelled = try batch(
          try labelledOrder.next(size, from: position).map { labelled[$0] }, at: position,
          .labelledAugmentation)
      }
      return result
    }
  }

  /// - Parameter stream: of what is drawn to augment samples.
  private mutating func batch(
    _ index: [Int], at position: UInt64, _ stream: RandomStream
  ) throws(Failure) -> Batch {
    let isUnpaired = data.isUnpaired
    let inputIndex = isUnpaired ? try inputOrder.next(size, from: position) : index
    var given = try data.conditions(isUnpaired ? inputIndex : index)
    if isUnpaired, !data.labels.isEmpty { given.labels = index.map { data.labels[$0] } }
    var samples = try data.batch(index, range: range)
    if !data.augmentation.isNone {
      samples = data.augmentation(samples, at: position, seed: seed, stream)
      if let inputs = data.inputs, let values = given.values {
        // The same draws, so that an image stays in step with what it is made from.
        let images = values.reshaped(inputs.shape.prepending(index.count))
        given.values = data.augmentation(images, at: position, seed: seed, stream)
          .reshaped(values.shape)
      }
    }
    return Batch(samples, labels: given.labels, conditions: given.values)
  }
}
