import SGTensors
import Testing

@testable import SGBasics
@testable import SGData

/// Floats whose values of black and white are known.
@Suite struct KnownScaleTests {
  private func images() throws -> Dataset {
    try Dataset(Tensor([0, 0.25, 0.5, 1], shape: [2, 1, 2, 1]))
  }

  @Test func areBroughtToTheRangeThatIsWanted() throws {
    let data = try images().rescalable(ValueRange(0, 1))
    #expect(data.range == ValueRange(0, 1))
    #expect(try data.batch([0, 1]).array == [0, 0.25, 0.5, 1])
    #expect(try data.batch([0, 1], range: ValueRange(-1, 1)).array == [-1, -0.5, 0, 1])
    #expect(try data.batch([1], range: ValueRange(0, 1)).array == [0.5, 1])
    try data.check(within: ValueRange(-1, 1))
    #expect(throws: Failure.self) {
      try data.rescalable(ValueRange(0, 0.5)).check(within: ValueRange(-1, 1))
    }
    #expect(throws: Failure.self) {
      try images().rescalable(ValueRange(0, 0.5)).check(within: ValueRange(-1, 1))
    }
  }

  @Test func stackedAndAugmentedImagesKeepTheScale() throws {
    let gray = try Dataset(Tensor([0, 0.5, 1, 0.5], shape: [1, 2, 2, 1]))
    let data = try gray.rescalable(ValueRange(0, 1)).stacked(2, count: 3)
    #expect(
      try data.batch([0], range: ValueRange(-1, 1)).array == [-1, -1, 0, 0, 1, 1, 0, 0])
  }

  @Test func functionsAreCheckedAfterScaling() throws {
    let data = try Dataset(count: 2, shape: [2]) { (index, y) throws(Failure) in
      for i in y.indices { y[i] = 255 }
    }
    #expect(
      try data.rescalable(ValueRange(0, 255)).batch([0], range: ValueRange(-1, 1)).array == [1, 1])
    #expect(throws: Failure.self) { try data.batch([0], range: ValueRange(-1, 1)) }
  }
}
