import SGTestSupport
import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGExchange
@testable import SGFormats
@testable import SGMetrics
@testable import SGModels
@testable import SGPictures
@testable import SGTensors

/// Checkpoints that another program has read and written anew, as the Python package `safetensors`
/// does: the tensors sorted by name, the metadata's keys in any order. What they say is the same,
/// so they load; whatever else changes is found.
@Suite struct RewrittenCheckpointTests {
  private let bytes: [UInt8]
  private let header: JSON
  private let data: [UInt8]

  init() throws {
    var saved: [UInt8] = []
    try inTemporaryFolder { folder in
      let model = try GAN(
        Configuration(
          shape: [2], latent: Prior(size: 2), generator: .mlp(width: 3, depth: 1),
          discriminator: .mlp(width: 3, depth: 1)))
      try Checkpoint.write(model.snapshot(), to: folder + "/m")
      saved = try FileIO.readBytes(folder + "/m", limit: 1 << 20)
    }
    bytes = saved
    let size = saved[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    header = try JSON(parsing: String(decoding: saved[8..<8 + size], as: UTF8.self))
    data = Array(saved[(8 + size)...])
  }

  private func load(_ members: [(key: String, value: JSON)], _ data: [UInt8]) throws -> GAN {
    var text = JSON.object(members).text(pretty: false)
    // A header of ours has a multiple of eight bytes: in our order, and without spaces, this one
    // would be one whose checksum has changed.
    if text.utf8.count % 8 == 0 { text += " " }
    var file = (0..<8).map { UInt8(truncatingIfNeeded: text.utf8.count >> (8 * $0)) }
    file += Array(text.utf8) + data
    var model: GAN?
    try inTemporaryFolder { folder in
      try write(file, to: folder + "/m")
      model = try GAN(Checkpoint.read(folder + "/m"))
    }
    return try #require(model)
  }

  private func load(_ file: [UInt8]) throws -> GAN {
    var model: GAN?
    try inTemporaryFolder { folder in
      try write(file, to: folder + "/m")
      model = try GAN(Checkpoint.read(folder + "/m"))
    }
    return try #require(model)
  }

  private var metadata: [(key: String, value: JSON)] {
    guard case .object(let members)? = header["__metadata__"] else { return [] }
    return members
  }

  private var tensors: [(key: String, value: JSON)] {
    guard case .object(let members) = header else { return [] }
    return members.filter { $0.key != "__metadata__" }
  }

  /// Header and data with the tensors in another order.
  private func reordered(
    _ tensors: [(key: String, value: JSON)]
  ) throws -> (members: [(key: String, value: JSON)], data: [UInt8]) {
    var (members, moved): ([(key: String, value: JSON)], [UInt8]) = ([], [])
    for (name, entry) in tensors {
      guard case .array(let place)? = entry["data_offsets"],
        let begin = place[0].wholeNumber, let end = place[1].wholeNumber
      else { throw Failure(.internal, "no offsets") }
      let part = data[Int(begin)..<Int(end)]
      let offsets = [moved.count, moved.count + part.count].map { JSON.integer(Int64($0)) }
      moved += part
      members.append(
        (
          name,
          .object([
            ("dtype", entry["dtype"] ?? .null), ("shape", entry["shape"] ?? .null),
            ("data_offsets", .array(offsets)),
          ])
        ))
    }
    return (members, moved)
  }

  @Test func otherOrders() throws {
    let original = try load(bytes)
    let orders = [
      tensors.sorted { $0.key < $1.key }, tensors.reversed(),
      Array(tensors[3...] + tensors[..<3]),
    ]
    for order in orders {
      let (members, moved) = try reordered(order)
      for texts in [metadata, metadata.reversed(), Array(metadata[5...] + metadata[..<5])] {
        let again = try load([("__metadata__", .object(texts))] + members, moved)
        #expect(again.snapshot().texts == original.snapshot().texts)
        for (a, b) in zip(again.tensors, original.tensors) {
          #expect(a.name == b.name && a.value.array == b.value.array)
        }
      }
    }
  }

  /// Spaces between the members do not count.
  @Test func otherSpaces() throws {
    let text = header.text(pretty: true) + "   "
    let size = (0..<8).map { UInt8(truncatingIfNeeded: text.utf8.count >> (8 * $0)) }
    _ = try load(size + Array(text.utf8) + data)
  }

  @Test func changesAreFound() throws {
    let (members, moved) = try reordered(tensors.sorted { $0.key < $1.key })
    func expectRefusal(
      _ texts: [(key: String, value: JSON)], _ members: [(key: String, value: JSON)]
    ) {
      let failure = #expect(throws: Failure.self) {
        try load([("__metadata__", .object(texts))] + members, moved)
      }
      #expect(failure?.kind == .checksum, "\(failure?.message ?? "")")
    }
    for i in metadata.indices where metadata[i].key != Safetensors.headerKey {
      var texts = metadata
      texts[i].value = .string((metadata[i].value.text ?? "") + "0")
      expectRefusal(texts, members)
      texts.remove(at: i)
      // Without its checksum of the contents, only the bytes as they were are believed.
      expectRefusal(texts, members)
    }
    expectRefusal(metadata.filter { $0.key != Safetensors.headerKey }, members)
    // Names of tensors of the same shape and other contents exchanged.
    let sums = members.map { header["__metadata__"]?[Safetensors.checksumPrefix + $0.key] }
    var exchanged = members
    let shapes = members.map { $0.value["shape"] }
    var pair: (Int, Int)?
    for i in shapes.indices {
      for k in 0..<i where shapes[i] == shapes[k] && sums[i] != sums[k] { pair = (i, k) }
    }
    let (i, k) = try #require(pair)
    (exchanged[i].key, exchanged[k].key) = (members[k].key, members[i].key)
    let failure = #expect(throws: Failure.self) {
      try load([("__metadata__", .object(metadata))] + exchanged, moved)
    }
    #expect(failure?.kind == .checksum)
    // A shape of as many elements.
    let shape: JSON = .array([.integer(2), .integer(3)])
    let place = try #require(members.firstIndex { $0.value["shape"] == shape })
    var other = members
    other[place].value = .object([
      ("dtype", .string("F32")), ("shape", .array([.integer(3), .integer(2)])),
      ("data_offsets", members[place].value["data_offsets"] ?? .null),
    ])
    expectRefusal(metadata, other)
  }

  /// The checksum over the bytes alone, as earlier versions wrote it.
  @Test func earlierFiles() throws {
    let texts = metadata.filter { $0.key != Safetensors.contentsKey }
    func file(_ sum: String) -> [UInt8] {
      let members = texts.map { $0.key == Safetensors.headerKey ? ($0.key, .string(sum)) : $0 }
      let text = JSON.object([("__metadata__", .object(members))] + tensors).text(pretty: false)
      return (0..<8).map { UInt8(truncatingIfNeeded: text.utf8.count >> (8 * $0)) }
        + Array(text.utf8)
    }
    let blank = Array(file("00000000")[8...])
    let sum = blank.withUnsafeBytes(Safetensors.checksum)
    _ = try load(file(sum) + data)
    let failure = #expect(throws: Failure.self) { try load(file("0123abcd") + data) }
    #expect(failure?.kind == .checksum)
  }
}
