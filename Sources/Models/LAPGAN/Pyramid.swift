import SGTensors

/// Laplacian pyramids of images whose sides are halved at each level (Burt & Adelson 1983), by
/// means over blocks of two by two pixels and by repetition.
enum Pyramid {
  /// Images [n, height, width, channels] at half the size.
  static func halved(_ x: Tensor) -> Tensor {
    let (n, h, w, c) = (x.shape[0], x.shape[1] / 2, x.shape[2] / 2, x.shape[3])
    return x.reshaped([n, h, 2, w, 2, c]).mean([2, 4])
  }

  /// Images at twice the size.
  static func doubled(_ x: Tensor) -> Tensor {
    let (n, h, w, c) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    return x.reshaped([n, h, 1, w, 1, c]).broadcast(to: [n, h, 2, w, 2, c])
      .reshaped([n, 2 * h, 2 * w, c])
  }

  /// The coarsest image and no coarser one, then for each finer level what it adds to the doubled
  /// coarser image, and that image.
  static func levels(of x: Tensor, count: Int) -> [(detail: Tensor, coarse: Tensor?)] {
    var levels: [(detail: Tensor, coarse: Tensor?)] = []
    var image = x
    for _ in 1..<count {
      let smaller = halved(image)
      let coarse = doubled(smaller)
      levels.append((image - coarse, coarse))
      image = smaller
    }
    levels.append((image, nil))
    return levels.reversed()
  }
}
