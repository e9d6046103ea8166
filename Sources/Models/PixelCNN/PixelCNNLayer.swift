import SGNets
import SGTensors

/// The gated PixelCNN (van den Oord et al. 2016, "Conditional Image Generation with PixelCNN
/// Decoders", figure 2). The vertical stack sees all rows above a pixel, the horizontal one the
/// row's pixels before it, and what the vertical stack makes at the same place: together nothing
/// later, and everything before.
struct PixelCNNLayer: PixelLayer {
  let grid: PixelGrid
  let width, depth, kernel, firstKernel: Int
  let head: PixelHead

  init(_ options: PixelOptions, _ grid: PixelGrid) {
    self.grid = grid
    (width, depth) = (options.width, options.depth)
    (kernel, firstKernel) = (options.kernel, options.firstKernel)
    head = PixelHead(grid: grid, width: options.width, head: options.head)
  }

  /// The parameters of a layer of both stacks.
  struct Weights {
    /// The kernel of the vertical stack, [rows, kernel, features, 2 width].
    let vertical, verticalBias: Tensor
    /// The weight from the vertical to the horizontal stack, [2 width, 2 width].
    let link: Tensor
    /// The kernel of the horizontal stack, [1, pixels, features, 2 width], without the weights of
    /// later pixels.
    let horizontal, horizontalBias: Tensor
    /// After the horizontal gate, [width, width].
    let output, outputBias: Tensor
    /// What a class adds before the gates, [classes, 2 width]; nil: there are none, or nothing
    /// follows the gate.
    let verticalCondition, horizontalCondition: Tensor?
  }

  /// The reach of a layer's kernel to the left, and above.
  func reach(_ layer: Int) -> Int { (layer == 0 ? firstKernel : kernel) / 2 }
  /// Rows of the vertical kernel: the first layer's ends above the pixel's row, since what later
  /// layers see of this row came from above.
  private func rows(_ layer: Int) -> Int { layer == 0 ? reach(0) : reach(layer) + 1 }
  /// Pixels of the horizontal kernel. The pixel's own is there, where some channel may see it.
  func pixels(_ layer: Int) -> Int {
    reach(layer) + (layer == 0 && grid.channels == 1 ? 0 : 1)
  }
  private func features(_ layer: Int) -> Int { layer == 0 ? grid.channels : width }
  private func isLast(_ layer: Int) -> Bool { layer == depth - 1 }

