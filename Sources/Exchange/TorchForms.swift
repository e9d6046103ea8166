import SGBasics
import SGNets
import SGTensors

/// How a tensor of ours lies in PyTorch: seen with the axes `expanded`, those in the order `order`,
/// joined to `shape`.
struct TorchForm {
  /// `3.weight`: layer and name, as in `TrainedNetwork`.
  let layer, name: String
  /// The layer's number in an `nn.Sequential`; inside blocks `2.0`.
  let module: String
  let expanded, order, shape: [Int]
  /// Whether the layer's weight is normalized.
  var isNormalized = false

  /// What PyTorch calls it where the weight is normalized there, too, else its name there.
  var normalizedName: String {
    guard isNormalized else { return name }
    return ["weight": "weight_v", "gain": "weight_g"][name] ?? name
  }

  /// To PyTorch.
  func exported(_ ours: Tensor) -> Tensor {
    ours.reshaped(Shape(expanded)).permuted(order).reshaped(Shape(shape))
  }

  /// From PyTorch, a tensor of `shape`.
  func imported(_ theirs: Tensor, as target: Shape) -> Tensor {
    var inverse = order
    for (i, axis) in order.enumerated() { inverse[axis] = i }
    return theirs.reshaped(Shape(order.map { expanded[$0] })).permuted(inverse).reshaped(target)
  }
}

/// Every tensor of a network with its form in PyTorch.
///
/// Images are NHWC here and NCHW there, so convolutions' weights change their axes, and so do the
/// elements of vectors that images are flattened to or reshaped from: weights of dense layers next
/// to them are put into PyTorch's order. Vectors between two such places share an order; where it
/// would have to be two at once the network is refused.
struct TorchForms {
  private(set) var forms: [TorchForm] = []
  /// Layers whose weight is normalized: it has a direction and a gain.
  private(set) var normalized: [(layer: WeightNorm, name: String)] = []
  private let network: TrainedNetwork
  /// The image whose elements a run of vectors holds; nil: as yet any order.
  private var orders: [[Int]?] = []
  private var sameOrders: [(Int, Int, layer: String)] = []
  /// Tensors of vectors wait for their orders: runs of their axes.
  private var waiting: [(layer: String, name: String, module: String, runs: [Int], swapped: Bool)] =
    []

  init(_ network: TrainedNetwork) throws(Failure) {
    self.network = network
    var run: Int?
    if network.input.rank == 1 { run = newRun([1, 1, network.input[0]]) }
    try walk(network.layers, prefix: "", module: "", input: network.input, &run)
    for (a, b, layer) in sameOrders where order(a) != order(b) {
      throw conflict(layer)
    }
    for w in waiting {
      let parts = w.runs.map { order($0) }
      let counts = parts.map { $0.reduce(1, *) }
      // Channels first within each vector; the units of a dense layer before its inputs.
      var axes = parts.indices.map { i in [2, 0, 1].map { 3 * i + $0 } }
      var shape = counts
      if w.swapped {
        axes.reverse()
        shape.reverse()
      }
      if w.name == "gain" { shape.append(1) }
      forms.append(
        TorchForm(
          layer: w.layer, name: w.name, module: w.module, expanded: parts.flatMap { $0 },
          order: axes.flatMap { $0 }, shape: shape))
    }
    let names = Set(normalized.map(\.name))
    for i in forms.indices { forms[i].isNormalized = names.contains(forms[i].layer) }
  }

  private mutating func newRun(_ order: [Int]?) -> Int {
    orders.append(order)
    return orders.count - 1
  }

  private var lengths: [Int: Int] = [:]

  /// A run's order, that of its own length where nothing asks for another.
  private func order(_ run: Int) -> [Int] { orders[run] ?? [1, 1, lengths[run] ?? 1] }

  private func conflict(_ layer: String) -> Failure {
    Failure(
      .unsupported,
      "\(network.role.rawValue).\(layer): PyTorch flattens images channel by channel, and here two orders would meet"
    )
  }

  /// - Parameter run: the run of vectors that the value belongs to; nil: it is no vector.
  private mutating func walk(
    _ layers: [any Layer], prefix: String, module: String, input: Shape, _ run: inout Int?
  ) throws(Failure) {
    var x = input
    var skipped = 0
    for (i, layer) in layers.enumerated() {
      let name = "\(prefix)\(i)"
      let place = "\(module)\(i - skipped)"
      let y = network.output(of: name)
      switch layer {
      case let block as Residual:
        guard block.shortcut.layers.isEmpty else {
          throw network.refusal(
            of: layer, name, by: "PyTorch", "an nn.Sequential has no module of two ways")
        }
        let before = run
        try walk(block.body.layers, prefix: name + ".", module: place + ".", input: x, &run)
        if let before, let run { sameOrders.append((before, run, name)) }
      case let block as Sequential:
        try walk(block.layers, prefix: name + ".", module: place + ".", input: x, &run)
      case is Reshaping, is Flatten:
        // What an nn.Sequential of Radford et al.'s networks does not have: its latents are images
        // of one pixel.
        let isOnePixel = y.array == [1, 1, x.count] || x.array == [1, 1, y.count]
        if prefix.isEmpty, isOnePixel, i == 0 || i == layers.count - 1 { skipped += 1 }
        try reshape(x, y, name, &run)
      case is Features: skipped += 1
      case is ActivationLayer, is Scaling, is Dropout, is GaussianNoise, is Upsample,
        is AveragePool:
        break
      default: try weighted(layer, name, place, x, y, &run)
      }
      x = y
    }
  }

