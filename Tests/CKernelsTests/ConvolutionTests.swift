import SGTestSupport
import CSGKernels
import Testing

@Suite("Convolution", .serialized)
struct ConvolutionTests {
  static let roles = [SG_OUTPUT, SG_INPUT, SG_WEIGHT]
  static let ways = [
    SG_AUTOMATIC, SG_PLAIN, SG_MATMUL, SG_DIRECT, SG_OVERLAP, SG_FEW_PIXELS, SG_TOOM_COOK_5,
    SG_TOOM_COOK_8,
  ]

  /// x, y, w of one convolution and what each role should make of them.
  final class Case {
    let g: sg_convolution
    let x: Guarded, y: Guarded, w: Guarded
    var epilogue: [ReferenceEpilogue?] = [nil, nil, nil]
    /// What each role should make, and the sums of its terms' magnitudes.
    lazy var expected: (want: [[Double]], size: [[Double]]) = reference()

    init(_ g: sg_convolution, _ numbers: inout Numbers, epilogues: Bool = false) {
      self.g = g
      x = Guarded(g.inputs) { numbers.float() }
      y = Guarded(g.outputs) { numbers.float() }
      w = Guarded(g.weights) { numbers.float() }
      if epilogues {
        epilogue[0] = MatmulTests.epilogue(Int(g.out_channels), &numbers)
        epilogue[1] = MatmulTests.epilogue(Int(g.channels), &numbers)
      }
    }

    private func reference() -> ([[Double]], [[Double]]) {
      var sums = [
        [Double](repeating: 0, count: g.outputs), [Double](repeating: 0, count: g.inputs),
      ]
      sums.append([Double](repeating: 0, count: g.weights))
      var sizes = sums
      g.eachTerm { x, y, w in
        let (a, b, c) = (Double(self.x[x]), Double(self.w[w]), Double(self.y[y]))
        for (role, i, term) in [(0, y, a * b), (1, x, c * b), (2, w, a * c)] {
          sums[role][i] += term
          sizes[role][i] += abs(term)
        }
      }
      for (role, columns) in [(0, Int(g.out_channels)), (1, Int(g.channels))] {
        guard let e = epilogue[role] else { continue }
        for i in sums[role].indices {
          sums[role][i] = e(sums[role][i], i % columns)
          sizes[role][i] += 1
        }
      }
      return (sums, sizes)
    }

    func run(_ role: sg_convolution_role) -> Guarded {
      let out = Guarded([g.outputs, g.inputs, g.weights][Int(role.rawValue)])
      let e = epilogue[Int(role.rawValue)]
      g.run(role, x, y, w, out, e)
      return out
    }
  }

  /// Direct ways keep every element within 2e-6 of the sum of its terms' magnitudes; Toom-Cook's
  /// differences of neighbors keep the root mean square of the error within 1e-5 of the result's.
  func check(_ c: Case, _ label: String) {
    for way in Self.ways {
      sg_convolution_force(way)
      defer { sg_convolution_force(SG_AUTOMATIC) }
      for role in Self.roles where c.g.allows(way, role) {
        let out = c.run(role)
        let want = c.expected.want[Int(role.rawValue)]
        let size = c.expected.size[Int(role.rawValue)]
        let taken = c.g.choice(role)
        let what =
          "\(label) \(c.g.text) role \(role.rawValue) way \(way.rawValue): \(taken.rawValue)"
        var worst = 0.0
        var squares = 0.0
        var all = 0.0
        for i in want.indices {
          let d = Double(out[i]) - want[i]
          squares += d * d
          all += want[i] * want[i]
          let relative = abs(d) / (size[i] + 1e-12)
          worst = relative <= worst ? worst : relative
        }
        if taken == SG_TOOM_COOK_5 || taken == SG_TOOM_COOK_8 {
          #expect(squares.squareRoot() <= 1e-5 * all.squareRoot(), "\(what)")
        } else {
          #expect(worst < 2e-6, "\(what)")
        }
        #expect(out.intact && c.x.intact && c.y.intact && c.w.intact, "\(what) wrote outside")
      }
    }
  }

