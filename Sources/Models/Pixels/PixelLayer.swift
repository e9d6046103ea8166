import SGBasics
import SGNets
import SGTensors

/// The extents of an image, and the numbers that a network gives for each element.
struct PixelGrid: Sendable, Equatable {
  let height, width, channels: Int
  /// For each element.
  let outputs: Int
  /// Classes that images are conditioned on; 0: none.
  let classes: Int

  /// The channel that a feature sees the elements before of: features are cut into as many groups
  /// as there are channels, one after another.
  func group(of feature: Int, among features: Int) -> Int { feature * channels / features }

  /// 1 where a feature may see another of the same pixel, else 0: of its own channel's group or one
  /// before; nil: it may see all.
  /// - Parameters:
  ///   - from: the groups of the features that are seen.
  ///   - isStrict: only groups before it.
  func mask(_ from: [Int], _ to: [Int], isStrict: Bool = false) -> Tensor? {
    if channels == 1 && !isStrict { return nil }
    return Tensor(shape: [from.count, to.count]) { y in
      for (i, a) in from.enumerated() {
        for (j, b) in to.enumerated() {
          y[i * to.count + j] = a < b || a == b && !isStrict ? 1 : 0
        }
      }
    }
  }

  /// Rows of images, [count, rows, width, channels]; those above the first are 0.
  /// - Parameter image: [count, height, width, channels].
  func rows(_ range: Range<Int>, of image: [Float], count: Int) -> Tensor {
    let size = width * channels
    return Tensor(shape: [count, range.count, width, channels]) { y in
      y.update(repeating: 0)
      for i in 0..<count {
        for row in range where row >= 0 {
          let to = (i * range.count + row - range.lowerBound) * size
          let from = (i * height + row) * size
          for k in 0..<size { y[to + k] = image[from + k] }
        }
      }
    }
  }

  /// A pixel of images, [count, channels].
  func pixel(_ row: Int, _ column: Int, of image: [Float], count: Int) -> Tensor {
    Tensor(shape: [count, channels]) { y in
      for i in 0..<count {
        let from = ((i * height + row) * width + column) * channels
        for c in 0..<channels { y[i * channels + c] = image[from + c] }
      }
    }
  }

  /// The groups of features.
  func groups(_ features: Int) -> [Int] {
    (0..<features).map { group(of: $0, among: features) }
  }
}

/// A network as one layer, from images [height, width, channels] from −1 to 1 to the numbers of
/// each element's distribution, [height, width, channels, outputs]. No element's numbers depend on
/// that element or a later one: rows from above, pixels from the left, channels in their order.
protocol PixelLayer: Layer {
  associatedtype Columns: PixelColumns
  var grid: PixelGrid { get }
  /// What makes images pixel by pixel.
  /// - Parameters:
  ///   - parameters: the layer's, one tensor a row.
  ///   - count: images that are made at once.
  ///   - condition: their classes as one-hot, [count, classes], where there are some.
  func columns(_ parameters: [Tensor], count: Int, condition: Tensor?) -> Columns
}

/// The same network pixel by pixel. It keeps what it computed of the pixels before, so that one
/// more costs as much as a column of its layers, whatever the image's size.
protocol PixelColumns {
  /// Begins a row; all rows above are complete.
  /// - Parameter image: [count, height, width, channels] from −1 to 1, of which the rows above
  ///   count.
  mutating func begin(row: Int, of image: [Float])
  /// The numbers of a pixel's elements, [count, channels · outputs]. Of a channel those are right
  /// that depend on the channels before it as they stand now.
  /// - Parameter image: as above, of which pixels before this one count, and channels that are
  ///   known.
  mutating func outputs(row: Int, column: Int, of image: [Float]) -> Tensor
}

/// The last layers of every pixel by itself: max(x, 0), dense, max(x, 0), dense.
struct PixelHead: Sendable {
  let grid: PixelGrid
  let width, head: Int

  /// Its parameters, in order of declaration, with the connections to later channels cut.
  struct Weights {
    let first, firstBias, second, secondBias: Tensor
  }

  func declare(_ d: inout Declarations) throws(ConfigError) {
    let outputs = grid.channels * grid.outputs
    try d.parameter("head_weight", [width, head], .he, fans: (width, head))
    try d.parameter("head_bias", [head], .zeros)
    try d.parameter("output_weight", [head, outputs], .glorot, fans: (head, outputs))
    try d.parameter("output_bias", [outputs], .zeros)
    d.cost(grid.height, grid.width, width + outputs, head)
    d.keeps(try d.shape([grid.height, grid.width, 2 * head + width]).count)
  }

  func weights(_ next: () -> Tensor) -> Weights {
    let (first, firstBias, second, secondBias) = (next(), next(), next(), next())
    let groups = (grid.groups(width), grid.groups(head))
    let ends = (0..<grid.channels).flatMap { [Int](repeating: $0, count: grid.outputs) }
    return Weights(
      first: first.masked(grid.mask(groups.0, groups.1)), firstBias: firstBias,
      second: second.masked(grid.mask(groups.1, ends)), secondBias: secondBias)
  }

  /// [rows, channels · outputs] of features [rows, width].
  func callAsFunction(_ x: Tensor, _ w: Weights) -> Tensor {
    let hidden = dense(Activation.relu(x), w.first, bias: w.firstBias, activation: .relu)
    return dense(hidden, w.second, bias: w.secondBias)
  }
}

extension Tensor {
  /// With some elements 0.
  /// - Parameter mask: 1 or 0; nil: all stay.
  func masked(_ mask: Tensor?) -> Tensor { mask.map { self * $0 } ?? self }
}
