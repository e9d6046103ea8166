import CKernels
import Tensors

/// Named tensors as rows of one flat buffer: a network's weights, or its running statistics.
///
/// A value. Training replaces it whole, so that a step that fails leaves the old one as it was.
package struct Parameters: Sendable {
  package let rows: [Row]
  /// All values, [count]. Its rows in order are what a checkpoint holds.
  package var values: Tensor

  package var count: Int { rows.last.map { $0.offset + $0.shape.count } ?? 0 }

  /// Rows filled by their initialisers.
  /// - Parameter random: row i draws from the key with step i.
  package init(rows: [Row], random: RandomKey) {
    self.rows = rows
    let count = rows.last.map { $0.offset + $0.shape.count } ?? 0
    values = Tensor(shape: [count]) { buffer in
      for (i, row) in rows.enumerated() {
        var key = random
        key.step = UInt64(i) << 16
        let part = UnsafeMutableBufferPointer(
          rebasing: buffer[row.offset..<row.offset + row.shape.count])
        row.initialiser.fill(part, shape: row.shape, fans: row.fans, random: key)
      }
    }
  }

  /// Rows with values from elsewhere, one tensor a row.
  package init(rows: [Row], parts: [Tensor]) {
    self.rows = rows
    values = Self.concatenated(parts)
  }

  /// The rows as tensors that share the buffer's memory.
  package var tensors: [Tensor] { rows.map { values.view(from: $0.offset, shape: $0.shape) } }

  /// The row of a name.
  package func row(named name: String) -> Row? { rows.first { $0.name == name } }

  /// One flat tensor from one tensor a row, in order.
  package func flatten(_ parts: [Tensor]) -> Tensor {
    precondition(parts.count == rows.count)
    return Self.concatenated(parts)
  }

  private static func concatenated(_ parts: [Tensor]) -> Tensor {
    Tensor(shape: [parts.reduce(0) { $0 + $1.count }]) { y in
      var pointers: [UnsafePointer<Float>?] = []
      for part in parts { part.withElements { pointers.append($0.baseAddress) } }
      withExtendedLifetime(parts) {
        sg_concatenate(pointers, parts.map(\.count), parts.count, y.baseAddress)
      }
    }
  }

  /// The name of the first row that holds NaN or infinity, in this buffer or another of the same layout.
  package func firstNotFinite(in other: Tensor? = nil) -> String? {
    let values = other ?? values
    return rows.first { !values.view(from: $0.offset, shape: $0.shape).isFinite }?.name
  }
}