  /// batch, x, y, kernel, stride, padding.
  static func geometry(
    _ batch: Int32, _ x: (Int32, Int32, Int32), _ y: (Int32, Int32, Int32), _ k: (Int32, Int32),
    _ s: (Int32, Int32), _ p: (Int32, Int32)
  ) -> sg_convolution {
    sg_convolution(
      batch: batch, height: x.0, width: x.1, channels: x.2, out_height: y.0, out_width: y.1,
      out_channels: y.2, kernel_height: k.0, kernel_width: k.1, stride_height: s.0,
      stride_width: s.1,
      pad_top: p.0, pad_left: p.1)
  }

  static let table: [sg_convolution] = [
    geometry(2, (8, 8, 3), (4, 4, 32), (4, 4), (2, 2), (1, 1)),
    geometry(3, (8, 8, 16), (4, 4, 32), (4, 4), (2, 2), (1, 1)),
    geometry(2, (14, 14, 16), (7, 7, 48), (4, 4), (2, 2), (1, 1)),  // tiles that are not full
    geometry(1, (9, 11, 32), (5, 6, 16), (4, 4), (2, 2), (2, 1)),  // odd, more padding
    geometry(2, (7, 5, 16), (2, 1, 16), (4, 4), (2, 2), (0, 0)),
    geometry(2, (10, 6, 16), (5, 3, 32), (4, 4), (2, 2), (1, 1)),  // tiles of 3 and 2
    geometry(1, (18, 13, 16), (9, 6, 16), (4, 4), (2, 2), (1, 1)),  // of 3
    geometry(1, (28, 14, 16), (14, 7, 16), (4, 4), (2, 2), (1, 1)),  // of 7
    geometry(2, (8, 7, 32), (8, 7, 16), (3, 3), (1, 1), (1, 1)),  // three taps
    geometry(2, (3, 1, 16), (3, 1, 32), (3, 3), (1, 1), (1, 1)),
    geometry(1, (9, 8, 16), (4, 4, 16), (6, 6), (2, 2), (2, 2)),  // three taps by phases
    geometry(1, (5, 9, 16), (6, 10, 16), (2, 2), (1, 1), (1, 1)),  // two taps, stride one
    geometry(2, (4, 4, 24), (1, 1, 1), (4, 4), (1, 1), (0, 0)),  // the whole map
    geometry(3, (4, 4, 40), (1, 1, 10), (4, 4), (4, 4), (0, 0)),
    geometry(2, (5, 6, 17), (5, 6, 9), (1, 1), (1, 1), (0, 0)),  // pointwise
    geometry(2, (7, 9, 2), (3, 3, 5), (3, 5), (2, 3), (1, 2)),
    geometry(1, (5, 4, 3), (9, 8, 2), (2, 2), (1, 1), (3, 3)),  // more padding than kernel
    geometry(2, (10, 12, 4), (2, 2, 3), (2, 3), (3, 4), (0, 0)),  // rows and columns not reached
    geometry(1, (6, 6, 20), (3, 3, 20), (1, 1), (2, 2), (0, 0)),  // stride beyond the kernel
    geometry(2, (6, 7, 1), (6, 7, 1), (3, 3), (1, 1), (1, 1)),
    geometry(1, (3, 3, 33), (4, 4, 65), (2, 2), (1, 1), (1, 1)),
    geometry(0, (8, 8, 16), (4, 4, 16), (4, 4), (2, 2), (1, 1)),  // no sample
    geometry(2, (4, 4, 3), (0, 0, 4), (5, 5), (1, 1), (0, 0)),  // no output
    geometry(1, (1, 40, 3), (1, 38, 4), (1, 3), (1, 1), (0, 0)),
    geometry(1, (20, 20, 300), (10, 10, 20), (3, 3), (2, 2), (1, 1)),  // several blocks of k
    // Pixels of a row share patches: a row in parts, several blocks of k, rows that no tap reaches.
    geometry(2, (5, 229, 3), (5, 229, 20), (3, 5), (1, 1), (1, 2)),
    geometry(1, (9, 40, 70), (9, 20, 33), (3, 4), (1, 2), (1, 1)),
    geometry(1, (4, 30, 3), (2, 15, 40), (1, 5), (2, 2), (0, 2)),
    geometry(4, (128, 130, 1), (128, 129, 32), (1, 2), (1, 1), (0, 0)),  // beyond the caches
  ]

