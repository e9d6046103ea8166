import SGBasics
import SGFormats
import SGTensors

/// Samples as files that other programs read. The ending of the path says the format: `.png` is a
/// grid of images, `.wav` holds sounds one after another, `.npy` and `.npz` are arrays, `.csv` is a
/// table of vectors; a folder, or a name with `%d` or `%05d` for the number, takes one PNG for each
/// image, or one WAV file for each sound.
package struct SampleFiles {
  /// [count] + a sample's shape.
  package var samples: Tensor
  /// A class index each, or empty.
  package var labels: [Int32] = []
  /// Their names, or empty.
  package var classNames: [String] = []
  /// The columns' names of vectors, or empty.
  package var columnNames: [String] = []
  /// The values that become black and white.
  package var range: ValueRange
  /// Images in a row of a grid, and the width of the lines around them in pixels.
  package var columns = 8
  package var border = 2
  /// Samples of sound in a second; nil: they are no sound.
  package var sampleRate: Int?
  /// The side of the square that a pixel becomes, in pictures.
  package var scale = 1

  /// Samples without labels.
  package init(_ samples: Tensor, range: ValueRange?) {
    self.samples = samples
    self.range = range ?? ValueRange(-1, 1)
  }

  private enum Form {
    case grid, npy, npz, table, sound
    case single(folder: String, name: @Sendable (Int) -> String)
  }

  private static let endings = ["png", "npy", "npz", "csv", "wav"]

  /// Checks a path before samples are made.
  /// - Parameters:
  ///   - shape: of a sample.
  ///   - isSound: whether samples are sound.
  /// - Throws: `Failure` of kind argument that says which endings there are for such samples.
  package static func check(
    _ path: String, shape: Shape, isSound: Bool = false
  ) throws(Failure) {
    _ = try form(path, isSound ? .sound : shape.rank == 3 ? .image : .vector, count: 1)
  }

  /// What samples are.
  private enum Kind: String {
    case image, sound, vector
    /// The ending of a file with one of them.
    var ending: String { self == .sound ? "wav" : "png" }
  }

  private var kind: Kind { sampleRate != nil ? .sound : samples.rank == 4 ? .image : .vector }

  /// Writes them.
  /// - Returns: the file, or the folder of single images.
  /// - Throws: `Failure` of kind argument (an ending that does not go with the samples), limit or
  ///   io.
  package func write(to path: String) throws(Failure) -> String {
    let count = samples.shape[0]
    switch try Self.form(path, kind, count: count) {
    case .grid: try grid(samples, columns).write(to: path)
    case .npy: try FileIO.writeBytes(NPYWriter.bytes(samples), to: path)
    case .npz:
      var archive = ZipWriter()
      try archive.add("samples.npy", NPYWriter.bytes(samples))
      if !labels.isEmpty { try archive.add("labels.npy", NPYWriter.bytes(labels)) }
      try FileIO.writeBytes(archive.bytes, to: path)
    case .table: try FileIO.writeText(table, to: path)
    case .sound: try sound(rows.flatMap { $0 }).write(to: path)
    case .single(let folder, let name):
      try FileIO.makeDirectory(folder)
      for i in 0..<count {
        if sampleRate != nil {
          try sound(Array(rows[i])).write(to: "\(folder)/\(name(i))")
          continue
        }
        let picture = try ImageGrid(
          samples.rows(i..<i + 1), range: range, columns: 1, border: 0, scale: scale)
        try picture.write(to: "\(folder)/\(name(i))")
      }
      return folder
    }
    return path
  }

  /// The elements of each sample.
  package var rows: [ArraySlice<Float>] {
    let values = samples.array
    let size = values.count / max(samples.shape[0], 1)
    return (0..<samples.shape[0]).map { values[$0 * size..<($0 + 1) * size] }
  }

  private func sound(_ values: [Float]) -> SoundFile.Sound {
    SoundFile.Sound(samples: values, rate: sampleRate ?? 1)
  }

  /// A grid's PNG.
  package func png() throws(Failure) -> [UInt8] { try grid(samples, columns).picture.png() }

  private func grid(_ images: Tensor, _ columns: Int) throws(Failure) -> ImageGrid {
    try ImageGrid(
      images, range: range, columns: min(columns, images.shape[0]), border: border, scale: scale)
  }

  /// A line of names, then a line for each sample; the last column is the class, where there are
  /// such.
  private var table: String {
    let rows = rows
    var names = columnNames.isEmpty ? (rows.first ?? []).indices.map { "x\($0)" } : columnNames
    if !labels.isEmpty { names.append("class") }
    var lines = [names.map(CSV.field).joined(separator: ",")]
    for (i, row) in rows.enumerated() {
      var cells = row.map { "\($0)" }
      if !labels.isEmpty { cells.append(className(labels[i])) }
      lines.append(cells.joined(separator: ","))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A class's name as a field of a table (RFC 4180).
  private func className(_ label: Int32) -> String {
    guard classNames.indices.contains(Int(label)) else { return "\(label)" }
    return CSV.field(classNames[Int(label)])
  }

  private static func form(
    _ path: String, _ kind: Kind, count: Int
  ) throws(Failure) -> Form {
    let digits = max(5, "\(count - 1)".count)
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { String(path[..<$0]) }.map { $0.isEmpty ? "/" : $0 } ?? "."
    let file = slash.map { String(path[path.index(after: $0)...]) } ?? path
    let pieces = file.split(separator: ".", omittingEmptySubsequences: false)
    let ending = pieces.count > 1 ? String(pieces[pieces.count - 1]).lowercased() : ""
    func refusal(_ found: String) -> Failure {
      let expected =
        switch kind {
        case .image: ".png (a grid), .npy, .npz, or a folder, such as samples/ or samples/%05d.png"
        case .sound:
          ".wav (one after another), .csv, .npy, .npz, or a folder, such as samples/ or"
            + " samples/%05d.wav"
        case .vector: ".csv, .npy or .npz"
        }
      return Failure(
        .argument, "\(path.shown): \(found); \(kind.rawValue)s are written to \(expected)")
    }
    if file.isEmpty || FileIO.isDirectory(path) {
      guard kind != .vector else { throw refusal("a folder") }
      let inside = file.isEmpty ? folder : path
      let end = kind.ending
      return .single(folder: inside) { "\(padded($0, digits)).\(end)" }
    }
    if file.contains("%") {
      guard kind != .vector, ending == kind.ending, let name = Self.pattern(file) else {
        throw refusal("expected one %d or %05d and the ending .\(kind.ending)")
      }
      return .single(folder: folder, name: name)
    }
    switch ending {
    case "png" where kind == .image: return .grid
    case "wav" where kind == .sound: return .sound
    case "npy": return .npy
    case "npz": return .npz
    case "csv" where kind != .image: return .table
    case "": return kind == .image ? .grid : kind == .sound ? .sound : .table
    default:
      throw refusal(
        endings.contains(ending)
          ? "the ending .\(ending) does not go with such samples"
          : "the ending .\(ending.shown) is none of this command's")
    }
  }

  /// What `%d` or `%05d` in a name gives; nil: something else is there.
  private static func pattern(_ name: String) -> (@Sendable (Int) -> String)? {
    let parts = name.split(separator: "%", omittingEmptySubsequences: false)
    guard parts.count == 2, let end = parts[1].firstIndex(of: "d") else { return nil }
    let width = parts[1][..<end]
    guard width.isEmpty || width.first == "0", width.count <= 3,
      let digits = width.isEmpty ? 1 : Int(width), digits <= 20
    else { return nil }
    let (before, after) = (String(parts[0]), String(parts[1][parts[1].index(after: end)...]))
    return { before + padded($0, digits) + after }
  }
}

private func padded(_ number: Int, _ digits: Int) -> String {
  let text = "\(number)"
  return String(repeating: "0", count: max(0, digits - text.count)) + text
}
