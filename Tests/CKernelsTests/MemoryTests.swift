import SGTestSupport
import CSGKernels
import Foundation
import Testing

@Suite("Memory", .serialized) struct MemoryTests {
  /// Blocks of all sizes, taken and given back in any order, never share a byte, and what they
  /// leave is used again.
  @Test("blocks are apart, and come back") func blocks() {
    var numbers = Numbers(state: 7)
    var held: [(start: UnsafeMutableRawPointer, bytes: Int, mark: UInt8)] = []
    let before = sg_memory_read().bytes_used
    func check(_ block: (start: UnsafeMutableRawPointer, bytes: Int, mark: UInt8)) {
      let bytes = UnsafeRawBufferPointer(start: block.start, count: block.bytes)
      #expect(Int(bitPattern: block.start) % 64 == 0)
      #expect(bytes.allSatisfy { $0 == block.mark }, "\(block.bytes) bytes of \(block.mark)")
    }
    for turn in 0..<600 {
      if held.count < 24 && numbers.below(5) > 0 {
        let bytes = 1 + numbers.below([2000, 600_000, 3_000_000][numbers.below(3)])
        guard let start = sg_memory_take(bytes) else {
          Issue.record("no memory for \(bytes) bytes")
          return
        }
        let mark = UInt8(turn % 251)
        start.initializeMemory(as: UInt8.self, repeating: mark, count: bytes)
        held.append((start, bytes, mark))
      } else if !held.isEmpty {
        let block = held.remove(at: numbers.below(held.count))
        check(block)
        sg_memory_give(block.start)
      }
      if turn % 100 == 50 { sg_memory_trim() }
    }
    for block in held {
      check(block)
      sg_memory_give(block.start)
    }
    #expect(sg_memory_read().bytes_used == before)
  }

  @Test("what was given back is taken again without the system") func again() {
    let sizes = [5 << 20, 700_000, 3 << 20, 100, 2 << 20, 4_000_000]
    func round() {
      let blocks = sizes.map { sg_memory_take($0) }
      for i in [3, 0, 5, 1, 4, 2] { sg_memory_give(blocks[i]) }
    }
    round()
    let calls = sg_memory_read().system_calls
    for _ in 0..<5 { round() }
    #expect(sg_memory_read().system_calls == calls)
  }

  @Test("what nobody uses goes back to the system") func trim() {
    let block = sg_memory_take(64 << 20)
    sg_memory_give(block)
    let cached = sg_memory_read().bytes_cached
    sg_memory_trim()
    #expect(sg_memory_read().bytes_cached + 32 << 20 < cached)
    #expect(sg_memory_take(1 << 46) == nil)
    #expect(sg_memory_probe(1 << 46) != 0 && sg_memory_probe(1 << 20) == 0)
  }

  /// Room is not counted twice: what a thread was told that it can have, others do not get, until
  /// its watch ends.
  @Test("what one thread expects, the others leave to it") func expectations() throws {
    var before = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &before)
    let statm = try String(contentsOf: URL(fileURLWithPath: "/proc/self/statm"), encoding: .utf8)
    let pages = try #require(UInt(statm.prefix { $0 != " " }))
    var limited = before
    limited.rlim_cur = rlim_t(pages * UInt(sysconf(Int32(_SC_PAGESIZE))) + 1 << 30)
    setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limited)
    defer { setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &before) }
    let (most, some) = (700 << 20, 100 << 20)
    let outer = sg_watch_begin()
    #expect(sg_memory_expect(most) == 0)
    #expect(sg_memory_room(most) == 0)
    #expect(onAnotherThread { sg_memory_room(most) } == -1)
    #expect(onAnotherThread { sg_memory_room(some) } == 0)
    #expect(sg_memory_claim(some) == 0)
    sg_memory_claimed(some)
    #expect(onAnotherThread { sg_memory_room(most) } == -1)
    _ = sg_watch_end(outer)
    #expect(onAnotherThread { sg_memory_room(most) } == 0)
  }
}

/// What a body gives on a thread of its own; -2 where there is none.
private func onAnotherThread(_ body: @escaping @Sendable () -> Int32) -> Int32 {
  final class Call: @unchecked Sendable {
    let body: @Sendable () -> Int32
    var result: Int32 = -2
    init(_ body: @escaping @Sendable () -> Int32) { self.body = body }
  }
  let call = Call(body)
  var thread = pthread_t()
  let made = pthread_create(
    &thread, nil,
    { pointer in
      guard let pointer else { return nil }
      let call = Unmanaged<Call>.fromOpaque(pointer).takeUnretainedValue()
      call.result = call.body()
      return nil
    }, Unmanaged.passUnretained(call).toOpaque())
  if made == 0 { pthread_join(thread, nil) }
  return withExtendedLifetime(call) { call.result }
}
