import SGBasics
import SGTensors

extension Learned {
  /// - Parameters:
  ///   - mask: [count] + a sample's shape, 1 where an element is known.
  ///   - size: elements of a sample.
  /// - Throws: `Failure` of kind unsupported where an element is known that comes after one that is
  ///   not.
  static func expectLater(_ mask: Tensor, size: Int, _ family: String) throws(Failure) {
    let late = mask.withElements { m in
      m.indices.first { $0 % size > 0 && m[$0] == 1 && m[$0 - 1] == 0 }
    }
    guard let late else { return }
    throw Failure(
      .unsupported,
      "mask: \(family) fills in what comes after all known elements; element \(late % size) is"
        + " known, the one before it is not")
  }
}
