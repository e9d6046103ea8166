import SGBasics
import SGNets
import SGTensors

/// What networks are given by name, and the shape of conditions in JSON.
extension Configuration {
  /// The inputs of a network that is given labels and conditions, by name: `condition`, all of
  /// them; `labels`, the classes as one-hot; `values`, the real numbers in their shape.
  /// - Parameter size: how many numbers it is given; 0: none.
  func inputs(of size: Int) -> [NetworkInput] {
    guard size > 0 else { return [] }
    let shape = conditionShape ?? [conditions]
    var inputs = [NetworkInput("condition", shape: classes == 0 ? shape : [size])]
    if classes > 0 { inputs.append(NetworkInput("labels", shape: [classes])) }
    if conditions > 0 { inputs.append(NetworkInput("values", shape: shape, offset: classes)) }
    return inputs
  }

  /// `data.conditions`: how many, or a shape.
  var conditionsJSON: JSON {
    conditionShape.map { .array($0.map { JSON($0) }) } ?? JSON(conditions)
  }

  /// - Throws: `Failure` where the shape has another count than there are conditions.
  func checkConditionShape() throws(Failure) {
    guard let conditionShape else { return }
    guard conditionShape.reduce(1, *) == conditions else {
      throw Failure(
        .configuration,
        "data.conditions: \(conditions) numbers have no shape \(Shape(conditionShape))")
    }
  }
}

extension JSONObject {
  /// How many numbers a sample is conditioned on, or their shape.
  fileprivate mutating func shapedConditions() throws(Failure) -> [Int] {
    let shape = try shape("conditions")
    guard shape.count <= 3 else {
      throw Failure(
        .configuration, "\(path).conditions: expected 1 to 3 sizes, found \(shape.count)")
    }
    var count = 1
    for n in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: n)
      guard !overflow, product <= 1 << 20 else {
        throw Failure(
          .limit, "\(path).conditions: expected at most \(1 << 20) numbers, found \(Shape(shape))")
      }
      count = product
    }
    return shape
  }

  /// `data.conditions`.
  mutating func conditions() throws(Failure) -> (count: Int, shape: [Int]?) {
    guard case .array? = take("conditions") else {
      return (try int("conditions", in: 0...(1 << 20), default: 0), nil)
    }
    let shape = try shapedConditions()
    return (shape.reduce(1, *), shape)
  }
}
