import SwiftGAN

/// How a run stands.
enum RunState {
  /// A process trains it now.
  case underWay
  case finished
  case stopped
  /// It ended by an error, with the reason.
  case diverged(String)
  case failed(String)
  /// Its process ended without a word.
  case killed
  /// A run of an earlier version, which did not say.
  case unknown

  init(_ folder: RunFolder, _ settings: RunSettings) {
    let last = settings.sessions.last
    let reason = last?["reason"]?.text ?? ""
    if RunLock.isHeld(folder) {
      self = .underWay
      return
    }
    self =
      switch last?["outcome"]?.text {
      case "finished": .finished
      case "stopped": .stopped
      case "diverged": .diverged(reason)
      case "failed": .failed(reason)
      default: settings.goal.step == nil && settings.goal.seconds == nil ? .unknown : .killed
      }
  }

  /// A sentence.
  /// - Parameters:
  ///   - step: the last that is known of.
  ///   - checkpoint: the step of the checkpoint.
  func sentence(step: UInt64, checkpoint: UInt64) -> String {
    let rest = checkpoint < step ? "; the checkpoint is of step \(checkpoint.grouped)" : ""
    return switch self {
    case .underWay: "Training is under way, at step \(step.grouped)."
    case .finished: "Training ended after step \(step.grouped)."
    case .stopped: "Training was stopped after step \(step.grouped)."
    case .diverged(let reason): "Training diverged: \(reason)\(rest)."
    case .failed(let reason): "Training failed: \(reason)\(rest)."
    case .killed: "The training's process was ended at step \(step.grouped)\(rest)."
    case .unknown: "Training is at step \(step.grouped)."
    }
  }
}