  @Test("every way, role and instruction set against float64") func table() {
    var numbers = Numbers(state: 11)
    for g in Self.table {
      for epilogues in [false, true] {
        let c = Case(g, &numbers, epilogues: epilogues)
        onEveryInstructionSet { check(c, $0) }
      }
    }
  }

  static func draw(_ numbers: inout Numbers) -> sg_convolution {
    let channels: [Int32] = [1, 2, 3, 5, 8, 9, 16, 17, 31, 32, 48]
    func pair(_ from: Int, _ below: Int) -> (Int32, Int32) {
      (Int32(from + numbers.below(below)), Int32(from + numbers.below(below)))
    }
    var g = sg_convolution()
    g.batch = Int32(1 + numbers.below(3))
    (g.channels, g.out_channels) = (numbers.pick(channels), numbers.pick(channels))
    (g.height, g.width) = pair(1, 13)
    (g.kernel_height, g.kernel_width) = pair(1, 5)
    (g.stride_height, g.stride_width) = pair(1, 3)
    (g.pad_top, g.pad_left) = pair(0, 4)
    if numbers.below(3) == 0 {
      let (kernel, stride) = numbers.pick([(4, 2), (3, 1), (4, 2), (6, 2), (2, 1)])
      (g.kernel_height, g.kernel_width) = (Int32(kernel), Int32(kernel))
      (g.stride_height, g.stride_width) = (Int32(stride), Int32(stride))
      (g.channels, g.out_channels) = (numbers.pick([16, 32, 80]), numbers.pick([16, 48]))
    }
    g.out_height = max(1, (g.height + 2 * g.pad_top - g.kernel_height) / g.stride_height + 1)
    g.out_width = max(1, (g.width + 2 * g.pad_left - g.kernel_width) / g.stride_width + 1)
    if numbers.below(4) == 0 { g.out_height += Int32(numbers.below(3)) }
    return g
  }

  @Test("drawn geometries") func drawn() {
    var numbers = Numbers(state: 12)
    for _ in 0..<200 {
      let c = Case(Self.draw(&numbers), &numbers, epilogues: numbers.below(2) == 0)
      onEveryInstructionSet { check(c, $0) }
    }
  }

  @Test("DCGAN's own layers keep the error within 1e-5")
  func layers() {
    var numbers = Numbers(state: 13)
    let layers: [(Int32, Int32, Int32)] = [
      (64, 3, 64), (16, 64, 128), (16, 128, 256), (8, 256, 512),
    ]
    for (size, c, n) in layers {
      let g = Self.geometry(1, (size, size, c), (size / 2, size / 2, n), (4, 4), (2, 2), (1, 1))
      check(Case(g, &numbers), "layer")
    }
    check(
      Case(Self.geometry(8, (14, 14, 64), (7, 7, 128), (4, 4), (2, 2), (1, 1)), &numbers), "layer")
  }

  static let threaded: [sg_convolution] = [
    geometry(3, (32, 32, 3), (16, 16, 64), (4, 4), (2, 2), (1, 1)),
    geometry(20, (16, 16, 32), (8, 8, 64), (4, 4), (2, 2), (1, 1)),
    geometry(1, (16, 16, 48), (16, 16, 48), (3, 3), (1, 1), (1, 1)),
    geometry(9, (4, 4, 128), (1, 1, 100), (4, 4), (1, 1), (0, 0)),
    geometry(4, (28, 28, 1), (14, 14, 64), (4, 4), (2, 2), (1, 1)),
    geometry(9, (14, 14, 32), (7, 7, 64), (4, 4), (2, 2), (1, 1)),
    geometry(4, (17, 19, 40), (17, 19, 1), (3, 3), (1, 1), (1, 1)),
  ]

