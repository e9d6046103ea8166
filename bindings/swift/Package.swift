// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "ring",
  dependencies: [.package(name: "swiftgan", path: "../..")],
  targets: [
    .executableTarget(name: "Ring", dependencies: [.product(name: "SwiftGAN", package: "swiftgan")])
  ]
)
