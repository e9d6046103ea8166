import CSGImages

/// What pixels are made of: bytes, or floats.
protocol PixelValue {
  var real: Float { get }
  init(nearest value: Float)
  /// ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B.
  static func luma(_ r: Self, _ g: Self, _ b: Self) -> Self
}

extension UInt8: PixelValue {
  var real: Float { Float(self) }

  init(nearest value: Float) { self = UInt8(Swift.max(0, Swift.min(255, value + 0.5))) }

  static func luma(_ r: UInt8, _ g: UInt8, _ b: UInt8) -> UInt8 { sg_luma(r, g, b) }
}

extension Float: PixelValue {
  var real: Float { self }

  init(nearest value: Float) { self = value }

  static func luma(_ r: Float, _ g: Float, _ b: Float) -> Float {
    0.299 * r + 0.587 * g + 0.114 * b
  }
}

/// Weights that bring a row of pixels to another length: linear interpolation, its triangle widened
/// to cover all pixels where the row becomes shorter.
struct Resampling {
  private let from: Int
  /// For each new pixel the first old one, and the weights from there on.
  private let taps: [(first: Int, weights: [Float])]

  init(from: Int, to: Int) {
    self.from = from
    let scale = Double(from) / Double(to)
    let reach = max(scale, 1)
    taps = (0..<to).map { i in
      let center = (Double(i) + 0.5) * scale
      let (low, high) = (
        max(0, Int(center - reach + 0.5)), min(from, Int(center + reach + 0.5))
      )
      let raw = (low..<high).map { max(0, 1 - abs(Double($0) + 0.5 - center) / reach) }
      let sum = raw.reduce(0, +)
      return (low, raw.map { Float($0 / sum) })
    }
  }

  /// Brings the rows to this and the columns to another length.
  func apply<Value: PixelValue>(
    _ columns: Resampling, _ pixels: [Value], channels: Int,
    into sample: UnsafeMutableBufferPointer<Value>
  ) {
    let width = columns.taps.count
    var narrowed = [Float](repeating: 0, count: from * width * channels)
    for y in 0..<from {
      for (x, tap) in columns.taps.enumerated() {
        for (k, weight) in tap.weights.enumerated() {
          let at = (y * columns.from + tap.first + k) * channels
          for c in 0..<channels {
            narrowed[(y * width + x) * channels + c] += weight * pixels[at + c].real
          }
        }
      }
    }
    var sums = [Float](repeating: 0, count: width * channels)
    for (y, tap) in taps.enumerated() {
      for k in sums.indices { sums[k] = 0 }
      for (j, weight) in tap.weights.enumerated() {
        let row = (tap.first + j) * width * channels
        for k in sums.indices { sums[k] += weight * narrowed[row + k] }
      }
      for k in sums.indices {
        sample[y * width * channels + k] = Value(nearest: sums[k])
      }
    }
  }
}
