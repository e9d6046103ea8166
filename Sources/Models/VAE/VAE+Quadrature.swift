import SGBasics
import SGTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The likelihood by numerical integration over the latents, where these have one or two numbers.
/// It is no bound; its error is that of the grid, which is small where p(x | z) changes little from
/// one point to the next.
extension VAE {
  /// The most numbers of a latent whose grid can be walked through.
  private static let mostIntegrated = 2
  /// The grid is from −6 to 6; 2e-9 of a standard normal lies beyond.
  private static let end: Float = 6

  /// One importance sample, whose mean is the ELBO, more of them, and the integral.
  package var likelihoodOptions: [JSON] {
    [["importance_samples": 1], [:], ["importance_samples": 500]]
      + (latent.size <= Self.mostIntegrated ? [["quadrature": 200]] : [])
  }

  /// The option `quadrature`; nil: it is not given.
  func quadraturePoints(_ o: inout JSONObject) throws(Failure) -> Int? {
    guard o.take("quadrature") != nil else { return nil }
    let points = try o.int("quadrature", in: 2...1000)
    guard latent.size <= Self.mostIntegrated else {
      throw Failure(
        .configuration,
        "quadrature: goes with latent.size up to \(Self.mostIntegrated), found \(latent.size)")
    }
    return points
  }

  /// log Σ p(x | z) p(z) Δz over the middles of the grid's cells, [count].
  func integral(
    of samples: Tensor, _ points: Int, _ learned: Learned
  ) throws(Failure) -> Tensor {
    let (k, decoder) = (latent.size, learned.networks[1])
    let width = 2 * Self.end / Float(points)
    let all = k == 1 ? points : points * points
    let grid = Tensor(shape: [all, k]) { z in
      for i in z.indices {
        let place = i % k == 0 ? i / k % points : i / k / points
        z[i] = (Float(place) + 0.5) * width - Self.end
      }
    }
    // log p(z) Δz
    let weights = (-0.5 * grid.squared() - 0.9189385332046727 + log(width)).sum([1])
    let piece = 64
    try Memory.reserve(
      floats: piece * piece, copies: 6 * learned.sampleShape.count + 3, for: "a part of the grid")
    return try learned.networks[0].inChunks(samples, output: [1], copies: 2) { x, place in
      let n = x.shape[0]
      var total: Tensor?
      for first in stride(from: 0, to: all, by: piece) {
        let part = first..<min(first + piece, all)
        let m = part.count
        let output = decoder(grid.rows(part), nil, Self.layers(0, place))
        let logs = logDensity(
          of: x.gather((0..<n * m).map { Int32($0 / m) }),
          output.gather((0..<n * m).map { Int32($0 % m) }))
        let next = logs.reshaped([n, m]) + weights.rows(part)
        let parts = total.map { Tensor.concatenate([$0, next], axis: 1) } ?? next
        total = logSumExp(parts).reshaped([n, 1])
      }
      return total ?? .zeros([n, 1])
    }.reshaped([samples.shape[0]])
  }
}
