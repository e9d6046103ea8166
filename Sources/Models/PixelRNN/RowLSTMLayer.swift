import SGNets
import SGTensors

/// Row LSTMs (van den Oord et al. 2016, "Pixel Recurrent Neural Networks", section 3.1). A first
/// convolution sees the pixels before; then each layer goes through the image row by row: its gates
/// are convolutions of the row, without what comes later, and of the state of the row above:
/// o, f, i = σ(…), g = tanh(…), c = f c' + i g, h = o tanh(c).
struct RowLSTMLayer: PixelLayer {
  let grid: PixelGrid
  let width, depth, kernel, firstKernel: Int
  let head: PixelHead

  init(_ options: PixelOptions, _ grid: PixelGrid) {
    self.grid = grid
    (width, depth) = (options.width, options.depth)
    (kernel, firstKernel) = (options.kernel, options.firstKernel)
    head = PixelHead(grid: grid, width: options.width, head: options.head)
  }

  /// The parameters of a layer.
  struct Weights {
    /// The kernel on the row, [1, reach + 1, width, 4 width], without the weights of later pixels.
    let input, bias: Tensor
    /// The kernel on the state of the row above, [1, kernel, width, 4 width].
    let state: Tensor
    /// What a class adds to the gates, [classes, 4 width]; nil: there are none.
    let condition: Tensor?
    /// To the next layer, [width, width].
    let output, outputBias: Tensor
  }

  /// All parameters.
  struct All {
    /// The kernels on the rows above, [reach, kernel, channels, width], and on the pixels to the
    /// left.
    let above, left, bias: Tensor
    let layers: [Weights]
    let head: PixelHead.Weights
  }

  var firstReach: Int { firstKernel / 2 }
  var reach: Int { kernel / 2 }
  /// Pixels that the first layer sees of its row, its own among them where some channel may.
  var firstPixels: Int { firstReach + (grid.channels == 1 ? 0 : 1) }
  /// Convolutions of one row.
  func geometry(_ pixels: Int, height: Int, reach: Int) -> ConvolutionGeometry {
    ConvolutionGeometry(
      input: (height, grid.width), output: (height, grid.width), kernel: (1, pixels),
      stride: (1, 1), padding: (0, reach))
  }

