import SGBasics

/// The settings of families that give pixels' distributions one after another, with the same
/// keys.
struct PixelOptions: Sendable {
  var width = 32
  var depth = 7
  var kernel = 3
  var firstKernel = 7
  var head = 64
  var levels = 256
  var output = LevelOutput.softmax
  var components = 5
  var quantize = false

  /// The keys.
  static let all: [Setting<PixelOptions>] = [
    Setting("width", \.width, .int(in: 1...(1 << 14)), "Features of a pixel in each layer."),
    Setting("depth", \.depth, .int(in: 1...128), "Layers."),
    Setting(
      "kernel", \.kernel, .int(in: 3...63),
      "The side of the layers' kernels, an odd number, of which what comes later is left out."),
    Setting(
      "first_kernel", \.firstKernel, .int(in: 3...63), "The same of the first layer."),
    Setting(
      "head", \.head, .int(in: 1...(1 << 14)),
      "Features of the layer between the last one and the distributions."),
    Setting(
      "levels", \.levels, .int(in: 2...256),
      "Levels of an element, equally far apart, from one end of data.range to the other."),
    Setting("output", \.output, .choice, "The distribution of an element given those before it."),
    Setting(
      "components", \.components, .int(in: 1...1000), "Logistic distributions of a mixture."
    ).only(
      where: { $0.output == .logisticMixture }, "output \"logistic_mixture\""),
    Setting(
      "quantize", \.quantize, .bool,
      "Whether values between levels become the nearest one; otherwise they are refused."),
  ]
}
