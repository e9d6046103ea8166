/// Every op of the engine, each with an independent reference. `CompletenessTests` holds it against
/// the sources.
enum OpTable {
  static let rows: [OpRow] =
    elementwise + activations + activationGradients + binary + reductions + softmaxes + layout
    + indexing + products + convolutions + convolutionWeights + normalizations
    + normalizationGradients + recomputations + determinants + sharedInputs + causal
    + gates + pickings + causalConvolutions

  /// Shapes for functions of each element: a scalar, size 1, odd, rank 6, none, and enough for
  /// threads.
  static let shapes: [[Int]] = [[], [1], [7, 3], [2, 1, 3, 2, 1, 5], [0, 3], [67, 523]]

  static func cases(_ fill: Fill) -> [[Input]] { shapes.map { [Input(shape: $0, fill: fill)] } }
}
