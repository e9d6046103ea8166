import CSGKernels
import SGBasics
import SGTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Minibatches that a thread of its own reads before they are asked for. Each is a pure function of
/// its position, so what it gives does not depend on how far it is.
package final class ReadAhead: Sendable {
  private let shared: Shared
  private let thread: pthread_t
  private let forks = sg_forks()

  /// `pthread_create`, or what a test has in its place.
  package typealias Create = (
    UnsafeMutablePointer<pthread_t>,
    @escaping @convention(c) (UnsafeMutableRawPointer?) ->
      UnsafeMutableRawPointer?, UnsafeMutableRawPointer
  ) -> Int32

  /// What a thread takes: its stack, and the addresses that malloc reserves for each thread.
  private static let threadRoom = 144 << 20

  /// - Throws: `Failure` of kind noMemory where the system gives no thread.
  package init(
    _ batches: Minibatches, create: Create = { pthread_create($0, nil, $1, $2) }
  ) throws(Failure) {
    shared = Shared(batches)
    // Before this succeeds there is no instance, and so nothing to end and join.
    thread = try Self.thread(for: shared, create)
  }

  private static func thread(
    for shared: Shared, _ create: Create
  ) throws(Failure) -> pthread_t {
    guard Memory.hasRoom(for: threadRoom) else {
      throw Failure(.noMemory, "not enough memory for a thread that reads ahead")
    }
    let context = Unmanaged.passRetained(shared)
    var (all, before) = (sigset_t(), sigset_t())
    sigfillset(&all)
    // The host's signals stay with the host's threads.
    pthread_sigmask(SIG_SETMASK, &all, &before)
    var thread = pthread_t()
    let status = create(
      &thread,
      { context in
        if let context { Unmanaged<Shared>.fromOpaque(context).takeRetainedValue().work() }
        return nil
      }, context.toOpaque())
    pthread_sigmask(SIG_SETMASK, &before, nil)
    guard status == 0 else {
      context.release()
      throw Failure(.noMemory, "no thread for reading ahead: \(String(cString: strerror(status)))")
    }
    return thread
  }

  deinit {
    // Elsewhere there is nobody to wait for, and the lock may never be given back.
    guard isHere else { return }
    shared.end()
    pthread_join(thread, nil)
  }

  /// Whether the thread is in this process: a child of fork() has none, and reads its minibatches
  /// itself.
  package var isHere: Bool { forks == sg_forks() }

  /// The minibatch that begins at a position; those after it are read meanwhile.
  package func at(_ position: UInt64) throws(Failure) -> Batch { try shared.take(position).get() }
}

/// What both threads see.
private final class Shared: @unchecked Sendable {
  /// How many minibatches wait at most.
  private static let depth = 3

  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  /// The reading thread's own.
  private var batches: Minibatches
  /// Where reading goes on; nil until somebody asks.
  private var next: UInt64?
  private var ready: [(position: UInt64, batch: Result<Batch, Failure>)] = []
  /// The position that is being read now.
  private var reading: UInt64?
  private var isEnding = false

  init(_ batches: Minibatches) {
    self.batches = batches
    pthread_mutex_init(lock, nil)
    pthread_cond_init(changed, nil)
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(lock)
    changed.deallocate()
    lock.deallocate()
  }

  func take(_ position: UInt64) -> Result<Batch, Failure> {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    while ready.first?.position != position {
      // Elsewhere than expected: what was read is of no use.
      if !ready.isEmpty || (reading != position && next != position) {
        ready = []
        next = position
        pthread_cond_broadcast(changed)
      }
      pthread_cond_wait(changed, lock)
    }
    defer { pthread_cond_broadcast(changed) }
    return ready.removeFirst().batch
  }

  func work() {
    pthread_mutex_lock(lock)
    while !isEnding {
      guard let position = next, ready.count < Self.depth else {
        pthread_cond_wait(changed, lock)
        continue
      }
      reading = position
      next = position + UInt64(batches.size)
      pthread_mutex_unlock(lock)
      let result: Result<Batch, Failure>
      do throws(Failure) {
        result = .success(try batches.at(position))
      } catch {
        result = .failure(error)
      }
      pthread_mutex_lock(lock)
      reading = nil
      if next == position + UInt64(batches.size) { ready.append((position, result)) }
      pthread_cond_broadcast(changed)
    }
    pthread_mutex_unlock(lock)
  }

  func end() {
    pthread_mutex_lock(lock)
    isEnding = true
    pthread_cond_broadcast(changed)
    pthread_mutex_unlock(lock)
  }
}
