import SGBasics
import SGMetrics
import SGTensors

/// Which features of two sets the Fréchet distance is of. It needs more samples than features, or a
/// ridge, and takes time with the cube of the features: of images that have too many, the pixels
/// are averaged over squares first.
public enum FrechetFeatures: Sendable, Equatable {
  /// The features that everything else compares.
  case all
  /// Pixels averaged over squares, of this shape, for this reason.
  case reducedPixels([Int], reason: String)
  /// None, so that there is no distance, for this reason.
  case none(reason: String)

  /// Why `count` samples of `size` features have no Fréchet distance; nil: they have one.
  static func obstacle(count: Int, size: Int, ridge: Double) -> String? {
    if size > FeatureComparison.mostFrechetFeatures {
      return "\(size) features are more than the \(FeatureComparison.mostFrechetFeatures) whose"
        + " covariances are compared"
    }
    if count <= size, ridge == 0 {
      return "\(count) samples of \(size) features have a singular covariance: it takes at least"
        + " \(size + 1) samples, or a ridge above 0"
    }
    return nil
  }

  /// - Parameters:
  ///   - count: of samples on the smaller side.
  ///   - size: of the features.
  ///   - images: the shape of the samples, where they are images.
  init(count: Int, size: Int, images: [Int]?, ridge: Double) {
    guard let reason = Self.obstacle(count: count, size: size, ridge: ridge) else {
      self = .all
      return
    }
    self = .none(reason: reason)
    guard let images else { return }
    // Samples whose covariances say something are at least twice as many as their features.
    for isRoomy in [true, false] {
      for side in 1...max(images[0], images[1]) {
        let shape = Self.shape(images, side)
        let size = shape.reduce(1, *)
        if Self.obstacle(count: isRoomy ? count / 2 : count, size: size, ridge: 0) == nil {
          self = .reducedPixels(shape, reason: reason)
          return
        }
      }
    }
  }

  private static func shape(_ images: [Int], _ side: Int) -> [Int] {
    [(images[0] + side - 1) / side, (images[1] + side - 1) / side, images[2]]
  }

  /// The distance by these features, where there is one.
  /// - Throws: `Failure` of kind noMemory, or argument (features).
  func distance(
    real: Tensor, fake: Tensor, images: (real: Tensor, fake: Tensor)?, ridge: Double
  ) throws(Failure) -> FrechetDistance? {
    switch self {
    case .none: return nil
    case .all: return try frechetDistance(real: real, fake: fake, ridge: ridge)
    case .reducedPixels(let shape, _):
      guard let images else { return nil }
      return try frechetDistance(
        real: images.real.averaged(to: shape), fake: images.fake.averaged(to: shape), ridge: ridge)
    }
  }

  var members: [(String, JSON)] {
    switch self {
    case .all: []
    case .reducedPixels(let shape, let reason):
      [
        (
          "frechet_features",
          .object([
            ("kind", .string("pixels")), ("reduced_to", .array(shape.map { JSON($0) })),
            ("reason", .string(reason)),
          ])
        )
      ]
    case .none(let reason): [("frechet_distance_missing", .string(reason))]
    }
  }
}

extension Tensor {
  /// Images [n, height, width, channels] as means over squares of pixels: [n, elements of the
  /// shape].
  fileprivate func averaged(to shape: [Int]) throws(Failure) -> Tensor {
    let (n, height, width, channels) = (self.shape[0], self.shape[1], self.shape[2], self.shape[3])
    let (rows, columns) = (shape[0], shape[1])
    try Memory.reserve(
      floats: n, copies: rows * columns * channels, for: "\(n) images of reduced size")
    let side = Swift.max(
      (height + rows - 1) / rows, (width + columns - 1) / columns)
    return Tensor(shape: [n, rows * columns * channels]) { y in
      withElements { x in
        for i in 0..<n {
          for r in 0..<rows {
            let ys = r * side..<Swift.min((r + 1) * side, height)
            for c in 0..<columns {
              let xs = c * side..<Swift.min((c + 1) * side, width)
              for k in 0..<channels {
                var sum: Float = 0
                for a in ys {
                  for b in xs { sum += x[((i * height + a) * width + b) * channels + k] }
                }
                y[((i * rows + r) * columns + c) * channels + k] =
                  sum / Float(Swift.max(ys.count * xs.count, 1))
              }
            }
          }
        }
      }
    }
  }
}
