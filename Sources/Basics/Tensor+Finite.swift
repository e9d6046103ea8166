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

  /// Samples whose missing elements are NaN.
  /// - Throws: `Failure` that names the first sample with infinity, or of which nothing is known.
  package func expectKnownSamples(_ name: String) throws(Failure) {
    let size = Swift.max(count / Swift.max(shape[0], 1), 1)
    let place = withElements { $0.firstIndex(where: \.isInfinite) }
    if let place {
      throw Failure(
        .argument,
        "\(name)[\(place / size)]: element \(place % size) is \(withElements { $0[place] });"
          + " expected finite values, or NaN for a missing one")
    }
    let empty = withElements { x in
      stride(from: 0, to: x.count, by: size).first { first in
        x[first..<first + size].allSatisfy(\.isNaN)
      }
    }
    if let empty {
      throw Failure(.argument, "\(name)[\(empty / size)]: nothing is known of it")
    }
  }
}
