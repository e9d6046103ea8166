import SGBasics
import SGFormats
import SGTensors

/// The WAV files of a folder. Its subfolders, if it has any, are the classes, in the order of their
/// names.
struct SoundFolder {
  let path: String
  /// Names of the classes; or empty, where the files lie in the folder itself.
  private(set) var classes: [String] = []
  /// Where the files lie, and the class of each.
  private(set) var files: [(path: String, label: Int32)] = []
  /// Files that are no WAV files by their names.
  private(set) var others = 0

  /// Whether a folder, or the first of its subfolders that holds sound or pictures, holds sound.
  static func isOne(_ path: String, _ entries: FileIO.Listing) throws(Failure) -> Bool {
    if entries.files.contains(where: ImageFile.isName) { return false }
    if entries.files.contains(where: SoundFile.isName) { return true }
    for name in entries.folders {
      let inside = try FileIO.list("\(path)/\(name)")
      if !inside.folders.isEmpty || inside.files.contains(where: ImageFile.isName) { return false }
      if inside.files.contains(where: SoundFile.isName) { return true }
    }
    return false
  }

  /// - Parameter path: of a folder or of one file.
  /// - Throws: `Failure` of kind io (cannot be read, holds no WAV files), limit.
  init(_ path: String) throws(Failure) {
    self.path = path
    guard FileIO.isDirectory(path) else {
      files = [(path, 0)]
      return
    }
    let entries = try FileIO.list(path)
    guard entries.folders.count <= Dataset.mostClasses else {
      throw Failure(.limit, "\(path): more than \(Dataset.mostClasses) subfolders")
    }
    let own = entries.files.filter(SoundFile.isName)
    if !own.isEmpty, let folder = entries.folders.first {
      throw Failure(
        .format,
        "\(path): holds subfolders, which would be the classes (\(folder.shown), …), and beside them"
          + " \(own[0].shown)")
    }
    files = own.map { ("\(path)/\($0)", 0) }
    others = entries.files.count - own.count
    classes = own.isEmpty ? entries.folders : []
    for (label, name) in classes.enumerated() {
      let inside = try FileIO.list("\(path)/\(name)").files
      let sounds = inside.filter(SoundFile.isName)
      others += inside.count - sounds.count
      files += sounds.map { ("\(path)/\(name)/\($0)", Int32(label)) }
    }
    guard !files.isEmpty else { throw Failure(.io, "\(path): holds no WAV files") }
    if others > 0 { Log.notice("\(path): left out \(others) files that are no WAV files") }
  }
}

/// How sound becomes samples.
struct SoundWindows {
  /// Samples in a second; nil: those of the first file.
  let rate: Int?
  /// Elements of a window; nil: a second.
  let window: Int?
  /// Samples from one window's beginning to the next; nil: the length of a window.
  let hop: Int?

  init(_ o: inout JSONObject) throws(Failure) {
    func number(_ key: String, _ most: Int) throws(Failure) -> Int? {
      let value = try o.int(key, in: 0...most, default: 0)
      return value > 0 ? value : nil
    }
    rate = try number("rate", 1_000_000)
    window = try number("window", 1 << 28)
    hop = try number("hop", 1 << 28)
  }
}

extension Dataset {
  /// Windows of sound, [window] each, from −1 to 1. What is left at a file's end is left out.
  /// - Throws: `Failure` of kind io or of the file; mismatch (files of different rates, none as
  ///   long as a window), limit (more than the memory).
  static func sounds(
    _ folder: SoundFolder, _ windows: SoundWindows, limit: Int, memory: Int
  ) throws(Failure) -> Dataset {
    var (rate, length) = (windows.rate, windows.window)
    var (values, labels) = ([Float](), [Int32]())
    var longest = 0
    for (path, label) in folder.files where labels.count < limit {
      var sound = try SoundFile.read(path)
      let wanted = rate ?? sound.rate
      rate = wanted
      if sound.rate != wanted {
        guard windows.rate != nil else {
          throw Failure(
            .mismatch,
            "\(path): \(sound.rate) samples a second where the first file has \(wanted); the option"
              + " rate brings all to one")
        }
        try Memory.expectRoom(
          for: 8 * max(1, wanted / sound.rate) * sound.samples.count, path)
        sound = sound.resampled(to: wanted)
      }
      let window = length ?? wanted
      length = window
      longest = max(longest, sound.samples.count)
      var first = 0
      while first + window <= sound.samples.count, labels.count < limit {
        guard 4 * (values.count + window) <= memory else {
          throw Failure(
            .limit,
            "\(path): more sound than the \(memory >> 20) MiB of the option memory; limit takes the"
              + " first windows")
        }
        if labels.count % 64 == 0 { try Memory.expectRoom(for: 12 * values.count, folder.path) }
        values += sound.samples[first..<first + window]
        labels.append(label)
        first += windows.hop ?? window
      }
    }
    let window = length ?? 0
    guard !labels.isEmpty else {
      throw Failure(
        .mismatch,
        "\(folder.path): no file is as long as a window of \(window) samples (option window); the"
          + " longest has \(longest)")
    }
    let samples = Tensor(values, shape: [labels.count, window])
    try Memory.check()
    var skipped = SkippedFiles()
    skipped.others = folder.others
    return try Dataset(
      FloatsInMemory(samples: samples), count: labels.count, shape: [window], range: nil,
      labels: folder.classes.isEmpty ? [] : labels, classNames: folder.classes,
      skippedFiles: skipped,
      extremes: (low: values.min() ?? 0, high: values.max() ?? 0), source: folder.path,
      sampleRate: rate)
  }
}

extension DataFormat {
  static var sounds: DataFormat {
    DataFormat(
      name: "WAV files",
      summary: """
        WAV files: one, or a folder of them; subfolders are the classes. PCM of 8 to 32 bits or \
        floating point, channels mixed down to their mean, cut into windows from -1 to 1.
        """,
      files: ".wav", endings: [".wav", ".wave"], contents: "WAV files",
      isFolder: { (path, entries) throws(Failure) in
        try SoundFolder.isOne(path, entries)
      },
      options: [
        DataOption("window", "8000", "Elements of a sample. Without: a second."),
        DataOption(
          "hop", "4000",
          "From one window to the next (without: a window). What is left at the end is left out."),
        DataOption(
          "rate", "8000",
          "Resampled to so many a second. Without: all files must have the rate of the first."),
      ]
    ) { (o, files) throws(Failure) in
      let windows = try SoundWindows(&o)
      return { (path) throws(Failure) in
        try Dataset.sounds(
          SoundFolder(path), windows, limit: files.limit, memory: files.memory)
      }
    }
  }
}
