import SGBasics
import SGTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension Dataset {
  /// Gaussians with equally spaced centers on a circle, sample i from mode i mod modes. The
  /// protocol of VEEGAN and PacGAN: 8 modes, radius 1, deviation 0.01.
  public static func ring(
    count: Int = 100_000, modes: Int = 8, radius: Float = 1, deviation: Float = 0.01,
    seed: UInt64 = 1
  ) throws(Failure) -> Dataset {
    try Memory.expectRoom(for: 64 * modes, "\(modes) modes")
    let centers = (0..<modes).map { m in
      let angle = 2 * Double.pi * Double(m) / Double(modes)
      return (radius * Float(cos(angle)), radius * Float(sin(angle)))
    }
    return try gaussians(centers, count: count, deviation: deviation, seed: seed, source: "ring")
  }

  /// Gaussians on a square grid around 0, sample i from mode i mod side². The protocol of VEEGAN
  /// and PacGAN: centers {−4, −2, 0, 2, 4}², deviation 0.05.
  public static func grid(
    count: Int = 100_000, side: Int = 5, spacing: Float = 2, deviation: Float = 0.05,
    seed: UInt64 = 1
  ) throws(Failure) -> Dataset {
    try Memory.expectRoom(for: 96 * side * side, "\(side) x \(side) modes")
    let places = (0..<side).map { spacing * (Float($0) - Float(side - 1) / 2) }
    let centers = places.flatMap { y in places.map { (x: $0, y: y) } }.map { ($0.x, $0.y) }
    return try gaussians(centers, count: count, deviation: deviation, seed: seed, source: "grid")
  }

  private static func gaussians(
    _ centers: [(Float, Float)], count: Int, deviation: Float, seed: UInt64, source: String
  ) throws(Failure) -> Dataset {
    try Memory.checked { () throws(Failure) in
      try Memory.reserve(floats: count, copies: 4, for: "\(count) samples")
      try Memory.expectRoom(for: 8 * count + 32 * centers.count, "\(count) labels")
      let key = RandomKey(seed: seed, stream: RandomStream.synthetic.rawValue, step: 0)
      let noise = key.normal([count, 2], deviation: deviation)
      try Memory.check()
      let samples = noise.withElements { noise in
        Tensor(shape: [count, 2]) { y in
          for i in 0..<count {
            let center = centers[i % centers.count]
            y[2 * i] = noise[2 * i] + center.0
            y[2 * i + 1] = noise[2 * i + 1] + center.1
          }
        }
      }
      return try Dataset(
        samples, labels: (0..<count).map { Int32($0 % centers.count) }, source: source,
        mixture: Mixture(
          centers: Tensor(centers.flatMap { [$0.0, $0.1] }, shape: [centers.count, 2]),
          deviation: deviation))
    }
  }
}

extension DataFormat {
  static var ring: DataFormat {
    DataFormat(
      name: "the synthetic set \"ring\"", summary: "ring: Gaussians on a circle, in the plane.",
      word: "ring",
      options: [
        DataOption("count", "100000", "Samples."), DataOption("modes", "8", "Gaussians."),
        DataOption("radius", "1", "Of the circle."),
        DataOption("deviation", "0.01", "Of each Gaussian."),
        DataOption("seed", "1", "Of the samples."),
      ]
    ) { (o, _) throws(Failure) in
      let count = try o.int("count", in: 1...(1 << 28), default: 100_000)
      let modes = try o.int("modes", in: 1...1_000_000, default: 8)
      let radius = Float(try o.double("radius", in: 0...1e6, default: 1))
      let deviation = Float(try o.double("deviation", in: 0...1e6, default: 0.01))
      let seed = UInt64(try o.int("seed", in: 0...Int.max, default: 1))
      return { (_) throws(Failure) in
        try Dataset.ring(
          count: count, modes: modes, radius: radius, deviation: deviation, seed: seed)
      }
    }
  }

  static var grid: DataFormat {
    DataFormat(
      name: "the synthetic set \"grid\"",
      summary: "grid: Gaussians on a square grid, in the plane.", word: "grid",
      options: [
        DataOption("count", "100000", "Samples."),
        DataOption("side", "5", "Gaussians in a row."),
        DataOption("spacing", "2", "From one Gaussian to the next."),
        DataOption("deviation", "0.05", "Of each Gaussian."),
        DataOption("seed", "1", "Of the samples."),
      ]
    ) { (o, _) throws(Failure) in
      let count = try o.int("count", in: 1...(1 << 28), default: 100_000)
      let side = try o.int("side", in: 1...1000, default: 5)
      let spacing = Float(try o.double("spacing", in: 0...1e6, default: 2))
      let deviation = Float(try o.double("deviation", in: 0...1e6, default: 0.05))
      let seed = UInt64(try o.int("seed", in: 0...Int.max, default: 1))
      return { (_) throws(Failure) in
        try Dataset.grid(
          count: count, side: side, spacing: spacing, deviation: deviation, seed: seed)
      }
    }
  }
}
