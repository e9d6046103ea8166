import SGTestSupport
import CSGKernels
import SGTensors
import Testing

extension TensorsTests {
  @Suite("Random numbers") struct RandomTests {
    /// The known answers that Salmon et al. publish with Random123 (kat_vectors, philox4x32 10):
    /// counter, key, words.
    static let answers: [([UInt32], [UInt32], [UInt32])] = [
      (
        [0, 0, 0, 0], [0, 0], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
      ),
      (
        [0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff], [0xffff_ffff, 0xffff_ffff],
        [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
      ),
      (
        [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0],
        [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
      ),
    ]

    @Test("published answers", arguments: answers)
    func published(_ counter: [UInt32], _ key: [UInt32], _ words: [UInt32]) {
      onEveryInstructionSet { isa in
        var out = [UInt32](repeating: 0, count: 4)
        sg_philox(counter, key, &out)
        #expect(out == words, "\(isa)")
      }
    }

    /// Philox 4×32-10 as the paper writes it, one counter at a time.
    static func philox(_ counter: [UInt32], _ key: [UInt32]) -> [UInt32] {
      var (c, k) = (counter, key)
      for _ in 0..<10 {
        let a = UInt64(c[0]) * 0xD251_1F53
        let b = UInt64(c[2]) * 0xCD9E_8D57
        c = [
          UInt32(b >> 32) ^ c[1] ^ k[0], UInt32(truncatingIfNeeded: b),
          UInt32(a >> 32) ^ c[3] ^ k[1], UInt32(truncatingIfNeeded: a),
        ]
        k = [k[0] &+ 0x9E37_79B9, k[1] &+ 0xBB67_AE85]
      }
      return c
    }

    @Test("counters hold block, sample, step and stream") func counters() {
      let (seed, step, stream): (UInt64, UInt64, UInt16) =
        (0x0123_4567_89ab_cdef, 0xfedc_8765_4321, 0x9a3c)
      let key = sg_random_key(seed: seed, step: step, stream: stream)
      let (first, samples, width) = (UInt32(1000), 5, 1031)
      onEveryInstructionSet { isa in
        var words = [UInt32](repeating: 0, count: samples * width)
        sg_random_words(key, first, samples, width, &words)
        var want: [UInt32] = []
        for sample in 0..<samples {
          var row: [UInt32] = []
          while row.count < width {
            row += Self.philox(
              [
                UInt32(row.count / 4), first + UInt32(sample), UInt32(truncatingIfNeeded: step),
                UInt32(step >> 32) << 16 | UInt32(stream),
              ], [UInt32(truncatingIfNeeded: seed), UInt32(seed >> 32)])
          }
          want += row[..<width]
        }
        #expect(words == want, "\(isa)")
        sg_random_words(key, 0, 1, 70, &words)
        let same = RandomKey(seed: seed, stream: stream, step: step).words(70)
        #expect(Array(words[..<70]) == same, "\(isa)")
      }
    }

    static let key = RandomKey(seed: 20, stream: 3, step: 17)

    @Test("the same with any number of threads") func threads() {
      onEveryInstructionSet { isa in
        sameBits(isa) {
          [
            Self.key.uniform([7, 5003]), Self.key.normal([7, 5003]), Self.key.normal([2, 40_001]),
          ]
        }
      }
    }

    @Test("the same drawn whole or in pieces") func pieces() {
      for draw in [
        { (shape: Shape, key: RandomKey) in key.uniform(shape, low: -2, high: 3) },
        { (shape: Shape, key: RandomKey) in key.normal(shape) },
        { (shape: Shape, key: RandomKey) in key.truncatedNormal(shape) },
      ] {
        let whole = draw([23, 3, 37], Self.key)
        for sizes in [[23], [1, 22], [8, 8, 7], [Int](repeating: 1, count: 23)] {
          var first = 0
          let parts = sizes.map { size in
            defer { first += size }
            return draw([size, 3, 37], Self.key.from(first))
          }
          #expect(Tensor.concatenate(parts, axis: 0).bits == whole.bits, "\(sizes)")
        }
        // Narrow samples are drawn several at once, and are the same as alone.
        for width in [1, 2, 3, 4, 5, 7, 30, 255, 257, 300] {
          let together = draw([150, width], Self.key.from(9))
          let alone = (0..<150).map { draw([1, width], Self.key.from(9 + $0)) }
          #expect(
            Tensor.concatenate(alone, axis: 0).bits == together.bits, "\(width) numbers a sample")
        }
        // A sample's numbers do not depend on how many it has.
        #expect(
          draw([1, 20], Self.key.from(4)).bits
            == Array(draw([1, 111], Self.key.from(4)).bits[..<20]))
      }
    }

