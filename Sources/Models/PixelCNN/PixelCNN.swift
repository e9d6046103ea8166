import SGBasics

/// The gated PixelCNN (van den Oord et al. 2016).
enum PixelCNN: PixelKind {
  static let family = "pixelcnn"
  static let summary =
    "A gated PixelCNN, masked convolutions of images (van den Oord et al. 2016)."
  static let settings =
    [
      PixelOptions.width, PixelOptions.depth, PixelOptions.kernel, PixelOptions.firstKernel,
    ] + PixelOptions.distribution

  static func check(_ options: PixelOptions) throws(Failure) {
    for (name, side) in [("kernel", options.kernel), ("first_kernel", options.firstKernel)]
    where side % 2 == 0 {
      throw Failure(.configuration, "pixelcnn.\(name): expected an odd number, found \(side)")
    }
  }

  static func layer(_ options: PixelOptions, _ grid: PixelGrid) -> PixelCNNLayer {
    PixelCNNLayer(options, grid)
  }
}
