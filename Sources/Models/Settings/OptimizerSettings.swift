import SGNets

/// An optimiser and the bound on its gradients.
public struct OptimizerSettings: Sendable {
  /// The optimiser, with its constants.
  public var rule: any Optimizer
  /// The bound on gradients.
  public var clipping: Clipping
  /// An optimiser whose gradients may be bounded.
  public init(_ rule: any Optimizer = Adam(), clipping: Clipping = .none) {
    self.rule = rule
    self.clipping = clipping
  }
}
