import SGBasics
import SGData
import SGNets
import SGTensors

/// What a classifier says of samples.
struct ClassifierOpinion {
  /// [count, features]; of stacked images, their channels' side by side.
  let features: Tensor
  /// [count, classes]; of stacked images, [count x channels, classes].
  let logits: Tensor
  /// What each sample is taken for.
  let classes: [Int32]
}

extension Classifier {
  /// - Parameters:
  ///   - samples: [count] + the shape of the data's samples.
  ///   - data: what kind of samples they are: the channels of stacked images are looked at one by
  ///     one.
  /// - Throws: `Failure` of kind mismatch where the classifier knows other samples or classes, or
  ///   noMemory.
  func opinion(on samples: Tensor, from data: Dataset) throws(Failure) -> ClassifierOpinion {
    let known = data.stackedFrom ?? data
    guard sampleShape == known.shape else {
      throw Failure(
        .mismatch,
        "the classifier's samples have the shape \(sampleShape), the data's \(known.shape)")
    }
    guard let gray = data.stackedFrom else {
      let (features, logits) = try self(samples)
      return ClassifierOpinion(features: features, logits: logits, classes: largest(logits))
    }
    guard classes == gray.classes else {
      throw Failure(
        .mismatch,
        "the classifier has \(classes) classes, the stacked images' channels \(gray.classes)")
    }
    let (n, channels) = (samples.shape[0], samples.shape[3])
    try Memory.reserve(floats: 2 * samples.count, copies: 1, for: "the channels of \(n) images")
    let planes = samples.permuted([0, 3, 1, 2]).reshaped(gray.shape.prepending(n * channels))
    let (features, logits) = try self(planes)
    let digits = largest(logits)
    return ClassifierOpinion(
      features: features.reshaped([n, channels * Self.featureCount]), logits: logits,
      classes: (0..<n).map { i in
        Dataset.number(
          ofDigits: Array(digits[i * channels..<(i + 1) * channels]), classes: classes)
      })
  }
}
