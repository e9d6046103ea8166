import CSGZlib
import SGBasics
import SGFormats

/// An animated PNG (APNG, part of the PNG specification's third edition, 2025). libpng writes no
/// animations, so its pictures are taken apart into chunks and put together anew. A viewer that
/// knows no animations shows the last picture.
public struct Animation {
  private var header: ArraySlice<UInt8> = []
  /// Compressed pixels of each picture.
  private var frames: [[UInt8]] = []

  /// An animation without pictures.
  public init() {}

  /// How many pictures it has.
  public var count: Int { frames.count }

  /// Adds a picture.
  /// - Parameter png: a PNG file of one picture, without palette; size and depth as of those
  ///   before.
  /// - Throws: `Failure` of kind format, truncated or mismatch.
  public mutating func append(png: [UInt8]) throws(Failure) {
    guard png.starts(with: Self.signature) else {
      throw Failure(.format, "PNG, byte 0: expected a PNG's signature")
    }
    var place = Self.signature.count
    var data: [UInt8] = []
    var header: ArraySlice<UInt8> = []
    while place < png.count {
      guard png.count - place >= 12 else {
        throw Failure(.truncated, "PNG, byte \(place): a chunk is cut off")
      }
      let length = (0..<4).reduce(0) { $0 << 8 | Int(png[place + $1]) }
      guard length <= png.count - place - 12 else {
        throw Failure(
          .truncated, "PNG, byte \(place): a chunk of \(length) bytes reaches beyond the file's end"
        )
      }
      let body = png[place + 8..<place + 8 + length]
      switch String(decoding: png[place + 4..<place + 8], as: UTF8.self) {
      case "IHDR": header = body
      case "IDAT": data += body
      case "PLTE": throw Failure(.unsupported, "PNG, byte \(place): a palette")
      default: break
      }
      place += 12 + length
    }
    guard header.count == 13, !data.isEmpty else {
      throw Failure(.format, "PNG: expected a header and pixels")
    }
    guard self.header.isEmpty || self.header.elementsEqual(header) else {
      throw Failure(.mismatch, "PNG: another size or depth than the pictures before")
    }
    self.header = header
    frames.append(data)
  }

  /// The animation as a file's bytes.
  /// - Parameters:
  ///   - seconds: for which each picture is shown, 0.001...60.
  ///   - lastSeconds: for which the last one is shown before all begins anew.
  /// - Throws: `Failure` of kind argument where there are no pictures.
  public func encoded(seconds: Double, lastSeconds: Double) throws(Failure) -> [UInt8] {
    guard let last = frames.last else { throw Failure(.argument, "an animation of no pictures") }
    var out = Self.signature
    Self.add("IHDR", Array(header), to: &out)
    // Pictures in the animation; 0: forever.
    Self.add("acTL", Self.bytes(UInt32(frames.count)) + Self.bytes(UInt32(0)), to: &out)
    Self.add("IDAT", last, to: &out)
    var sequence: UInt32 = 0
    for (i, frame) in frames.enumerated() {
      let milliseconds = 1000 * min(max(i == frames.count - 1 ? lastSeconds : seconds, 0.001), 60)
      var control = Self.bytes(sequence)
      control += header.prefix(8) + Self.bytes(UInt32(0)) + Self.bytes(UInt32(0))
      control += Self.bytes(UInt16(milliseconds)) + Self.bytes(UInt16(1000))
      // The next picture replaces this one whole.
      control += [0, 0]
      Self.add("fcTL", control, to: &out)
      Self.add("fdAT", Self.bytes(sequence + 1) + frame, to: &out)
      sequence += 2
    }
    Self.add("IEND", [], to: &out)
    return out
  }

  private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  private static func bytes<I: FixedWidthInteger>(_ value: I) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }

  private static func add(_ kind: String, _ body: [UInt8], to out: inout [UInt8]) {
    let checked = Array(kind.utf8) + body
    out += bytes(UInt32(body.count)) + checked
    out += bytes(UInt32(truncatingIfNeeded: crc32(0, checked, UInt32(checked.count))))
  }
}