  private mutating func reshape(
    _ x: Shape, _ y: Shape, _ name: String, _ run: inout Int?
  ) throws(Failure) {
    // Only images have another layout there; of one channel or one pixel they have the same.
    func isPlain(_ shape: Shape) -> Bool {
      shape.rank != 3 || shape[2] == 1 || shape[0] * shape[1] == 1
    }
    switch (run, y.rank) {
    case (nil, 1): run = newRun(x.rank == 3 ? x.array : [1, 1, x.count])
    case (nil, _): guard x == y || isPlain(x) && isPlain(y) else { throw conflict(name) }
    case (_?, 1): break
    case (let from?, 3):
      let now = orders[from]
      let isPlain = y[0] * y[1] == 1 && now.map { $0[0] * $0[1] == 1 } ?? true
      guard now == nil || now == y.array || isPlain else { throw conflict(name) }
      orders[from] = y.array
      run = nil
    case (let from?, _):
      try expectPlain(from, name)
      run = nil
    }
  }

  /// The elements of a run of vectors have one order, that of their indices.
  private mutating func expectPlain(_ run: Int, _ name: String) throws(Failure) {
    if let now = orders[run] {
      guard now[0] * now[1] == 1 else { throw conflict(name) }
    } else {
      orders[run] = [1, 1, lengths[run] ?? 1]
    }
  }

  private mutating func weighted(
    _ layer: any Layer, _ name: String, _ module: String, _ x: Shape, _ y: Shape,
    _ run: inout Int?
  ) throws(Failure) {
    func image(_ name_: String, _ expanded: [Int], _ order: [Int]) -> TorchForm {
      TorchForm(
        layer: name, name: name_, module: module, expanded: expanded, order: order,
        shape: order.map { expanded[$0] })
    }
    func wait(_ parameter: String, _ runs: [Int], swapped: Bool = false) {
      waiting.append((name, parameter, module, runs, swapped))
    }
    switch layer {
    case let norm as WeightNorm:
      normalized.append((norm, name))
      try weighted(norm.layer, name, module, x, y, &run)
      // Of the weight's axes in PyTorch the gain keeps that of the outputs.
      let axes = norm.layer is TransposedConvolution ? [1, y[-1], 1, 1] : [y[-1], 1, 1, 1]
      if let run {
        wait("gain", [run])
      } else {
        forms.append(
          TorchForm(
            layer: name, name: "gain", module: module, expanded: [y[-1]], order: [0], shape: axes))
      }
      return
    case let norm as SpectralNorm:
      try weighted(norm.layer, name, module, x, y, &run)
      return
    case let dense as Dense:
      guard let before = run else { break }
      let after = newRun(nil)
      lengths[after] = dense.units
      run = after
      wait("weight", [before, after], swapped: true)
      if dense.bias { wait("bias", [after]) }
      return
    case let l as Convolution:
      forms.append(
        image(
          "weight", [l.kernel.height, l.kernel.width, x[2] / l.groups, l.channels], [3, 2, 0, 1]))
      if l.bias { forms.append(image("bias", [l.channels], [0])) }
      return
    case let l as TransposedConvolution:
      forms.append(
        image("weight", [l.kernel.height, l.kernel.width, l.channels, x[2]], [3, 2, 0, 1]))
      if l.bias { forms.append(image("bias", [l.channels], [0])) }
      return
    case is BatchNorm where x.rank == 1 || x.rank == 3:
      for parameter in ["weight", "bias", "running_mean", "running_var"] {
        if let run { wait(parameter, [run]) } else { forms.append(image(parameter, [x[-1]], [0])) }
      }
      return
    case is LayerNorm:
      for parameter in ["weight", "bias"] {
        if let run {
          wait(parameter, [run])
        } else {
          let order = x.rank == 3 ? [2, 0, 1] : Array(0..<x.rank)
          forms.append(image(parameter, x.array, order))
        }
      }
      return
    case let l as Embedding:
      guard let before = run else { break }
      try expectPlain(before, name)
      run = nil
      forms.append(image("weight", [l.classes, l.size], [0, 1]))
      return
    default: break
    }
    throw network.refusal(
      of: layer, name, by: "PyTorch", "torch.nn has no such module for samples of shape \(x)")
  }
}
