import SGBasics
import SGData
import SGNets
import SGTensors

/// A Laplacian pyramid of adversarial networks (Denton et al. 2015): a GAN of small images, and for
/// each doubling of the size a conditional GAN of what the larger image adds to the smaller one.
/// Each level is a game of its own, with its own players: `level0.generator`,
/// `level0.discriminator`, …
final class LAPGAN: Sampling {
  static let family = "lapgan"

  let settings: LAPGANSettings
  /// The games, that of the smallest images first.
  private(set) var levels: [GAN]

  init(configuration: JSON) throws(Failure) {
    settings = try LAPGANSettings(configuration)
    levels = []
    for level in settings.levels { levels.append(try GAN(level)) }
  }

  init(_ snapshot: Snapshot) throws(Failure) {
    settings = try LAPGANSettings(
      Snapshot.configuration(of: snapshot.texts, family: Self.family))
    levels = []
    for (i, level) in settings.levels.enumerated() {
      let prefix = Self.prefix(i)
      var texts = Snapshot.texts(family: GAN.family, configuration: level.json)
      for (key, text) in snapshot.texts where key.hasPrefix(prefix) {
        texts[String(key.dropFirst(prefix.count))] = text
      }
      if i == 0 { texts[Snapshot.classNamesKey] = snapshot.texts[Snapshot.classNamesKey] }
      let tensors = snapshot.tensors.filter { $0.name.hasPrefix(prefix) }.map {
        (name: String($0.name.dropFirst(prefix.count)), value: $0.value)
      }
      levels.append(try GAN(Snapshot(tensors: tensors, texts: texts)))
    }
    try StoredTensors(snapshot.tensors).expectNone(but: tensors.map(\.name))
  }

  private static func prefix(_ level: Int) -> String { "level\(level)." }

  // MARK: As a learner

  var sampleShape: Shape { Shape(settings.shape) }
  var sampleRange: ValueRange? { settings.range }
  var sampleUse: LabelUse { labelUse }
  var labelUse: LabelUse {
    settings.classes == 0 ? .none : .given(classes: settings.classes, conditions: 0)
  }
  var step: UInt64 { levels[0].step }
  var seed: UInt64 { settings.seed }
  var reportBytes: Int { levels.reduce(1024) { $0 + $1.reportBytes } }
  var batchesPerStep: Int { levels.map(\.batchesPerStep).max() ?? 1 }
  var samplesSeen: UInt64 {
    get { levels[0].samplesSeen }
    set { for level in levels { level.samplesSeen = newValue } }
  }

  func train(on batches: [Batch], reporting: Bool) throws(Failure) -> StepReport {
    try Memory.checked(isFrequent: true) { () throws(Failure) in
      var parts = [[Batch]](repeating: [], count: levels.count)
      for batch in batches {
        guard batch.samples.shape == sampleShape.prepending(batch.samples.shape[0]) else {
          throw Failure(
            .mismatch,
            "the model's samples have the shape \(sampleShape), the data's"
              + " \(batch.samples.shape.droppingFirst())")
        }
        guard batch.latents == nil else {
          throw Failure(.unsupported, "latents: the family \"\(Self.family)\" takes none in a step")
        }
        try Memory.reserve(
          floats: 4 * batch.count, copies: sampleShape.count, for: "the pyramid of a batch")
        for (i, level) in Pyramid.levels(of: batch.samples, count: levels.count).enumerated() {
          let coarse = level.coarse.map { $0.reshaped([batch.count, $0.count / batch.count]) }
          parts[i].append(
            Batch(
              level.detail, labels: settings.classes > 0 ? batch.labels : [], conditions: coarse))
        }
      }
      let before = levels.map(\.state)
      var reports: [StepReport] = []
      do throws(Failure) {
        for (i, level) in levels.enumerated() {
          reports.append(try level.train(on: parts[i], reporting: reporting))
        }
      } catch {
        for (level, state) in zip(levels, before) { level.state = state }
        throw Failure(error.kind, "level\(reports.count): \(error.message)")
      }
      return report(of: reports)
    }
  }

  static var verdictKinds: [VerdictKind] { Balance.verdictKinds }

