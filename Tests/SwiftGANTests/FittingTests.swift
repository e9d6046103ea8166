import SGTensors
import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGExchange
@testable import SGFormats
@testable import SGMetrics
@testable import SGModels
@testable import SGPictures

/// Two valid objects that may not fit each other: every kind of model against every kind of data
/// set, and against labels and conditions given by hand. Each call does what was asked or throws,
/// and then the model is as before.
@Suite struct FittingTests {
  struct Case: CustomStringConvertible {
    var mode: LabelSettings.Mode
    var classes, conditions: Int
    var description: String { "\(mode) \(classes) \(conditions)" }
  }

  static let cases: [Case] = LabelSettings.Mode.allCases.flatMap { mode in
    [0, 2, 3].flatMap { classes in
      [0, 1, 2].map { Case(mode: mode, classes: classes, conditions: $0) }
    }
  }

  private static let count = 12
  private static let shapes = [[2], [2, 3], [4, 4, 1]]
  /// Labels of no, of two, of four classes, and some that are unknown.
  private static let labels: [[Int32]] = [
    [], (0..<12).map { $0 % 2 }, (0..<12).map { $0 % 4 }, (0..<12).map { $0 % 3 - 1 },
  ]

  private static func data(_ shape: [Int], _ labels: [Int32], _ conditions: Int) throws -> Dataset {
    let key = RandomKey(seed: 1, stream: 1, step: 0)
    return try Dataset(
      key.uniform(Shape([count] + shape), low: -1, high: 1), labels: labels,
      conditions: conditions == 0 ? nil : key.normal([count, conditions]))
  }

  private static func model(_ c: Case, _ shape: [Int], wide: Bool) throws -> GAN {
    var configuration = Configuration(
      shape: shape, range: wide ? ValueRange(-1, 1) : ValueRange(-0.5, 0.5),
      latent: Prior(size: 2), generator: .mlp(width: 4), discriminator: .mlp(width: 4))
    configuration.classes = c.classes
    configuration.conditions = c.conditions
    configuration.labels.mode = c.mode
    return try GAN(configuration)
  }

  private static func takesLabels(_ c: Case, _ labels: [Int32]) -> Bool {
    switch c.mode {
    case .none: true
    case .conditional, .auxiliary:
      c.classes == 0 || labels.allSatisfy { (0..<Int32(c.classes)).contains($0) } && labels != []
    case .semiSupervised: labels != [] && labels.allSatisfy { $0 < c.classes }
    }
  }

  private static func takesConditions(_ c: Case, _ conditions: Int) -> Bool {
    c.mode == .none || c.conditions == 0 || c.conditions == conditions
  }

