import SGBasics

/// The settings of families that give pixels' distributions one after another, of which each has
/// some.
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

  static let width = Setting<PixelOptions>(
    "width", \.width, .int(in: 1...(1 << 14)), "Features of a pixel in each layer.")
  static let depth = Setting<PixelOptions>(
    "depth", \.depth, .int(in: 1...128), "Layers.")
  static let kernel = Setting<PixelOptions>(
    "kernel", \.kernel, .int(in: 3...63),
    "The side of the layers' kernels, an odd number, of which what comes later is left out.")
  static let firstKernel = Setting<PixelOptions>(
    "first_kernel", \.firstKernel, .int(in: 3...63), "The same of the first layer.")
  /// What the pixels' distributions are.
  static let distribution: [Setting<PixelOptions>] = [
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
