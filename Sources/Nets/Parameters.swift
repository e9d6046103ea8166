import CSGKernels
import SGTensors

/// Named tensors as rows of one flat buffer: a network's weights, or its running statistics.
///
/// A value. Training replaces it whole, so that a step that fails leaves the old one as it was.
package struct Parameters: Sendable {
  package let rows: [Row]
  /// All values, [count]. Its rows in order are what a checkpoint holds.
  package var values: Tensor

  package var count: Int { rows.last.map { $0.offset + $0.shape.count } ?? 0 }

  /// Rows filled one by one: `fill` gets a row's number and its place in the buffer.
  package init<E: Error>(
    rows: [Row], fill: (Int, UnsafeMutableBufferPointer<Float>) throws(E) -> Void
  ) throws(E) {
    self.rows = rows
    let count = rows.last.map { $0.offset + $0.shape.count } ?? 0
    values = try Tensor(shape: [count]) { (buffer) throws(E) in
      for (i, row) in rows.enumerated() {
        let place = row.offset..<row.offset + row.shape.count
        try fill(i, UnsafeMutableBufferPointer(rebasing: buffer[place]))
      }
    }
  }

  /// Rows filled by their initializers.
  /// - Parameter random: row i draws from the key with step i.
  package init(rows: [Row], random: RandomKey) {
    self.init(rows: rows) { i, buffer in
      var key = random
      key.step = UInt64(i) << 16
      rows[i].initializer.fill(buffer, shape: rows[i].shape, fans: rows[i].fans, random: key)
    }
  }

  /// The rows as tensors that share the buffer's memory.
  package var tensors: [Tensor] { rows.map { values.view(from: $0.offset, shape: $0.shape) } }

  /// The row of a name.
  package func row(named name: String) -> Row? { rows.first { $0.name == name } }

  /// One flat tensor from one tensor a row, in order.
  /// - Parameter more: one tensor a row that is added to the first; none: nothing is.
  package func flatten(_ parts: [Tensor], adding more: [Tensor] = []) -> Tensor {
    precondition(parts.count == rows.count && (more.isEmpty || more.count == rows.count))
    return Tensor(shape: [parts.reduce(0) { $0 + $1.count }]) { y in
      func pointers(_ parts: [Tensor]) -> [UnsafePointer<Float>?] {
        parts.map { $0.withElements { $0.baseAddress } }
      }
      withExtendedLifetime((parts, more)) {
        sg_concatenate(
          pointers(parts), more.isEmpty ? nil : pointers(more), parts.map(\.count), parts.count,
          y.baseAddress)
      }
    }
  }

  /// The name of the first row that holds NaN or infinity, in this buffer or another of the same
  /// layout.
  package func firstNotFinite(in other: Tensor? = nil) -> String? {
    let values = other ?? values
    return rows.first { !values.view(from: $0.offset, shape: $0.shape).isFinite }?.name
  }
}
