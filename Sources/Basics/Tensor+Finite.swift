import SGTensors

extension Tensor {
  /// - Throws: `Failure` that names the first sample with NaN or infinity.
  package func expectFiniteSamples(_ name: String) throws(Failure) {
    if isFinite { return }
    let size = Swift.max(count / Swift.max(shape[0], 1), 1)
    let place = withElements { $0.firstIndex { !$0.isFinite } } ?? 0
    throw Failure(
      .argument,
      "\(name)[\(place / size)]: element \(place % size) is \(withElements { $0[place] });"
        + " expected finite values")
  }
}
