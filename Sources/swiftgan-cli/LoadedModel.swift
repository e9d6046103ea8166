import SwiftGAN

/// Reads models for commands.
enum LoadedModel {
  /// The model of a checkpoint or of a run's folder, whatever its family.
  static func any(_ path: String) throws(Failure) -> any Model {
    try Families.load(Checkpoint.read(RunFolder.checkpoint(path)))
  }

  /// The same as a model with a capability.
  /// - Throws: `Failure` of kind unsupported, which says what the family can do.
  static func with<Capability>(
    _ name: String, as type: Capability.Type, _ path: String
  ) throws(Failure) -> Capability {
    let model = try any(path)
    guard let able = model as? Capability else { throw Families.lacks(name, model) }
    return able
  }
}
