// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "points",
  dependencies: [.package(path: "../swiftgan")],
  targets: [
    .executableTarget(
      name: "Points", dependencies: [.product(name: "SwiftGAN", package: "swiftgan")])
  ]
)
