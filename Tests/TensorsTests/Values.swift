import SGTensors

/// An array of `Double`, row-major: what the references compute with.
struct Values: Sendable {
  let shape: [Int]
  var elements: [Double]

  init(_ shape: [Int], _ elements: [Double]) {
    precondition(elements.count == shape.reduce(1, *))
    self.shape = shape
    self.elements = elements
  }

  init(_ tensor: Tensor) { self.init(tensor.shape.array, tensor.array.map(Double.init)) }

  /// Element by element, from its index.
  init(_ shape: [Int], _ element: ([Int]) -> Double) {
    var elements: [Double] = []
    elements.reserveCapacity(shape.reduce(1, *))
    Self.indices(shape) { elements.append(element($0)) }
    self.init(shape, elements)
  }

  static func zeros(_ shape: [Int]) -> Values {
    Values(shape, [Double](repeating: 0, count: shape.reduce(1, *)))
  }

  /// Every index of a shape, the last axis fastest.
  static func indices(_ shape: [Int], _ body: ([Int]) -> Void) {
    var index = [Int](repeating: 0, count: shape.count)
    for _ in 0..<shape.reduce(1, *) {
      body(index)
      for axis in shape.indices.reversed() {
        index[axis] += 1
        if index[axis] < shape[axis] { break }
        index[axis] = 0
      }
    }
  }

  var count: Int { elements.count }

  private func place(_ index: [Int]) -> Int {
    var place = 0
    for axis in shape.indices { place = place * shape[axis] + index[axis] }
    return place
  }

  subscript(_ index: [Int]) -> Double {
    get { elements[place(index)] }
    set { elements[place(index)] = newValue }
  }

  subscript(_ index: Int...) -> Double {
    get { elements[place(index)] }
    set { elements[place(index)] = newValue }
  }

  /// The element that NumPy's broadcasting puts at an index of a shape of at least this rank.
  func broadcast(_ index: [Int]) -> Double {
    let offset = index.count - shape.count
    var place = 0
    for axis in shape.indices {
      place = place * shape[axis] + (shape[axis] == 1 ? 0 : index[offset + axis])
    }
    return elements[place]
  }

  func map(_ f: (Double) -> Double) -> Values { Values(shape, elements.map(f)) }

  /// Σ self · other.
  func dot(_ other: Values) -> Double {
    zip(elements, other.elements).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// Σ |self · other|.
  func size(_ other: Values) -> Double {
    zip(elements, other.elements).reduce(0) { $0 + abs($1.0 * $1.1) }
  }

  /// self + t · direction.
  func moved(_ t: Double, _ direction: Values) -> Values {
    Values(shape, zip(elements, direction.elements).map { $0 + t * $1 })
  }

  /// Combines two under NumPy's broadcasting.
  static func combined(
    _ x: Values, _ z: Values, _ f: (Double, Double) -> Double
  ) -> Values {
    let rank = max(x.shape.count, z.shape.count)
    func padded(_ s: [Int]) -> [Int] { [Int](repeating: 1, count: rank - s.count) + s }
    let shape = zip(padded(x.shape), padded(z.shape)).map { $0 == 1 ? $1 : $0 }
    return Values(shape) { f(x.broadcast($0), z.broadcast($0)) }
  }
}
