import CSGKernels

/// A function of each element alone.
protocol ElementwiseOp: Op {
  static var kernel: sg_unary_op { get }
  /// The function's constants, see `sg_unary_op`.
  var constants: (a: Float, b: Float) { get }
}

extension ElementwiseOp {
  var constants: (a: Float, b: Float) { (0, 0) }
  func shape(_ x: [Tensor]) -> Shape { x[0].shape }
  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    sg_unary(Self.kernel, constants.a, constants.b, x[0].pointer, y, x[0].count)
  }
}

struct Negate: ElementwiseOp {
  static let kernel = SG_NEGATE
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] { [-g] }
}

struct Absolute: ElementwiseOp {
  static let kernel = SG_ABSOLUTE
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [g * x[0].sign()]
  }
}

/// −1, 0 or 1.
struct Sign: ElementwiseOp {
  static let kernel = SG_SIGN
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] { [nil] }
}

/// 1 where x > 0, else 0.
struct Step: ElementwiseOp {
  static let kernel = SG_STEP
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] { [nil] }
}

struct Square: ElementwiseOp {
  static let kernel = SG_SQUARE
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [g * (2 * x[0])]
  }
}

struct Reciprocal: ElementwiseOp {
  static let kernel = SG_RECIPROCAL
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [-(g * y.squared())]
  }
}

struct SquareRoot: ElementwiseOp {
  static let kernel = SG_SQRT
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [0.5 * g / y]
  }
}

/// 1/√x.
struct ReciprocalSquareRoot: ElementwiseOp {
  static let kernel = SG_RSQRT
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [-0.5 * (g * y * y.squared())]
  }
}

struct Exponential: ElementwiseOp {
  static let kernel = SG_EXP
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] { [g * y] }
}

struct Logarithm: ElementwiseOp {
  static let kernel = SG_LOG
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] { [g / x[0]] }
}

/// x to a constant power.
struct Power: ElementwiseOp {
  static let kernel = SG_POWER
  let exponent: Float
  var constants: (a: Float, b: Float) { (exponent, 0) }
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    // x⁰ is 1 everywhere; 0 · x⁻¹ would be NaN at 0.
    [exponent == 0 ? nil : g * (exponent * x[0].raised(to: exponent - 1))]
  }
}

/// a x + b.
struct Scale: ElementwiseOp {
  static let kernel = SG_AFFINE
  let factor, offset: Float
  var constants: (a: Float, b: Float) { (factor, offset) }
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [factor == 1 ? g : factor * g]
  }
}

/// min(max(x, low), high); the derivative is 0 outside.
struct Clamp: ElementwiseOp {
  static let kernel = SG_CLAMP
  let low, high: Float
  var constants: (a: Float, b: Float) { (low, high) }
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [g * (x[0] - low).step() * (high - x[0]).step()]
  }
}

extension Tensor {
  /// −x, elementwise.
  public static prefix func - (x: Tensor) -> Tensor { Negate()(x) }
  /// |x|, elementwise; derivative 0 at 0.
  public func absolute() -> Tensor { Absolute()(self) }
  /// −1, 0 or 1, elementwise.
  public func sign() -> Tensor { Sign()(self) }
  /// 1 where positive, else 0.
  public func step() -> Tensor { Step()(self) }
  /// x², elementwise.
  public func squared() -> Tensor { Square()(self) }
  /// 1/x, elementwise.
  public func reciprocal() -> Tensor { Reciprocal()(self) }
  /// √x, elementwise; NaN below 0.
  public func squareRoot() -> Tensor { SquareRoot()(self) }
  /// 1/√x, elementwise.
  public func reciprocalSquareRoot() -> Tensor { ReciprocalSquareRoot()(self) }
  /// x to a constant power; x ≥ 0 unless the exponent is whole.
  public func raised(to exponent: Float) -> Tensor { Power(exponent: exponent)(self) }
  /// The nearest value of [low, high], elementwise; derivative 0 beyond.
  public func clamped(_ low: Float, _ high: Float) -> Tensor { Clamp(low: low, high: high)(self) }

  /// a x.
  public static func * (a: Float, x: Tensor) -> Tensor { Scale(factor: a, offset: 0)(x) }
  /// x a.
  public static func * (x: Tensor, a: Float) -> Tensor { Scale(factor: a, offset: 0)(x) }
  /// x / a.
  public static func / (x: Tensor, a: Float) -> Tensor { Scale(factor: 1 / a, offset: 0)(x) }
  /// x + b.
  public static func + (x: Tensor, b: Float) -> Tensor { Scale(factor: 1, offset: b)(x) }
  /// b + x.
  public static func + (b: Float, x: Tensor) -> Tensor { Scale(factor: 1, offset: b)(x) }
  /// x − b.
  public static func - (x: Tensor, b: Float) -> Tensor { Scale(factor: 1, offset: -b)(x) }
  /// b − x.
  public static func - (b: Float, x: Tensor) -> Tensor { Scale(factor: -1, offset: b)(x) }
}

/// eˣ, elementwise.
public func exp(_ x: Tensor) -> Tensor { Exponential()(x) }
/// Natural logarithm, elementwise; −∞ at 0, NaN below.
public func log(_ x: Tensor) -> Tensor { Logarithm()(x) }
