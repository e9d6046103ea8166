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

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Names, permissions, links and temporaries of files that are replaced.
@Suite struct AtomicFileTests {
  private func status(_ path: String) throws -> stat {
    var status = stat()
    try #require(lstat(path, &status) == 0)
    return status
  }

  /// Names up to the system's 255 bytes, of characters of one to four bytes.
  @Test(arguments: ["x", "é", "界", "\u{1F600}"]) func longNames(_ character: String) throws {
    try inTemporaryFolder { folder in
      let bytes = character.utf8.count
      let name = String(repeating: character, count: 255 / bytes)
      for text in ["a", "b"] { try FileIO.writeText(text, to: "\(folder)/\(name)") }
      #expect(FileIO.names(in: folder) == [name])
      #expect(try FileIO.readText("\(folder)/\(name)") == "b")
      let failure = #expect(throws: Failure.self) {
        try FileIO.writeText("", to: "\(folder)/\(name)\(character)")
      }
      #expect(failure?.kind == .io)
    }
  }

  @Test(arguments: [0o600, 0o640, 0o444, 0o666, 0o755]) func permissionsStay(_ mode: Int) throws {
    try inTemporaryFolder { folder in
      let path = folder + "/file"
      try FileIO.writeText("a", to: path)
      #expect(chmod(path, mode_t(mode)) == 0)
      // While it is written, nobody else may read more than that.
      try AtomicFile.write(to: path) { (file) throws(Failure) in
        for name in FileIO.names(in: folder) where name != "file" {
          guard let found = try? status("\(folder)/\(name)") else { continue }
          #expect(found.st_mode & 0o777 == mode_t(mode))
        }
        try file.append([98])
      }
      #expect(try status(path).st_mode & 0o777 == mode_t(mode))
      #expect(try FileIO.readText(path) == "b")
    }
  }

  /// The owner stays, where the system allows it, as it does to root.
  @Test func ownerStays() throws {
    guard geteuid() == 0 else { return }
    try inTemporaryFolder { folder in
      let path = folder + "/file"
      try FileIO.writeText("a", to: path)
      #expect(chown(path, 12345, 23456) == 0)
      try FileIO.writeText("b", to: path)
      let found = try status(path)
      #expect(found.st_uid == 12345 && found.st_gid == 23456)
    }
  }

  @Test func links() throws {
    try inTemporaryFolder { folder in
      func link(_ target: String, _ name: String) throws {
        try #require(symlink(target, "\(folder)/\(name)") == 0)
      }
      try FileIO.makeDirectory(folder + "/inner")
      // To nothing yet: the target is made, relative to the link's folder, and the link stays.
      try link("inner/target", "dangling")
      try link("dangling", "chain")
      for text in ["a", "b"] {
        try FileIO.writeText(text, to: folder + "/chain")
        #expect(try FileIO.readText(folder + "/inner/target") == text)
        #expect(try status(folder + "/chain").st_mode & S_IFMT == S_IFLNK)
        #expect(try status(folder + "/dangling").st_mode & S_IFMT == S_IFLNK)
      }
      try link(folder + "/absolute target", "absolute")
      try FileIO.writeText("c", to: folder + "/absolute")
      #expect(try FileIO.readText(folder + "/absolute target") == "c")
      try link("loop 2", "loop 1")
      try link("loop 1", "loop 2")
      try link("missing/target", "nowhere")
      try link("inner", "to a folder")
      try link("/dev/null", "to a device")
      for name in ["loop 1", "nowhere", "to a folder", "to a device"] {
        let failure = #expect(throws: Failure.self) {
          try FileIO.writeText("", to: "\(folder)/\(name)")
        }
        #expect(failure?.kind == .io && failure?.message.contains(name) == true)
        #expect(try status("\(folder)/\(name)").st_mode & S_IFMT == S_IFLNK)
      }
      #expect(!FileIO.names(in: folder).contains { $0.hasSuffix(".tmp") })
    }
  }

  /// A temporary belongs to whoever holds its lock, and to nobody without one.
  @Test func temporaries() throws {
    try inTemporaryFolder { folder in
      let stale = folder + "/.m.swiftgan-1-2.tmp"
      let foreign = [".m.swiftgan-1", "m.tmp", ".other.swiftgan-1.tmp"]
      try write([1], to: stale)
      for name in foreign { try write([1], to: "\(folder)/\(name)") }
      try #require(mkfifo(folder + "/.m.swiftgan-fifo.tmp", 0o600) == 0)
      try #require(symlink("m.tmp", folder + "/.m.swiftgan-link.tmp") == 0)
      let held = folder + "/.m.swiftgan-held.tmp"
      try write([1], to: held)
      let descriptor = open(held, O_RDONLY)
      #expect(flock(descriptor, LOCK_EX) == 0)
      try FileIO.writeText("a", to: folder + "/m")
      #expect(!FileIO.isRegularFile(stale) && FileIO.isRegularFile(held))
      close(descriptor)
      try FileIO.writeText("b", to: folder + "/m")
      #expect(!FileIO.isRegularFile(held))
      #expect(
        Set(FileIO.names(in: folder))
          == Set(foreign + [".m.swiftgan-fifo.tmp", ".m.swiftgan-link.tmp", "m"]))
    }
  }

  /// The writer's own temporary is locked while it writes, so that none of these removes another's.
  @Test func writersAtOnce() async throws {
    var template = Array("/tmp/swiftgan-tests-XXXXXX".utf8CString)
    let folder = String(cString: try #require(mkdtemp(&template)))
    defer { _ = system("rm -rf \(folder)") }
    await withTaskGroup(of: Bool.self) { group in
      for i in 0..<8 {
        group.addTask {
          for _ in 0..<50 {
            guard (try? FileIO.writeText("\(i)", to: folder + "/m")) != nil else { return false }
          }
          return true
        }
      }
      for await isWritten in group { #expect(isWritten) }
    }
    #expect(FileIO.names(in: folder) == ["m"])
  }
}
