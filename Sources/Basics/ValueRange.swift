/// The lowest and the highest value of samples.
public struct ValueRange: Sendable, Hashable {
  /// A bound, included.
  public var low, high: Float
  /// The range from low to high.
  public init(_ low: Float, _ high: Float) { (self.low, self.high) = (low, high) }
}
