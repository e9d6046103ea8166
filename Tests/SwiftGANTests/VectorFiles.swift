import Foundation
import SGTensors

/// How the tests of this folder read `Vectors/*.json`, whose README says what each key holds.
enum VectorFile {
  static func load<T: Decodable>(_ type: T.Type, _ name: String) throws -> T {
    let url = Bundle.module.bundleURL.appendingPathComponent("Vectors/\(name).json")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: Data(contentsOf: url))
  }

  /// The 32-bit hash that numbers and signs come from.
  static func mix(_ word: UInt32) -> UInt32 {
    var x = word
    x ^= x >> 16
    x = x &* 0x7feb_352d
    x ^= x >> 15
    x = x &* 0x846c_a68b
    return x ^ (x >> 16)
  }
}

/// A tensor that is made by the formula instead of being stored.
struct Recipe: Decodable {
  var tag: UInt32
  var shape: [Int]
  var scale: Double
  var offset: Double

  var tensor: Tensor {
    Tensor(shape: Shape(shape)) { y in
      for i in y.indices {
        let bits = VectorFile.mix(tag &* 0x9E37_79B9 &+ UInt32(i)) >> 8
        y[i] = Float(offset + (Double(bits) / 16_777_216 - 0.5) * scale)
      }
    }
  }
}
