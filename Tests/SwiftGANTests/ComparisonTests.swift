import SGTensors
import Testing

@testable import SGData
@testable import SGModels
@testable import SGPictures
@testable import SwiftGAN

/// Families of models side by side.
struct ComparisonTests {
  @Test func selectedSamplesKeepTheirLabelsAndConditions() throws {
    let x = Tensor((0..<12).map { Float($0) }, shape: [6, 2])
    let conditions = Tensor((0..<6).map { Float(10 * $0) }, shape: [6, 1])
    let data = try Dataset(x, labels: [0, 1, 2, 0, 1, 2], conditions: conditions)
    let some = try data.selecting([5, 2, 2])
    #expect(some.count == 3 && some.labels == [2, 2, 2])
    #expect(some.conditions?.array == [50, 20, 20])
    #expect(try some.batch([0, 2]).array == [10, 11, 4, 5])
    #expect(try some.selecting([1]).batch([0]).array == [4, 5])
    #expect(throws: Failure.self) { try data.selecting([]) }
    #expect(throws: Failure.self) { try data.selecting([6]) }
  }

  /// What a family suggests makes a model of it for every kind of samples that it does not refuse.
  @Test(arguments: [(true, true), (true, false), (false, true), (false, false)])
  func suggestionsAreConfigurations(_ isImage: Bool, _ isBinary: Bool) throws {
    let kind = SampleKind(isImage: isImage, isBinary: isBinary)
    let shape = isImage ? [16, 16, 1] : [6]
    let refusing = isImage ? ["wavenet"] : ["lapgan", "pixelcnn", "pixelrnn"]
    for type in Families.all
    where type is any Sampling.Type && !refusing.contains(type.family) {
      let configuration = ComparisonOptions().configuration(type, shape: shape, kind)
      let model = try Families.create(configuration)
      #expect(model.sampleShape.array == shape)
    }
  }

  @Test func givenMembersComeLast() throws {
    var options = ComparisonOptions()
    options.configurations = [
      ("vae", ["vae": ["decoder": "bernoulli"], "data": ["range": [0, 1]], "seed": 9])
    ]
    let kind = SampleKind(isImage: false, isBinary: false)
    let json = options.configuration(DescentModel<VAE>.self, shape: [3], kind)
    #expect(json["vae"]?["decoder"]?.text == "bernoulli" && json["seed"]?.wholeNumber == 9)
    #expect(json["vae"]?["deviation"] == .null && json["data"]?["shape"] == [3])
    #expect(json["latent"]?["size"] == 20)
    let plane = SampleKind(isImage: false, isBinary: false, elements: 2)
    let few = ComparisonOptions().configuration(
      DescentModel<VAE>.self, shape: [2], plane)
    #expect(few["latent"]?["size"] == 2 && few["vae"]?["samples"]?.text == "drawn")
  }

  @Test func progressStopsAComparison() throws {
    let data = try Dataset.ring(count: 100)
    var options = ComparisonOptions()
    options.families = ["made"]
    options.length = .steps([nil: 1000])
    var calls = 0
    let failure = #expect(throws: Failure.self) {
      try Comparison(of: data, options) { _ in
        calls += 1
        return calls < 5
      }
    }
    #expect(failure?.kind == .cancelled && calls == 5)
  }

  @Test func namedRowsHoldEveryPicture() throws {
    let gray = try Picture(width: 10, height: 20, channels: 1, fill: 7)
    let color = try Picture(width: 30, height: 5, channels: 3, fill: 9)
    let rows = try NamedRows([("a", gray), ("bcd", color)]).picture
    #expect(rows.channels == 3 && rows.height == 8 + 20 + 8 + 16 + 8)
    #expect(rows.pixels.count { $0 == 7 } == 3 * 200 && rows.pixels.count { $0 == 9 } == 3 * 150)
    #expect(throws: Failure.self) { try NamedRows([]) }
  }
}
