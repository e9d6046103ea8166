import SwiftGAN
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Costs, output activations and conjugates against their formulas in double precision.
@Suite struct ObjectiveTests {
  private static let logits: [Double] = [-100, -10, -1, 0, 1, 10, 100]
  private static func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }

  /// Nowozin et al. 2016, tables 2, 5 and 6, as printed: f, g, f*, and the logits where float can
  /// hold them.
  private struct Formula: Sendable {
    var divergence: Divergence
    var f: @Sendable (Double) -> Double
    var g: @Sendable (Double) -> Double
    var conjugate: @Sendable (Double) -> Double
  }
  private static let formulas: [Formula] = [
    Formula(divergence: .kl, f: { $0 * log($0) }, g: { $0 }, conjugate: { exp($0 - 1) }),
    Formula(
      divergence: .reverseKL, f: { -log($0) }, g: { -exp(-$0) }, conjugate: { -1 - log(-$0) }),
    Formula(
      divergence: .pearson, f: { ($0 - 1) * ($0 - 1) }, g: { $0 },
      conjugate: { $0 * $0 / 4 + $0 }),
    Formula(
      divergence: .neyman, f: { (1 - $0) * (1 - $0) / $0 }, g: { 1 - exp(-$0) },
      conjugate: { 2 - 2 * sqrt(1 - $0) }),
    Formula(
      divergence: .squaredHellinger, f: { (sqrt($0) - 1) * (sqrt($0) - 1) },
      g: { 1 - exp(-$0) }, conjugate: { $0 / (1 - $0) }),
    Formula(
      divergence: .jensenShannon, f: { -($0 + 1) * log((1 + $0) / 2) + $0 * log($0) },
      g: { log(2) - softplus(-$0) }, conjugate: { -log(2 - exp($0)) }),
    Formula(
      divergence: .gan, f: { $0 * log($0) - ($0 + 1) * log($0 + 1) }, g: { -softplus(-$0) },
      conjugate: { -log(1 - exp($0)) }),
    Formula(
      divergence: .totalVariation, f: { abs($0 - 1) / 2 }, g: { tanh($0) / 2 },
      conjugate: { $0 }),
    Formula(
      divergence: .jeffreys, f: { ($0 - 1) * log($0) }, g: { $0 },
      conjugate: { t in
        var w = t < 0 ? 1 - t : exp(-t)  // Newton's W of exp(1 - t)
        for _ in 0..<200 { w -= (w + log(w) - (1 - t)) * w / (1 + w) }
        return w + 1 / w + t - 2
      }),
  ]

  private func close(_ a: Float, _ b: Double, _ what: String) {
    #expect(abs(Double(a) - b) <= 1e-5 * max(1, abs(b)), "\(what): \(a), not \(b)")
  }

  @Test func everyDivergenceHasAFormula() {
    #expect(Set(Self.formulas.map(\.divergence)) == Set(Divergence.allCases))
  }

  /// Where double precision itself does not cancel: |v| at most 10.
  @Test func activationsAndConjugates() {
    for row in Self.formulas {
      for v in Self.logits where abs(v) <= 10 {
        let x = Tensor([Float(v)])
        close(row.divergence.activation(x).array[0], row.g(v), "g of \(row.divergence) at \(v)")
        close(
          row.divergence.conjugate(x).array[0], row.conjugate(row.g(v)),
          "f*(g) of \(row.divergence) at \(v)")
      }
    }
  }

  /// f*(t) is the supremum of u t − f(u), found by walking over u.
  @Test func conjugatesAreSuprema() {
    for row in Self.formulas {
      for v in [-1.5, -0.3, 0.4, 1.2] {
        let t = row.g(v)
        var best = -Double.infinity
        for i in -4000...4000 {
          let u = exp(Double(i) / 500)
          best = max(best, u * t - row.f(u))
        }
        let found = row.divergence.conjugate(Tensor([Float(v)])).array[0]
        #expect(
          abs(Double(found) - best) < 1e-4, "\(row.divergence) at \(v): \(found), not \(best)")
      }
    }
  }

  @Test func costsOfEveryObjective() {
    let (real, fake) = (Tensor([-2, 0.5, 3]), Tensor([-1, 0, 2.5]))
    for row in Self.formulas {
      for form in Divergence.Generator.allCases {
        let objective = Objective.fGAN(row.divergence, generator: form)
        let g = { (x: Tensor) in x.array.map { row.g(Double($0)) }.reduce(0, +) / 3 }
        let c = { (x: Tensor) in
          x.array.map { row.conjugate(row.g(Double($0))) }.reduce(0, +) / 3
        }
        close(
          objective.discriminator(real, fake, LabelSmoothing()).scalar, c(fake) - g(real),
          "D's cost of \(row.divergence)")
        close(
          objective.generator(fake).scalar, form == .saturating ? -c(fake) : -g(fake),
          "G's cost of \(row.divergence)")
      }
    }
    let ml = Objective.maximumLikelihood.generator(fake).scalar
    close(ml, -0.5 * (exp(-1) + 1 + exp(2.5)) / 3, "maximum likelihood")
  }

  /// Values and derivatives are finite at ±100, and the derivative is that of the value.
  @Test func derivatives() {
    let objectives =
      Objective.all
      + Divergence.allCases.flatMap { d in
        Divergence.Generator.allCases.map { Objective.fGAN(d, generator: $0) }
      }
    #expect(objectives.count == 26)
    for objective in objectives {
      let costs: [(String, (Tensor) -> Tensor)] = [
        ("generator", objective.generator),
        ("on fakes", { objective.discriminator(.zeros([1]), $0, LabelSmoothing()) }),
        ("on real", { objective.discriminator($0, .zeros([1]), LabelSmoothing()) }),
      ]
      for (name, cost) in costs {
        for v in Self.logits {
          let x = Tensor([Float(v)]).tracked()
          let y = cost(x)
          let slope = gradient(of: y, wrt: [x])[0].array[0]
          #expect(y.scalar.isFinite && slope.isFinite, "\(objective.label) \(name) at \(v)")
          // The hinge's kinks are at ±1.
          guard abs(v) <= 10, objective.name != "hinge" || abs(v) != 1 else { continue }
          let h: Float = 0.0625
          let (up, down) = (
            cost(Tensor([Float(v) + h])).scalar, cost(Tensor([Float(v) - h])).scalar
          )
          let difference = Double(up - down) / Double(2 * h)
          // Third derivatives and rounding of the two values.
          let slack =
            2e-3 * abs(difference) + 4e-7 * Double(max(abs(up), abs(down), 1)) / Double(h)
          #expect(
            abs(Double(slope) - difference) <= slack,
            "\(objective.label) \(name) at \(v): \(slope), not \(difference)")
        }
      }
    }
  }

  /// Beyond the limit the exponential goes on as its tangent, and the report counts such logits.
  @Test func limits() {
    let x = Tensor([39, 40, 41, 100]).tracked()
    let y = Objective.maximumLikelihood.generator(x)
    let slopes = gradient(of: y, wrt: [x])[0].array.map { -8 * Double($0) }
    for (slope, at) in zip(slopes, [39.0, 40, 40, 40]) {
      #expect(abs(slope / exp(at) - 1) < 1e-4)
    }
    #expect(Objective.maximumLikelihood.exact.upperBound == 40)
    #expect(Objective.nonSaturating.exact.upperBound == .infinity)
  }

  /// At the optimum T* = f'(r), so g⁻¹(f'(r)) must give log r back.
  @Test func ratios() throws {
    for row in Self.formulas where row.divergence != .totalVariation {
      let ratio = try #require(Objective.fGAN(row.divergence).logRatio)
      for logRatio in [-2.0, -0.5, 0, 0.7, 2] {
        let r = exp(logRatio)
        let slope = (row.f(r * (1 + 1e-5)) - row.f(r * (1 - 1e-5))) / (2e-5 * r)
        // v with g(v) = f'(r), by halving: g increases.
        var (low, high) = (-60.0, 60.0)
        for _ in 0..<200 {
          let middle = (low + high) / 2
          if row.g(middle) < slope { low = middle } else { high = middle }
        }
        let found = ratio(Tensor([Float(low)]), LabelSmoothing()).array[0]
        #expect(
          abs(Double(found) - logRatio) < 1e-3, "\(row.divergence): \(found), not \(logRatio)")
      }
    }
    #expect(Objective.fGAN(.totalVariation).logRatio == nil)
  }

  /// D = (α p + β q) / (p + q) gives back log p/q; outside (β, α) the ratio stays finite.
  @Test(arguments: [(0, 0), (0.1, 0), (0.25, 0.1), (0, 0.2)] as [(Float, Float)])
  func smoothedRatios(_ real: Float, _ fake: Float) throws {
    let ratio = try #require(Objective.minimax.logRatio)
    let smoothing = LabelSmoothing(real: real, fake: fake)
    for logRatio in [-3.0, -1, 0, 0.5, 3] {
      let r = exp(logRatio)
      let d = ((1 - Double(real)) * r + Double(fake)) / (1 + r)
      let found = ratio(Tensor([Float(log(d / (1 - d)))]), smoothing).array[0]
      #expect(abs(Double(found) - logRatio) < 1e-4, "\(found), not \(logRatio)")
    }
    for logit in [-100, 100] as [Float] {
      #expect(ratio(Tensor([logit]), smoothing).array[0].isFinite)
    }
  }
}
