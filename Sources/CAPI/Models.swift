import CSwiftGAN
import SwiftGAN

/// A model behind a handle, with the C strings that callers were given.
final class ModelBox {
  let model: any Model
  private var names: [String: UnsafeMutablePointer<CChar>] = [:]
  /// One array for all tensors of the same shape. It is never changed, since callers hold it while
  /// tensors such as the replay grow.
  private var extents: [[Int]: UnsafeMutablePointer<UInt64>] = [:]

  init(_ model: any Model) { self.model = model }

  deinit {
    for name in names.values { name.deallocate() }
    for dims in extents.values { dims.deallocate() }
  }

  /// Name and present extents of a tensor, as C can keep them.
  func info(_ index: Int) -> (name: UnsafePointer<CChar>, dims: UnsafePointer<UInt64>, rank: Int) {
    let (name, value) = model.tensors[index]
    return (
      UnsafePointer(Self.kept(Array(name.utf8CString), in: &names[name])),
      UnsafePointer(
        Self.kept(value.shape.array.map(UInt64.init), in: &extents[value.shape.array])),
      value.rank
    )
  }

  /// The copy of some elements that `place` holds; makes it where there is none.
  private static func kept<T>(
    _ elements: [T], in place: inout UnsafeMutablePointer<T>?
  ) -> UnsafeMutablePointer<T> {
    if let pointer = place { return pointer }
    let pointer = UnsafeMutablePointer<T>.allocate(capacity: max(elements.count, 1))
    pointer.initialize(from: elements, count: elements.count)
    place = pointer
    return pointer
  }
}

extension ModelBox {
  /// The model as one that has a capability.
  /// - Throws: `Failure` of kind unsupported, which says what its family can do.
  func can<Capability>(
    _ name: String, as type: Capability.Type
  ) throws(Failure) -> Capability {
    guard let able = model as? Capability else { throw Families.lacks(name, model) }
    return able
  }
}

func withModel(
  _ handle: OpaquePointer?, isFrequent: Bool = false,
  _ body: (ModelBox) throws(Failure) -> Void
) -> swiftgan_status {
  answer(isFrequent: isFrequent) { () throws(Failure) in
    try HandleTable.shared.use(handle, .model, as: ModelBox.self, body)
  }
}

@implementation @_cdecl("swiftgan_model_create")
public func swiftgan_model_create(
  _ out: UnsafeMutablePointer<OpaquePointer?>!, _ config_json: UnsafePointer<CChar>!
) -> swiftgan_status {
  make(out, .model) { () throws(Failure) in
    try ModelBox(Families.create(JSON(parsing: text(config_json, "config_json"))))
  }
}

@implementation @_cdecl("swiftgan_model_load")
public func swiftgan_model_load(
  _ out: UnsafeMutablePointer<OpaquePointer?>!, _ path: UnsafePointer<CChar>!
) -> swiftgan_status {
  make(out, .model) { () throws(Failure) in
    try ModelBox(Families.load(Checkpoint.read(text(path, "path"))))
  }
}

@implementation @_cdecl("swiftgan_model_save")
public func swiftgan_model_save(
  _ model: OpaquePointer!, _ path: UnsafePointer<CChar>!
) -> swiftgan_status {
  withModel(model) { (box) throws(Failure) in
    try Checkpoint.write(box.model.snapshot(), to: text(path, "path"))
  }
}

@implementation @_cdecl("swiftgan_model_destroy")
public func swiftgan_model_destroy(_ model: OpaquePointer!) {
  HandleTable.shared.destroy(model, .model)
  Memory.trim()
}

@implementation @_cdecl("swiftgan_config_schema")
public func swiftgan_config_schema(
  _ json: UnsafeMutablePointer<CChar>!, _ capacity: Int, _ needed: UnsafeMutablePointer<Int>!
) -> swiftgan_status {
  answer { () throws(Failure) in
    try give(
      Families.configurationSchema.text(pretty: true), json, capacity, needed, "json")
  }
}

@implementation @_cdecl("swiftgan_model_config")
public func swiftgan_model_config(
  _ model: OpaquePointer!, _ json: UnsafeMutablePointer<CChar>!, _ capacity: Int,
  _ needed: UnsafeMutablePointer<Int>!
) -> swiftgan_status {
  withModel(model) { (box) throws(Failure) in
    try give(
      Families.configuration(of: box.model).text(pretty: true), json, capacity, needed, "json")
  }
}

