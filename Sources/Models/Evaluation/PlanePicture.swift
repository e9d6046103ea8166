import SGBasics
import SGData
import SGPictures
import SGTensors

/// Samples in the plane: the discriminator's opinion as color (orange: data, blue: fakes, white: D
/// = ½), data as gray dots, the generator's samples as black ones.
public struct PlanePicture {
  /// What is shown of the plane: the same for all pictures of a training.
  private let center: (x: Float, y: Float)
  /// Half of what is shown in each direction.
  private let reach: (x: Float, y: Float)
  private let data: [Float]
  private let points: Int

  /// Points of data and model that are drawn, unless others are asked for.
  public static let usualPoints = 500

  /// Pixels on a side, and a side of the squares of one color.
  private static let side = 480
  private static let square = 4

  /// The section of the plane where some data lies.
  /// - Parameters:
  ///   - data: samples of shape [2]; a few of them are drawn and give the section.
  ///   - points: how many of the data and of the model's samples are drawn.
  /// - Throws: `Failure` of kind mismatch where samples are not in the plane.
  public init(data: Dataset, points: Int = Self.usualPoints) throws(Failure) {
    try data.check(shape: [2])
    let n = min(points, data.count)
    let values = try data.batch(RandomStream.estimates.key(0).draw(n, of: data.count)).array
    var (low, high) = ((Float.infinity, Float.infinity), (-Float.infinity, -Float.infinity))
    for i in 0..<n {
      low = (min(low.0, values[2 * i]), min(low.1, values[2 * i + 1]))
      high = (max(high.0, values[2 * i]), max(high.1, values[2 * i + 1]))
    }
    center = ((low.0 + high.0) / 2, (low.1 + high.1) / 2)
    // Columns in units of their own have a scale each.
    let extents = (x: 0.65 * (high.0 - low.0), y: 0.65 * (high.1 - low.1))
    let most = max(extents.x, extents.y)
    func shown(_ extent: Float) -> Float {
      let wanted = data.isStandardizedByDefault && extent > 0 ? extent : most
      return wanted > 0 ? wanted : 1e-6
    }
    reach = (shown(extents.x), shown(extents.y))
    self.data = values
    self.points = points
  }

  /// The model as it is now, in front of the data.
  /// - Parameters:
  ///   - model: of samples in the plane.
  ///   - seed: of the model's samples, of all classes in turn where it is conditional; D's colors
  ///     are then of class 0.
  ///   - points: of the model's samples; nil: as many as of the data at most.
  /// - Throws: what sampling and D throw.
  public func draw(
    _ model: any Sampling, seed: UInt64, points: Int? = nil
  ) throws(Failure) -> Picture {
    try Memory.checked { () throws(Failure) in
      var picture = try Picture(width: Self.side, height: Self.side, channels: 3, fill: 255)
      let squares = Self.side / Self.square
      let step = (x: 2 * reach.x / Float(squares), y: 2 * reach.y / Float(squares))
      let places = Tensor(shape: [squares * squares, 2]) { p in
        for i in 0..<squares * squares {
          p[2 * i] = center.x - reach.x + step.x * (Float(i % squares) + 0.5)
          p[2 * i + 1] = center.y + reach.y - step.y * (Float(i / squares) + 0.5)
        }
      }
      var given = try model.inTurn(squares * squares)
      given.labels = given.labels.map { _ in 0 }
      // White all over where no discriminator tells anything.
      var opinion: [Float] = []
      if let critic = model as? any HasCritic, critic.judgesSamples, !critic.awaitsReference {
        opinion = try critic.opinion(of: places, given: given)
      }
      for i in opinion.indices {
        let color = Self.color(opinion[i])
        for dy in 0..<Self.square {
          for dx in 0..<Self.square {
            picture.dot(
              i % squares * Self.square + dx, i / squares * Self.square + dy, color)
          }
        }
      }
      // Larger than the samples, which would hide them.
      mark(data, (120, 120, 120), size: 6, on: &picture)
      mark(
        try model.sample(points ?? self.points, seed: seed).array, (0, 0, 0), size: 2, on: &picture)
      return picture
    }
  }

  private func mark(
    _ values: [Float], _ color: Picture.Color, size: Int, on picture: inout Picture
  ) {
    let scale = (x: Float(Self.side) / (2 * reach.x), y: Float(Self.side) / (2 * reach.y))
    for i in 0..<values.count / 2 {
      let x = (values[2 * i] - center.x + reach.x) * scale.x
      let y = (center.y + reach.y - values[2 * i + 1]) * scale.y
      guard x > -9, y > -9, x < Float(Self.side) + 9, y < Float(Self.side) + 9 else { continue }
      for dy in -size / 2..<size - size / 2 {
        for dx in -size / 2..<size - size / 2 { picture.dot(Int(x) + dx, Int(y) + dy, color) }
      }
    }
  }

  /// Colors go from blue over white to orange, pale enough for dots to stand out.
  private static func color(_ d: Float) -> Picture.Color {
    let (end, share): ((Float, Float, Float), Float) =
      d < 0.5 ? ((70, 130, 220), 1 - 2 * d) : ((250, 150, 40), 2 * d - 1)
    func mixed(_ c: Float) -> UInt8 { UInt8(255 + (c - 255) * 0.85 * min(max(share, 0), 1)) }
    return (mixed(end.0), mixed(end.1), mixed(end.2))
  }
}