  func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    let (pairs, area) = (2 * width, grid.height * grid.width)
    for layer in 0..<depth {
      let inputs = features(layer)
      let (rows, side, pixels) = (rows(layer), 2 * reach(layer) + 1, pixels(layer))
      func name(_ part: String) -> String { "\(layer).\(part)" }
      try d.parameter(
        name("vertical_weight"), [rows, side, inputs, pairs], .glorot,
        fans: (rows * side * inputs, pairs))
      try d.parameter(name("vertical_bias"), [pairs], .zeros)
      try d.parameter(name("link"), [pairs, pairs], .glorot, fans: (pairs, pairs))
      try d.parameter(
        name("horizontal_weight"), [1, pixels, inputs, pairs], .glorot,
        fans: (pixels * inputs, pairs))
      try d.parameter(name("horizontal_bias"), [pairs], .zeros)
      try d.parameter(name("output_weight"), [width, width], .glorot, fans: (width, width))
      try d.parameter(name("output_bias"), [width], .zeros)
      if grid.classes > 0 {
        if !isLast(layer) {
          try d.parameter(name("vertical_condition"), [grid.classes, pairs], .zeros)
        }
        try d.parameter(name("horizontal_condition"), [grid.classes, pairs], .zeros)
      }
      d.cost(area, rows * side + pixels, inputs, pairs)
      d.cost(area, 5 * width, width)
      d.keeps(try d.shape([grid.height, grid.width, 14 * width]).count)
    }
    try head.declare(&d)
    return try d.shape([grid.height, grid.width, grid.channels, grid.outputs])
  }

  /// The weights of the layers, connections to what comes later cut.
  func weights(_ next: () -> Tensor) -> (layers: [Weights], head: PixelHead.Weights) {
    let groups = (grid.groups(width), grid.groups(width) + grid.groups(width))
    let layers = (0..<depth).map { layer in
      let (vertical, verticalBias, link) = (next(), next(), next())
      let mask = horizontalMask(layer, groups.1)
      let (horizontal, horizontalBias) = (next().masked(mask), next())
      let (output, outputBias) = (next().masked(grid.mask(groups.0, groups.0)), next())
      let isConditional = grid.classes > 0
      return Weights(
        vertical: vertical, verticalBias: verticalBias, link: link, horizontal: horizontal,
        horizontalBias: horizontalBias, output: output, outputBias: outputBias,
        verticalCondition: isConditional && !isLast(layer) ? next() : nil,
        horizontalCondition: isConditional ? next() : nil)
    }
    return (layers, head.weights(next))
  }

  /// [1, pixels, features, 2 width]: 1, but in the pixel's own place where only some channels may
  /// be seen.
  private func horizontalMask(_ layer: Int, _ to: [Int]) -> Tensor? {
    guard grid.channels > 1 else { return nil }
    let from = layer == 0 ? Array(0..<grid.channels) : grid.groups(width)
    guard let own = grid.mask(from, to, isStrict: layer == 0) else { return nil }
    let shape: Shape = [1, 1, from.count, to.count]
    let left = Tensor.ones([1, reach(layer), from.count, to.count])
    return .concatenate([left, own.reshaped(shape)], axis: 1)
  }

  func verticalGeometry(_ layer: Int, height: Int, above: Int) -> ConvolutionGeometry {
    ConvolutionGeometry(
      input: (height + above, grid.width), output: (height, grid.width),
      kernel: (rows(layer), 2 * reach(layer) + 1), stride: (1, 1),
      padding: (reach(layer) - above, reach(layer)))
  }

  func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    let (layers, last) = weights { c.parameter() }
    let (n, height, columns) = (x.shape[0], grid.height, grid.width)
    let pairs: Shape = [n, height, columns, 2 * width]
    let flat: Shape = [n * height * columns, 2 * width]
    func added(_ table: Tensor?) -> Tensor? {
      guard let table, let condition = c.condition else { return nil }
      return matmul(condition, table).reshaped([n, 1, 1, 2 * width])
    }
    var (above, left) = (x, x)
    for (layer, w) in layers.enumerated() {
      var vertical = convolution(
        above, w.vertical, bias: w.verticalBias,
        verticalGeometry(layer, height: height, above: 0))
      let geometry = ConvolutionGeometry(
        input: (height, columns), output: (height, columns), kernel: (1, pixels(layer)),
        stride: (1, 1), padding: (0, reach(layer)))
      var horizontal = convolution(left, w.horizontal, bias: w.horizontalBias, geometry)
      horizontal = horizontal + matmul(vertical.reshaped(flat), w.link).reshaped(pairs)
      if let more = added(w.horizontalCondition) { horizontal = horizontal + more }
      let made = dense(
        gated(horizontal).reshaped([n * height * columns, width]), w.output, bias: w.outputBias
      ).reshaped([n, height, columns, width])
      left = layer == 0 ? made : left + made
      if isLast(layer) { break }
      if let more = added(w.verticalCondition) { vertical = vertical + more }
      above = gated(vertical)
    }
    return head(left.reshaped([n * height * columns, width]), last)
      .reshaped([n, height, columns, grid.channels, grid.outputs])
  }

  func columns(
    _ parameters: [Tensor], count: Int, condition: Tensor?
  ) -> PixelCNNColumns {
    PixelCNNColumns(self, parameters, count: count, condition: condition)
  }
}

