import SGBasics
import SGNets
import SGTensors

/// Augmentation of what the discriminator sees, real samples and fakes alike, in both players'
/// updates. The generator's gradient passes through it, so that it need not imitate augmented data
/// (DiffAugment, Zhao et al. 2020). Images only.
public struct Augment: Sendable, Hashable {
  /// What can be done to an image.
  public enum Operation: String, Sendable, CaseIterable {
    /// Brightness ± a quarter of the range, saturation times 0 to 2, contrast times ½ to 3/2.
    case color
    /// A move by at most an eighth of each side; what comes in has the middle value of the range.
    case translation
    /// A rectangle of half of each side takes the middle value of the range.
    case cutout
    /// Left and right change places, with probability ½.
    case flip
  }
  /// What is done, in this order; empty: nothing.
  public var policy: [Operation]
  /// That each operation is applied to a sample, 0...1; with a target, at the first step.
  public var probability: ScheduledValue
  /// What the overfitting figure E sign(D(real)) is kept at, by changing the probability (Karras et
  /// al. 2020, section 3.1); nil: the probability is not changed.
  public var target: Float?
  /// Samples over which the probability can change by 1.
  public var samples: UInt64
  /// Steps from one change of the probability to the next.
  public var interval: Int

  /// These operations, always or with a probability.
  public init(_ policy: [Operation] = [], probability: ScheduledValue = 1) {
    (self.policy, self.probability) = (policy, probability)
    (target, samples, interval) = (nil, 500_000, 4)
  }

  /// These operations, with the probability that keeps the overfitting figure at a target.
  /// - Parameters:
  ///   - target: 0.6 in Karras et al. 2020.
  ///   - samples: over which the probability can change by 1.
  ///   - interval: steps from one change to the next.
  public init(
    _ policy: [Operation], target: Float, samples: UInt64 = 500_000, interval: Int = 4
  ) {
    (self.policy, self.target, self.samples, self.interval) = (policy, target, samples, interval)
    probability = 0
  }

  /// Whether anything is ever done.
  var isOn: Bool { !policy.isEmpty }

  /// Augmented images, which can be differentiated by the images to any order.
  /// - Parameters:
  ///   - x: [count, height, width, channels].
  ///   - probability: that each operation is applied to an image.
  ///   - range: of their values, whose middle fills gaps; nil: as [−1, 1].
  ///   - random: the draws, as a function of the image's index.
  func callAsFunction(
    _ x: Tensor, probability: Float, range: ValueRange?, random: RandomKey
  ) -> Tensor {
    var draws = ImageDraws(
      random.uniform([x.shape[0], ImageDraws.mostColumns]), probability: probability)
    let middle = range.map { ($0.low + $0.high) / 2 } ?? 0
    let span = range.map { $0.high - $0.low } ?? 2
    var y = x
    for operation in policy {
      switch operation {
      case .color: y = recolored(y, span, &draws)
      case .translation: y = translated(y, middle, &draws)
      case .cutout: y = cut(y, middle, &draws)
      case .flip:
        y = y.moved(draws.next(unchanged: ImageMove()) { ImageMove(isMirrored: $0 < 0.5) })
      }
    }
    return y
  }

  private func recolored(_ x: Tensor, _ span: Float, _ draws: inout ImageDraws) -> Tensor {
    let each: Shape = [x.shape[0], 1, 1, 1]
    func factor(_ values: [Float]) -> Tensor { Tensor(values, shape: each) }
    var y = x + factor(draws.next(unchanged: 0) { (Float($0) - 0.5) * span / 2 })
    let saturation = factor(draws.next(unchanged: 1) { Float(2 * $0) })
    if x.shape[3] > 1 { y = y.stretched(by: saturation, around: [3]) }
    let contrast = factor(draws.next(unchanged: 1) { Float($0 + 0.5) })
    return y.stretched(by: contrast, around: [1, 2, 3])
  }

  private func translated(_ x: Tensor, _ middle: Float, _ draws: inout ImageDraws) -> Tensor {
    func shift(_ side: Int, _ u: Double) -> Int32 {
      Int32(Double(2 * (side / 8) + 1) * u) - Int32(side / 8)
    }
    let (height, width) = (x.shape[1], x.shape[2])
    let moves = draws.pairs(unchanged: ImageMove()) {
      ImageMove(down: shift(height, $0), right: shift(width, $1))
    }
    return (x - middle).moved(moves) + middle
  }

  private func cut(_ x: Tensor, _ middle: Float, _ draws: inout ImageDraws) -> Tensor {
    let (height, width) = (x.shape[1], x.shape[2])
    func part(_ side: Int, _ u: Double) -> Range<Int> {
      let size = side / 2
      let start = Int(Double(side + 1 - size % 2) * u) - size / 2
      return max(start, 0)..<max(min(start + size, side), 0)
    }
    let holes = draws.pairs(unchanged: (rows: 0..<0, columns: 0..<0)) {
      (rows: part(height, $0), columns: part(width, $1))
    }
    let kept = Tensor(shape: [x.shape[0], height, width, 1]) { mask in
      mask.update(repeating: 1)
      for (i, hole) in holes.enumerated() {
        for row in hole.rows {
          let start = (i * height + row) * width
          for column in hole.columns { mask[start + column] = 0 }
        }
      }
    }
    return (x - middle) * kept + middle
  }
}

