import SGBasics
import SGFormats

/// How a folder of pictures becomes samples, alone or in pairs.
struct PictureOptions {
  private let split: String
  private let shape: ImageShape
  private let isSkippingCorrupt: Bool
  private let inputs: Inputs?
  private let areUnpaired: Bool

  /// Where the inputs of a folder's images are.
  private enum Inputs {
    /// Another folder, with files of the same names.
    case folder(String)
    /// A half of each picture.
    case half(ImageShape.Half)

    /// - Parameter o: reads `inputs`, a path, or `side_by_side`, "left" or "right".
    init?(_ o: inout JSONObject) throws(Failure) {
      let folder = try o.optionalString("inputs")
      let isHalf = !o.isNull("side_by_side")
      if folder == nil, !isHalf { return nil }
      if let folder {
        guard !isHalf else {
          throw Failure(
            .configuration, "side_by_side: not with inputs, which says where the inputs are")
        }
        self = .folder(folder)
      } else {
        self = .half(try o.choice("side_by_side", default: .left))
      }
    }
  }

  /// - Parameter o: reads `skip_corrupt`, `inputs`, `side_by_side` and `unpaired`.
  init(_ o: inout JSONObject, split: String, shape: ImageShape) throws(Failure) {
    (self.split, self.shape) = (split, shape)
    isSkippingCorrupt = try o.bool("skip_corrupt", default: false)
    inputs = try Inputs(&o)
    areUnpaired = try o.unpaired()
    if isSkippingCorrupt, inputs != nil, !areUnpaired {
      throw Failure(
        .configuration, "skip_corrupt: images that come in pairs cannot be left out one by one")
    }
  }

  /// The samples of a folder, with their inputs if there are any.
  func open(_ path: String, _ files: FileOptions) throws(Failure) -> Dataset {
    func images(_ path: String, _ half: ImageShape.Half?) throws(Failure) -> Dataset {
      var shape = shape
      shape.half = half
      return try Dataset.images(
        ImageFolder(path, split: split), as: shape, range: files.range, limit: files.limit,
        memory: files.memory, skippingCorrupt: isSkippingCorrupt)
    }
    switch inputs {
    case nil: return try images(path, nil)
    case .folder(let other):
      return try images(path, nil).paired(with: images(other, nil), inOrder: !areUnpaired)
    case .half(let half):
      return try images(path, half.other).paired(with: images(path, half))
    }
  }
}

extension JSONObject {
  /// Whether a member is left out or null, which makes its key a known one.
  mutating func isNull(_ key: String) -> Bool { [nil, .null].contains(take(key)) }

  /// `unpaired`, which goes with `inputs`.
  mutating func unpaired() throws(Failure) -> Bool {
    let areUnpaired = try bool("unpaired", default: false)
    guard !areUnpaired || !isNull("inputs") else {
      throw Failure(.configuration, "unpaired: goes with inputs")
    }
    return areUnpaired
  }
}