/// A gated PixelCNN that makes images pixel by pixel: the vertical stack row by row, the horizontal
/// one column by column.
struct PixelCNNColumns: PixelColumns {
  private let layer: PixelCNNLayer
  private let weights: [PixelCNNLayer.Weights]
  private let head: PixelHead.Weights
  private let count: Int
  private let condition: Tensor?
  /// The last rows that each layer's vertical kernel sees, [count, reach, width, features].
  private var above: [Tensor]
  /// What each layer's horizontal stack gets from the vertical one, a tensor for each pixel.
  private var links: [[Tensor]]
  /// Each layer's features of the pixels before, [count, features] each.
  private var left: [[Tensor]]

  init(_ layer: PixelCNNLayer, _ parameters: [Tensor], count: Int, condition: Tensor?) {
    self.layer = layer
    (self.count, self.condition) = (count, condition)
    var rest = parameters.makeIterator()
    let none = Tensor(0)
    (weights, head) = layer.weights { rest.next() ?? none }
    above = (1..<max(layer.depth, 1)).map {
      .zeros([count, layer.reach($0), layer.grid.width, layer.width])
    }
    links = [[Tensor]](repeating: [], count: layer.depth)
    left = links
  }

  mutating func begin(row: Int, of image: [Float]) {
    let (grid, width) = (layer.grid, layer.width)
    var rows = grid.rows(row - layer.reach(0)..<row, of: image, count: count)
    for (index, w) in weights.enumerated() {
      let reach = layer.reach(index)
      let geometry = ConvolutionGeometry(
        input: (rows.shape[1], grid.width), output: (1, grid.width),
        kernel: (rows.shape[1], 2 * reach + 1), stride: (1, 1), padding: (0, reach))
      var vertical = convolution(rows, w.vertical, bias: w.verticalBias, geometry)
      var link = dense(
        vertical.reshaped([count * grid.width, 2 * width]), w.link, bias: w.horizontalBias
      ).reshaped([count, grid.width, 2 * width])
      if let condition, let table = w.horizontalCondition {
        link = link + matmul(condition, table).reshaped([count, 1, 2 * width])
      }
      let columns = link.permuted([1, 0, 2])
      links[index] = (0..<grid.width).map {
        columns.rows($0..<$0 + 1).reshaped([count, 2 * width])
      }
      left[index] = [Tensor](
        repeating: .zeros([count, index == 0 ? grid.channels : width]), count: reach)
      guard index < layer.depth - 1 else { break }
      if let condition, let table = w.verticalCondition {
        vertical = vertical + matmul(condition, table).reshaped([count, 1, 1, 2 * width])
      }
      rows = .concatenate([above[index], gated(vertical)], axis: 1)
      let kept = layer.reach(index + 1)
      above[index] = rows.slice(
        from: [0, rows.shape[1] - kept, 0, 0], [count, kept, grid.width, width])
    }
  }

  mutating func outputs(row: Int, column: Int, of image: [Float]) -> Tensor {
    let grid = layer.grid
    // When its features were computed, the last channel of the pixel before was not known.
    if column > 0 {
      left[0][layer.reach(0) + column - 1] = grid.pixel(row, column - 1, of: image, count: count)
    }
    var features = grid.pixel(row, column, of: image, count: count)
    for (index, w) in weights.enumerated() {
      let reach = layer.reach(index)
      // This pixel takes the place that an earlier call for it gave it.
      left[index].removeSubrange((reach + column)...)
      left[index].append(features)
      let seen = left[index][column..<column + layer.pixels(index)]
      let inputs = Tensor.concatenate(Array(seen), axis: 1)
      let kernel = w.horizontal.reshaped([inputs.shape[1], 2 * layer.width])
      let made = dense(
        gated(matmul(inputs, kernel) + links[index][column]), w.output, bias: w.outputBias)
      features = index == 0 ? made : features + made
    }
    return layer.head(features, head)
  }
}