  func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    let (channels, gates, area) = (grid.channels, 4 * width, grid.height * grid.width)
    let seen = firstReach * firstKernel + firstPixels
    try d.parameter(
      "above_weight", [firstReach, firstKernel, channels, width], .glorot,
      fans: (seen * channels, width))
    try d.parameter(
      "left_weight", [1, firstPixels, channels, width], .glorot, fans: (seen * channels, width))
    try d.parameter("bias", [width], .zeros)
    d.cost(area, seen, channels, width)
    for layer in 0..<depth {
      func name(_ part: String) -> String { "\(layer).\(part)" }
      let fan = (kernel + reach + 1) * width
      try d.parameter(
        name("input_weight"), [1, reach + 1, width, gates], .glorot, fans: (fan, gates))
      try d.parameter(name("bias"), [gates], .zeros)
      try d.parameter(
        name("state_weight"), [1, kernel, width, gates], .glorot, fans: (fan, gates))
      if grid.classes > 0 { try d.parameter(name("condition"), [grid.classes, gates], .zeros) }
      try d.parameter(name("output_weight"), [width, width], .glorot, fans: (width, width))
      try d.parameter(name("output_bias"), [width], .zeros)
      d.cost(area, fan, gates)
      d.keeps(try d.shape([grid.height, grid.width, 26 * width]).count)
    }
    try head.declare(&d)
    return try d.shape([grid.height, grid.width, channels, grid.outputs])
  }

  /// The weights, connections to what comes later cut.
  func weights(_ next: () -> Tensor) -> All {
    let groups = grid.groups(width)
    let (above, left, bias) = (next(), next(), next())
    let firstMask = horizontalMask(
      Array(0..<grid.channels), groups, reach: firstReach, isStrict: true)
    let mask = horizontalMask(groups, groups + groups + groups + groups, reach: reach)
    let layers = (0..<depth).map { _ in
      let (input, bias, state) = (next().masked(mask), next(), next())
      return Weights(
        input: input, bias: bias, state: state, condition: grid.classes > 0 ? next() : nil,
        output: next().masked(grid.mask(groups, groups)), outputBias: next())
    }
    return All(
      above: above, left: left.masked(firstMask), bias: bias, layers: layers,
      head: head.weights(next))
  }

  /// [1, reach + 1, from, to]: 1, but in the pixel's own place where only some channels may be
  /// seen.
  private func horizontalMask(
    _ from: [Int], _ to: [Int], reach: Int, isStrict: Bool = false
  ) -> Tensor? {
    guard grid.channels > 1, let own = grid.mask(from, to, isStrict: isStrict) else { return nil }
    let left = Tensor.ones([1, reach, from.count, to.count])
    return .concatenate([left, own.reshaped([1, 1, from.count, to.count])], axis: 1)
  }

  /// The state after the gates' sums: h and c, of shape [rows, width].
  func step(_ gates: Tensor, _ memory: Tensor) -> (hidden: Tensor, memory: Tensor) {
    let rows = gates.shape[0]
    let units = sigmoid(gates.slice(from: [0, 0], [rows, 3 * width]))
    func part(_ i: Int) -> Tensor { units.slice(from: [0, i * width], [rows, width]) }
    let candidate = tanh(gates.slice(from: [0, 3 * width], [rows, width]))
    let next = part(1) * memory + part(2) * candidate
    return (part(0) * tanh(next), next)
  }

  /// What the row above's state adds to the gates of a row, [batch, 1, width, 4 features].
  func above(_ hidden: Tensor, _ w: Weights) -> Tensor {
    convolution(
      hidden, w.state,
      ConvolutionGeometry(
        input: (1, grid.width), output: (1, grid.width), kernel: (1, kernel), stride: (1, 1),
        padding: (0, reach)))
  }

  /// The geometry of what the first layer sees of rows above.
  private var aboveGeometry: ConvolutionGeometry {
    ConvolutionGeometry(
      input: (grid.height, grid.width), output: (grid.height, grid.width),
      kernel: (firstReach, firstKernel), stride: (1, 1), padding: (firstReach, firstReach))
  }

  func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    let w = weights { c.parameter() }
    let (n, height, columns) = (x.shape[0], grid.height, grid.width)
    let row: Shape = [n * columns, 4 * width]
    var features =
      convolution(x, w.above, bias: w.bias, aboveGeometry)
      + convolution(
        x, w.left, geometry(firstPixels, height: height, reach: firstReach))
    for layer in w.layers {
      var gates = convolution(
        features, layer.input, bias: layer.bias,
        geometry(reach + 1, height: height, reach: reach))
      if let table = layer.condition, let condition = c.condition {
        gates = gates + matmul(condition, table).reshaped([n, 1, 1, 4 * width])
      }
      var memory = Tensor.zeros([n * columns, width])
      var rows: [Tensor] = []
      for i in 0..<height {
        var sums = gates.slice(from: [0, i, 0, 0], [n, 1, columns, 4 * width])
        if let hidden = rows.last { sums = sums + above(hidden, layer) }
        let state = step(sums.reshaped(row), memory)
        memory = state.memory
        rows.append(state.hidden.reshaped([n, 1, columns, width]))
      }
      let hidden = Tensor.concatenate(rows, axis: 1).reshaped([n * height * columns, width])
      let made = dense(hidden, layer.output, bias: layer.outputBias)
      features = features + made.reshaped([n, height, columns, width])
    }
    return head(features.reshaped([n * height * columns, width]), w.head)
      .reshaped([n, height, columns, grid.channels, grid.outputs])
  }

  func columns(_ parameters: [Tensor], count: Int, condition: Tensor?) -> RowLSTMColumns {
    RowLSTMColumns(self, parameters, count: count, condition: condition)
  }
}

/// Row LSTMs that make images pixel by pixel. A row begins with what the rows above add to it; a
/// pixel then costs a column of each layer.
struct RowLSTMColumns: PixelColumns {
  private let layer: RowLSTMLayer
  private let weights: RowLSTMLayer.All
  private let count: Int
  /// What the gates of every row begin with in each layer, [count, 4 width].
  private let offsets: [Tensor]
  /// What the rows above add to the first layer's features, and of each layer to its gates, a
  /// tensor for each column.
  private var first: [Tensor] = []
  private var gates: [[Tensor]]
  /// Features of the pixels before, first those of the first layer, [count, features] each.
  private var left: [[Tensor]]
  /// Each layer's h and c of this row and of the one above, [count, width] for each column.
  private var hidden, memory, memoryAbove: [[Tensor]]

