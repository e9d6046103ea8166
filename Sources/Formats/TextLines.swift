import SGBasics
import SGTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The lines of a text file, one after another, of which only a piece is in memory.
struct TextLines {
  /// Where a line stands.
  struct Place {
    /// The line's number, from 1.
    fileprivate(set) var line = 0
    fileprivate(set) var byte = 0

    func moved(by bytes: Int) -> Place { Place(line: line, byte: byte + bytes) }

    func failure(_ kind: Failure.Kind, _ path: String, _ message: String) -> Failure {
      Failure(kind, "\(path), line \(line), byte \(byte): \(message)")
    }
  }

  /// The place of the line that was given last.
  private(set) var place = Place()
  private let file: InputFile
  /// A piece of the file, and where it begins there.
  private var piece: [UInt8] = []
  private var origin = 0
  /// Where the next line begins in the piece.
  private var start = 0

  private static let pieceSize = 1 << 20
  /// The most bytes that a line may have.
  private static let longest = 16 << 20
  private static let newline = UInt8(ascii: "\n")

  init(_ file: InputFile) { self.file = file }

  /// How many lines hold more than blanks, the last one with or without an end.
  static func count(in file: InputFile, blankAre blanks: [UInt8]) throws(Failure) -> Int {
    var isBlank = [Bool](repeating: false, count: 256)
    for byte in blanks + [UInt8(ascii: "\r")] { isBlank[Int(byte)] = true }
    var (count, place, isFilled) = (0, 0, false)
    while place < file.size {
      let piece = try file.bytes(at: place, count: min(pieceSize, file.size - place))
      piece.withUnsafeBufferPointer {
        for byte in $0 {
          if byte == newline {
            count += isFilled ? 1 : 0
            isFilled = false
          } else if !isBlank[Int(byte)] {
            isFilled = true
          }
        }
      }
      place += piece.count
    }
    return count + (isFilled ? 1 : 0)
  }

  /// The next line without its end; nil: there is none.
  /// - Throws: `Failure` of kind limit for a line that is too long, or of the file.
  mutating func next() throws(Failure) -> ArraySlice<UInt8>? {
    var end = newline(from: start)
    while end == nil {
      let (have, left) = (piece.count - start, file.size - origin - piece.count)
      guard left > 0 else { break }
      guard have <= Self.longest else {
        throw Place(line: place.line + 1, byte: origin + start).failure(
          .limit, file.path, "a line of more than \(Self.longest) bytes")
      }
      // The piece that grows, the one that is read, and a field's text.
      try Memory.expectRoom(for: 4 * have + 2 * Self.pieceSize, file.path)
      let more = try file.bytes(at: origin + piece.count, count: min(Self.pieceSize, left))
      origin += start
      piece = piece[start...] + more
      start = 0
      end = newline(from: have)
    }
    guard end != nil || start < piece.count else { return nil }
    place = Place(line: place.line + 1, byte: origin + start)
    var line = piece[start..<(end ?? piece.count)]
    start = (end ?? piece.count - 1) + 1
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    return line
  }

  private func newline(from start: Int) -> Int? {
    piece.withUnsafeBytes {
      guard start < $0.count, let base = $0.baseAddress else { return nil }
      return memchr(base + start, Int32(Self.newline), $0.count - start).map {
        UnsafeRawPointer($0) - base
      }
    }
  }
}