    @Test("uniform and normal are functions of the words") func distributions() {
      let words = Self.key.words(999)
      let uniform = Self.key.uniform([1, 999], low: -1, high: 3).array
      for (word, value) in zip(words, uniform) {
        let want = Double(word >> 8) / 16_777_216 * 4 - 1
        #expect(abs(Double(value) - want) < 1e-6)
      }
      #expect(Self.key.uniform([]).scalar == Self.key.uniform([1]).scalar)
      #expect(Self.key.uniform([0, 4]).count == 0)
    }

    @Test("seed, stream and step each give other numbers") func keys() {
      let keys = [
        RandomKey(seed: 1, stream: 1, step: 1), RandomKey(seed: 2, stream: 1, step: 1),
        RandomKey(seed: 1 << 32 | 1, stream: 1, step: 1), RandomKey(seed: 1, stream: 2, step: 1),
        RandomKey(seed: 1, stream: 1, step: 2), RandomKey(seed: 1, stream: 1, step: 1 << 32 | 1),
        RandomKey(seed: 1, stream: 1 << 15, step: 1),
      ]
      #expect(Set(keys.map { $0.words(8) }).count == keys.count)
      #expect(keys[0].words(8) == RandomKey(seed: 1, stream: 1, step: 1).words(8))
    }

    /// The k-th moments of n numbers lie within six standard errors.
    private func expectMoments(_ x: [Float], _ want: [(Int, Double, Double)], _ what: String) {
      let n = Double(x.count)
      for (power, mean, variance) in want {
        let sum = x.reduce(0) { total, value in
          total + (0..<power).reduce(1) { product, _ in product * Double(value) }
        }
        let error = abs(sum / n - mean)
        #expect(error <= 6 * (variance / n).squareRoot(), "\(what), moment \(power): \(sum / n)")
      }
    }

    @Test("moments of the uniform distribution") func uniformMoments() {
      onEveryInstructionSet { isa in
        let x = Self.key.uniform([64, 8192]).array
        #expect(x.allSatisfy { $0 >= 0 && $0 < 1 })
        // E xᵏ = 1/(k + 1); its variance 1/(2k + 1) − 1/(k + 1)².
        for k in 1...4 {
          let (mean, square) = (1 / Double(k + 1), 1 / Double(2 * k + 1))
          expectMoments(x, [(k, mean, square - mean * mean)], "uniform, \(isa)")
        }
        let y = Self.key.uniform([16, 4096], low: -5, high: -3).array
        #expect(y.allSatisfy { $0 >= -5 && $0 < -3 })
        // Every one of 64 equal parts gets its share: χ² of 63 degrees, six standard deviations.
        var counts = [Double](repeating: 0, count: 64)
        for value in x { counts[Int(value * 64)] += 1 }
        let share = Double(x.count) / 64
        let chi = counts.reduce(0) { $0 + ($1 - share) * ($1 - share) / share }
        #expect(abs(chi - 63) < 6 * (2.0 * 63).squareRoot(), "χ² \(chi), \(isa)")
      }
    }

    @Test("moments of the normal distribution") func normalMoments() {
      onEveryInstructionSet { isa in
        let x = Self.key.normal([64, 8192]).array
        // E x²ᵏ = (2k − 1)!!, and the variance of xᵏ is at most E x²ᵏ.
        expectMoments(
          x, [(1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96), (6, 15, 10_395)], "normal, \(isa)")
        expectMoments(
          Self.key.normal([8, 8192], mean: 2, deviation: 0.5).array,
          [(1, 2, 0.25), (2, 4.25, 4.2)], "moved, \(isa)")
        // The two numbers of a pair, and neighbors of different pairs, have nothing to do with
        // each other.
        for lag in 1...3 {
          let products = zip(x, x.dropFirst(lag)).map { $0 * $1 }
          expectMoments(products, [(1, 0, 1)], "product at lag \(lag), \(isa)")
        }
        #expect(abs(x.max()! - 4.8) < 1 && abs(x.min()! + 4.8) < 1)
      }
    }
  }
}
