// swift-tools-version: 6.1
import PackageDescription

// Each floor imports only the floors above it in this list; the compiler checks that.
let package = Package(
  name: "swiftgan",
  products: [
    .library(name: "SwiftGAN", targets: ["SwiftGAN"]),
    .library(name: "swiftgan", type: .dynamic, targets: ["CAPI"]),
    .executable(name: "swiftgan-cli", targets: ["swiftgan-cli"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.3.0")
  ],
  targets: [
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CJansson", pkgConfig: "jansson", providers: [.apt(["libjansson-dev"])]),
    .target(name: "CKernels"),
    .target(name: "Tensors", dependencies: ["CKernels"]),
    .target(name: "Nets", dependencies: ["Tensors", "CKernels", "COpenBLAS"]),
    .target(name: "CImages", dependencies: ["CPNG"]),
    .target(
      name: "SwiftGAN",
      dependencies: [
        "Nets", "Tensors", "CKernels", "CImages", "COpenBLAS", "CZlib", "CJansson",
      ]),
    .target(
      name: "CSwiftGAN", path: "include", exclude: ["cmake", "exports.map", "swiftgan.pc.in"],
      publicHeadersPath: "."),
    .target(name: "CAPI", dependencies: ["SwiftGAN", "CSwiftGAN"]),
    .executableTarget(
      name: "swiftgan-cli",
      dependencies: [
        "SwiftGAN", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], exclude: ["man"], resources: [.embedInCode("Report/report.html")]),
    .testTarget(name: "CKernelsTests", dependencies: ["CKernels"]),
    .testTarget(name: "TensorsTests", dependencies: ["Tensors", "CKernels", "COpenBLAS"]),
    .testTarget(name: "NetsTests", dependencies: ["Nets"]),
    .testTarget(
      name: "SwiftGANTests", dependencies: ["SwiftGAN", "CJansson"], resources: [.copy("Vectors")]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu11
)
