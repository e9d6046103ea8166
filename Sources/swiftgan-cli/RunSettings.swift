import SwiftGAN

/// What `resume` must know besides the checkpoint: `run.json`.
struct RunSettings {
  /// "ring", "grid", or a path from the root.
  private(set) var data: String
  /// The way from the run's folder to the data, for a run that moved with it.
  private var dataFromRun: String?
  /// What the model was trained on; nil: an earlier version did not write it.
  var fingerprint: DataFingerprint?
  /// How it is read: an object.
  var dataOptions: JSON
  var batch: Int
  var intervals = Intervals()
  /// What the run was asked for, over all of its sessions.
  var goal = Goal()
  /// Seconds of training before the present session.
  var trainedSeconds = 0.0
  /// Where training took place: one object for each time it was begun or resumed.
  var sessions: [JSON] = []

  /// Where training is to end, whichever comes first.
  struct Goal {
    var step: UInt64?
    /// Seconds of training, over all sessions.
    var seconds: Double?
  }

  /// What is done beside training, every so many steps.
  struct Intervals {
    var checkpointEvery: UInt64 = 1000
    /// Steps between evaluations; 0: none.
    var evaluateEvery: UInt64 = 0
    /// Samples of each side in an evaluation.
    var evaluateCount = 2500
    /// The file of the classifier whose features are compared; nil: the folder's own.
    var extractor: String?
    /// Steps between checkpoints that are kept; 0: none is.
    var keepEvery: UInt64 = 0
    /// Steps between pictures of samples; 0: more often at first.
    var samplesEvery: UInt64 = 0
    /// The folder of TensorBoard's event files.
    var tensorboard: String?
  }

  init(data: String, options: JSON, batch: Int) {
    (self.data, dataOptions, self.batch) = (data, options, batch)
    setData(data, options: options)
  }

  /// - Parameter path: of the data, as it was given.
  mutating func setData(_ path: String, options: JSON) {
    dataFromRun = nil
    dataOptions = options
    guard !Dataset.isSynthetic(path) else {
      data = path
      return
    }
    data = Paths.absolute(path)
    for key in Dataset.pathOptions(of: path) {
      guard let value = options[key]?.text, Paths.exists(value) else { continue }
      try? dataOptions.set(key, to: .string(Paths.absolute(value)))
    }
  }

  init(_ folder: RunFolder) throws(Failure) {
    let text = try FileIO.readText(folder.settings)
    do throws(Failure) {
      var o = try JSONObject(JSON(parsing: text), path: "")
      data = try o.string("data")
      dataFromRun = try o.optionalString("data_from_run")
      if let given = o.take("data_fingerprint"), given != .null {
        var members = try o.object("data_fingerprint")
        fingerprint = try DataFingerprint(&members)
      }
      dataOptions = o.take("data_options") ?? .object([])
      batch = try o.int("batch", in: 1...Int(Int32.max))
      func every(_ key: String, _ value: UInt64) throws(Failure) -> UInt64 {
        UInt64(try o.int(key, in: 0...Int.max, default: Int(value)))
      }
      intervals.checkpointEvery = max(try every("checkpoint_every", intervals.checkpointEvery), 1)
      intervals.evaluateEvery = try every("evaluate_every", intervals.evaluateEvery)
      intervals.evaluateCount = try o.int(
        "evaluate_count", in: 7...Int(Int32.max), default: intervals.evaluateCount)
      intervals.extractor = try o.optionalString("extractor")
      intervals.keepEvery = try every("keep_every", intervals.keepEvery)
      intervals.samplesEvery = try every("samples_every", intervals.samplesEvery)
      intervals.tensorboard = try o.optionalString("tensorboard")
      goal.step = o.take("goal_step").flatMap(\.wholeNumber).map { UInt64(max(0, $0)) }
      goal.seconds = o.take("goal_seconds")?.real
      trainedSeconds = o.take("trained_seconds")?.real ?? 0
      if case .array(let items)? = o.take("sessions") { sessions = items }
      try o.finish()
    } catch {
      throw Failure(error.kind, "\(folder.settings): \(error.message)")
    }
  }

  /// Opens the data where it was, or where it lies now as seen from the run's folder.
  mutating func openData(of folder: RunFolder) throws(Failure) -> Dataset {
    if !Dataset.isSynthetic(data), !Paths.exists(data), let dataFromRun {
      let moved = Paths.absolute(folder.path) + "/" + dataFromRun
      if Paths.exists(moved) { data = Paths.absolute(moved) }
    }
    return try Dataset.open(data, options: JSONObject(dataOptions, path: ""))
  }

  mutating func write(_ folder: RunFolder) throws(Failure) {
    if !Dataset.isSynthetic(data) {
      data = Paths.absolute(data)
      dataFromRun = Paths.relative(data, to: Paths.absolute(folder.path))
    }
    try FileIO.writeText(json.text(pretty: true) + "\n", to: folder.settings)
  }

  /// Says in the last session how it ended.
  mutating func endSession(_ ending: Session.Ending, step: UInt64) {
    guard let last = sessions.indices.last, case .object(let members) = sessions[last] else {
      return
    }
    sessions[last] = .object(members + ending.members(step: step))
  }

  private var json: JSON {
    func number(_ value: UInt64) -> JSON { .integer(Int64(clamping: value)) }
    return .object([
      ("data", .string(data)), ("data_from_run", dataFromRun.map { .string($0) } ?? .null),
      ("data_options", dataOptions), ("data_fingerprint", fingerprint?.json ?? .null),
      ("batch", .integer(Int64(batch))),
      ("checkpoint_every", number(intervals.checkpointEvery)),
      ("evaluate_every", number(intervals.evaluateEvery)),
      ("evaluate_count", .integer(Int64(intervals.evaluateCount))),
      ("extractor", intervals.extractor.map { .string($0) } ?? .null),
      ("keep_every", number(intervals.keepEvery)),
      ("samples_every", number(intervals.samplesEvery)),
      ("tensorboard", intervals.tensorboard.map { .string($0) } ?? .null),
      ("goal_step", goal.step.map(number) ?? .null),
      ("goal_seconds", goal.seconds.map { .number($0) } ?? .null),
      ("trained_seconds", .number(trainedSeconds)),
      ("sessions", .array(sessions)),
    ])
  }
}
