import SGNets
import SGTensors
import Testing

@Suite struct TrainingRuleTests {
  @Test func schedules() {
    #expect(Schedule.constant.factor(at: 1 << 40) == 1)
    let linear = Schedule.linear(steps: 100, to: 0.2)
    let falling = [0, 50, 100, 1000].map { linear.factor(at: $0) }
    #expect(zip(falling, [1, 0.6, 0.2, 0.2]).allSatisfy { abs($0 - $1) < 1e-6 })
    let cosine = Schedule.cosine(steps: 100, to: 0.1)
    #expect(cosine.factor(at: 0) == 1)
    #expect(abs(cosine.factor(at: 50) - 0.55) < 1e-6)
    let quarter = 0.1 + 0.9 * (1 + Float(0.5).squareRoot()) / 2
    #expect(abs(cosine.factor(at: 25) - quarter) < 1e-6)
    #expect(abs(cosine.factor(at: 500) - 0.1) < 1e-6)
    let step = Schedule.step(every: 10, factor: 0.5)
    let factors = [0, 9, 10, 20, 29].map { step.factor(at: $0) }
    #expect(factors == [1, 1, 0.5, 0.25, 0.25])
    #expect(step.factor(at: .max) == 0)
  }

  @Test func clipping() {
    let g = Tensor([3, -4])
    #expect(Clipping.none(g, norm: 5).array == [3, -4])
    #expect(Clipping.value(3.5)(g, norm: 5).array == [3, -3.5])
    #expect(Clipping.norm(10)(g, norm: 5).array == [3, -4])
    let clipped = Clipping.norm(1)(g, norm: 5).array
    #expect(abs(clipped[0] - 0.6) < 1e-6 && abs(clipped[1] + 0.8) < 1e-6)
  }

  @Test func movingAverage() {
    let a = Tensor([1, 10]).averaged(with: Tensor([2, 20]), decay: 0.75)
    #expect(a.array == [1.25, 12.5])
    let x = Tensor([0.1, 1e-20, -3])
    #expect(x.averaged(with: x, decay: 0.999).array == x.array)
  }
}
