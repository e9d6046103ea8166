#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif
import SwiftGAN

/// What lies behind the C interface's opaque pointers. A handle is a number in disguise: table
/// index, kind and a generation, under a mark that no address has, so that stale, destroyed and
/// foreign ones are told apart from live ones.
final class HandleTable: @unchecked Sendable {
  static let shared = HandleTable()

  enum Kind: UInt64 { case model = 1, dataset = 2 }

  private struct Entry {
    var generation: UInt64
    var object: AnyObject?
    var isBusy = false
    /// Destroyed by another thread while in use; goes when the use ends.
    var isDoomed = false
  }

  private static let mark: UInt64 = 0x5347
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private var entries: [Entry] = []
  private var free: [Int] = []

  private init() {
    pthread_mutex_init(lock, nil)
    // The child of a fork() gets the table in a consistent state.
    pthread_atfork(
      { pthread_mutex_lock(HandleTable.shared.lock) },
      { pthread_mutex_unlock(HandleTable.shared.lock) },
      { pthread_mutex_unlock(HandleTable.shared.lock) })
  }

  private func locked<R>(_ body: () throws(Failure) -> R) throws(Failure) -> R {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return try body()
  }

  /// A new handle for an object.
  func insert(_ object: AnyObject, _ kind: Kind) throws(Failure) -> OpaquePointer? {
    try locked { () throws(Failure) in
      if free.isEmpty {
        guard entries.count < 1 << 16 else {
          throw Failure(.limit, "more than \(1 << 16) handles at once")
        }
        free.append(entries.count)
        entries.append(Entry(generation: 0))
      }
      let index = free.removeLast()
      entries[index].generation = (entries[index].generation + 1) & 0xFFF_FFFF
      entries[index].object = object
      let bits =
        Self.mark << 48 | entries[index].generation << 20 | UInt64(index) << 4 | kind.rawValue
      return OpaquePointer(bitPattern: UInt(bits))
    }
  }

  private func place(of handle: OpaquePointer?, _ kind: Kind) -> Int? {
    let bits = UInt64(UInt(bitPattern: handle))
    let index = Int(bits >> 4 & 0xFFFF)
    guard bits >> 48 == Self.mark, bits & 0xF == kind.rawValue, index < entries.count,
      entries[index].object != nil, !entries[index].isDoomed,
      entries[index].generation == bits >> 20 & 0xFFF_FFFF
    else { return nil }
    return index
  }

  /// Lends an object to one caller at a time.
  func use<T: AnyObject, R>(
    _ handle: OpaquePointer?, _ kind: Kind, as type: T.Type, _ body: (T) throws(Failure) -> R
  ) throws(Failure) -> R {
    let name = kind == .model ? "model" : "data"
    if handle == nil { throw Failure(.argument, "\(name): expected a handle, found NULL") }
    let (index, object) = try locked { () throws(Failure) -> (Int, T) in
      guard let index = place(of: handle, kind), let object = entries[index].object as? T else {
        throw Failure(
          .invalidHandle,
          "\(name): not a live handle (destroyed before, or never made by this library)")
      }
      guard !entries[index].isBusy else {
        throw Failure(.busy, "\(name): in use by another call at this moment")
      }
      entries[index].isBusy = true
      return (index, object)
    }
    defer { release(index) }
    return try body(object)
  }

  private func release(_ index: Int) {
    var last: AnyObject?
    pthread_mutex_lock(lock)
    entries[index].isBusy = false
    if entries[index].isDoomed { last = remove(index) }
    pthread_mutex_unlock(lock)
    _ = consume last
  }

  private func remove(_ index: Int) -> AnyObject? {
    defer {
      entries[index].object = nil
      entries[index].isDoomed = false
      free.append(index)
    }
    return entries[index].object
  }

  /// Ends a handle; others than live ones are ignored.
  func destroy(_ handle: OpaquePointer?, _ kind: Kind) {
    var last: AnyObject?
    pthread_mutex_lock(lock)
    if let index = place(of: handle, kind) {
      if entries[index].isBusy {
        entries[index].isDoomed = true
      } else {
        last = remove(index)
      }
    }
    pthread_mutex_unlock(lock)
    _ = consume last
  }
}
