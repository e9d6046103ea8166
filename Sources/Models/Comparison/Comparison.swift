import SGBasics
import SGData
import SGMetrics
import SGPictures
import SGTensors

/// Families of models that were trained on the same data for the same time, and what was measured
/// of each. Besides speeds, and the steps that a time allows, it is a function of data and options.
public struct Comparison: Sendable {
  /// What was measured of one family.
  public struct Row: Sendable {
    /// The family's name.
    public let family: String
    /// Why the family cannot take the data; then nothing was measured.
    public internal(set) var refusal: String?
    /// Its configuration without defaults.
    public internal(set) var configuration = JSON.null
    /// Steps that it was trained for.
    public internal(set) var steps: UInt64 = 0
    /// Seconds that these took.
    public internal(set) var trainingSeconds = 0.0
    /// Why training ended before its time; nil: it did not.
    public internal(set) var stopped: String?
    /// The log-likelihood of held-out samples.
    public internal(set) var likelihood: Likelihood?
    /// How samples compare with held-out ones.
    public internal(set) var distances: Distances?
    /// The log-likelihood of held-out samples under a Parzen window on the family's; the fault of
    /// that is `ParzenWindow.caution`.
    public internal(set) var parzen: ParzenWindow?
    /// How samples are made; nil: the family makes none.
    public internal(set) var sampling: SamplingProcedure?
    /// Whether samples are means of the distribution that the likelihood is of; nil: as `sampling`.
    public internal(set) var samplesAreMeans: Bool?
    /// Seconds that one sample takes.
    public internal(set) var latency: Double?
    /// Samples a second, of many at once.
    public internal(set) var samplesPerSecond: Double?
    /// Numbers of a latent; nil: the family has none.
    public internal(set) var latentSize: Int?
    /// Whether samples can lie anywhere, not only on a set of fewer dimensions; nil: unknown.
    public internal(set) var hasFullSupport: Bool?
    /// The mean squared difference of the elements that the family fills in; of vectors in units of
    /// their own by standardized columns.
    public internal(set) var completionError: Double?
    /// What was not measured, and why.
    public internal(set) var missing: [(measure: String, reason: String)] = []
    /// Samples for pictures, at most 10, in `pictureRange`.
    public internal(set) var samples: Tensor?
    /// Samples of shape [2] in front of the data.
    public internal(set) var plane: Picture?

    init(_ family: String) { self.family = family }
  }

  /// The rows, in the order of the options.
  public internal(set) var rows: [Row]
  /// A sample's shape.
  public let shape: Shape
  /// What kind of samples they are.
  public let kind: SampleKind
  /// Samples that families were trained on, and those that were held out.
  public let trained, heldOut: Int
  /// Minutes that were asked for; nil: steps were.
  public let minutes: Double?
  /// The seed of everything.
  public let seed: UInt64
  /// The scale that samples of all families were brought to; nil: the data has none.
  public let scale: ValueRange?
  /// The values that are black and white in pictures of samples.
  public let pictureRange: ValueRange
  /// Seconds that all of it took.
  public internal(set) var seconds = 0.0

  /// Everything as JSON.
  public var json: JSON {
    .object([
      (
        "data",
        .object([
          ("shape", .array(shape.array.map { JSON($0) })), ("images", .bool(kind.isImage)),
          ("binary", .bool(kind.isBinary)), ("trained_on", JSON(trained)),
          ("held_out", JSON(heldOut)), ("scale", Self.json(scale)),
        ])
      ), ("minutes", minutes.map { .number($0) } ?? .null), ("seed", JSON(seed)),
      ("seconds", .number(seconds)), ("families", .array(rows.map(\.json))),
    ])
  }

  private static func json(_ range: ValueRange?) -> JSON {
    range.map { .array([.number(Double($0.low)), .number(Double($0.high))]) } ?? .null
  }
}

extension Comparison {
  /// The log-likelihood of held-out samples.
  public struct Likelihood: Sendable {
    /// Exact, a bound or an estimate.
    public let kind: LikelihoodKind
    /// Whether it is a probability of discrete samples; else a density on the comparison's scale.
    public let isProbability: Bool
    /// `data.binarize` of the family: how samples became 0 or 1.
    public let binarization: String?
    /// Mean and standard error, in nats.
    public let nats, standardError: Double
    /// −nats / (elements · log 2).
    public let bitsPerDimension: Double
    /// Samples whose mean it is.
    public let count: Int
    /// What other options of the family's give for the first 64 of them, or all where there are
    /// fewer, in nats, from the loosest bound on; `[:]` is the default.
    public internal(set) var others: [(options: JSON, nats: Double)] = []

    var json: JSON {
      .object([
        ("kind", .string(kind.rawValue)), ("of", isProbability ? "probability" : "density"),
        ("binarization", binarization.map { .string($0) } ?? .null), ("nats", .number(nats)),
        ("standard_error", .number(standardError)),
        ("bits_per_dimension", .number(bitsPerDimension)), ("count", JSON(count)),
        (
          "by_options",
          .array(others.map { ["options": $0.options, "nats": .number($0.nats)] })
        ),
      ])
    }
  }

  /// How samples compare with held-out ones, by their elements.
  public struct Distances: Sendable {
    /// Samples of each side: the same for all families that have distances.
    public let count: Int
    /// The Fréchet distance; nil: `features` says why.
    public let frechet: Double?
    /// The features that it is of.
    public let features: FrechetFeatures
    /// Precision and recall by the manifolds of 3 nearest neighbors.
    public let precision, recall: Double
    /// Density and coverage by 5 nearest neighbors.
    public let density, coverage: Double
    /// Modes of a known mixture, and the share of samples near one.
    public let modes: (found: Int, all: Int, highQuality: Double?)?

    var json: JSON {
      .object(
        [
          ("count", JSON(count)), ("frechet_distance", frechet.map { .number($0) } ?? .null),
        ] + features.members + [
          ("precision", .number(precision)), ("recall", .number(recall)),
          ("density", .number(density)), ("coverage", .number(coverage)),
          (
            "modes",
            modes.map {
              .object([
                ("found", JSON($0.found)), ("all", JSON($0.all)),
                ("high_quality", $0.highQuality.map { .number($0) } ?? .null),
              ])
            } ?? .null
          ),
        ])
    }
  }
}

extension Comparison.Row {
  /// The row as JSON.
  public var json: JSON {
    func number(_ value: Double?) -> JSON { value.map { .number($0) } ?? .null }
    func text(_ value: String?) -> JSON { value.map { .string($0) } ?? .null }
    return .object([
      ("family", .string(family)), ("refusal", text(refusal)), ("steps", JSON(steps)),
      ("training_seconds", .number(trainingSeconds)), ("stopped", text(stopped)),
      ("likelihood", likelihood?.json ?? .null), ("distances", distances?.json ?? .null),
      ("parzen_window", parzen?.json ?? .null), ("sampling", text(sampling?.rawValue)),
      ("samples", text(samplesAreMeans.map { $0 ? "means" : "drawn" })),
      ("latency_seconds", number(latency)),
      ("samples_per_second", number(samplesPerSecond)),
      ("latent_size", latentSize.map { JSON($0) } ?? .null),
      ("full_support", hasFullSupport.map { .bool($0) } ?? .null),
      ("completion_error", number(completionError)),
      ("missing", .object(missing.map { ($0.measure, .string($0.reason)) })),
      ("configuration", configuration),
    ])
  }
}
