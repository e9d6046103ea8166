import SGBasics
import SGFormats
import SGTensors

extension NPY {
  /// The first samples, of unsigned bytes.
  /// - Precondition: `isBytes`.
  /// - Throws: `Failure` of kind noMemory or of the file.
  func samples(first count: Int, size: Int, memory: Int) throws(Failure) -> StoredSamples {
    guard isFortran else {
      return try StoredSamples(stored, from: start, count: count, size: size, memory: memory)
    }
    let all = try stored.buffer(at: start, count: self.count)
    let samples = try Buffer(count: count * size, for: path)
    withExtendedLifetime(all) {
      var places = ColumnMajorOffsets(shape)
      for i in 0..<samples.count { samples.bytes[i] = all.bytes[places.next()] }
    }
    return StoredSamples(MemoryBytes(path: path, samples), size: size)
  }
}
