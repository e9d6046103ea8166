import CSwiftGAN
import SwiftGAN

@implementation @_cdecl("swiftgan_dataset_open")
public func swiftgan_dataset_open(
  _ out: UnsafeMutablePointer<OpaquePointer?>!, _ path: UnsafePointer<CChar>!,
  _ options_json: UnsafePointer<CChar>!
) -> swiftgan_status {
  make(out, .dataset) { () throws(Failure) in
    let path = try text(path, "path")
    try Dataset.expect(path)
    return try Dataset.open(path, options: options(options_json))
  }
}

@implementation @_cdecl("swiftgan_dataset_from_memory")
public func swiftgan_dataset_from_memory(
  _ out: UnsafeMutablePointer<OpaquePointer?>!, _ samples: UnsafePointer<Float>!, _ count: Int,
  _ dims: UnsafePointer<UInt64>!, _ rank: Int, _ inputs: UnsafePointer<swiftgan_inputs>!
) -> swiftgan_status {
  make(out, .dataset) { () throws(Failure) in
    let inputs = try Inputs(inputs)
    let shape = try sampleShape(dims, rank, 1...3)
    let tensor = try tensor(samples, count, shape, "samples")
    let (labels, conditions) = try inputs.ofData(count)
    return try Dataset(tensor, labels: labels, conditions: conditions)
  }
}

@implementation @_cdecl("swiftgan_dataset_with_missing")
public func swiftgan_dataset_with_missing(
  _ out: UnsafeMutablePointer<OpaquePointer?>!, _ samples: UnsafePointer<Float>!, _ count: Int,
  _ dims: UnsafePointer<UInt64>!, _ rank: Int, _ inputs: UnsafePointer<swiftgan_inputs>!
) -> swiftgan_status {
  make(out, .dataset) { () throws(Failure) in
    let inputs = try Inputs(inputs)
    let shape = try sampleShape(dims, rank, 1...3)
    let tensor = try tensor(samples, count, shape, "samples")
    let (labels, conditions) = try inputs.ofData(count)
    return try Dataset(tensor, labels: labels, conditions: conditions, missing: true)
  }
}

@implementation @_cdecl("swiftgan_dataset_pair")
public func swiftgan_dataset_pair(
  _ out: UnsafeMutablePointer<OpaquePointer?>!, _ inputs: OpaquePointer!,
  _ targets: OpaquePointer!
) -> swiftgan_status {
  make(out, .dataset) { () throws(Failure) in
    try HandleTable.shared.use(targets, .dataset, as: Dataset.self) { (targets) throws(Failure) in
      try HandleTable.shared.use(inputs, .dataset, as: Dataset.self) { (inputs) throws(Failure) in
        try targets.paired(with: inputs)
      }
    }
  }
}

/// The caller's function and what it is given, which the caller answers for.
private struct Reader: @unchecked Sendable {
  let read: swiftgan_read_samples
  let user: UnsafeMutableRawPointer?
}

@implementation @_cdecl("swiftgan_dataset_from_callback")
public func swiftgan_dataset_from_callback(
  _ out: UnsafeMutablePointer<OpaquePointer?>!, _ count: Int, _ dims: UnsafePointer<UInt64>!,
  _ rank: Int, _ inputs: UnsafePointer<swiftgan_inputs>!, _ read: swiftgan_read_samples!,
  _ user: UnsafeMutableRawPointer!
) -> swiftgan_status {
  make(out, .dataset) { () throws(Failure) in
    guard let read else { throw Failure(.argument, "read: expected a function, found NULL") }
    let inputs = try Inputs(inputs)
    let shape = try sampleShape(dims, rank, 1...3)
    guard (1...Int(Int32.max)).contains(count) else {
      throw Failure(
        .argument, "count: expected 1...\(Int32.max), found \(UInt(bitPattern: count))")
    }
    let (labels, conditions) = try inputs.ofData(count)
    let reader = Reader(read: read, user: user)
    return try Dataset(
      count: count, shape: shape, labels: labels, conditions: conditions, source: "callback"
    ) { (index, samples) throws(Failure) in
      let status = reader.read(
        reader.user, index.map(UInt64.init), index.count, samples.baseAddress)
      guard status == 0 else {
        throw Failure(
          .cancelled, "read: the function returned \(status) for \(index.count) samples")
      }
    }
  }
}

