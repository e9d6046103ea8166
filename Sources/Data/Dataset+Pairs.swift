import SGBasics
import SGTensors

/// Pairs of an input and a target, such as edges and a photo: the targets are the samples.
extension Dataset {
  /// The same samples, each made from the input at its place.
  /// - Parameters:
  ///   - inputs: as many as there are samples, of any shape. Where both are files of folders, they
  ///     have the same names.
  ///   - inOrder: false: any number of inputs, which belong to no sample in particular, for
  ///     families that learn without pairs.
  /// - Throws: `Failure` of kind mismatch (another count, a file without its counterpart) or
  ///   argument (there are conditions already).
  public func paired(
    with inputs: Dataset, inOrder: Bool = true
  ) throws(Failure) -> Dataset {
    guard conditions == nil, self.inputs == nil else {
      throw Failure(.argument, "inputs: the samples have conditions already")
    }
    guard inputs.inputs == nil, !inputs.hasMissing else {
      throw Failure(.argument, "inputs: expected whole samples that are no pairs themselves")
    }
    if inOrder, !fileNames.isEmpty, !inputs.fileNames.isEmpty { try checkNames(inputs) }
    guard inputs.count == count || !inOrder else {
      throw Failure(
        .mismatch,
        "inputs: \(inputs.source) has \(inputs.count) samples, \(source) has \(count); expected pairs"
      )
    }
    if !augmentation.isNone { try augmentation.check(shape, with: inputs.shape) }
    return Dataset(self, inputs: inputs, isUnpaired: !inOrder)
  }

  private func checkNames(_ inputs: Dataset) throws(Failure) {
    guard fileNames != inputs.fileNames else { return }
    let (own, others) = (Set(fileNames), Set(inputs.fileNames))
    func lacks(_ name: String, _ holder: Dataset, _ other: Dataset) -> Failure {
      Failure(
        .mismatch,
        "inputs: \(holder.source) has \(name.shown), for which \(other.source) has no file of the same name"
      )
    }
    if let name = fileNames.first(where: { !others.contains($0) }) {
      throw lacks(name, self, inputs)
    }
    if let name = inputs.fileNames.first(where: { !own.contains($0) }) {
      throw lacks(name, inputs, self)
    }
  }

  /// Numbers that each sample is conditioned on; 0: none.
  public var conditionSize: Int { inputs?.shape.count ?? conditions?.shape[1] ?? 0 }

  /// Labels and conditions of samples by index; the conditions are the elements of the inputs where
  /// there are some.
  /// - Throws: `Failure` of the file where an input cannot be read, or noMemory.
  package func conditions(_ index: [Int]) throws(Failure) -> Conditions {
    Conditions(
      labels: labels.isEmpty ? [] : index.map { labels[$0] },
      values: try inputs.map { (inputs) throws(Failure) in
        try inputs.batch(isUnpaired ? index.map { $0 % inputs.count } : index)
          .reshaped([index.count, inputs.shape.count])
      } ?? conditions?.gather(index.map(Int32.init)))
  }
}
