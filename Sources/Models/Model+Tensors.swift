import SGBasics
import SGData
import SGNets
import SGTensors

extension Model {
  /// - Throws: `Failure` of kind argument (no tensor of the name, a value that is not finite) or
  ///   mismatch (how many elements).
  package func expectTensors(_ values: [String: Tensor]) throws(Failure) {
    let own = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.value) })
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      try expect(value, as: name, in: own)
    }
  }

  private func expect(
    _ value: Tensor, as name: String, in own: [String: Tensor]
  ) throws(Failure) {
    guard let old = own[name] else {
      throw Failure(
        .argument,
        "no tensor is called \"\(name.shown)\""
          + JSONObject.suggestion(for: name, among: tensors.map(\.name)))
    }
    guard old.count == value.count else {
      throw Failure(
        .mismatch,
        "\(name): expected \(old.count) elements of shape \(old.shape),"
          + " found \(value.count)")
    }
    guard value.isFinite else { throw Failure(.argument, "\(name): expected finite values") }
    guard Standardization.allows(value, as: name) else {
      throw Failure(.argument, "\(name): expected values above 0")
    }
  }
}

extension Player {
  /// Puts tensors in their places; those of other names stay.
  mutating func write(_ new: [String: Tensor]) {
    parameters.write(new, prefix: "\(name).")
    statistics.write(new, prefix: "\(name).")
    for (i, slot) in optimizer.slots.enumerated() {
      if let value = new["\(name).optimizer.\(slot)"] {
        optimizerState.slots[i] = value.reshaped([value.count])
      }
    }
    if let value = new["\(name).history"] { history = value.reshaped([value.count]) }
  }
}

extension Parameters {
  /// Replaces the rows that `new` has, by a new buffer; nothing if it has none.
  mutating func write(_ new: [String: Tensor], prefix: String) {
    guard rows.contains(where: { new[prefix + $0.name] != nil }) else { return }
    values = flatten(
      zip(rows, tensors).map { row, old in
        new[prefix + row.name]?.reshaped(row.shape) ?? old
      })
  }
}
