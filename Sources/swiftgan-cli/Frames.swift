import SGPictures
import SwiftGAN
import SGTensors

/// Pictures of the same latents over the course of a training: samples/STEP.png, the last of them
/// as samples.png, and all of them as an animation.
struct Frames {
  private let model: any Model
  private let folder: RunFolder
  private let every: UInt64
  private let kind: Kind
  /// The step of the last picture that was written, and whether the animation has it.
  private(set) var drawn: UInt64?
  private var isAnimated = true
  /// When the animation was last written, and how long that took.
  private var animated = (at: ContinuousClock.now, took: Duration.zero)

  private enum Kind {
    case images(any Sampling)
    case plane(any Sampling, PlanePicture)
    /// Spectrograms, and the sounds themselves beside them.
    case sounds(any Sampling, rate: Int)
    /// Inputs of the data, and what stands beside the answers: what they belong to, or where that
    /// is nothing, themselves.
    case answers(any Translating, inputs: Tensor, beside: Tensor?)
    case none
  }

  private static let seed: UInt64 = 7
  /// Pictures of an animation, in which the time between them can then vary.
  private static let most = 100
  /// How long an animation shows each picture, and the last one.
  static let seconds = 0.25
  static let lastSeconds = 2.0
  /// Pairs in a picture, each the model's answer and the data's beside it.
  private static let pairs = 32
  /// Sounds, which some families make element by element.
  private static let sounds = 4

  init(_ model: any Model, data: Dataset, folder: RunFolder, every: UInt64) throws(Failure) {
    self.model = model
    self.folder = folder
    self.every = every
    let isImage = model.sampleShape.rank == 3 && [1, 3, 4].contains(model.sampleShape[2])
    guard let sampling = model as? any Sampling else {
      kind = .none
      return
    }
    if sampling.sampleUse.sizes.conditions > 0 {
      guard isImage, let translating = model as? any Translating, let inputs = data.inputs,
        sampling.sampleUse.sizes.classes == 0
      else {
        kind = .none
        return
      }
      let index = (data.isUnpaired ? inputs : data).spread(Self.pairs)
      let given = try inputs.batch(index)
      let beside =
        !data.isUnpaired
        ? try data.batch(index, range: model.sampleRange)
        : inputs.shape == model.sampleShape ? given : nil
      kind = .answers(translating, inputs: given, beside: beside)
    } else if isImage {
      kind = .images(sampling)
    } else if let rate = (model as? any HasSound)?.sampleRate, model.sampleShape[0] >= 16 {
      kind = .sounds(sampling, rate: rate)
    } else if model.sampleShape == [2] {
      kind = .plane(sampling, try PlanePicture(data: data))
    } else {
      kind = .none
    }
  }

  /// Whether a picture belongs to a step. Depends on the step alone, so that a resumed run has
  /// those of an uninterrupted one.
  func areDue(_ step: UInt64) -> Bool {
    if case .none = kind { return false }
    if every > 0 { return step % every == 0 }
    var stride: UInt64 = 10
    while stride < 1000, stride * 10 <= step { stride *= 10 }
    return step % stride == 0
  }

  /// What the model makes now; nil where its samples are no pictures. Sounds are written to a file,
  /// too.
  func picture() throws(Failure) -> Picture? {
    switch kind {
    case .sounds(let model, let rate):
      let made = try model.sample(Self.sounds, seed: Self.seed)
      var files = SampleFiles(made, range: self.model.sampleRange)
      files.sampleRate = rate
      _ = try files.write(to: folder.sounds)
      return try Spectrogram(made).picture
    case .images(let model): return try grid(model.sample(64, seed: Self.seed))
    case .plane(let model, let plane): return try plane.draw(model, seed: Self.seed)
    case .answers(let model, let inputs, let beside):
      let made = try model.translate(inputs, seed: Self.seed)
      guard let beside else { return try grid(made) }
      let rows = (0..<made.shape[0]).flatMap {
        [made.rows($0..<$0 + 1), beside.rows($0..<$0 + 1)]
      }
      return try grid(.concatenate(rows, axis: 0))
    case .none: return nil
    }
  }

  private func grid(_ samples: Tensor) throws(Failure) -> Picture {
    try ImageGrid(samples, range: model.sampleRange ?? ValueRange(-1, 1), columns: 8).picture
  }

  /// Writes the picture of the model's present step, and what shows the last one.
  /// - Returns: the picture; nil where samples are no pictures.
  mutating func draw() throws(Failure) -> Picture? {
    guard let picture = try picture() else { return nil }
    try picture.write(to: folder.picture(model.step))
    try picture.write(to: folder.samples)
    (drawn, isAnimated) = (model.step, false)
    try animateIfCheap()
    return picture
  }

  /// Writes the animation where the last picture is missing in it, unless writing it would take
  /// more than a twentieth of the time: a run that is killed has it nearly always.
  mutating func animateIfCheap() throws(Failure) {
    if !isAnimated, ContinuousClock.now - animated.at > animated.took * 20 { try animate() }
  }

  private mutating func animate() throws(Failure) {
    let began = ContinuousClock.now
    let steps = Self.chosen(from: folder.pictures(upTo: model.step))
    try FileIO.writeBytes(Self.animation(of: folder, steps), to: folder.progress)
    animated = (.now, .now - began)
    isAnimated = true
  }

  /// The steps of an animation's pictures: at most `most`, the first and the last among them.
  static func chosen(from steps: [UInt64]) -> [UInt64] {
    steps.count <= most
      ? steps : (0..<most).map { steps[$0 * (steps.count - 1) / (most - 1)] }
  }

  /// The pictures of some steps as an animated PNG.
  static func animation(of folder: RunFolder, _ steps: [UInt64]) throws(Failure) -> [UInt8] {
    var animation = Animation()
    for step in steps {
      try animation.append(png: FileIO.readBytes(folder.picture(step), limit: 1 << 28))
    }
    return try animation.encoded(seconds: seconds, lastSeconds: lastSeconds)
  }

  /// Writes the model's last samples, if they are not there, and the animation.
  /// - Returns: the files.
  mutating func finish() throws(Failure) -> [String] {
    if drawn != model.step, try draw() == nil { return [] }
    if !isAnimated { try animate() }
    guard case .sounds = kind else { return [folder.samples, folder.progress] }
    return [folder.samples, folder.sounds, folder.progress]
  }
}
