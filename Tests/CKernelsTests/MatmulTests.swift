import SGTestSupport
import CSGKernels
import Testing

@Suite("Matrix product", .serialized)
struct MatmulTests {
  struct Product: CustomStringConvertible {
    var m: Int, n: Int, k: Int
    var transposeA = false
    var transposeB = false
    var extra = (a: 0, b: 0, c: 0)  // floats beyond a row
    var epilogue: ReferenceEpilogue?
    var description: String {
      "\(m)x\(n)x\(k)\(transposeA ? " A'" : "")\(transposeB ? " B'" : "") +\(extra)"
        + (epilogue.map { " epilogue \($0.kind.rawValue)" } ?? "")
    }

    var lda: Int { (transposeA ? m : k) + extra.a }
    var ldb: Int { (transposeB ? k : n) + extra.b }
    var ldc: Int { n + extra.c }

    func span(_ rows: Int, _ columns: Int, _ ld: Int) -> Int {
      rows == 0 || columns == 0 ? 0 : (rows - 1) * ld + columns
    }
    var sizes: (a: Int, b: Int, c: Int) {
      (
        transposeA ? span(k, m, lda) : span(m, k, lda),
        transposeB ? span(n, k, ldb) : span(k, n, ldb), span(m, n, ldc)
      )
    }
    func a(_ i: Int, _ p: Int) -> Int { transposeA ? p * lda + i : i * lda + p }
    func b(_ p: Int, _ j: Int) -> Int { transposeB ? j * ldb + p : p * ldb + j }

    func run(_ x: Guarded, _ y: Guarded) -> Guarded {
      let z = Guarded(sizes.c)
      var e = epilogue?.c ?? sg_epilogue()
      withUnsafePointer(to: &e) {
        sg_matmul(
          transposeA ? 1 : 0, transposeB ? 1 : 0, m, n, k, x.start, lda, y.start, ldb, z.start, ldc,
          epilogue == nil ? nil : $0)
      }
      return z
    }
  }

  /// Every element within 1e-6 of the sum of its terms' magnitudes, and nothing else touched.
  func check(_ p: Product, _ numbers: inout Numbers, _ isa: String) {
    let a = Guarded(p.sizes.a) { numbers.float() }
    let b = Guarded(p.sizes.b) { numbers.float() }
    let c = p.run(a, b)
    var worst = 0.0
    for i in 0..<p.m {
      for j in 0..<p.n {
        var sum = 0.0
        var size = 1e-30
        for q in 0..<p.k {
          let term = Double(a[p.a(i, q)]) * Double(b[p.b(q, j)])
          sum += term
          size += abs(term)
        }
        if let e = p.epilogue { (sum, size) = (e(sum, j), size + 1) }
        let error = abs(Double(c[i * p.ldc + j]) - sum) / size
        worst = error <= worst ? worst : error  // NaN stays
      }
      for j in p.n..<max(p.n, p.ldc) where i * p.ldc + j < c.count {
        #expect(c[i * p.ldc + j].bitPattern == Guarded.mark, "\(isa) \(p) wrote between rows")
      }
    }
    #expect(worst < 1e-6, "\(isa) \(p)")
    #expect(a.intact && b.intact && c.intact, "\(isa) \(p) wrote outside")
  }

  static func epilogue(_ n: Int, _ numbers: inout Numbers) -> ReferenceEpilogue? {
    if numbers.below(2) == 0 { return nil }
    return ReferenceEpilogue(
      kind: numbers.pick(ReferenceEpilogue.kinds),
      bias: numbers.below(3) == 0 ? nil : Guarded(n) { numbers.float() })
  }

  @Test("every size from 0 to 6, all four transposes")
  func smallest() {
    onEveryInstructionSet { isa in
      var numbers = Numbers(state: 1)
      for m in 0...6 {
        for n in 0...6 {
          for k in 0...6 {
            for t in 0..<4 {
              check(
                Product(m: m, n: n, k: k, transposeA: t & 1 == 1, transposeB: t & 2 == 2),
                &numbers, isa)
            }
          }
        }
      }
    }
  }

