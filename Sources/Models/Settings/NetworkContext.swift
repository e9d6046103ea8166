import SGNets

/// What a preset network must know of the model that it is a part of.
package protocol NetworkContext {
  /// A sample's shape.
  var shape: [Int] { get }
  /// The prior of the latents.
  var latent: Prior { get }
  /// The shape of the image that each sample is made from, where it is all that it is conditioned
  /// on; nil: none.
  var inputImage: [Int]? { get }
  /// What a preset generator puts before its first layer.
  var conditionedLatents: [any Layer] { get }
  /// Numbers that those layers put beside a latent.
  var besideLatents: Int { get }
  /// Whether the generator's normalization is conditional.
  var conditionsThroughNorm: Bool { get }
  /// What follows a generator's last layer with weights.
  func endLayers(isImage: Bool) -> [any Layer]
  /// What a preset discriminator puts before its first layer.
  var conditionedSamples: [any Layer] { get }
  /// What it puts before its last layer.
  var markedFeatures: [any Layer] { get }
  /// Whether its last layer is a projection.
  var projects: Bool { get }
  /// Numbers that it is given about a sample beside it.
  var discriminatorCondition: Int { get }
  /// Numbers that it gives a sample.
  var discriminatorOutputs: Int { get }
}

/// A network without labels or conditions: samples of a shape, latents or outputs of a size.
package struct PlainContext: NetworkContext {
  package var shape: [Int]
  package var latent: Prior
  package var discriminatorOutputs: Int
  package let inputImage: [Int]? = nil
  package let conditionedLatents: [any Layer] = []
  package let besideLatents = 0
  package let conditionsThroughNorm = false
  package func endLayers(isImage: Bool) -> [any Layer] { [] }
  package let conditionedSamples: [any Layer] = []
  package let markedFeatures: [any Layer] = []
  package let projects = false
  package let discriminatorCondition = 0
}
