import SGBasics

/// PixelRNN with row LSTMs (van den Oord et al. 2016, "Pixel Recurrent Neural Networks").
enum PixelRNN: PixelKind {
  static let family = "pixelrnn"
  static let summary =
    "A PixelRNN, LSTMs along the rows of images (van den Oord et al. 2016)."
  static let settings = PixelOptions.all

  static func layer(_ options: PixelOptions, _ grid: PixelGrid) -> RowLSTMLayer {
    RowLSTMLayer(options, grid)
  }
}
