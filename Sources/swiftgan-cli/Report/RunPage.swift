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
  private var step: UInt64 { max(model.step, history.steps.last.map { UInt64($0) } ?? 0) }

  /// Takes over the nearest neighbors of an earlier page, where the model is the same.
  func keepNeighbors(of page: RunPage) {
    if page.model.step == model.step { neighbors = page.neighbors }
  }

  /// - Parameter isFollowed: whether a browser is to read it again every two seconds.
  func html(isFollowed: Bool) throws(Failure) -> String {
    let title = "swiftgan: \(folder.path) after \(step) steps"
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
      ("verdict", .string(verdict)), ("lately", .string(lately)),
      ("facts", .array(facts.map { .array([.string($0.name), .string($0.value)]) })),
      ("charts", .array(charts.json)), ("thinned", .string(charts.caption)),
      ("frames", .array(try frames())), ("framesCaption", .string(framesCaption)),
      ("neighbors", try neighborsOnce()),
      ("configuration", .string(Families.configuration(of: model).text(pretty: true))),
      ("sessions", .array(settings.sessions)),
    ])
  }

  private var verdict: String {
    let sentence = state.sentence(step: step, checkpoint: model.step)
    guard let last = history.verdicts.last else {
      return history.steps.isEmpty ? "No step has been made yet. \(sentence)" : sentence
    }
    return "The last step: \(last).\(trend) \(sentence)"
  }

  /// Where the distance to the data was least.
  private var trend: String {
    let known = history.known(history.distance.column)
    guard let best = history.best, let last = known.x.last, known.x.count >= 2 else { return "" }
    return UInt64(last) == best.step
      ? " The \(history.distance.name) was least at the last evaluation: more training may help."
      : " The \(history.distance.name) was least at step \(best.step), of which best.safetensors holds the model."
  }

  /// How often which verdict was given of late, by its first words: the rest are figures and
  /// advice.
  private var lately: String {
    let heads = history.verdicts.map { String($0.prefix { $0 != ":" && $0 != "(" }) }
    let counts = Dictionary(grouping: heads) { $0 }.mapValues(\.count)
    let shares = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { head, count in
      let name = head.last == " " ? String(head.dropLast()) : head
      return "\(name) \(Int((100 * Double(count) / Double(heads.count)).rounded())) %"
    }
    return heads.isEmpty
      ? "" : "Of the last \(heads.count) steps: \(shares.joined(separator: ", "))."
  }

  private var facts: [(name: String, value: String)] {
    var facts = [
      ("Steps", "\(step)"), ("Step of the checkpoint", "\(model.step)"),
      ("Real samples seen", "\(model.samplesSeen)"),
    ]
    if let epoch = history["epoch"]?.last { facts.append(("Epochs", epoch.fixed(2))) }
    if let best = history.best {
      facts.append(
        ("Best \(history.distance.name)", "\(rounded(best.distance)) at step \(best.step)"))
    }
    if let modes = history.known("modes_found").y.last {
      facts.append(("Modes found", modes.fixed(0)))
    }
    if let speed = history["images_per_second"]?.suffix(200), !speed.isEmpty {
      let mean = speed.reduce(0, +) / Double(speed.count)
      facts.append(("Images a second", mean.fixed(0)))
    }
    facts += [("Data", settings.data), ("Batch", "\(settings.batch)")]
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

  private var framesCaption: String {
    model.sampleShape == [2]
      ? "Black: samples of the same latents; gray: data; orange where the discriminator takes a point for data, blue where for a fake."
      : "The same latents at every moment."
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
          "Samples, and below each the nearest of \(data.count) real ones by the distance of their pixels, on average"
            + " \(rounded(mean)). Pairs that are alike to the pixel would show copying.")
      ),
    ])
  }

  private func rounded(_ value: Double) -> String { "\(value.toSignificant(4))" }
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
