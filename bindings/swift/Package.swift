// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "examples",
  dependencies: [.package(name: "swiftgan", path: "../..")],
  targets: [
    .executableTarget(
      name: "Ring", dependencies: [.product(name: "SwiftGAN", package: "swiftgan")]),
    .executableTarget(
      name: "Readme", dependencies: [.product(name: "SwiftGAN", package: "swiftgan")]),
    .executableTarget(
      name: "Images", dependencies: [.product(name: "SwiftGAN", package: "swiftgan")]),
    .executableTarget(name: "Own", dependencies: [.product(name: "SwiftGAN", package: "swiftgan")]),
    .executableTarget(
      name: "OwnPenalty", dependencies: [.product(name: "SwiftGAN", package: "swiftgan")]),
    .executableTarget(
      name: "OwnFamily", dependencies: [.product(name: "SwiftGAN", package: "swiftgan")]),
  ]
)
