import SwiftGAN

/// What is where in the folder of a run.
struct RunFolder {
  let path: String

  /// The checkpoint that a path names: a file, or a run's folder, which stands for its last one.
  static func checkpoint(_ path: String) -> String {
    FileIO.isDirectory(path) ? RunFolder(path: path).model : path
  }

  /// The folder of the run that a checkpoint or a folder is of.
  static func around(_ path: String) -> RunFolder? {
    if FileIO.isDirectory(path) { return RunFolder(path: path) }
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    // A kept checkpoint stands in a folder of the run's.
    return [RunFolder(path: folder), RunFolder(path: folder + "/..")].first {
      FileIO.isRegularFile($0.settings)
    }
  }

  /// The last checkpoint, from which training goes on.
  var model: String { "\(path)/model.safetensors" }
  /// The checkpoint with the least Fréchet distance.
  var best: String { "\(path)/best.safetensors" }
  var configuration: String { "\(path)/configuration.json" }
  var settings: String { "\(path)/run.json" }
  /// Names the process that trains here now.
  var lock: String { "\(path)/run.lock" }
  var metrics: String { "\(path)/metrics.jsonl" }
  var table: String { "\(path)/metrics.csv" }
  /// The classifier whose features judge samples.
  var extractor: String { "\(path)/extractor.safetensors" }
  var progress: String { "\(path)/progress.png" }
  var samples: String { "\(path)/samples.png" }
  /// The last samples of sound, one after another.
  var sounds: String { "\(path)/samples.wav" }
  var report: String { "\(path)/report.html" }
  private var pictures: String { "\(path)/samples" }
  private var checkpoints: String { "\(path)/checkpoints" }

  func curve(_ name: String, _ ending: String) -> String { "\(path)/\(name).\(ending)" }
  func picture(_ step: UInt64) -> String { Self.file(pictures, step, "png") }
  func checkpoint(_ step: UInt64) -> String { Self.file(checkpoints, step, "safetensors") }

  /// Seven digits at least, so that the names' order is the steps'.
  private static func file(_ folder: String, _ step: UInt64, _ ending: String) -> String {
    let digits = "\(step)"
    return folder + "/" + String(repeating: "0", count: max(7 - digits.count, 0)) + digits
      + ".\(ending)"
  }

  /// The steps of which there are pictures, up to one, in order.
  func pictures(upTo step: UInt64) -> [UInt64] {
    Self.steps(pictures, "png").filter { $0 <= step }.sorted()
  }

  /// Removes the pictures of steps after one, which a run has lost with the steps themselves.
  func removePictures(after step: UInt64) throws(Failure) {
    for later in Self.steps(pictures, "png") where later > step {
      try FileIO.remove(picture(later))
    }
  }

  private static func steps(_ folder: String, _ ending: String) -> [UInt64] {
    FileIO.names(in: folder).compactMap {
      $0.hasSuffix(".\(ending)") ? UInt64($0.dropLast(ending.count + 1)) : nil
    }
  }

  /// Makes the folders.
  func make() throws(Failure) {
    try FileIO.makeDirectory(path)
    try FileIO.makeDirectory(pictures)
  }

  func makeCheckpoints() throws(Failure) { try FileIO.makeDirectory(checkpoints) }

  /// Removes what an earlier run left, so that it is not taken for this one's.
  func clear() throws(Failure) {
    for step in Self.steps(pictures, "png") { try FileIO.remove(picture(step)) }
    for step in Self.steps(checkpoints, "safetensors") { try FileIO.remove(checkpoint(step)) }
    for file in [
      model, best, metrics, table, extractor, progress, samples, sounds, report,
      curve("curve", "png"), curve("curve", "svg"), curve("distance", "png"),
      curve("distance", "svg"),
    ] {
      try FileIO.remove(file)
    }
  }
}
