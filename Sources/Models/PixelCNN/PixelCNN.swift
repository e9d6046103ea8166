import SGBasics

/// The gated PixelCNN (van den Oord et al. 2016).
enum PixelCNN: PixelKind {
  static let family = "pixelcnn"
  static let summary =
    "A gated PixelCNN, masked convolutions of images (van den Oord et al. 2016)."
  static let settings = PixelOptions.all

  static func layer(_ options: PixelOptions, _ grid: PixelGrid) -> PixelCNNLayer {
    PixelCNNLayer(options, grid)
  }
}
