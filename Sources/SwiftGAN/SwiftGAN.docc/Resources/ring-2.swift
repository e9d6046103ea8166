// Learns eight Gaussians on a ring: swift run -c release Ring [STEPS]
import SwiftGAN

@main
struct Ring {
  static func main() throws {
    let steps = CommandLine.arguments.dropFirst().first.flatMap { UInt64($0) } ?? 16_000
    let data = try Dataset.open("ring")
  }
}
