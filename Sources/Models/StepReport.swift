import SGBasics

/// The unit of a figure.
public enum FigureUnit: String, Sendable {
  /// The information of a sample, to the base e.
  case nats
  /// The information of a sample, to the base 2, over its number of elements.
  case bitsPerDimension = "bits per dimension"
  /// 0 to 1.
  case probability
  /// The part of a count, 0 to 1.
  case share
  /// One number over another.
  case ratio
}

/// A kind of verdict, for whoever counts and explains them.
public struct VerdictKind: Sendable {
  /// The words with which its verdicts begin.
  public let words: String
  /// What they mean and what could be done, in sentences.
  public let meaning: String

  /// Verdicts that begin with some words.
  public init(_ words: String, _ meaning: String) {
    (self.words, self.meaning) = (words, meaning)
  }
}

/// The figures of one step.
public struct StepReport: Sendable {
  /// The step's number, from 1.
  public var step: UInt64
  /// Passes over the data so far; 0 for steps on the caller's own batches.
  public var epoch = 0.0
  /// The figures of the model's family, by name, in the order in which they are shown. Names that
  /// end in `cost` are what training descends. `Learner.figureUnits` has their units.
  public var figures: [(name: String, value: Double)] = []
  /// The schedule's factor times the optimizer's learning rate.
  public var learningRate: Double
  /// Samples a second, of this step alone.
  public var imagesPerSecond = 0.0
  /// How training stands, in a sentence of at most 160 bytes; nil where it was not asked for.
  public var verdict: String?
  /// The most important figures in a few words, for a line of progress; empty where they were not
  /// asked for.
  public var brief = ""

  /// A report whose other figures are to come.
  public init(step: UInt64, learningRate: Double) {
    self.step = step
    self.learningRate = learningRate
  }

  /// A figure by name; nil: the step has none of that name.
  public subscript(name: String) -> Double? {
    figures.first { $0.name == name }?.value
  }

  /// Everything as JSON: a line of a run's `metrics.jsonl`.
  public var json: JSON {
    var members: [(String, JSON)] = [
      ("step", .integer(Int64(clamping: step))), ("epoch", .number(epoch)),
    ]
    members += figures.map { ($0.name, .number($0.value)) }
    members += [
      ("learning_rate", .number(learningRate)), ("images_per_second", .number(imagesPerSecond)),
    ]
    if let verdict { members.append(("verdict", .string(verdict))) }
    return .object(members)
  }
}
