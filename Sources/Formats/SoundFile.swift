import CSGSounds
import SGBasics
import SGTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Sound in WAV files, through libsndfile.
package enum SoundFile {
  /// The most bytes that a file may have.
  private static let largestFile = 1 << 30

  /// A channel of sound.
  package struct Sound: Sendable {
    /// The mean of its channels, from −1 to 1 where the file holds whole numbers.
    package var samples: [Float]
    /// Samples in a second.
    package var rate: Int

    package init(samples: [Float], rate: Int) {
      (self.samples, self.rate) = (samples, rate)
    }
  }

  /// Whether a file's name is that of sound which can be read.
  package static func isName(_ name: String) -> Bool {
    let name = name.lowercased()
    return name.hasSuffix(".wav") || name.hasSuffix(".wave")
  }

  /// - Throws: `Failure` of kind io, format, truncated, unsupported (a coding that is no PCM and no
  ///   floating point), limit, argument (NaN or infinity) or noMemory.
  package static func read(_ path: String) throws(Failure) -> Sound {
    let bytes = try FileIO.readBytes(path, limit: largestFile)
    if !bytes.starts(with: Array("RIFF".utf8)), let what = FileSignature.name(of: bytes) {
      throw Failure(.format, "\(path): expected a WAV file, found \(what)")
    }
    var sound = sg_sound()
    let status = sg_sound_read_header(bytes, bytes.count, &sound)
    if status != SG_SOUND_OK { throw failure(status, path, &sound) }
    try Memory.expectRoom(for: 4 * sound.frames, path)
    var samples = [Float](repeating: 0, count: sound.frames)
    let read = sg_sound_read(bytes, bytes.count, &samples, &sound)
    if read != SG_SOUND_OK { throw failure(read, path, &sound) }
    if let i = samples.firstIndex(where: { !$0.isFinite }) {
      throw Failure(
        .argument, "\(path): sample \(i) is \(samples[i]); expected finite values")
    }
    return Sound(samples: samples, rate: Int(sound.rate))
  }

  /// Writes a file of one channel, 16 bits; what lies outside −1 to 1 is cut off.
  /// - Throws: `Failure` of kind io, limit (more than 2³⁰ samples) or noMemory.
  package static func write(_ sound: Sound, to path: String) throws(Failure) {
    let count = sound.samples.count
    guard count <= 1 << 30 else {
      throw Failure(.limit, "\(path): \(count) samples are more than \(1 << 30)")
    }
    let size = Int(SG_SOUND_HEAD) + 2 * count
    try Memory.expectRoom(for: size, path)
    var bytes = [UInt8](repeating: 0, count: size)
    _ = sg_sound_write(sound.samples, count, Int32(sound.rate), &bytes)
    try FileIO.writeBytes(bytes, to: path)
  }

  private static func failure(
    _ status: sg_sound_status, _ path: String, _ sound: inout sg_sound
  ) -> Failure {
    let kind: Failure.Kind =
      switch status {
      case SG_SOUND_NOMEM: .noMemory
      case SG_SOUND_TRUNCATED: .truncated
      case SG_SOUND_LIMIT: .limit
      case SG_SOUND_UNSUPPORTED: .unsupported
      default: .format
      }
    let message = withUnsafeBytes(of: &sound.message) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    return Failure(kind, "\(path), byte \(sound.offset): WAV: \(message)")
  }
}

extension SoundFile.Sound {
  /// Writes it as a WAV file. Errors as for `SoundFile.write(_:to:)`.
  package func write(to path: String) throws(Failure) { try SoundFile.write(self, to: path) }

  /// The same sound at another rate: a sinc cut off by a Hann window after 16 zeros, which lets
  /// nothing through that the lower of the two rates cannot hold.
  package func resampled(to wanted: Int) -> SoundFile.Sound {
    guard wanted != rate, !samples.isEmpty else {
      return SoundFile.Sound(samples: samples, rate: wanted)
    }
    let (from, to) = (Double(rate), Double(wanted))
    let count = Int((Double(samples.count) * to / from).rounded(.down))
    let cutoff = Swift.min(1, to / from)
    let reach = 16 / cutoff
    let result = (0..<count).map { i in
      let center = Double(i) * from / to
      let first = Swift.max(0, Int((center - reach).rounded(.up)))
      let last = Swift.min(samples.count - 1, Int((center + reach).rounded(.down)))
      var (sum, weights) = (0.0, 0.0)
      for k in stride(from: first, through: last, by: 1) {
        let weight = Self.window(Double(k) - center, cutoff, reach)
        sum += weight * Double(samples[k])
        weights += weight
      }
      return weights == 0 ? 0 : Float(sum / weights)
    }
    return SoundFile.Sound(samples: result, rate: wanted)
  }
}

extension SoundFile.Sound {
  private static func window(_ distance: Double, _ cutoff: Double, _ reach: Double) -> Double {
    let x = Double.pi * cutoff * distance
    let sinc = x == 0 ? 1 : sin(x) / x
    return sinc * 0.5 * (1 + cos(Double.pi * distance / reach))
  }
}
