import CSGKernels

/// Warnings and notices. Silent until somebody listens; nothing is ever printed by the library
/// itself.
public enum Log {
  /// How much it matters.
  public enum Level: Int32, Sendable {
    /// Good to know.
    case notice = 1
    /// Something that may not be as intended.
    case warning = 2
  }

  /// The receiver of messages, called on the thread on which one comes up.
  public typealias Receiver = @Sendable (Level, String) -> Void

  /// A lock of one word: the receiver is read far more often than it is set.
  private final class Box: @unchecked Sendable {
    let lock = UnsafeMutablePointer<sg_spin_lock>.allocate(capacity: 1)
    var receiver: Receiver?
    /// Whether somebody was told that this is a debug build.
    var hasToldOfDebugBuild = false
    init() { lock.initialize(to: sg_spin_lock()) }
  }
  private static let box = Box()

  /// The receiver of messages; nil: none.
  public static func set(_ receiver: Receiver?) {
    sg_spin_enter(box.lock)
    defer { sg_spin_leave(box.lock) }
    box.receiver = receiver
  }

  package static func notice(_ message: @autoclosure () -> String) { send(.notice, message) }
  package static func warning(_ message: @autoclosure () -> String) { send(.warning, message) }

  /// In a debug build, whose kernels are not optimized, says so once to whoever listens first.
  package static func noticeDebugBuild() {
    #if DEBUG
      sg_spin_enter(box.lock)
      let receiver = box.hasToldOfDebugBuild ? nil : box.receiver
      if receiver != nil { box.hasToldOfDebugBuild = true }
      sg_spin_leave(box.lock)
      receiver?(
        .notice,
        "a debug build trains about 15 times slower; swift build -c release makes a fast one")
    #endif
  }

  private static func send(_ level: Level, _ message: () -> String) {
    sg_spin_enter(box.lock)
    let receiver = box.receiver
    sg_spin_leave(box.lock)
    receiver?(level, message().escaped)
  }
}
