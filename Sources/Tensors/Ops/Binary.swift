import CSGKernels

/// A function of two elements, with NumPy's broadcasting.
protocol BinaryOp: Op {
  static var kernel: sg_binary_op { get }
}

extension BinaryOp {
  func shape(_ x: [Tensor]) -> Shape {
    guard let shape = x[0].shape.broadcast(with: x[1].shape) else {
      preconditionFailure("shapes \(x[0].shape) and \(x[1].shape) do not broadcast")
    }
    return shape
  }

  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    let shape = shape(x)
    sg_binary(
      Self.kernel, x[0].pointer, x[0].shape.strides(broadcastTo: shape), x[1].pointer,
      x[1].shape.strides(broadcastTo: shape), y, Int32(shape.rank), shape.array)
  }
}

struct Add: BinaryOp {
  static let kernel = SG_ADD
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [
      needs[0] ? g.summed(to: x[0].shape) : nil,
      needs[1] ? g.summed(to: x[1].shape) : nil,
    ]
  }
}

struct Subtract: BinaryOp {
  static let kernel = SG_SUBTRACT
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [
      needs[0] ? g.summed(to: x[0].shape) : nil,
      needs[1] ? -g.summed(to: x[1].shape) : nil,
    ]
  }
}

struct Multiply: BinaryOp {
  static let kernel = SG_MULTIPLY
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [
      needs[0] ? (g * x[1]).summed(to: x[0].shape) : nil,
      needs[1] ? (g * x[0]).summed(to: x[1].shape) : nil,
    ]
  }
}

struct Divide: BinaryOp {
  static let kernel = SG_DIVIDE
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [
      needs[0] ? (g / x[1]).summed(to: x[0].shape) : nil,
      needs[1] ? -(g * y / x[1]).summed(to: x[1].shape) : nil,
    ]
  }
}

/// The larger; where equal the derivative goes to the first.
struct Maximum: BinaryOp {
  static let kernel = SG_MAXIMUM
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    let second = Greater()(x[1], x[0])
    return [
      needs[0] ? (g * (1 - second)).summed(to: x[0].shape) : nil,
      needs[1] ? (g * second).summed(to: x[1].shape) : nil,
    ]
  }
}

/// The smaller; where equal the derivative goes to the first.
struct Minimum: BinaryOp {
  static let kernel = SG_MINIMUM
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    let second = Greater()(x[0], x[1])
    return [
      needs[0] ? (g * (1 - second)).summed(to: x[0].shape) : nil,
      needs[1] ? (g * second).summed(to: x[1].shape) : nil,
    ]
  }
}

/// 1 where the first is greater, else 0.
struct Greater: BinaryOp {
  static let kernel = SG_GREATER
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] { [nil, nil] }
}

/// 1 where equal, else 0.
struct Equal: BinaryOp {
  static let kernel = SG_EQUAL
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] { [nil, nil] }
}

/// The second input where the first (the mask) is not 0, else the third; all of one shape.
struct Select: Op {
  func shape(_ x: [Tensor]) -> Shape {
    precondition(x[0].shape == x[1].shape && x[1].shape == x[2].shape)
    return x[0].shape
  }
  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    sg_select(x[0].pointer, x[1].pointer, x[2].pointer, y, x[0].count)
  }
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    let zero = Tensor.zeros(g.shape)
    return [
      nil, needs[1] ? select(x[0], g, zero) : nil, needs[2] ? select(x[0], zero, g) : nil,
    ]
  }
}

extension Tensor {
  /// x + z, elementwise, with broadcasting.
  public static func + (x: Tensor, z: Tensor) -> Tensor { Add()(x, z) }
  /// x − z, elementwise, with broadcasting.
  public static func - (x: Tensor, z: Tensor) -> Tensor { Subtract()(x, z) }
  /// x z, elementwise, with broadcasting.
  public static func * (x: Tensor, z: Tensor) -> Tensor { Multiply()(x, z) }
  /// x / z, elementwise, with broadcasting.
  public static func / (x: Tensor, z: Tensor) -> Tensor { Divide()(x, z) }

  /// Broadcasting undone: the sum over the axes along which `target` was broadcast to this shape.
  func summed(to target: Shape) -> Tensor {
    if shape == target { return self }
    let offset = rank - target.rank
    let axes = (0..<rank).filter { $0 < offset || (target[$0 - offset] == 1 && shape[$0] != 1) }
    return sum(axes).reshaped(target)
  }
}

/// The larger of two, elementwise, with broadcasting.
public func maximum(_ x: Tensor, _ z: Tensor) -> Tensor { Maximum()(x, z) }
/// The smaller of two, elementwise, with broadcasting.
public func minimum(_ x: Tensor, _ z: Tensor) -> Tensor { Minimum()(x, z) }
/// 1 where x > z, else 0, with broadcasting.
public func greater(_ x: Tensor, _ z: Tensor) -> Tensor { Greater()(x, z) }
/// 1 where x = z, else 0, with broadcasting.
public func equal(_ x: Tensor, _ z: Tensor) -> Tensor { Equal()(x, z) }
/// x where the mask is not 0, else z. - Precondition: all of one shape.
public func select(_ mask: Tensor, _ x: Tensor, _ z: Tensor) -> Tensor { Select()(mask, x, z) }