@implementation @_cdecl("swiftgan_model_summary")
public func swiftgan_model_summary(
  _ model: OpaquePointer!, _ json: UnsafeMutablePointer<CChar>!, _ capacity: Int,
  _ needed: UnsafeMutablePointer<Int>!
) -> swiftgan_status {
  withModel(model) { (box) throws(Failure) in
    try give(Families.summary(of: box.model).text(pretty: true), json, capacity, needed, "json")
  }
}

@implementation @_cdecl("swiftgan_model_mixing")
public func swiftgan_model_mixing(
  _ model: OpaquePointer!, _ options_json: UnsafePointer<CChar>!,
  _ json: UnsafeMutablePointer<CChar>!, _ capacity: Int, _ needed: UnsafeMutablePointer<Int>!
) -> swiftgan_status {
  withModel(model) { (box) throws(Failure) in
    let model = try box.can("mixing", as: (any HasChains).self)
    let options =
      options_json == nil ? JSON.object([]) : try JSON(parsing: text(options_json, "options"))
    try give(model.mixing(options: options).text(pretty: true), json, capacity, needed, "json")
  }
}

@implementation @_cdecl("swiftgan_model_tensor_count")
public func swiftgan_model_tensor_count(
  _ model: OpaquePointer!, _ out: UnsafeMutablePointer<Int>!
) -> swiftgan_status {
  withModel(model) { (box) throws(Failure) in
    guard let out else {
      throw Failure(.argument, "out: expected a place for the count, found NULL")
    }
    out.pointee = box.model.tensors.count
  }
}

@implementation @_cdecl("swiftgan_model_tensor_info")
public func swiftgan_model_tensor_info(
  _ model: OpaquePointer!, _ index: Int,
  _ name: UnsafeMutablePointer<UnsafePointer<CChar>?>!,
  _ dims: UnsafeMutablePointer<UnsafePointer<UInt64>?>!, _ rank: UnsafeMutablePointer<Int>!
) -> swiftgan_status {
  withModel(model) { (box) throws(Failure) in
    let count = box.model.tensors.count
    guard (0..<count).contains(index) else {
      throw Failure(.argument, "index: expected below \(count), found \(UInt(bitPattern: index))")
    }
    let info = box.info(index)
    name?.pointee = info.name
    dims?.pointee = info.dims
    rank?.pointee = info.rank
  }
}

/// The tensor of a name.
private func named(_ name: UnsafePointer<CChar>?, in model: any Model) throws(Failure) -> (
  String, Tensor
) {
  let name = try text(name, "name")
  let tensors = model.tensors
  guard let found = tensors.first(where: { $0.name == name }) else {
    throw Failure(
      .argument,
      "name: no tensor is called \"\(name.shown)\""
        + JSONObject.suggestion(for: name, among: tensors.map(\.name)))
  }
  return (name, found.value)
}

@implementation @_cdecl("swiftgan_model_tensor_read")
public func swiftgan_model_tensor_read(
  _ model: OpaquePointer!, _ name: UnsafePointer<CChar>!, _ out: UnsafeMutablePointer<Float>!,
  _ capacity: Int
) -> swiftgan_status {
  withModel(model) { (box) throws(Failure) in
    let (_, value) = try named(name, in: box.model)
    guard try fits(out, capacity, value.count, nil, "out") else { return }
    value.withElements { out.update(from: $0.baseAddress!, count: $0.count) }
  }
}

@implementation @_cdecl("swiftgan_model_tensor_write")
public func swiftgan_model_tensor_write(
  _ model: OpaquePointer!, _ name: UnsafePointer<CChar>!, _ in: UnsafePointer<Float>!, _ count: Int
) -> swiftgan_status {
  withModel(model) { (box) throws(Failure) in
    let (name, value) = try named(name, in: box.model)
    guard let source = `in` else { throw Failure(.argument, "in: expected values, found NULL") }
    guard count == value.count else {
      throw Failure(
        .mismatch,
        "\(name): expected \(value.count) elements of shape \(value.shape), found \(UInt(bitPattern: count))"
      )
    }
    try box.model.setTensor(
      name, Tensor(UnsafeBufferPointer(start: source, count: count), shape: value.shape))
  }
}