/// A sample's shape from C.
func sampleShape(
  _ dims: UnsafePointer<UInt64>?, _ rank: Int, _ ranks: ClosedRange<Int>
) throws(Failure) -> Shape {
  guard ranks.contains(rank) else {
    throw Failure(
      .argument,
      "rank: expected \(ranks.lowerBound) to \(ranks.upperBound), found \(UInt(bitPattern: rank))")
  }
  guard let dims else { throw Failure(.argument, "dims: expected \(rank) sizes, found NULL") }
  var extents: [Int] = []
  var count = 1
  for i in 0..<rank {
    guard dims[i] >= 1, dims[i] <= UInt64(Int32.max) else {
      throw Failure(.argument, "dims[\(i)]: expected 1...\(Int32.max), found \(dims[i])")
    }
    extents.append(Int(dims[i]))
    count = try product(count, Int(dims[i]), "dims")
  }
  return Shape(extents)
}

@implementation @_cdecl("swiftgan_dataset_info")
public func swiftgan_dataset_info(
  _ data: OpaquePointer!, _ json: UnsafeMutablePointer<CChar>!, _ capacity: Int,
  _ needed: UnsafeMutablePointer<Int>!
) -> swiftgan_status {
  answer { () throws(Failure) in
    try HandleTable.shared.use(data, .dataset, as: Dataset.self) { (data) throws(Failure) in
      try give(data.json.text(pretty: false), json, capacity, needed, "json")
    }
  }
}

@implementation @_cdecl("swiftgan_dataset_derive")
public func swiftgan_dataset_derive(
  _ out: UnsafeMutablePointer<OpaquePointer?>!, _ data: OpaquePointer!,
  _ options_json: UnsafePointer<CChar>!
) -> swiftgan_status {
  make(out, .dataset) { () throws(Failure) in
    var o = try options(options_json)
    let changed = try DatasetChanges(&o)
    try o.finish()
    return try HandleTable.shared.use(data, .dataset, as: Dataset.self) { (data) throws(Failure) in
      try changed(data)
    }
  }
}

@implementation @_cdecl("swiftgan_dataset_describe")
public func swiftgan_dataset_describe(
  _ data: OpaquePointer!, _ json: UnsafeMutablePointer<CChar>!, _ capacity: Int,
  _ needed: UnsafeMutablePointer<Int>!
) -> swiftgan_status {
  answer { () throws(Failure) in
    try HandleTable.shared.use(data, .dataset, as: Dataset.self) { (data) throws(Failure) in
      try give(data.description().text(pretty: false), json, capacity, needed, "json")
    }
  }
}

@implementation @_cdecl("swiftgan_dataset_read")
public func swiftgan_dataset_read(
  _ data: OpaquePointer!, _ first: Int, _ count: Int, _ out: UnsafeMutablePointer<Float>!,
  _ capacity: Int, _ labels: UnsafeMutablePointer<Int32>!
) -> swiftgan_status {
  answer { () throws(Failure) in
    try HandleTable.shared.use(data, .dataset, as: Dataset.self) { (data) throws(Failure) in
      guard first >= 0, count >= 1, count <= data.count, first <= data.count - count else {
        throw Failure(
          .argument,
          "first, count: expected samples within 0..<\(data.count), found"
            + " \(UInt(bitPattern: first)) and \(UInt(bitPattern: count))")
      }
      guard try fits(out, capacity, count * data.shape.count, nil, "out") else { return }
      try Memory.expectRoom(for: 16 * count, "\(count) samples")
      try data.batch(Array(first..<first + count)).withElements {
        out.update(from: $0.baseAddress!, count: $0.count)
      }
      if let labels {
        for i in 0..<count { labels[i] = data.labels.isEmpty ? -1 : data.labels[first + i] }
      }
    }
  }
}

@implementation @_cdecl("swiftgan_dataset_destroy")
public func swiftgan_dataset_destroy(_ data: OpaquePointer!) {
  HandleTable.shared.destroy(data, .dataset)
  Memory.trim()
}

@implementation @_cdecl("swiftgan_write_png")
public func swiftgan_write_png(
  _ path: UnsafePointer<CChar>!, _ samples: UnsafePointer<Float>!, _ count: Int,
  _ dims: UnsafePointer<UInt64>!, _ rank: Int, _ columns: Int
) -> swiftgan_status {
  answer { () throws(Failure) in
    let path = try text(path, "path")
    let shape = try sampleShape(dims, rank, 2...3)
    let images = try tensor(samples, count, shape, "samples")
    try images.expectFiniteSamples("samples")
    guard columns >= 1, columns <= 1 << 16 else {
      throw Failure(
        .argument, "columns: expected 1...\(1 << 16), found \(UInt(bitPattern: columns))")
    }
    try ImageGrid(images, range: ValueRange(-1, 1), columns: columns).write(to: path)
  }
}