  @Test("the same bits with 1, 2 and 4 threads") func threads() {
    onEveryInstructionSet { isa in
      var numbers = Numbers(state: 14)
      for g in Self.threaded {
        let c = Case(g, &numbers)
        for way in Self.ways {
          sg_convolution_force(way)
          defer { sg_convolution_force(SG_AUTOMATIC) }
          for role in Self.roles where c.g.allows(way, role) {
            sameBits("\(isa) \(g.text) role \(role.rawValue) way \(way.rawValue)") {
              c.run(role).bits
            }
          }
        }
      }
    }
  }

  @Test("the three roles are one another's adjoints") func adjoint() {
    onEveryInstructionSet { isa in
      var numbers = Numbers(state: 15)
      for g in Self.table + Self.threaded {
        let c = Case(g, &numbers)
        func dot(_ a: Guarded, _ b: Guarded) -> (Double, Double) {
          var sum = 0.0
          var size = 1e-30
          for i in 0..<a.count {
            let term = Double(a[i]) * Double(b[i])
            sum += term
            size += abs(term)
          }
          return (sum, size)
        }
        let output = dot(c.run(SG_OUTPUT), c.y)
        let input = dot(c.x, c.run(SG_INPUT))
        let weight = dot(c.w, c.run(SG_WEIGHT))
        let scale = output.1 + input.1 + weight.1
        #expect(abs(output.0 - input.0) < 1e-6 * scale, "\(isa) \(g.text)")
        #expect(abs(output.0 - weight.0) < 1e-6 * scale, "\(isa) \(g.text)")
      }
    }
  }

  @Test("NaN reaches every output that sees it, and no other image") func notANumber() {
    onEveryInstructionSet { isa in
      var numbers = Numbers(state: 16)
      for g in Self.table where g.batch > 1 && g.outputs > 0 {
        let c = Case(g, &numbers)
        let image = c.x.count / Int(g.batch)
        let poisoned = numbers.below(image)
        c.x[poisoned] = .nan
        var seen = Set<Int>()
        g.eachTerm { x, y, _ in if x == poisoned { seen.insert(y) } }
        for way in Self.ways where c.g.allows(way, SG_OUTPUT) {
          sg_convolution_force(way)
          defer { sg_convolution_force(SG_AUTOMATIC) }
          let out = c.run(SG_OUTPUT)
          let taken = c.g.choice(SG_OUTPUT)
          let exact = taken != SG_TOOM_COOK_5 && taken != SG_TOOM_COOK_8
          for i in 0..<out.count {
            let must = seen.contains(i)
            let may = exact ? must : i < out.count / Int(g.batch)
            #expect(
              out[i].isNaN ? may : !must, "\(isa) \(g.text) way \(way.rawValue) at \(i)")
          }
        }
      }
    }
  }

  @Test("the rule picks by geometry") func rule() {
    func pick(_ g: sg_convolution) -> [sg_convolution_way] { Self.roles.map(g.choice) }
    let five = [SG_TOOM_COOK_5, SG_TOOM_COOK_5, SG_TOOM_COOK_5]
    let eight = [SG_TOOM_COOK_8, SG_TOOM_COOK_8, SG_TOOM_COOK_8]
    #expect(
      pick(Self.geometry(64, (64, 64, 3), (32, 32, 64), (4, 4), (2, 2), (1, 1)))
        == [SG_DIRECT, SG_OVERLAP, SG_DIRECT])
    #expect(pick(Self.geometry(64, (32, 32, 64), (16, 16, 128), (4, 4), (2, 2), (1, 1))) == five)
    #expect(pick(Self.geometry(64, (8, 8, 256), (4, 4, 512), (4, 4), (2, 2), (1, 1))) == five)
    #expect(pick(Self.geometry(64, (14, 14, 64), (7, 7, 128), (4, 4), (2, 2), (1, 1))) == eight)
    // Sums of 1024 terms would round too much on eight points.
    #expect(
      pick(Self.geometry(64, (14, 14, 256), (7, 7, 128), (4, 4), (2, 2), (1, 1)))
        == [SG_TOOM_COOK_5, SG_TOOM_COOK_8, SG_TOOM_COOK_8])
    #expect(pick(Self.geometry(64, (16, 16, 64), (16, 16, 64), (3, 3), (1, 1), (1, 1))) == five)
    #expect(
      pick(Self.geometry(64, (4, 4, 512), (1, 1, 1), (4, 4), (1, 1), (0, 0)))
        == [SG_MATMUL, SG_MATMUL, SG_MATMUL])
    #expect(
      pick(Self.geometry(64, (9, 9, 12), (9, 9, 12), (3, 3), (1, 1), (1, 1)))
        == [SG_DIRECT, SG_DIRECT, SG_DIRECT])
    #expect(
      pick(Self.geometry(1, (8, 8, 256), (4, 4, 512), (4, 4), (2, 2), (1, 1)))
        == [SG_DIRECT, SG_FEW_PIXELS, SG_DIRECT])
  }
}

