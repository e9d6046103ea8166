import SGTestSupport
import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGModels
@testable import SGPictures
@testable import SGTensors

/// Data sets whose samples are made from inputs: folders, halves of pictures, arrays, degradations.
@Suite struct PairDataTests {
  private func bytes(_ shape: Shape, stream: UInt16 = 1) -> Tensor {
    let x = RandomKey(seed: 3, stream: stream, step: 0).uniform(shape, high: 255.99)
    return Tensor(x.array.map { $0.rounded(.down) }, shape: shape)
  }

  /// Pictures of bytes, one file each.
  private func draw(_ images: Tensor, to folder: String, _ names: [String]) throws {
    try FileIO.makeDirectory(folder)
    for (i, name) in names.enumerated() {
      try ImageGrid(
        images.rows(i..<i + 1), range: ValueRange(0, 255), columns: 1, border: 0
      ).write(to: "\(folder)/\(name)")
    }
  }

  private let names = ["a.png", "b.png", "c.png", "d.png"]

  private func expectPairs(_ data: Dataset, _ targets: Tensor, _ inputs: Tensor) throws {
    let index = [2, 0, 3]
    let wanted = (targets / 127.5 - 1).gather(index.map { Int32($0) })
    for (a, b) in zip(try data.batch(index).array, wanted.array) { #expect(abs(a - b) < 1e-5) }
    let given = try #require(try data.conditions(index).values)
    #expect(given.shape == [3, inputs.shape.droppingFirst().count])
    let from = (inputs / 127.5 - 1).gather(index.map { Int32($0) })
    for (a, b) in zip(given.array, from.array) { #expect(abs(a - b) < 1e-5) }
    #expect(data.conditionSize == given.shape[1])
    #expect(data.inputs?.shape == inputs.shape.droppingFirst())
    // In another order, the inputs go along.
    let some = try data.selecting([3, 1])
    #expect(try some.conditions([0]).values?.array == data.conditions([3]).values?.array)
    #expect(try some.batch([0]).array == data.batch([3]).array)
  }

  @Test func foldersOfTheSameNames() throws {
    let (targets, inputs) = (bytes([4, 8, 6, 3]), bytes([4, 4, 3, 1], stream: 2))
    try inTemporaryFolder { folder in
      try draw(targets, to: folder + "/photos", names)
      try draw(inputs, to: folder + "/edges", names)
      for memory in [512, 0] {
        let data = try Dataset.open(
          folder + "/photos", "{\"inputs\": \"\(folder)/edges\", \"memory\": \(memory)}")
        try expectPairs(data, targets, inputs)
        #expect(data.fileNames == names)
        #expect(data.json["input_shape"] == [4, 3, 1])
      }
      let other = bytes([4, 4, 3, 1], stream: 4)
      try draw(other, to: folder + "/others", names)
      let a = try Dataset.open(folder + "/photos", "{\"inputs\": \"\(folder)/edges\"}")
      let b = try Dataset.open(folder + "/photos", "{\"inputs\": \"\(folder)/others\"}")
      #expect(try a.fingerprint() != b.fingerprint())
      // Names that have no counterpart, on either side.
      try draw(inputs, to: folder + "/few", Array(names.prefix(3)))
      for (from, to, words) in [
        ("photos", "few", "photos has d.png, for which \(folder)/few has no file"),
        ("few", "photos", "photos has d.png, for which \(folder)/few has no file"),
      ] {
        let failure = #expect(throws: Failure.self) {
          try Dataset.open("\(folder)/\(from)", "{\"inputs\": \"\(folder)/\(to)\"}")
        }
        #expect(failure?.kind == .mismatch)
        #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
      }
    }
  }

  @Test func halvesOfPictures() throws {
    let (left, right) = (bytes([4, 6, 5, 3]), bytes([4, 6, 5, 3], stream: 2))
    try inTemporaryFolder { folder in
      try draw(.concatenate([left, right], axis: 2), to: folder, names)
      try expectPairs(try Dataset.open(folder, #"{"side_by_side": "left"}"#), right, left)
      try expectPairs(try Dataset.open(folder, #"{"side_by_side": "right"}"#), left, right)
      let squares = try Dataset.open(folder, #"{"side_by_side": "left", "size": 5}"#)
      #expect(squares.shape == [5, 5, 3] && squares.inputs?.shape == [5, 5, 3])
      let cut = try Dataset.open(folder, #"{"side_by_side": "left", "crop": [2, 1]}"#)
      let middle = right.slice(from: [0, 2, 2, 0], [4, 2, 1, 3]) / 127.5 - 1
      for (a, b) in zip(try cut.batch([0, 1, 2, 3]).array, middle.array) {
        #expect(abs(a - b) < 1e-5)
      }
      for (options, words) in [
        (#"{"side_by_side": "top"}"#, "expected \"left\", \"right\", found \"top\""),
        (#"{"side_by_side": "left", "inputs": "."}"#, "not with inputs"),
        (#"{"side_by_side": "left", "skip_corrupt": true}"#, "come in pairs"),
        (#"{"side_by_side": "left", "degrade": "gray"}"#, "has conditions already"),
      ] {
        let failure = #expect(throws: Failure.self) { try Dataset.open(folder, options) }
        #expect(
          failure?.message.contains(words) == true
            || failure?.message.contains("have conditions already") == true,
          "\(failure?.message ?? "")")
      }
      try draw(bytes([1, 6, 5, 3]), to: folder + "/odd", ["e.png"])
      let odd = #expect(throws: Failure.self) {
        try Dataset.open(folder + "/odd", #"{"side_by_side": "left"}"#)
      }
      #expect(odd?.message.contains("e.png: 5 pixels wide") == true, "\(odd?.message ?? "")")
    }
  }

  @Test func degradations() throws {
    let x = bytes([4, 8, 12, 3])
    try inTemporaryFolder { folder in
      try draw(x, to: folder, names)
      let gray = try Dataset.open(folder, #"{"degrade": "gray"}"#)
      #expect(gray.inputs?.shape == [8, 12, 1])
      let values = try #require(try gray.conditions([1]).values).array
      let pixel = x.rows(1..<2).array
      for i in [0, 17, 95] {
        let luma = 0.299 * pixel[3 * i] + 0.587 * pixel[3 * i + 1] + 0.114 * pixel[3 * i + 2]
        #expect(abs(values[i] - (luma / 127.5 - 1)) < 1e-5)
      }
      let small = try Dataset.open(folder, #"{"degrade": {"downsample": 4}}"#)
      #expect(small.inputs?.shape == [2, 3, 3] && small.shape == [8, 12, 3])
      let mean = x.rows(1..<2).slice(from: [0, 0, 4, 1], [1, 4, 4, 1]).mean().scalar
      #expect(
        abs(try #require(try small.conditions([1]).values).array[4] - (mean / 127.5 - 1)) < 1e-5)
      // A rectangle and noise are the same whenever an image is read, and others for another image.
      let covered = try Dataset.open(folder, #"{"degrade": {"mask": 0.5}, "range": [0, 1]}"#)
      let whole = try covered.batch([0, 1, 2, 3]).reshaped([4, 288]).array
      let parts = try #require(try covered.conditions([0, 1, 2, 3]).values).array
      let places = zip(whole, parts).enumerated().filter { $0.element.0 != $0.element.1 }
      #expect(places.allSatisfy { $0.element.1 == 0.5 })
      for i in 0..<4 {
        let count = places.count { $0.offset / 288 == i }
        #expect((60...72).contains(count), "4 x 6 pixels of 3 channels: \(count)")
      }
      let noisy = try Dataset.open(folder, #"{"degrade": {"noise": 0.1, "seed": 5}}"#)
      let first = try noisy.conditions([2, 1]).values
      #expect(try noisy.conditions([1]).values?.array == first?.rows(1..<2).array)
      let gap = try #require(first) - noisy.batch([2, 1]).reshaped([2, 288])
      let deviation = gap.squared().mean().scalar.squareRoot()
      #expect(abs(deviation - 0.1) < 0.01)
      #expect(gap.rows(0..<1).array != gap.rows(1..<2).array)
      for (options, words) in [
        (#"{"degrade": {}}"#, "found nothing"), (#"{"degrade": {"blur": 1}}"#, "degrade.blur"),
        (#"{"degrade": {"downsample": 3}}"#, "8 x 12 pixels have no blocks of 3 x 3"),
        (#"{"degrade": "gray", "channels": 1}"#, "expected RGB images"),
        (#"{"degrade": {"mask": 2}}"#, "degrade.mask"),
      ] {
        let failure = #expect(throws: Failure.self) { try Dataset.open(folder, options) }
        #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
      }
      let vectors = #expect(throws: Failure.self) {
        try Dataset.ring(count: 8).degraded(Degradation())
      }
      #expect(vectors?.message.contains("expected images") == true)
    }
  }

  /// Training mirrors and moves an image and its input alike.
  @Test func augmentedTogether() throws {
    let x = RandomKey(seed: 3, stream: 1, step: 0).uniform([6, 8, 8, 1], low: -1)
    let data = try Dataset(x).paired(with: Dataset(-x)).augmented(
      Augmentation(flip: true, shift: 2))
    var batches = Minibatches(of: data, size: 6, range: nil, seed: 1, labelled: [])
    var moved = false
    for step in 0..<3 {
      let batch = try batches.at(UInt64(6 * step))
      let given = try #require(batch.conditions)
      #expect(given.array == (-batch.samples).array)
      moved = moved || batch.samples.array.sorted() != x.array.sorted()
    }
    #expect(moved)
    let smaller = try Dataset(x).paired(with: Dataset(.zeros([6, 4, 4, 1])))
    _ = try smaller.augmented(Augmentation(flip: true))
    let failure = #expect(throws: Failure.self) {
      try smaller.augmented(Augmentation(shift: 1))
    }
    #expect(failure?.message.contains("shift such of one size") == true)
  }

  @Test func countsThatDiffer() throws {
    let failure = #expect(throws: Failure.self) {
      try Dataset(.zeros([3, 2])).paired(with: Dataset(.zeros([4, 5])))
    }
    #expect(failure?.message.contains("has 4 samples, memory has 3; expected pairs") == true)
    let twice = try Dataset(.zeros([3, 2])).paired(with: Dataset(.zeros([3, 5])))
    #expect(throws: Failure.self) { try twice.paired(with: Dataset(.zeros([3, 5]))) }
    #expect(throws: Failure.self) { try Dataset(.zeros([3, 2])).paired(with: twice) }
  }

  /// Blank and nan fields are missing where that is allowed; columns are standardized by the
  /// others.
  @Test func missingElements() throws {
    try inTemporaryFolder { folder in
      let path = folder + "/table.csv"
      try write(Array("a,b,kind\n1,,x\n3,NaN,y\n\"\",4,x\n5,8,y\n".utf8), to: path)
      let data = try Dataset.open(path, #"{"missing": true, "labels": "kind"}"#)
      let x = try data.batch([0, 1, 2, 3]).array
      #expect(data.hasMissing && x[0] == 1 && x[1].isNaN && x[3].isNaN && x[4].isNaN && x[7] == 8)
      let columns = try #require(
        try data.standardization(samples: true, conditions: false).samples)
      #expect(columns.offset == [3, 6] && columns.factor[1] == 2)
      #expect(abs(columns.factor[0] - (8.0 as Float / 3).squareRoot()) < 1e-6)
      let described = try data.description()
      #expect(described["missing_share"]?.real == 0.375 && described["highest"]?.real == 8)
      let refused = #expect(throws: Failure.self) {
        try Dataset.open(path, #"{"labels": "kind"}"#)
      }
      #expect(refused?.message.contains("or allow them by the option missing") == true)
      let model = try Families.create(JSON(parsing: #"{"data": {"shape": [2]}}"#))
      let failure = #expect(throws: Failure.self) { try Trainer(model, data: data) }
      #expect(failure?.message.contains("the data has missing elements") == true)
      let judged = #expect(throws: Failure.self) {
        try (model as? any Sampling)?.evaluate(against: data, with: .pixels)
      }
      #expect(judged?.message.contains("elements are missing") == true)
      try write(Array("a,b\n1,2\n,nan\n".utf8), to: path)
      let empty = #expect(throws: Failure.self) { try Dataset.open(path, #"{"missing": true}"#) }
      #expect(empty?.message.contains("samples[1]: nothing is known of it") == true)
    }
  }
}
