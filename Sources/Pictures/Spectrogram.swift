import SGBasics
import SGTensors

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How the strength of a sound's frequencies changes over time: a picture each, with time from left
/// to right, frequencies from 0 at the bottom to half the sampling rate at the top, and the power
/// from 80 decibels below the strongest (black) to the strongest (white).
package struct Spectrogram {
  /// [count, height, width, 1], in decibels below the strongest: −80 to 0.
  package let decibels: Tensor
  /// The pictures, two in a row.
  package let picture: Picture

  private static let mostColumns = 256
  private static let range = ValueRange(-80, 0)

  /// - Parameter sounds: [count, elements], of at least 16 elements; they are finite.
  /// - Throws: `Failure` of kind argument (too short) or limit.
  package init(_ sounds: Tensor) throws(Failure) {
    let (count, size) = (sounds.shape[0], sounds.shape[1])
    guard size >= 16 else {
      throw Failure(.argument, "a spectrogram of \(size) elements; expected at least 16")
    }
    var window = 16
    while window < 256, window * 8 <= size { window *= 2 }
    let columns = min(Self.mostColumns, size - window + 1)
    let rows = window / 2
    try Memory.reserve(floats: count * columns, copies: 4 * window, for: "spectrograms")
    // Hann's window (Harris 1978).
    let hann = (0..<window).map { 0.5 - 0.5 * cos(2 * Float.pi * Float($0) / Float(window)) }
    let frames = sounds.withElements { x in
      Tensor(shape: [count * columns, window]) { y in
        for i in 0..<count {
          for column in 0..<columns {
            let start = i * size + (size - window) * column / max(columns - 1, 1)
            for t in 0..<window {
              y[(i * columns + column) * window + t] = x[start + t] * hann[t]
            }
          }
        }
      }
    }
    func waves(_ function: (Double) -> Double) -> Tensor {
      Tensor(
        (0..<window * rows).map { place in
          let (t, k) = (place / rows, place % rows)
          return Float(function(2 * Double.pi * Double(t * k % window) / Double(window)))
        }, shape: [window, rows])
    }
    let power = matmul(frames, waves(cos)).squared() + matmul(frames, waves(sin)).squared()
    let strongest = Swift.max(power.max().scalar, 1e-20)
    decibels = power.withElements { power in
      Tensor(shape: [count, rows, columns, 1]) { y in
        for i in 0..<count {
          for row in 0..<rows {
            for column in 0..<columns {
              let share = power[(i * columns + column) * rows + rows - 1 - row] / strongest
              y[(i * rows + row) * columns + column] =
                Swift.max(Self.range.low, 10 * log10(Swift.max(share, 1e-20)))
            }
          }
        }
      }
    }
    try Memory.check()
    picture = try ImageGrid(decibels, range: Self.range, columns: 2, border: 2).picture
  }
}