extension sg_convolution {
  var inputs: Int { Int(batch) * Int(height) * Int(width) * Int(channels) }
  var outputs: Int { Int(batch) * Int(out_height) * Int(out_width) * Int(out_channels) }
  var weights: Int { Int(kernel_height) * Int(kernel_width) * Int(channels) * Int(out_channels) }
  var text: String {
    "\(batch) x \(height)x\(width)x\(channels) -> \(out_height)x\(out_width)x\(out_channels),"
      + " kernel \(kernel_height)x\(kernel_width) stride \(stride_height)x\(stride_width)"
      + " padding \(pad_top)x\(pad_left)"
  }

  func allows(_ way: sg_convolution_way, _ role: sg_convolution_role) -> Bool {
    withUnsafePointer(to: self) { sg_convolution_applies($0, role, way) == 1 }
  }

  func choice(_ role: sg_convolution_role) -> sg_convolution_way {
    withUnsafePointer(to: self) { sg_convolution_choose($0, role) }
  }

  /// The definition: every (x, y, w) whose product is a term.
  func eachTerm(_ body: (Int, Int, Int) -> Void) {
    for b in 0..<Int(batch) {
      for i in 0..<Int(out_height) {
        for j in 0..<Int(out_width) {
          for u in 0..<Int(kernel_height) {
            for v in 0..<Int(kernel_width) {
              let row = i * Int(stride_height) + u - Int(pad_top)
              let column = j * Int(stride_width) + v - Int(pad_left)
              if row < 0 || row >= Int(height) || column < 0 || column >= Int(width) { continue }
              let pixel = (b * Int(height) + row) * Int(width) + column
              let out = (b * Int(out_height) + i) * Int(out_width) + j
              let tap = u * Int(kernel_width) + v
              for c in 0..<Int(channels) {
                for n in 0..<Int(out_channels) {
                  body(
                    pixel * Int(channels) + c, out * Int(out_channels) + n,
                    (tap * Int(channels) + c) * Int(out_channels) + n)
                }
              }
            }
          }
        }
      }
    }
  }

  func run(
    _ role: sg_convolution_role, _ x: Guarded, _ y: Guarded, _ w: Guarded, _ out: Guarded,
    _ epilogue: ReferenceEpilogue?
  ) {
    var g = self
    var e = epilogue?.c ?? sg_epilogue()
    withUnsafePointer(to: &e) {
      let e = epilogue == nil ? nil : $0
      switch role {
      case SG_OUTPUT: sg_convolution_output(&g, x.start, w.start, out.start, e)
      case SG_INPUT: sg_convolution_input(&g, y.start, w.start, out.start, e)
      default: sg_convolution_weight(&g, x.start, y.start, out.start)
      }
    }
  }
}
