import SGBasics
import SGTensors

extension Dataset {
  /// The number of classes: of their names, else one more than the largest label; of stacked
  /// images, what their channels' make.
  public var classes: Int {
    if let stackedFrom {
      return labels.isEmpty ? 0 : Self.modes(classes: stackedFrom.classes, channels: shape[2])
    }
    return classNames.isEmpty ? Int((labels.max() ?? -1) + 1) : classNames.count
  }

  /// The same samples, their classes numbered by a list of names, such as those of the data that a
  /// model was trained on. Where the classes have no names, they are given these.
  /// - Throws: `Failure` of kind argument (no names, one twice) or mismatch (a class with samples,
  ///   or an empty one with a name, that is not among them).
  public func matchingClasses(_ names: [String]) throws(Failure) -> Dataset {
    guard (1...Self.mostClasses).contains(names.count) else {
      throw Failure(.argument, "classes: expected 1 to \(Self.mostClasses) names, found none")
    }
    var places: [String: Int32] = [:]
    for (i, name) in names.enumerated() {
      guard places.updateValue(Int32(i), forKey: name) == nil else {
        throw Failure(.argument, "classes[\(i)]: \"\(name.shown)\" a second time")
      }
    }
    guard !labels.isEmpty, stackedFrom == nil else {
      throw Failure(
        .mismatch, "classes: \(source) has no labels of single classes that names could match")
    }
    let list =
      names.prefix(20).map { "\"\($0.shown)\"" }.joined(separator: ", ")
      + (names.count > 20 ? ", …" : "")
    if classNames.isEmpty {
      guard classes <= names.count else {
        throw Failure(
          .mismatch,
          "classes: \(source) has labels up to \(classes - 1), for \(names.count) names: \(list)")
      }
      return Dataset(self, classNames: names)
    }
    var new: [Int32] = []
    for name in classNames {
      guard let place = places[name] else {
        throw Failure(
          .mismatch,
          "classes: \(source) has the class \"\(name.shown)\", which is not one of \(list)")
      }
      new.append(place)
    }
    try Memory.expectRoom(for: 4 * count, "\(count) labels")
    return Dataset(self, labels: labels.map { $0 < 0 ? $0 : new[Int($0)] }, classNames: names)
  }

  /// The same samples, of which only `count` keep their labels: as many of each class as can be,
  /// drawn by the seed. The others' become -1.
  /// - Throws: `Failure` of kind argument where there are not so many labels.
  public func keepingLabels(_ count: Int, seed: UInt64 = 1) throws(Failure) -> Dataset {
    let known = labels.count { $0 >= 0 }
    guard (1...max(known, 1)).contains(count), known > 0 else {
      throw Failure(.argument, "labelled: expected 1...\(known), found \(count)")
    }
    try Memory.expectRoom(for: 96 * self.count, "the order of \(self.count) samples")
    var order = SampleOrder(count: self.count, seed: seed, stream: .subset)
    var kept = [Int32](repeating: -1, count: self.count)
    var quota = [Int](repeating: 0, count: classes)
    var left = count
    let shuffled = try order.next(self.count, from: 0)
    // One label of each class in turn, as long as a class has more.
    var waiting = Dictionary(grouping: shuffled.filter { labels[$0] >= 0 }) { labels[$0] }
    while left > 0 {
      for label in quota.indices where left > 0 {
        guard let list = waiting[Int32(label)], quota[label] < list.count else { continue }
        kept[list[quota[label]]] = Int32(label)
        quota[label] += 1
        left -= 1
      }
    }
    waiting = [:]
    return Dataset(self, labels: kept)
  }
}
