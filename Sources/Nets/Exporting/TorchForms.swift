import SGTensors

/// How a tensor of ours lies in PyTorch: seen with the axes `expanded`, those in the order `order`,
/// joined to `shape`.
package struct TorchForm {
  /// The layer's place in the network, such as `3` or `3.0`.
  package let layer: String
  /// The tensor's name.
  package let name: String
  /// The layer's number in an `nn.Sequential`; inside blocks `2.0`.
  package let module: String
  package let expanded, order, shape: [Int]
  /// Whether the layer's weight is normalized.
  package var isNormalized = false

  /// What PyTorch calls it where the weight is normalized there, too, else its name there.
  package var normalizedName: String {
    guard isNormalized else { return name }
    return ["weight": "weight_v", "gain": "weight_g"][name] ?? name
  }

  /// A tensor of ours as PyTorch has it.
  package func exported(_ ours: Tensor) -> Tensor {
    ours.reshaped(Shape(expanded)).permuted(order).reshaped(Shape(shape))
  }

  /// A tensor of PyTorch, of `shape`, as ours.
  package func imported(_ theirs: Tensor, as target: Shape) -> Tensor {
    var inverse = order
    for (i, axis) in order.enumerated() { inverse[axis] = i }
    return theirs.reshaped(Shape(order.map { expanded[$0] })).permuted(inverse).reshaped(target)
  }
}

/// Every tensor of a network with its form in an `nn.Sequential`.
///
/// Images are NHWC here and NCHW there, so convolutions' weights change their axes, and so do the
/// elements of vectors that images are flattened to or reshaped from: weights of dense layers next
/// to them are put into PyTorch's order. Vectors between two such places share an order; where it
/// would have to be two at once the network is refused.
public struct TorchForms {
  package private(set) var forms: [TorchForm] = []
  /// Layers whose first batch decides parameters.
  package private(set) var decidedByFirstBatch: [String] = []
  /// A sample's shape on the way into and out of the current layer.
  public private(set) var input, output: Shape

  private let outputs: [String: Shape]
  private var name = ""
  private var module = ""
  private var layer: any Layer = Flatten()
  private var isAbsent = false
  private var normalized: Set<String> = []

  /// The run of vectors that the current value belongs to; nil: it is no vector.
  private var run: Int?
  /// The image whose elements a run of vectors holds; nil: as yet any order.
  private var orders: [[Int]?] = []
  private var lengths: [Int: Int] = [:]
  private var sameOrders: [(a: Int, b: Int, name: String, layer: any Layer)] = []
  /// Tensors of vectors wait for their orders: runs of their axes.
  private var waiting: [(layer: String, name: String, module: String, runs: [Int], swapped: Bool)] =
    []

  /// The forms of a network's tensors.
  package init(_ network: Network) throws(Inexpressible) {
    (input, output) = (network.input, network.input)
    outputs = Dictionary(uniqueKeysWithValues: network.layers.map { ($0.name, $0.output) })
    if network.input.rank == 1 { run = newRun([1, 1, network.input[0]]) }
    try walk(network.body.layers, prefix: "", module: "")
    for (a, b, name, layer) in sameOrders where order(a) != order(b) {
      throw Self.conflict(layer, name)
    }
    for w in waiting { forms.append(form(w.layer, w.name, w.module, w.runs, swapped: w.swapped)) }
    for i in forms.indices { forms[i].isNormalized = normalized.contains(forms[i].layer) }
  }

  private func form(
    _ layer: String, _ name: String, _ module: String, _ runs: [Int], swapped: Bool
  ) -> TorchForm {
    let parts = runs.map { order($0) }
    let counts = parts.map { $0.reduce(1, *) }
    // Channels first within each vector; the units of a dense layer before its inputs.
    var axes = parts.indices.map { i in [2, 0, 1].map { 3 * i + $0 } }
    var shape = counts
    if swapped {
      axes.reverse()
      shape.reverse()
    }
    if name == "gain" { shape.append(1) }
    return TorchForm(
      layer: layer, name: name, module: module, expanded: parts.flatMap { $0 },
      order: axes.flatMap { $0 }, shape: shape)
  }

  private mutating func walk(
    _ layers: [any Layer], prefix: String, module outer: String
  ) throws(Inexpressible) {
    var x = output
    var skipped = 0
    for (i, layer) in layers.enumerated() {
      self.layer = layer
      name = "\(prefix)\(i)"
      module = "\(outer)\(i - skipped)"
      (input, output) = (x, outputs[name] ?? x)
      isAbsent = false
      let y = output
      guard let exportable = layer as? any ExportableLayer else { throw noModule }
      try exportable.addForms(to: &self)
      if isAbsent { skipped += 1 }
      x = y
      output = y
    }
  }

  // MARK: What layers say

  /// The error for a layer that PyTorch does not have.
  public func refusal(_ reason: String) -> Inexpressible {
    Inexpressible(layer: layer, name: name, format: "PyTorch", reason: reason)
  }

  /// The error for a layer that `torch.nn` does not have for the samples that come in.
  public var noModule: Inexpressible {
    refusal("torch.nn has no such module for samples of shape \(input)")
  }

  /// A tensor whose axes do not depend on the order of a vector's elements.
  /// - Parameters:
  ///   - expanded: its axes here.
  ///   - order: which of them comes first there, and so on.
  public mutating func add(_ tensor: String, _ expanded: [Int], order: [Int]) {
    add(tensor, expanded, order: order, shape: order.map { expanded[$0] })
  }