  /// The figures of every level, and the verdict on the first that is not balanced.
  private func report(of levels: [StepReport]) -> StepReport {
    var report = StepReport(step: step, learningRate: levels[0].learningRate)
    for (i, level) in levels.enumerated() {
      report.figures += level.figures.map { ("level\(i)_\($0.name)", $0.value) }
    }
    let verdicts = levels.compactMap(\.verdict)
    report.verdict = verdicts.first { $0 != "balanced" } ?? verdicts.first
    report.brief = levels.enumerated().map { i, level in
      "level \(i) D \(level.discriminatorCost.fixed(3)) G \(level.generatorCost.fixed(3))"
    }.joined(separator: "  ")
    // Each level's speed is that of its own part of the step.
    report.imagesPerSecond = 1 / levels.reduce(0) { $0 + 1 / $1.imagesPerSecond }
    return report
  }

  var figureUnits: [String: FigureUnit] {
    var units: [String: FigureUnit] = [:]
    for (i, level) in levels.enumerated() {
      for (name, unit) in level.figureUnits { units["level\(i)_\(name)"] = unit }
    }
    return units
  }

  // MARK: As a sampler

  func sample(_ count: Int, seed: UInt64, given: Conditions) throws(Failure) -> Tensor {
    try Memory.checked { () throws(Failure) in
      guard (1...Int(Int32.max)).contains(count) else {
        throw Failure(.argument, "count: expected 1...\(Int32.max), found \(count)")
      }
      try Memory.reserve(floats: 4 * count, copies: sampleShape.count, for: "\(count) samples")
      let labels = settings.classes > 0 ? given.labels : []
      var image = try levels[0].sample(count, seed: seed, given: Conditions(labels: labels))
      for (i, level) in levels.enumerated().dropFirst() {
        let coarse = Pyramid.doubled(image)
        let given = Conditions(
          labels: labels, values: coarse.reshaped([count, coarse.count / count]))
        // Latents of their own for each level.
        let key = RandomKey(.sampling, seed: seed, use: UInt16(i))
        let own = key.seed &+ UInt64(i)
        image = coarse + (try level.sample(count, seed: own, given: given))
        try Memory.check()
      }
      return sampleRange.map { image.clamped($0.low, $0.high) } ?? image
    }
  }

  // MARK: As a checkpoint

  public static var configurationSchema: JSON { LAPGANSettings.schema }
  var configurationJSON: JSON { settings.json }
  static func completed(_ configuration: JSON) throws(Failure) -> JSON {
    try LAPGANSettings(configuration).json
  }

  var summary: JSON {
    .object(
      [("step", JSON(step))]
        + levels.enumerated().flatMap { i, level in
          [
            ("level\(i).generator", level.networks.generator.summary),
            ("level\(i).discriminator", level.networks.discriminator.summary),
          ]
        })
  }

  var tensors: [(name: String, value: Tensor)] {
    levels.enumerated().flatMap { i, level in
      level.tensors.map { ("\(Self.prefix(i))\($0.name)", $0.value) }
    }
  }

  func setTensor(_ name: String, _ value: Tensor) throws(Failure) {
    try expectTensors([name: value])
    for (i, level) in levels.enumerated() where name.hasPrefix(Self.prefix(i)) {
      try level.setTensor(String(name.dropFirst(Self.prefix(i).count)), value)
    }
  }

  func snapshot() -> Snapshot {
    var texts = Snapshot.texts(family: Self.family, configuration: configurationJSON)
    (texts["step"], texts["samples_seen"]) = ("\(step)", "\(samplesSeen)")
    texts.merge(Snapshot.texts(classNames: classNames)) { $1 }
    let common = Set(Snapshot.texts(family: "", configuration: .null).keys)
      .union([Snapshot.classNamesKey])
    for (i, level) in levels.enumerated() {
      for (key, text) in level.snapshot().texts where !common.contains(key) {
        texts[Self.prefix(i) + key] = text
      }
    }
    return Snapshot(tensors: tensors, texts: texts)
  }
}

extension LAPGAN: NamesClasses {
  var classNames: [String] { levels[0].classNames }
  var configuredClassNames: [String] { [] }
  func setClassNames(_ names: [String]) throws(Failure) { try levels[0].setClassNames(names) }
}
