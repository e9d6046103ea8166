import Testing

@testable import SGTensors

extension TensorsTests {
  @Suite("Gradients") struct GradientTests {
    @Test("fan-out adds up") func fanOut() {
      let x = Tensor([1, -2, 3]).tracked()
      let y = (x * x + 3 * x) * x  // x³ + 3 x²
      #expect(gradient(of: y, wrt: [x])[0].array == [9, 0, 45])
      let many = (1...50).reduce(Tensor.zeros([3])) { $0 + Float($1) * x }
      #expect(gradient(of: many, wrt: [x])[0].array == [1275, 1275, 1275])
    }

    @Test("the same tensor as both inputs") func twice() {
      let x = Tensor([1, 2], shape: [1, 2]).tracked()
      #expect(gradient(of: x - x, wrt: [x])[0].array == [0, 0])
      let square = matmul(x, x, transposeB: true)
      #expect(gradient(of: square, wrt: [x])[0].array == [2, 4])
      #expect(gradient(of: x.squared(), wrt: [x, x]).map(\.array) == [[2, 4], [2, 4]])
    }

    @Test("zero where y does not depend on x") func unused() {
      let x = Tensor([1, 2]).tracked()
      let other = Tensor.ones([2, 3]).tracked()
      let found = gradient(of: x.squared(), wrt: [other, x, Tensor.ones([4])])
      #expect(found[0].shape == [2, 3] && found[0].array.allSatisfy { $0 == 0 })
      #expect(found[1].array == [2, 4])
      #expect(found[2].array == [0, 0, 0, 0])
      #expect(gradient(of: Tensor([5]), wrt: [x])[0].array == [0, 0])
      // A path that only passes constants of the derivative.
      #expect(gradient(of: x.sign() + x.step(), wrt: [x])[0].array == [0, 0])
      #expect(gradient(of: select(x, Tensor.ones([2]), .zeros([2])), wrt: [x])[0].array == [0, 0])
    }

    @Test("a tensor's derivative in itself is the seed") func itself() {
      let x = Tensor([1, 2]).tracked()
      #expect(gradient(of: x, wrt: [x])[0].array == [1, 1])
      #expect(gradient(of: x, wrt: [x], seed: Tensor([3, -4]))[0].array == [3, -4])
    }

    @Test("targets on the way are independent of each other") func intermediate() {
      let x = Tensor([2]).tracked()
      let y = x.squared()
      let z = y * x
      let found = gradient(of: z, wrt: [x, y])
      #expect(found.map(\.scalar) == [4, 2])
      #expect(gradient(of: z, wrt: [x])[0].scalar == 12)
    }

    @Test("detached stops, and nothing is recorded unless asked") func detached() {
      let x = Tensor([3]).tracked()
      #expect(gradient(of: x.detached * x, wrt: [x])[0].scalar == 3)
      let plain = gradient(of: x * x, wrt: [x])[0]
      #expect(!plain.isTracked)
      let recorded = gradient(of: x * x, wrt: [x], recording: true)[0]
      #expect(recorded.isTracked)
      #expect(gradient(of: recorded, wrt: [x])[0].scalar == 2)
      let seed = Tensor([1]).tracked()
      #expect(!gradient(of: x * x, wrt: [x], seed: seed)[0].isTracked)
    }

    @Test("to the fifth order") func orders() {
      let x = Tensor([2]).tracked()
      var y = x.raised(to: 5)
      let want: [Float] = [80, 160, 240, 240, 120]
      for value in want {
        y = gradient(of: y, wrt: [x], recording: true)[0]
        #expect(abs(y.scalar - value) < 1e-4 * value)
      }
      #expect(gradient(of: y, wrt: [x])[0].scalar == 0)
    }

    @Test("whole powers at zero have finite derivatives of every order") func powersAtZero() {
      for exponent in 0...3 {
        let x = Tensor([0]).tracked()
        var y = x.raised(to: Float(exponent))
        for order in 1...4 {
          y = gradient(of: y, wrt: [x], recording: true)[0]
          let factorial = Float((1...max(exponent, 1)).reduce(1, *))
          let want = exponent == order ? factorial : 0
          #expect(y.scalar == want, "x^\(exponent), order \(order)")
        }
      }
    }

    /// As documented at each operation.
    @Test("derivatives at kinks") func kinks() {
      let zero = Tensor([0]).tracked()
      #expect(gradient(of: relu(zero), wrt: [zero])[0].scalar == 0)
      let (x, z) = (Tensor([1, 1]).tracked(), Tensor([1, 1]).tracked())
      for y in [maximum(x, z), minimum(x, z)] {
        #expect(gradient(of: y, wrt: [x, z]).map(\.array) == [[1, 1], [0, 0]])
      }
      let ties = Tensor([4, 1, 4, 4, 0]).tracked()
      let shared = gradient(of: ties.max(), wrt: [ties])[0].array
      let third: Float = 1 / 3
      #expect(shared == [third, 0, third, third, 0])
      let wide = Tensor([-3, 0, 3]).tracked()
      #expect(gradient(of: wide.clamped(-1, 1), wrt: [wide])[0].array == [0, 1, 0])
    }

    @Test("stable where naive formulas overflow") func stability() {
      let x = Tensor([1000, 0, -1000], shape: [1, 3]).tracked()
      #expect(logSumExp(x).scalar == 1000)
      #expect(softmax(x).array == [1, 0, 0])
      #expect(logSoftmax(x).array == [0, -1000, -2000])
      #expect(gradient(of: logSumExp(x), wrt: [x])[0].array == [1, 0, 0])
      #expect(softplus(x).array == [1000, Float(0.6931472), 0])
      for y in [sigmoid(x), tanh(x), softplus(x), silu(x), elu(x)] {
        #expect(y.isFinite && gradient(of: y, wrt: [x])[0].isFinite)
      }
    }

    @Test("a chain of 100,000 operations neither recurses nor stays") func deep() {
      let before = Memory.figures.bytes_used
      do {
        let x = Tensor([1]).tracked()
        var y = x
        for i in 0..<100_000 { y = i % 2 == 0 ? -y : y + 0.5 * x }
        // Pairs of steps turn y into 0.5 x − y: y is x at the end, or 0.5 x in between.
        #expect(y.scalar == 1)
        let first = gradient(of: y, wrt: [x], recording: true)[0]
        #expect(first.scalar == 1)
        #expect(gradient(of: first, wrt: [x])[0].scalar == 0)
      }
      #expect(Memory.figures.bytes_used == before)
    }

    @Test("a second derivative through a deep chain") func deepSecond() {
      let x = Tensor([1]).tracked()
      var y = x
      for _ in 0..<20_000 { y = y * (2 - y) }
      let first = gradient(of: y, wrt: [x], recording: true)[0]
      #expect(first.scalar == 0)
      #expect(gradient(of: first, wrt: [x])[0].scalar == 0)
    }

    @Test("released from the middle, a chain's other users keep what they need") func shared() {
      let x = Tensor([1]).tracked()
      var y = x
      for _ in 0..<50_000 { y = y + 1 }
      let middle = y
      for _ in 0..<50_000 { y = y + 1 }
      #expect(y.scalar == 100_001)
      y = x
      #expect(gradient(of: middle * middle, wrt: [x])[0].scalar == 2 * 50_001)
    }
  }
}
