import SGBasics
import SGMetrics
import SGTensors

/// How two sets of features compare: what needs nothing else.
public struct FeatureComparison: Sendable {
  /// Rows of each set, and the length of one.
  public let realCount, fakeCount, features: Int
  /// nil where `frechetFeatures` says why there is none.
  public let frechet: FrechetDistance?
  /// Which features that is of.
  public let frechetFeatures: FrechetFeatures
  /// The kernel distance.
  public let kernel: KernelDistance
  /// Precision, recall, density and coverage.
  public let precisionRecall: PrecisionRecall
  /// The sliced Wasserstein distance.
  public let slicedWasserstein: SlicedWasserstein

  /// The most features whose covariances are compared: their eigenvalues take time with the cube of
  /// the number.
  package static let mostFrechetFeatures = 2048

  /// Compares two sets.
  /// - Parameters:
  ///   - real: [n, features], at least 7 rows.
  ///   - fake: [m, features], at least 7 rows.
  ///   - ridge: added to the covariances' diagonals; needed where there are no more samples than
  ///     features.
  ///   - seed: of subsets and directions.
  /// - Throws: `Failure` of kind argument, mismatch or noMemory.
  public init(
    real: Tensor, fake: Tensor, ridge: Double = 0, seed: UInt64 = 1
  ) throws(Failure) {
    try Tensor.expectFeatures(real: real, fake: fake, atLeast: 7)
    let size = real.shape[1]
    let isTooLarge = size > Self.mostFrechetFeatures
    // Too few samples are the caller's mistake here, which the distance itself names.
    try self.init(
      real: real, fake: fake, images: nil, ridge: ridge, seed: seed,
      by: isTooLarge ? FrechetFeatures(count: size + 1, size: size, images: nil, ridge: 0) : .all)
  }

  /// - Parameters:
  ///   - images: the samples that the features are of, where they are images, [n, height, width,
  ///     channels].
  ///   - features: of the Fréchet distance; nil: those that it can be computed for.
  init(
    real: Tensor, fake: Tensor, images: (real: Tensor, fake: Tensor)?, ridge: Double, seed: UInt64,
    by features: FrechetFeatures? = nil
  ) throws(Failure) {
    try Tensor.expectFeatures(real: real, fake: fake, atLeast: 7)
    (realCount, fakeCount, self.features) = (real.shape[0], fake.shape[0], real.shape[1])
    frechetFeatures =
      features
      ?? FrechetFeatures(
        count: min(realCount, fakeCount), size: real.shape[1],
        images: images.map { $0.real.shape.droppingFirst().array }, ridge: ridge)
    frechet = try frechetFeatures.distance(real: real, fake: fake, images: images, ridge: ridge)
    kernel = try kernelDistance(
      real: real, fake: fake, subsetSize: min(1000, realCount, fakeCount), seed: seed)
    precisionRecall = try SGMetrics.precisionRecall(real: real, fake: fake)
    slicedWasserstein = try SGMetrics.slicedWasserstein(real: real, fake: fake, seed: seed)
  }

  var members: [(String, JSON)] {
    [
      ("n_real", JSON(realCount)), ("n_fake", JSON(fakeCount)),
      ("frechet_distance", frechet.map { .number($0.distance) } ?? .null),
    ] + frechetFeatures.members + [
      ("ridge", .number(frechet?.ridge ?? 0)), ("kernel_distance", .number(kernel.distance)),
      ("kernel_distance_deviation", .number(kernel.deviation)),
      ("kernel_subset_size", JSON(kernel.subsetSize)),
      ("precision", .number(precisionRecall.precision)),
      ("recall", .number(precisionRecall.recall)), ("density", .number(precisionRecall.density)),
      ("coverage", .number(precisionRecall.coverage)),
      ("sliced_wasserstein", .number(slicedWasserstein.distance)),
    ]
  }

  /// Everything as JSON.
  public var json: JSON { .object([("feature_size", JSON(features))] + members) }
}

/// How a model's samples compare with data, with the convention of everything that was measured.
public struct Evaluation {
  /// The features that are compared.
  public enum Extractor {
    /// The samples' own elements.
    case pixels
    /// The last hidden layer of a classifier trained on labelled data.
    case classifier(Classifier)
  }

  /// The distances.
  public let comparison: FeatureComparison
  /// By which the samples of both sides were drawn.
  public let seed: UInt64
  /// The features that were compared.
  public let extractor: Extractor
  /// The score of the classifier's opinions on fakes.
  public internal(set) var score: InceptionStyleScore?
  /// Share of fakes that the classifier takes for the class they were made as, of a conditional
  /// model.
  public internal(set) var classAccuracy: Double?
  /// Where the data is a mixture of known Gaussians.
  public internal(set) var modes: ModeCoverage?
  /// The log-likelihood of real samples under a Parzen window on fakes, by their elements.
  public internal(set) var parzen: ParzenWindow?
  /// Whether the elements of vectors were compared as columns of mean 0 and deviation 1, by means
  /// and deviations of the real samples.
  public internal(set) var isStandardized = false
  /// The first fakes, at most 100.
  public internal(set) var firstFakes = Tensor.zeros([0])
  /// For each of them: the nearest of all real samples, in pixels.
  public internal(set) var nearest = NearestNeighbors(indices: [], distances: [])
  /// For as many real samples: the mean distance to the nearest other one.
  public internal(set) var realNearestDistance = 0.0
  /// The closest pairs among the fakes, in pixels.
  public internal(set) var closestFakes: ClosestPairs?
  /// The closest pairs among as many real samples, in pixels.
  public internal(set) var closestReal: ClosestPairs?

  /// Everything as JSON.
  public var json: JSON {
    var features: [(String, JSON)]
    switch extractor {
    case .pixels: features = [("kind", .string("pixels"))]
    case .classifier(let classifier):
      features = [
        ("kind", .string("classifier")), ("hash", .string(classifier.hash)),
        (
          "trained_on",
          classifier.trainedOn.map {
            .object([("count", JSON($0.count)), ("hash", .string($0.hash))])
          } ?? .null
        ),
        ("held_out_accuracy", classifier.heldOutAccuracy.map { .number($0) } ?? .null),
      ]
    }
    features.append(("size", JSON(comparison.features)))
    if isStandardized { features.append(("standardized", .bool(true))) }
    var members: [(String, JSON)] = [
      ("features", .object(features)), ("seed", .integer(Int64(bitPattern: seed))),
    ]
    members += comparison.members
    if let score {
      members += [("score", .number(score.score)), ("score_deviation", .number(score.deviation))]
    }
    if let classAccuracy { members.append(("class_accuracy", .number(classAccuracy))) }
    if let modes { members.append(("modes", modes.json)) }
    if let parzen { members.append(("parzen_window", parzen.json)) }
    let mean = nearest.distances.reduce(0, +) / Double(max(nearest.distances.count, 1))
    members += [
      ("nearest_real_distance", .number(mean)),
      ("nearest_real_distance_of_real", .number(realNearestDistance)),
      ("closest_fake_pair", .number(closestFakes?.pairs.first?.distance ?? 0)),
      ("closest_real_pair", .number(closestReal?.pairs.first?.distance ?? 0)),
    ]
    return .object(members)
  }
}
