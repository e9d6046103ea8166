import SGBasics
import SGTensors

/// Changes that leave an image what it is, drawn anew each time training sees it.
public struct Augmentation: Sendable, Equatable {
  /// Whether left and right change places, with probability 1/2.
  public let flip: Bool
  /// The most pixels by which the image moves, down or up and right or left, each uniformly; the
  /// edge is repeated.
  public let shift: Int

  /// Mirroring, shifting, or both.
  public init(flip: Bool = false, shift: Int = 0) {
    (self.flip, self.shift) = (flip, shift)
  }

  /// - Parameter o: reads `flip` and `shift`.
  init(_ o: inout JSONObject) throws(Failure) {
    flip = try o.bool("flip", default: false)
    shift = try o.int("shift", in: 0...ImageShape.largestSide, default: 0)
  }

  /// Whether images stay as they are.
  var isNone: Bool { self == Augmentation() }

  /// - Throws: `Failure` of kind mismatch where samples are no images, or smaller than the shift.
  func check(_ shape: Shape) throws(Failure) {
    guard shape.rank == 3 else {
      throw Failure(.mismatch, "flip, shift: expected images, found samples \(shape)")
    }
    guard shift < min(shape[0], shape[1]) else {
      throw Failure(
        .mismatch, "shift: expected 0...\(min(shape[0], shape[1]) - 1) for \(shape), found \(shift)"
      )
    }
  }

  /// - Parameter inputs: the shape of what the images are made from, which moves with them.
  /// - Throws: `Failure` of kind mismatch where that is no image, or shifts of another size.
  func check(_ shape: Shape, with inputs: Shape) throws(Failure) {
    guard inputs.rank == 3, shift == 0 || inputs.array.prefix(2) == shape.array.prefix(2) else {
      throw Failure(
        .mismatch,
        "flip, shift: the images are made from \(inputs) and are \(shape) themselves; flip needs"
          + " images on both sides, shift such of one size")
    }
  }

  /// Changes images; what it draws for each is a function of the key's seed and stream and of the
  /// image's place in training alone.
  /// - Parameters:
  ///   - images: [count, height, width, channels].
  ///   - position: the first one's place in training.
  func callAsFunction(
    _ images: Tensor, at position: UInt64, seed: UInt64, _ stream: RandomStream
  ) -> Tensor {
    let (height, width, channels) = (images.shape[1], images.shape[2], images.shape[3])
    let size = height * width * channels
    return images.withElements { x in
      Tensor(shape: images.shape) { y in
        for i in 0..<images.shape[0] {
          let key = RandomKey(
            seed: seed, stream: stream.rawValue, step: (position + UInt64(i)) & (1 << 48 - 1))
          let draws = key.words(3)
          let isMirrored = flip && draws[0] >> 31 == 1
          let (down, right) = (moved(draws[1]), moved(draws[2]))
          for row in 0..<height {
            let from = min(max(row - down, 0), height - 1)
            for column in 0..<width {
              let source = min(max(column - right, 0), width - 1)
              let place = from * width + (isMirrored ? width - 1 - source : source)
              let target = (row * width + column) * channels
              for c in 0..<channels {
                y[i * size + target + c] = x[i * size + place * channels + c]
              }
            }
          }
        }
      }
    }
  }

  /// A move of -shift...shift pixels from 32 random bits.
  private func moved(_ word: UInt32) -> Int {
    Int(word.multipliedFullWidth(by: UInt32(2 * shift + 1)).high) - shift
  }
}
