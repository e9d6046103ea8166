import SGBasics
import SGPictures
import SGTensors

extension Comparison {
  /// A row's samples as a picture: images side by side, points in the plane in front of the data,
  /// other vectors as bars of gray.
  /// - Returns: nil where the family made no samples.
  /// - Throws: `Failure` of kind argument or limit.
  public func picture(of row: Row) throws(Failure) -> Picture? {
    if let plane = row.plane { return plane }
    guard let samples = row.samples else { return nil }
    let count = samples.shape[0]
    let isDrawn = shape.rank == 3 && [1, 3, 4].contains(shape[2])
    let images = isDrawn ? samples : Self.bars(samples)
    return try ImageGrid(images, range: pictureRange, columns: isDrawn ? count : 1).picture
  }

  /// Each sample as an image whose columns are its elements: the first 512, each 4 pixels wide.
  private static func bars(_ samples: Tensor) -> Tensor {
    let (count, height, side) = (samples.shape[0], 12, 4)
    let elements = samples.count / count
    let shown = min(elements, 512)
    return Tensor(shape: [count, height, shown * side]) { y in
      samples.withElements { x in
        for i in y.indices {
          let (row, column) = (i / (shown * side), i % (shown * side))
          y[i] = x[row / height * elements + column / side]
        }
      }
    }
  }

  /// The samples of all families, a row each, beside their names.
  /// - Returns: nil where no family made samples.
  /// - Throws: `Failure` of kind argument or limit.
  public func picture() throws(Failure) -> Picture? {
    var drawn: [(name: String, picture: Picture)] = []
    for row in rows {
      if let picture = try picture(of: row) { drawn.append((row.family, picture)) }
    }
    return drawn.isEmpty ? nil : try NamedRows(drawn).picture
  }
}