  init(_ layer: RowLSTMLayer, _ parameters: [Tensor], count: Int, condition: Tensor?) {
    (self.layer, self.count) = (layer, count)
    var rest = parameters.makeIterator()
    let none = Tensor(0)
    weights = layer.weights { rest.next() ?? none }
    offsets = weights.layers.map { w in
      let bias = w.bias.reshaped([1, 4 * layer.width]).broadcast(to: [count, 4 * layer.width])
      guard let table = w.condition, let condition else { return bias }
      return bias + matmul(condition, table)
    }
    gates = [[Tensor]](repeating: [], count: layer.depth)
    left = [[Tensor]](repeating: [], count: layer.depth + 1)
    let zero = Tensor.zeros([count, layer.width])
    let empty = [Tensor](repeating: zero, count: layer.grid.width)
    hidden = [[Tensor]](repeating: empty, count: layer.depth)
    (memory, memoryAbove) = (hidden, hidden)
  }

  /// A tensor for each column of one row, [count, 1, width, features].
  private func split(_ row: Tensor) -> [Tensor] {
    let (columns, features) = (layer.grid.width, row.shape[3])
    let turned = row.reshaped([count, columns, features]).permuted([1, 0, 2])
    return (0..<columns).map { turned.rows($0..<$0 + 1).reshaped([count, features]) }
  }

  mutating func begin(row: Int, of image: [Float]) {
    let (grid, width) = (layer.grid, layer.width)
    let reach = layer.firstReach
    let rows = grid.rows(row - reach..<row, of: image, count: count)
    first = split(
      convolution(
        rows, weights.above, bias: weights.bias,
        ConvolutionGeometry(
          input: (reach, grid.width), output: (1, grid.width), kernel: (reach, layer.firstKernel),
          stride: (1, 1), padding: (0, reach))))
    left[0] = [Tensor](repeating: .zeros([count, grid.channels]), count: reach)
    memoryAbove = memory
    for (i, w) in weights.layers.enumerated() {
      left[i + 1] = [Tensor](repeating: .zeros([count, width]), count: layer.reach)
      guard row > 0 else {
        gates[i] = [Tensor](repeating: offsets[i], count: grid.width)
        continue
      }
      let above = Tensor.concatenate(
        hidden[i].map { $0.reshaped([count, 1, 1, width]) }, axis: 2)
      gates[i] = split(layer.above(above, w)).map { $0 + offsets[i] }
    }
  }

  mutating func outputs(row: Int, column: Int, of image: [Float]) -> Tensor {
    let (grid, width) = (layer.grid, layer.width)
    // When its features were computed, the last channel of the pixel before was not known.
    if column > 0 {
      left[0][layer.firstReach + column - 1] = grid.pixel(
        row, column - 1, of: image, count: count)
    }
    let pixel = grid.pixel(row, column, of: image, count: count)
    let seen = place(pixel, 0, column, layer.firstReach, layer.firstPixels)
    var features =
      first[column]
      + matmul(seen, weights.left.reshaped([layer.firstPixels * grid.channels, width]))
    for (i, w) in weights.layers.enumerated() {
      let inputs = place(features, i + 1, column, layer.reach, layer.reach + 1)
      let kernel = w.input.reshaped([(layer.reach + 1) * width, 4 * width])
      let state = layer.step(matmul(inputs, kernel) + gates[i][column], memoryAbove[i][column])
      (hidden[i][column], memory[i][column]) = (state.hidden, state.memory)
      features = features + dense(state.hidden, w.output, bias: w.outputBias)
    }
    return layer.head(features, weights.head)
  }

  /// Puts features in their place among those of their row, which an earlier call for the pixel may
  /// have given it, and gives what a kernel sees there, [count, pixels · features].
  private mutating func place(
    _ features: Tensor, _ index: Int, _ column: Int, _ reach: Int, _ pixels: Int
  ) -> Tensor {
    left[index].removeSubrange((reach + column)...)
    left[index].append(features)
    return .concatenate(Array(left[index][column..<column + pixels]), axis: 1)
  }
}
