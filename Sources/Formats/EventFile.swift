import SGBasics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file of TensorBoard's events: TFRecords (length, its checksum, data, their checksum) of
/// `Event` messages (tensorboard/compat/proto/event.proto and summary.proto).
public final class EventFile {
  private let file: GrowingFile

  /// Makes a new file in a folder, which is made where there is none. TensorBoard reads all of a
  /// folder's files in the order of their names, and forgets what earlier ones say of this one's
  /// steps.
  /// - Parameters:
  ///   - folder: a run of its own to TensorBoard.
  ///   - step: the first that will be written.
  /// - Throws: `Failure` of kind io.
  public init(folder: String, from step: UInt64) throws(Failure) {
    try FileIO.makeDirectory(folder)
    var host = [CChar](repeating: 0, count: 256)
    gethostname(&host, host.count - 1)
    let name = host.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    let now = Self.now
    file = try GrowingFile(
      "\(folder)/events.out.tfevents.\(Int(now)).\(name).\(getpid())."
        + "\(Int((now - now.rounded(.down)) * 1e6))")
    append(0) { $0.string(3, "brain.Event:2") }
    // SessionLog.START.
    append(step) { $0.message(7) { $0.integer(1, 1) } }
  }

  /// Adds numbers of a step; those that are not finite as such.
  public func append(step: UInt64, scalars: [(tag: String, value: Double)]) {
    append(step) { event in
      event.message(5) { summary in
        for (tag, value) in scalars {
          summary.message(1) {
            $0.string(1, tag)
            $0.float(2, Float(value))
          }
        }
      }
    }
  }

  /// Adds an image of a step.
  /// - Parameters:
  ///   - size: in pixels, and channels.
  ///   - png: the image, encoded.
  package func append(
    step: UInt64, tag: String, size: (height: Int, width: Int, channels: Int), png: [UInt8]
  ) {
    append(step) { event in
      event.message(5) { summary in
        summary.message(1) { value in
          value.string(1, tag)
          value.message(4) { image in
            image.integer(1, Int64(size.height))
            image.integer(2, Int64(size.width))
            image.integer(3, Int64(size.channels))
            image.data(4, png)
          }
        }
      }
    }
  }

  /// Writes what waits.
  public func flush() throws(Failure) { try file.flush() }

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private func append(_ step: UInt64, _ write: (inout ProtobufWriter) -> Void) {
    var event = ProtobufWriter()
    event.double(1, Self.now)
    event.integer(2, Int64(clamping: step))
    write(&event)
    let length = Self.bytes(UInt64(event.bytes.count))
    file.append(length)
    file.append(Self.bytes(CRC32C.masked(length)))
    file.append(event.bytes)
    file.append(Self.bytes(CRC32C.masked(event.bytes)))
  }

  private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }
}
