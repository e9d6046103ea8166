import SGTensors

extension Memory {
  /// Makes sure that memory for floats x copies can be had, before anything is taken.
  package static func reserve(floats: Int, copies: Int, for what: String) throws(Failure) {
    let (count, overflow) = floats.multipliedReportingOverflow(by: copies)
    let (bytes, more) = count.multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
    guard !overflow, !more, Memory.canTake(bytes) else {
      throw Failure(
        .noMemory, "not enough memory for \(what): \(floats) x \(copies) floats are needed")
    }
  }
}