extension Tensor {
  /// mean + factor (x − mean), with means over some axes.
  fileprivate func stretched(by factor: Tensor, around axes: [Int]) -> Tensor {
    let mean = mean(axes).restoring(axes, of: shape)
    return (self - mean) * factor + mean
  }
}

/// Random numbers of a batch of images, some for each operation.
private struct ImageDraws {
  /// Numbers an image that every operation together takes.
  static let mostColumns = 16
  private let numbers: [Float]
  private let probability: Float
  private var column = 0

  /// - Parameter numbers: uniform on [0, 1), [count, mostColumns].
  init(_ numbers: Tensor, probability: Float) {
    (self.numbers, self.probability) = (numbers.array, probability)
  }

  private mutating func columns(_ count: Int) -> [ArraySlice<Float>] {
    defer { column += count }
    return stride(from: column, to: numbers.count, by: Self.mostColumns).map {
      numbers[$0..<$0 + count]
    }
  }

  /// What one number makes of each image, where the operation is applied.
  mutating func next<R>(unchanged: R, _ make: (Double) -> R) -> [R] {
    columns(2).map { u in
      u[u.startIndex] < probability ? make(Double(u[u.startIndex + 1])) : unchanged
    }
  }

  /// The same of two numbers.
  mutating func pairs<R>(unchanged: R, _ make: (Double, Double) -> R) -> [R] {
    columns(3).map { u in
      let i = u.startIndex
      return u[i] < probability ? make(Double(u[i + 1]), Double(u[i + 2])) : unchanged
    }
  }
}

/// Where the controller of the augmentation's probability stands.
struct AugmentController: Sendable {
  /// The probability now.
  private(set) var probability: Float
  /// The sum of the overfitting figures since its last change, and how many there are.
  private var sum: Float = 0
  private var count: Float = 0

  init(_ augment: Augment) { probability = augment.probability.start }

  /// - Parameter stored: as `tensor` gives it; numbers out of range are brought to the nearest.
  init(_ stored: Tensor, _ augment: Augment) {
    let most = Float(augment.interval)
    let values = stored.array
    probability = min(max(values[0], 0), 1)
    count = min(max(values[2].rounded(), 0), most)
    sum = min(max(values[1], -count), count)
  }

  /// What a checkpoint keeps, [3].
  var tensor: Tensor { Tensor([probability, sum, count]) }

  /// The tensor's name in checkpoints.
  static let tensorName = "augment"

  /// Takes the figure of a step, and every `interval` steps moves the probability towards what
  /// keeps the mean figure at the target (Karras et al. 2020, section 3.1).
  mutating func take(_ figure: Float, batch: Int, _ augment: Augment) {
    guard let target = augment.target else { return }
    sum += figure
    count += 1
    guard count >= Float(augment.interval) else { return }
    let step = Float(Double(batch) * Double(augment.interval) / Double(augment.samples))
    let mean = sum / count
    if mean != target {
      probability = min(max(probability + (mean > target ? step : -step), 0), 1)
    }
    (sum, count) = (0, 0)
  }
}

extension Configuration {
  /// Samples as D sees them.
  func augmented(_ x: Tensor, _ probability: Float, _ random: RandomKey) -> Tensor {
    augment(x, probability: probability, range: range, random: random)
  }

  /// E sign(D(real)), where the objective gives D's output a sign (r_t of Karras et al. 2020, eq.
  /// 1); nil: it does not.
  /// - Parameter onReal: D's logits on real samples.
  func overfitting(_ onReal: Tensor) -> Float? {
    if case .score(let boundary) = objective.output {
      return boundary.map { (onReal - $0).sign().mean().scalar }
    }
    let ratio = logRatio?(onReal) ?? objective.logRatio?(onReal, labelSmoothing) ?? onReal
    return ratio.sign().mean().scalar
  }

  /// - Throws: `Failure` where augmentation does not go with the data or the objective.
  func checkAugment() throws(Failure) {
    func refuse(_ text: String) -> Failure { Failure(.configuration, "augment\(text)") }
    guard augment.isOn else { return }
    guard shape.count == 3 else {
      throw refuse(".policy: changes images [height, width, channels]; data.shape is \(shape)")
    }
    guard conditionShape?.count != 3 || labels.mode == .none else {
      throw refuse(
        ".policy: samples would be changed, the images that they are conditioned on would not")
    }
    guard augment.target != nil else { return }
    if case .score(nil) = objective.output {
      throw refuse(
        ".target: goes with an objective whose D has an output of either sign; that of"
          + " \(objective.name) is a score without a bound. Give a probability")
    }
    guard augment.probability.course == .constant else {
      throw refuse(".probability: the controller of the target changes it; give a number")
    }
  }
}
