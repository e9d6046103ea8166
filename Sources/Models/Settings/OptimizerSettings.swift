import SGNets

/// An optimizer and the bound on its gradients.
public struct OptimizerSettings: Sendable {
  /// The optimizer, with its constants.
  public var rule: any Optimizer
  /// The bound on gradients.
  public var clipping: Clipping
  /// An optimizer whose gradients may be bounded.
  public init(_ rule: any Optimizer = Adam(), clipping: Clipping = .none) {
    self.rule = rule
    self.clipping = clipping
  }
}
