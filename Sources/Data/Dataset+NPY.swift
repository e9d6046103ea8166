import SGBasics
import SGFormats
import SGTensors

extension Dataset {
  /// An array [count, n], [count, height, width] or [count, height, width, channels]. Unsigned
  /// bytes become the range, other numbers floats as they are.
  /// - Parameter missing: whether elements may be NaN, which are missing.
  static func npy(
    _ array: NPY, labels: NPY?, range: ValueRange, limit: Int, memory: Int, missing: Bool = false,
    source: String
  ) throws(Failure) -> Dataset {
    guard (2...4).contains(array.shape.count) else {
      throw Failure(
        .unsupported,
        "\(array.path): expected [count, n], [count, height, width] or [count, height, width, channels], found"
          + " \(array.shape)")
    }
    let all = array.shape[0]
    let count = min(limit, all)
    var extents = Array(array.shape.dropFirst())
    if extents.count == 2 { extents.append(1) }
    guard extents.allSatisfy({ $0 <= Int(Int32.max) }), all <= Int(Int32.max) else {
      throw Failure(.limit, "\(array.path): \(array.shape): an extent above 2^31 - 1")
    }
    var classes = try labels?.labels() ?? []
    if let labels {
      guard classes.count == all else {
        throw Failure(
          .mismatch,
          "\(labels.path): \(classes.count) labels for the \(all) samples of \(array.path)")
      }
      classes = Array(classes.prefix(count))
    }
    let size = extents.reduce(1, *)
    if array.isBytes {
      return try Dataset(
        array.samples(first: count, size: size, memory: memory), count: count,
        shape: Shape(extents), range: range, labels: classes, source: source)
    }
    let (bytes, overflow) = (count * size).multipliedReportingOverflow(
      by: MemoryLayout<Float>.stride)
    if !array.isFortran, overflow || bytes > memory {
      let numbers = try NumbersInFile(array, count: count, size: size, missing: missing)
      return try Dataset(
        numbers, count: count, shape: Shape(extents), range: nil, labels: classes,
        missing: missing, extremes: numbers.extremes, source: source)
    }
    try Memory.reserve(floats: count, copies: size, for: array.path)
    let samples = try Tensor(shape: Shape([count] + extents)) { (y) throws(Failure) in
      try array.read(into: y)
    }
    do throws(Failure) {
      return try Dataset(samples, labels: classes, source: source, missing: missing)
    } catch {
      throw Failure(error.kind, "\(array.path): \(error.message)")
    }
  }
}

/// How arrays become samples.
struct ArrayOptions {
  let shape: ImageShape
  /// Whether inputs belong to no sample in particular.
  let areUnpaired: Bool
  let missing: Bool

  /// - Parameter o: reads `unpaired`, `missing` and the options of images.
  init(_ o: inout JSONObject) throws(Failure) {
    shape = try ImageShape(&o)
    areUnpaired = try o.unpaired()
    missing = try o.bool("missing", default: false)
  }
}

extension Dataset {
  /// Samples of an array, with labels and the inputs of pairs if there are any.
  static func arrays(
    _ samples: NPY, labels: NPY?, inputs: NPY?, _ options: ArrayOptions, _ files: FileOptions,
    source: String
  ) throws(Failure) -> Dataset {
    func read(_ array: NPY, _ labels: NPY?, missing: Bool) throws(Failure) -> Dataset {
      try npy(
        array, labels: labels, range: files.range, limit: files.limit, memory: files.memory,
        missing: missing, source: source
      ).reshaped(options.shape, memory: files.memory)
    }
    let targets = try read(samples, labels, missing: options.missing)
    guard let inputs else { return targets }
    return try targets.paired(
      with: read(inputs, nil, missing: false), inOrder: !options.areUnpaired)
  }
}

extension DataFormat {
  static var npy: DataFormat {
    DataFormat(
      name: "an NPY file",
      summary: """
        A NumPy array, .npy: [count, n], [count, height, width] or [count, height, width, \
        channels]; bool, integers or floats. Unsigned bytes become the range, other numbers stay.
        """,
      files: ".npy", endings: [".npy"], hasImages: true,
      options: [
        DataOption("labels", "PATH", "Another .npy file.", isPath: true),
        DataOption(
          "inputs", "PATH", "A .npy file of what each sample is made from.", isPath: true),
        DataOption("unpaired", "true", "Inputs of any number, which belong to no sample."),
        DataOption("missing", "true", "NaN elements are missing."),
      ]
    ) { (o, files) throws(Failure) in
      let (labels, inputs) = (try o.optionalString("labels"), try o.optionalString("inputs"))
      let options = try ArrayOptions(&o)
      func array(_ path: String) throws(Failure) -> NPY { try NPY(InputFile(path)) }
      return { (path) throws(Failure) in
        try Dataset.arrays(
          array(path), labels: labels.map(array), inputs: inputs.map(array), options, files,
          source: path)
      }
    }
  }
}