  @Test("sizes about the edges of tiles, panels and blocks, any leading dimension, epilogues")
  func edges() {
    let sizes = [1, 2, 3, 4, 7, 8, 13, 14, 15, 16, 17, 31, 32, 33, 48, 64, 97, 129]
    onEveryInstructionSet { isa in
      var numbers = Numbers(state: 2)
      for _ in 0..<600 {
        let m = numbers.pick(sizes)
        let n = numbers.pick(sizes)
        let k = numbers.pick(sizes)
        check(
          Product(
            m: m, n: n, k: k, transposeA: numbers.below(2) == 1, transposeB: numbers.below(2) == 1,
            extra: (numbers.below(3) * 5, numbers.below(3) * 3, numbers.below(3) * 7),
            epilogue: Self.epilogue(n, &numbers)), &numbers, isa)
      }
    }
  }

  /// One of each way through the code: copied and direct A, packed and direct B, columns first, k
  /// cut in chunks, dot products either way round, swapped.
  static let long = [
    (300, 70, 700), (9, 600, 330), (64, 520, 100), (200, 300, 20), (10, 30, 5000), (1, 900, 513),
    (700, 1, 513), (600, 3, 300), (2, 300, 800), (130, 33, 1024), (29, 257, 321), (512, 40, 64),
  ]

  @Test("long sizes") func longSizes() {
    onEveryInstructionSet { isa in
      var numbers = Numbers(state: 3)
      for (m, n, k) in Self.long {
        for t in 0..<4 {
          check(
            Product(
              m: m, n: n, k: k, transposeA: t & 1 == 1, transposeB: t & 2 == 2,
              epilogue: Self.epilogue(n, &numbers)), &numbers, isa)
        }
      }
    }
  }

  @Test("the same bits with 1, 2 and 4 threads") func threads() {
    onEveryInstructionSet { isa in
      var numbers = Numbers(state: 4)
      for (m, n, k) in Self.long {
        for t in 0..<4 {
          let p = Product(m: m, n: n, k: k, transposeA: t & 1 == 1, transposeB: t & 2 == 2)
          let a = Guarded(p.sizes.a) { numbers.float() }
          let b = Guarded(p.sizes.b) { numbers.float() }
          sameBits("\(isa) \(p)") { p.run(a, b).bits }
        }
      }
    }
  }

  @Test("zero times NaN or infinity is NaN, in its column alone") func notANumber() {
    onEveryInstructionSet { isa in
      for (m, n, k) in [(5, 3, 9), (40, 1, 40), (1, 40, 40), (33, 50, 70), (300, 40, 30)] {
        for t in 0..<4 {
          for poison in [Float.nan, .infinity] {
            let p = Product(m: m, n: n, k: k, transposeA: t & 1 == 1, transposeB: t & 2 == 2)
            let a = Guarded(p.sizes.a) { 0 }
            let b = Guarded(p.sizes.b) { 1 }
            b[p.b(k / 2, n / 2)] = poison
            let c = p.run(a, b)
            for i in 0..<m {
              for j in 0..<n {
                let right = j == n / 2 ? c[i * n + j].isNaN : c[i * n + j] == 0
                #expect(right, "\(isa) \(p) at \(i), \(j)")
              }
            }
          }
        }
      }
    }
  }

  @Test("an epilogue lets NaN through and holds at infinity") func epilogueLimits() {
    let x: [Float] = [.nan, .infinity, -.infinity, 100, -100, 1e-8, -1e-8, 0]
    onEveryInstructionSet { isa in
      for kind in ReferenceEpilogue.kinds {
        let e = ReferenceEpilogue(kind: kind)
        let p = Product(m: x.count, n: 37, k: 1, epilogue: e)
        var next = 0
        let a = Guarded(x.count) {
          next += 1
          return x[next - 1]
        }
        let c = p.run(a, Guarded(37) { 1 })
        for (i, v) in x.enumerated() {
          for j in 0..<37 {
            let got = Double(c[i * 37 + j])
            let want = e(Double(v), j)
            let right = want.isNaN ? got.isNaN : got == want || abs(got - want) <= 1e-6 * abs(want)
            #expect(right || abs(want) < 1e-37, "\(isa) kind \(kind.rawValue) of \(v): \(got)")
          }
        }
      }
    }
  }
}
