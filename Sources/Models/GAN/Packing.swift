import SGBasics
import SGTensors

/// Packing (PacGAN, Lin et al. 2018): D judges several samples of one side together, so that it
/// sees a lack of variety. It gives a logit for each pack.
extension Configuration {
  /// What D sees: images behind one another along the channels, the elements of vectors one vector
  /// after another.
  var packedShape: Shape {
    Shape(packing == 1 ? shape : shape.dropLast() + [shape[shape.count - 1] * packing])
  }

  /// Samples [count] + shape in packs, [count / packing] + packedShape; each pack has samples that
  /// follow one another.
  /// - Precondition: packing divides their count.
  func packed(_ x: Tensor) -> Tensor {
    guard packing > 1 else { return x }
    let (m, packs) = (packing, x.shape[0] / packing)
    let channels = x.shape[-1]
    let places = channels == 0 ? 0 : x.count / (x.shape[0] * channels)
    return x.reshaped([packs, m, places, channels]).permuted([0, 2, 1, 3])
      .reshaped(packedShape.prepending(packs))
  }

  /// - Throws: `Failure` where packs make no sense.
  func checkPacking() throws(Failure) {
    guard packing > 1, labels.mode != .none else { return }
    throw Failure(
      .configuration,
      "packing: the samples of a pack have labels and conditions of their own, and D takes one of"
        + " each; not with labels.mode \"\(labels.mode.rawValue)\"")
  }

  /// - Throws: `Failure` of kind argument where a batch cannot be divided into packs.
  func checkPacks(batch: Int) throws(Failure) {
    guard batch % packing == 0 else {
      throw Failure(
        .argument,
        "batch: packing joins \(packing) samples; expected a multiple of \(packing), found \(batch)"
      )
    }
  }
}
