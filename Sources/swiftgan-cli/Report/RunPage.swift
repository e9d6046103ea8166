import SwiftGAN
import SGTensors

/// A run as one HTML page: the template report.html with what it shows as JSON in it.
final class RunPage {
  let model: any Model
  let history: History
  let folder: RunFolder
  let settings: RunSettings
  private let state: RunState
  /// The section of nearest neighbors, once it was made.
  private var neighbors: JSON?

  init(
    model: any Model, history: History, folder: RunFolder, settings: RunSettings,
    state: RunState
  ) {
    (self.model, self.history, self.folder) = (model, history, folder)
    (self.settings, self.state) = (settings, state)
  }

  var isUnderWay: Bool {
    if case .underWay = state { true } else { false }
  }

  /// The last step that there are figures or a checkpoint of.
  var step: UInt64 { max(model.step, history.steps.last.map { UInt64($0) } ?? 0) }

  /// Takes over the nearest neighbors of an earlier page, where the model is the same.
  func keepNeighbors(of page: RunPage) {
    if page.model.step == model.step { neighbors = page.neighbors }
  }

  /// - Parameter isFollowed: whether a browser is to read it again every two seconds.
  func html(isFollowed: Bool) throws(Failure) -> String {
    let title = "swiftgan: \(folder.path) after \(step.grouped) steps"
    let refresh = isFollowed ? #"<meta http-equiv="refresh" content="2">"# : ""
    // Within a script element only "</" and "<!--" could end or change it; in a JSON string < may
    // be written as an escape.
    let data = try json().text(pretty: false).replacing("<", with: "\\u003C")
    return String(decoding: PackageResources.report_html, as: UTF8.self)
      .replacing("@REFRESH@", with: refresh)
      .replacing("@TITLE@", with: title.replacing("&", with: "&amp;").replacing("<", with: "&lt;"))
      .replacing("@DATA@", with: data)
  }

  private func json() throws(Failure) -> JSON {
    let charts = RunCharts(history: history, units: model.figureUnits)
    return .object([
      ("verdict", .string(verdict)), ("words", .array(words)),
      ("judged", JSON(history.verdicts.count)), ("status", .string(status)),
      ("facts", .array(facts.map { .array([.string($0.name), .string($0.value)]) })),
      ("charts", .array(charts.json)), ("thinned", .string(charts.caption)),
      ("frames", .array(try frames())), ("framesCaption", .string(framesCaption)),
      ("sounds", try sounds()),
      ("neighbors", try neighborsOnce()),
      ("configuration", Families.configuration(of: model)),
      ("defaults", Families.defaults(for: model) ?? .null),
      ("sessions", .array(settings.sessions)),
    ])
  }

  /// How training stands, judged by the last steps: a minibatch alone says little.
  private var verdict: String {
    if history.steps.isEmpty { return "No step has been made yet." }
    if history.verdicts.count == 1 { return "Verdict on the only step: \(kinds[0].words)." }
    let counts = kinds.map { "\($0.words) in \($0.count)" }
    return counts.isEmpty
      ? costs
      : "Verdicts on the last \(history.verdicts.count) steps: \(counts.joined(separator: ", "))."
  }

  private var status: String { state.sentence(step: step, checkpoint: model.step) + trend }

  /// The kinds of the last verdicts, the most frequent first.
  private var kinds: [(words: String, count: Int, last: (step: UInt64, text: String))] {
    let known = type(of: model).verdictKinds
    let groups = Dictionary(grouping: history.verdicts) { verdict in
      known.first { verdict.text.hasPrefix($0.words) }?.words ?? verdict.text
    }
    return groups.map { (words: $0, count: $1.count, last: $1[$1.count - 1]) }
      .sorted { ($1.count, $0.words) < ($0.count, $1.words) }
  }

  /// What these kinds mean, and the last verdict of each where it says more than its kind.
  private var words: [JSON] {
    kinds.map { kind in
      let meaning = type(of: model).verdictKinds.first { $0.words == kind.words }?.meaning ?? ""
      let example =
        kind.last.text == kind.words
        ? "" : "At step \(kind.last.step.grouped): “\(kind.last.text)”."
      return .object([
        ("words", .string(kind.words)), ("count", JSON(kind.count)),
        (
          "meaning",
          .string([meaning, example].filter { !$0.isEmpty }.joined(separator: " "))
        ),
      ])
    }
  }

  /// Whether the cost of a model without verdicts still falls, by the means of the last steps and
  /// of as many before them, which differ where they are two standard errors apart.
  private var costs: String {
    let count = History.remembered
    let costs = history.known("cost").y
    guard costs.count >= 2 * count else { return "" }
    func moments(_ values: ArraySlice<Double>) -> (mean: Double, squaredError: Double) {
      let mean = values.reduce(0, +) / Double(count)
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (mean, squares / Double(count * (count - 1)))
    }
    let now = moments(costs.suffix(count))
    let before = moments(costs.dropLast(count).suffix(count))
    let change = now.mean - before.mean
    let error = (now.squaredError + before.squaredError).squareRoot()
    let verdict =
      abs(change) <= 2 * error
      ? "within the noise of the minibatches, it no longer changes"
      : change < 0 ? "it still falls" : "it rises"
    return "The mean cost of the last \(count) steps is \(rounded(now.mean)), that of the"
      + " \(count) before is \(rounded(before.mean)): \(verdict)."
  }

  /// Where the distance to the data was least.
  private var trend: String {
    let known = history.known(history.distance.column)
    guard let best = history.best, let last = known.x.last, known.x.count >= 2 else { return "" }
    return UInt64(last) == best.step
      ? " The \(history.distance.name) was least at the last evaluation: more training may help."
      : " The \(history.distance.name) was least at step \(best.step.grouped), of which best.safetensors holds the model."
  }

