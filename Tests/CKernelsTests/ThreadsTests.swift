import SGTestSupport
import CSGKernels
import Foundation
import Testing

@Suite("Threads", .serialized) struct ThreadsTests {
  /// What a job's tasks write: how often each ran. Every task has a byte of its own, which only its
  /// number may touch.
  private final class Marks: @unchecked Sendable {
    let counts: UnsafeMutableBufferPointer<UInt8>
    init(_ most: Int) {
      counts = .allocate(capacity: most)
      counts.initialize(repeating: 0)
    }
    deinit { counts.deallocate() }

    /// Runs a job of n tasks; whether each ran once and no other did.
    func run(_ n: Int) -> Bool {
      counts.update(repeating: 0)
      sg_parallel(
        n,
        { context, task in context!.assumingMemoryBound(to: UInt8.self)[task] &+= 1 },
        counts.baseAddress)
      return counts[..<n].allSatisfy { $0 == 1 } && counts[n...].allSatisfy { $0 == 0 }
    }
  }

  @Test("every task runs once, with any number of threads") func once() {
    defer { _ = sg_threads_set(0) }
    let marks = Marks(5000)
    for threads in [1, 2, 3, 5, 64, 65, 90, 2] {
      #expect(sg_threads_set(Int32(threads)) == 0)
      for n in [0, 1, 2, 3, 63, 64, 65, 89, 91, 4999] + Array(4...40) {
        #expect(marks.run(n), "\(n) tasks on \(threads) threads")
      }
    }
  }

  @Test("callers on several threads do not mix their tasks, whoever changes the number of threads")
  func callers() {
    defer { _ = sg_threads_set(0) }
    let mistakes = Marks(4)
    DispatchQueue.concurrentPerform(iterations: 4) { caller in
      let marks = Marks(200)
      var numbers = Numbers(state: UInt64(caller) + 1)
      for turn in 0..<3000 {
        if caller == 0 && turn % 100 == 0 { _ = sg_threads_set(Int32(1 + numbers.below(6))) }
        if !marks.run(numbers.below(200)) { mistakes.counts[caller] = 1 }
      }
    }
    #expect(mistakes.counts.allSatisfy { $0 == 0 })
  }

  @Test("a job inside a task runs on the task's thread") func nested() {
    let marks = Marks(64 * 64)
    struct Job { var counts: UnsafeMutablePointer<UInt8>, outer: Int }
    sg_parallel(
      64,
      { context, outer in
        var job = Job(counts: context!.assumingMemoryBound(to: UInt8.self), outer: outer)
        sg_parallel(
          64,
          { context, inner in
            let job = context!.assumingMemoryBound(to: Job.self).pointee
            job.counts[64 * job.outer + inner] &+= 1
          }, &job)
      }, marks.counts.baseAddress)
    #expect(marks.counts.allSatisfy { $0 == 1 })
  }

  /// The process id is no help: in a container of its own a child may have its parent's.
  @Test("a child of fork() is told from its parent, and its own children from both") func forks() {
    let here = sg_forks()
    let child = fork()
    if child == 0 {
      let inChild = sg_forks()
      let grandchild = fork()
      if grandchild == 0 { _exit(sg_forks() == inChild + 1 ? 0 : 1) }
      var status: Int32 = 0
      waitpid(grandchild, &status, 0)
      _exit(inChild == here + 1 && status == 0 ? 0 : 1)
    }
    var status: Int32 = -1
    #expect(child > 0 && waitpid(child, &status, 0) == child && status == 0)
    #expect(sg_forks() == here)
  }
}
