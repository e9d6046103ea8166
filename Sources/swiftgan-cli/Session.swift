import SwiftGAN
import SGTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// When and where a training was begun or resumed, for run.json and the report.
enum Session {
  static func now(from step: UInt64) -> JSON {
    var members: [(String, JSON)] = [
      ("from_step", .integer(Int64(clamping: step))), ("started", .string(timeOfDay)),
      ("swiftgan", .string(swiftGANVersion)),
      ("command", .string(CommandLine.arguments.joined(separator: " "))),
      ("threads", .integer(Int64(Threads.count))), ("instruction_set", .string(instructionSet)),
    ]
    if let processor { members.append(("processor", .string(processor))) }
    var system = utsname()
    if uname(&system) == 0 {
      let parts = [text(system.sysname), text(system.release), text(system.machine)]
      members.append(("system", .string(parts.joined(separator: " "))))
    }
    return .object(members)
  }

  /// How a session ended.
  enum Ending {
    /// What was asked for is done.
    case finished
    /// Ctrl-C or a signal.
    case stopped
    /// An error, such as a divergence.
    case failed(Failure)

    func members(step: UInt64) -> [(String, JSON)] {
      var members: [(String, JSON)] = [
        ("to_step", .integer(Int64(clamping: step))), ("ended", .string(timeOfDay)),
      ]
      switch self {
      case .finished: members.append(("outcome", .string("finished")))
      case .stopped: members.append(("outcome", .string("stopped")))
      case .failed(let failure):
        members.append(
          ("outcome", .string(failure.kind == .diverged ? "diverged" : "failed")))
        members.append(("reason", .string(failure.message)))
      }
      return members
    }
  }

  /// Coordinated universal time, ISO 8601.
  private static var timeOfDay: String {
    var now = time(nil)
    var parts = tm()
    gmtime_r(&now, &parts)
    var buffer = [CChar](repeating: 0, count: 32)
    strftime(&buffer, buffer.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
    return buffer.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  private static var processor: String? {
    // The kernel gives this file no length, so it is read line by line.
    guard let file = fopen("/proc/cpuinfo", "r") else { return nil }
    defer { fclose(file) }
    var buffer = [CChar](repeating: 0, count: 512)
    while fgets(&buffer, Int32(buffer.count), file) != nil {
      let line = buffer.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
      if line.hasPrefix("model name"), let colon = line.firstIndex(of: ":") {
        return String(line[line.index(colon, offsetBy: 2)...].dropLast())
      }
    }
    return nil
  }

  private static func text<T>(_ characters: T) -> String {
    withUnsafeBytes(of: characters) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