  private var facts: [(name: String, value: String)] {
    var facts = [
      ("Steps", step.grouped), ("Step of the checkpoint", model.step.grouped),
      ("Real samples seen", model.samplesSeen.grouped),
    ]
    if let epoch = history["epoch"]?.last { facts.append(("Epochs", epoch.fixed(2))) }
    if let best = history.best {
      facts.append(
        ("Best \(history.distance.name)", "\(rounded(best.distance)) at step \(best.step.grouped)"))
    }
    if let modes = history.known("modes_found").y.last {
      facts.append(("Modes found", modes.fixed(0)))
    }
    let speed = history.known("images_per_second").y.suffix(History.remembered)
    if !speed.isEmpty {
      let mean = speed.reduce(0, +) / Double(speed.count)
      facts.append(("Samples per second", Int(min(mean, 1e15)).grouped))
    }
    facts += [("Batch", settings.batch.grouped), ("Data", settings.data)]
    return facts
  }

  /// Pictures of the page, and their bytes in all.
  private static let mostFrames = 40
  private static let mostBytes = 12 << 20

  private func frames() throws(Failure) -> [JSON] {
    let steps = folder.pictures(upTo: step)
    guard let last = steps.last else { return [] }
    let size = try FileIO.readBytes(folder.picture(last), limit: 1 << 28).count
    let wanted = min(Self.mostFrames, max(2, Self.mostBytes / size), steps.count)
    var frames: [JSON] = []
    for i in 0..<wanted {
      let step = steps[wanted == 1 ? 0 : i * (steps.count - 1) / (wanted - 1)]
      let bytes = try FileIO.readBytes(folder.picture(step), limit: 1 << 28)
      frames.append(
        .object([("step", .integer(Int64(step))), ("image", .string(Base64.png(bytes)))]))
    }
    return frames
  }

  /// The last samples of sound as the address of a WAV file.
  private func sounds() throws(Failure) -> JSON {
    guard model is any HasSound, FileIO.isRegularFile(folder.sounds) else { return .null }
    let bytes = try FileIO.readBytes(folder.sounds, limit: 1 << 28)
    return bytes.count > Self.mostBytes
      ? .null : .string("data:audio/wav;base64," + Base64.encoded(bytes))
  }

  private var framesCaption: String {
    if model is any HasSound {
      return "Spectrograms: time from left to right, frequencies upward to half the sampling rate,"
        + " brightness over 80 decibels. The player has the last samples, one after another."
    }
    guard model.sampleShape == [2] else { return "The same latents at every moment." }
    let opinion =
      model is any HasCritic
      ? "; orange where the discriminator takes a point for data, blue where for a fake" : ""
    return "Black: samples of the same latents; gray: data\(opinion)."
  }

  private static let columns = 10
  private static let rows = 2

  private func neighborsOnce() throws(Failure) -> JSON {
    if let neighbors { return neighbors }
    let made = try madeNeighbors()
    neighbors = made
    return made
  }

  /// Fakes above their nearest real neighbors, where samples are images and the data is at hand.
  private func madeNeighbors() throws(Failure) -> JSON {
    guard let model = model as? any Sampling, model.sampleShape.rank == 3,
      [1, 3, 4].contains(model.sampleShape[2]), model.sampleUse.sizes.conditions == 0
    else { return .null }
    let data: Dataset
    do throws(Failure) {
      var settings = settings
      data = try settings.openData(of: folder)
      try data.check(shape: model.sampleShape)
    } catch {
      return .object([
        (
          "caption",
          .string("Not shown: \(error.message). `swiftgan report --data` says where the data is.")
        )
      ])
    }
    let fakes = try model.sample(Self.columns * Self.rows, seed: 1)
    let nearest = try data.nearestNeighbors(of: fakes, range: model.sampleRange)
    let real = try data.batch(nearest.indices, range: model.sampleRange)
    let parts = (0..<Self.rows).flatMap { row in
      let place = row * Self.columns..<(row + 1) * Self.columns
      return [fakes.rows(place), real.rows(place)]
    }
    let picture = try ImageGrid(
      .concatenate(parts, axis: 0), range: model.sampleRange ?? ValueRange(-1, 1),
      columns: Self.columns
    ).picture
    let mean = nearest.distances.reduce(0, +) / Double(nearest.distances.count)
    return .object([
      ("image", .string(Base64.png(try picture.png()))),
      (
        "caption",
        .string(
          "Samples, and below each the nearest of \(data.count.grouped) real ones by the distance of their pixels, on average"
            + " \(rounded(mean)). Pairs that are alike to the pixel would show copying.")
      ),
    ])
  }

  private func rounded(_ value: Double) -> String {
    let short = value.toSignificant(4)
    guard abs(short) >= 1000, abs(short) < 1e15 else { return "\(short)" }
    return Int(short.rounded()).grouped
  }
}

enum Base64 {
  /// A PNG's bytes as the address of an image.
  static func png(_ bytes: [UInt8]) -> String { "data:image/png;base64," + encoded(bytes) }

  /// RFC 4648, section 4.
  static func encoded(_ bytes: [UInt8]) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var out: [UInt8] = []
    out.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = (0..<3).reduce(0) { $0 << 8 | ($1 < group.count ? Int(group[start + $1]) : 0) }
      for i in 0..<4 {
        out.append(i <= group.count ? digits[bits >> (18 - 6 * i) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: out, as: UTF8.self)
  }
}