  private mutating func add(
    _ tensor: String, _ expanded: [Int], order: [Int], shape: [Int]
  ) {
    forms.append(
      TorchForm(
        layer: name, name: tensor, module: module, expanded: expanded, order: order,
        shape: shape))
  }

  /// A tensor of one number for each channel of the current value, or for each element of a vector.
  public mutating func addChannels(_ tensor: String) {
    if let run {
      waiting.append((name, tensor, module, [run], false))
    } else {
      add(tensor, [output[-1]], order: [0])
    }
  }

  /// A tensor of one number for each element of a sample.
  public mutating func addElements(_ tensor: String) {
    if let run {
      waiting.append((name, tensor, module, [run], false))
    } else {
      let order = input.rank == 3 ? [2, 0, 1] : Array(0..<input.rank)
      add(tensor, input.array, order: order)
    }
  }

  /// A layer inside the current one that has its parameters.
  mutating func add(_ layer: any Layer) throws(Inexpressible) {
    guard let layer = layer as? any ExportableLayer else { throw noModule }
    try layer.addForms(to: &self)
  }

  /// Layers inside the current one, one after another.
  public mutating func add(_ layers: Sequential) throws(Inexpressible) {
    let outer = (name, module, layer, input, output)
    output = input
    try walk(layers.layers, prefix: name + ".", module: module + ".")
    (name, module, layer, input, output) = outer
    isAbsent = false
  }

  /// The same of layers whose output is added to their input.
  mutating func addResidual(_ layers: Sequential) throws(Inexpressible) {
    let before = run
    try add(layers)
    if let before, let run { sameOrders.append((before, run, name, layer)) }
  }

  /// Says that an `nn.Sequential` has no module in the layer's place.
  mutating func skip() { isAbsent = true }

  /// The weight [in, units] and the bias of a dense layer.
  mutating func addDense(units: Int, bias: Bool) throws(Inexpressible) {
    guard let before = run else { throw noModule }
    let after = newRun(nil)
    lengths[after] = units
    run = after
    waiting.append((name, "weight", module, [before, after], true))
    if bias { waiting.append((name, "bias", module, [after], false)) }
  }

  /// The gain of a normalized weight of so many axes; of the weight's axes in PyTorch it keeps that
  /// of the outputs, the first or the second.
  mutating func addGain(outputsAreSecond: Bool) {
    normalized.insert(name)
    if let run {
      waiting.append((name, "gain", module, [run], false))
    } else {
      let channels = output[-1]
      let shape = outputsAreSecond ? [1, channels, 1, 1] : [channels, 1, 1, 1]
      add("gain", [channels], order: [0], shape: shape)
    }
  }

  /// Says that the first batch replaces what is read into the layer.
  mutating func takesFirstBatch() { decidedByFirstBatch.append(name) }

  /// The current value is no vector from here on; its elements had the order of their indices.
  mutating func leaveVector() throws(Inexpressible) {
    guard let before = run else { throw noModule }
    try expectPlain(before)
    run = nil
  }

  /// A change of the samples' shape, as `nn.Flatten` and `nn.Unflatten` do it.
  mutating func reshape() throws(Inexpressible) {
    // Only images have another layout there; of one channel or one pixel they have the same.
    func isPlain(_ shape: Shape) -> Bool {
      shape.rank != 3 || shape[2] == 1 || shape[0] * shape[1] == 1
    }
    let (x, y) = (input, output)
    // What an nn.Sequential of Radford et al.'s networks does not have: its latents are images of
    // one pixel.
    if isAtEnd, y.array == [1, 1, x.count] || x.array == [1, 1, y.count] { skip() }
    switch (run, y.rank) {
    case (nil, 1): run = newRun(x.rank == 3 ? x.array : [1, 1, x.count])
    case (nil, _): guard x == y || isPlain(x) && isPlain(y) else { throw conflict }
    case (_?, 1): break
    case (let from?, 3):
      let now = orders[from]
      let isPlain = y[0] * y[1] == 1 && now.map { $0[0] * $0[1] == 1 } ?? true
      guard now == nil || now == y.array || isPlain else { throw conflict }
      orders[from] = y.array
      run = nil
    case (let from?, _):
      try expectPlain(from)
      run = nil
    }
  }

  /// Whether the current layer is the network's first or last; one inside another is neither.
  var isAtEnd: Bool {
    name == "0" || !name.contains(".") && outputs["\((Int(name) ?? 0) + 1)"] == nil
  }

  // MARK: The order of vectors

  private mutating func newRun(_ order: [Int]?) -> Int {
    orders.append(order)
    return orders.count - 1
  }

  /// A run's order, that of its own length where nothing asks for another.
  private func order(_ run: Int) -> [Int] { orders[run] ?? [1, 1, lengths[run] ?? 1] }

  private var conflict: Inexpressible { Self.conflict(layer, name) }

  private static func conflict(_ layer: any Layer, _ name: String) -> Inexpressible {
    Inexpressible(
      layer: layer, name: name, format: "PyTorch",
      reason:
        "it flattens images channel by channel, and here two orders would meet")
  }

  /// The elements of a run of vectors have one order, that of their indices.
  private mutating func expectPlain(_ run: Int) throws(Inexpressible) {
    if let now = orders[run] {
      guard now[0] * now[1] == 1 else { throw conflict }
    } else {
      orders[run] = [1, 1, lengths[run] ?? 1]
    }
  }
}