  /// Whether a call throws nothing; on failure the model must be as before.
  private static func succeeds(_ model: GAN, _ body: () throws -> Void) -> Bool {
    let before = model.tensors.map(\.value.array)
    do {
      try body()
      return true
    } catch {
      let failure = error as? Failure
      #expect(
        failure.map { [.mismatch, .argument, .unsupported].contains($0.kind) } == true, "\(error)")
      #expect(model.tensors.map(\.value.array) == before)
      return false
    }
  }

  @Test(arguments: cases) func everyModelAgainstEveryData(_ c: Case) throws {
    for shape in Self.shapes {
      for wide in [true, false] {
        let model: GAN
        do { model = try Self.model(c, shape, wide: wide) } catch {
          #expect(error is Failure)
          continue
        }
        for labels in Self.labels {
          for conditions in 0...2 {
            for other in Self.shapes {
              let data = try Self.data(other, labels, conditions)
              let fits =
                other == shape && wide && Self.takesLabels(c, labels)
                && Self.takesConditions(c, conditions)
              let trained = Self.succeeds(model) {
                var trainer = try Trainer(model, data: data, batch: 4)
                _ = try trainer.step()
              }
              #expect(trained == fits, "\(shape) \(wide) \(labels) \(conditions) \(other)")
              guard wide else { continue }
              let judged = Self.succeeds(model) {
                _ = try model.divergences(from: data)
              }
              let evaluated = Self.succeeds(model) {
                _ = try model.evaluate(against: data, with: .pixels, ridge: 0.01)
              }
              if fits { #expect(judged && evaluated) }
              if other != shape { #expect(!judged && !evaluated) }
            }
          }
        }
      }
    }
  }

  /// The same labels and conditions given to every call that takes some; how many there are may be
  /// wrong.
  @Test(arguments: cases) func everyModelAgainstGivenConditions(_ c: Case) throws {
    guard let model = try? Self.model(c, [2], wide: true) else { return }
    let n = Self.count
    let x = RandomKey(seed: 2, stream: 1, step: 0).uniform([n, 2], low: -1, high: 1)
    for labels in Self.labels + [[0, 1]] {
      for conditions in 0...2 {
        for rows in [n, 2] where conditions > 0 || rows == n {
          let values =
            conditions == 0
            ? nil : RandomKey(seed: 3, stream: 1, step: 0).normal([rows, conditions])
          let given = Conditions(labels: labels, values: values)
          let fits =
            Self.takesLabels(c, labels) && Self.takesConditions(c, conditions)
            && (c.classes == 0 || labels.count == n) && (c.conditions == 0 || rows == n)
          let conditionsGenerator = c.mode == .conditional || c.mode == .auxiliary
          let sampled = Self.succeeds(model) {
            _ = try model.sample(n, seed: 1, given: given)
            _ = try model.findLatents(for: x, given: given, Self.search)
            _ = try model.complete(x, mask: Tensor([1, 0]), given: given, Self.search)
          }
          #expect(sampled == (fits || !conditionsGenerator))
          let judged = Self.succeeds(model) {
            _ = try model.discriminate(x, given: given)
            _ = try model.logDensityRatioGradient(x, given: given)
          }
          #expect(judged == (fits || c.mode != .conditional))
          let stepped = Self.succeeds(model) {
            _ = try model.train(on: [Batch(x, labels: labels, conditions: values)], reporting: true)
          }
          if conditionsGenerator { #expect(stepped == fits) }
          if c.mode == .none { #expect(stepped) }
        }
      }
    }
  }

  private static let search: LatentSearch = {
    var search = LatentSearch()
    (search.steps, search.tries) = (1, 1)
    return search
  }()

  /// Samples of another shape, latents of another size, labelled samples that do not fit the
  /// others.
  @Test func tensorsOfOtherShapes() throws {
    let model = try Self.model(
      Case(mode: .semiSupervised, classes: 3, conditions: 0), [2], wide: true)
    for shape in [[], [2], [0, 2], [3, 3], [3, 2, 1]] as [Shape] {
      let x = Tensor.zeros(shape)
      #expect(throws: Failure.self) { try model.discriminate(x) }
      #expect(throws: Failure.self) { try model.classify(x) }
      #expect(throws: Failure.self) { try model.logDensityRatio(x) }
      #expect(throws: Failure.self) { try model.findLatents(for: x) }
      #expect(throws: Failure.self) { try model.sample(latents: x) }
      var batch = Batch(.zeros([4, 2]))
      batch.labelled = Batch(x, labels: [0, 1, 2])
      #expect(throws: Failure.self) { try model.train(on: [batch], reporting: true) }
      if shape.rank > 0 {
        #expect(throws: Failure.self) { try model.train(on: [Batch(x)], reporting: true) }
      }
    }
    for count in [-1, 0] {
      #expect(throws: Failure.self) { try model.sample(count, seed: 1) }
    }
  }

  /// A classifier meets samples of another shape and labels of more classes than it has.
  @Test func classifiers() throws {
    let classifier = try Classifier(shape: [2], range: nil, classes: 2, steps: 3)
    let x = Tensor.ones([3, 2])
    for batch in [
      Batch(x, labels: [0, 1, 2]), Batch(x, labels: [0, 1]), Batch(x, labels: [0, -2, 1]),
      Batch(.ones([3, 3]), labels: [0, 1, 0]),
    ] {
      #expect(throws: Failure.self) { try classifier.train(on: [batch], reporting: true) }
    }
    #expect(classifier.step == 0)
    #expect(throws: Failure.self) { try classifier(.ones([3, 3])) }
    let data = try Self.data([2, 3], Self.labels[1], 0)
    #expect(throws: Failure.self) { try classifier.accuracy(on: data, [0, 1]) }
    let model = try Self.model(Case(mode: .none, classes: 0, conditions: 0), [2, 3], wide: true)
    #expect(throws: Failure.self) {
      try model.evaluate(against: data, with: .classifier(classifier))
    }
  }
}
