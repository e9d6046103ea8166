// swift-tools-version: 6.1
import PackageDescription

/// The floors that SwiftGAN re-exports. What imports SwiftGAN lists them, too: SwiftPM builds a
/// target anew only after a change of the targets that it names.
let floors: [Target.Dependency] = [
  "SGExchange", "SGModels", "SGPictures", "SGMetrics", "SGData", "SGFormats", "SGBasics", "SGNets",
  "SGTensors",
]

// Each floor imports only the floors above it in this list; the compiler checks that. Targets have
// a prefix, because SwiftPM refuses a graph in which two packages have a target of the same name.
let package = Package(
  name: "swiftgan",
  products: [
    .library(name: "SwiftGAN", targets: ["SwiftGAN"]),
    .library(name: "swiftgan", type: .dynamic, targets: ["SGCAPI"]),
    .executable(name: "swiftgan-cli", targets: ["swiftgan-cli"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.3.0")
  ],
  targets: [
    .systemLibrary(
      name: "CSGOpenBLAS", path: "Sources/COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(
      name: "CSGPNG", path: "Sources/CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(
      name: "CSGJPEG", path: "Sources/CJPEG", pkgConfig: "libjpeg",
      providers: [.apt(["libjpeg62-turbo-dev"])]),
    .systemLibrary(
      name: "CSGGIF", path: "Sources/CGIF", providers: [.apt(["libgif-dev"])]),
    .systemLibrary(
      name: "CSGZlib", path: "Sources/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(
      name: "CSGJansson", path: "Sources/CJansson", pkgConfig: "jansson",
      providers: [.apt(["libjansson-dev"])]),
    .systemLibrary(
      name: "CSGSndfile", path: "Sources/CSndfile", pkgConfig: "sndfile",
      providers: [.apt(["libsndfile1-dev"])]),
    .target(name: "CSGKernels", path: "Sources/CKernels"),
    .target(
      name: "CSGImages", dependencies: ["CSGPNG", "CSGJPEG", "CSGGIF"], path: "Sources/CImages",
      linkerSettings: [.linkedLibrary("gif")]),
    .target(name: "CSGSounds", dependencies: ["CSGSndfile"], path: "Sources/CSounds"),
    .target(name: "SGTensors", dependencies: ["CSGKernels"], path: "Sources/Tensors"),
    .target(
      name: "SGNets", dependencies: ["SGTensors", "CSGKernels", "CSGOpenBLAS"],
      path: "Sources/Nets"),
    .target(
      name: "SGBasics", dependencies: ["SGNets", "SGTensors", "CSGKernels", "CSGJansson"],
      path: "Sources/Basics"),
    .target(
      name: "SGFormats",
      dependencies: [
        "SGBasics", "SGTensors", "CSGKernels", "CSGImages", "CSGSounds", "CSGZlib",
      ],
      path: "Sources/Formats"),
    .target(
      name: "SGData",
      dependencies: ["SGFormats", "SGBasics", "SGTensors", "CSGKernels", "CSGImages"],
      path: "Sources/Data"),
    .target(
      name: "SGMetrics", dependencies: ["SGBasics", "SGTensors", "CSGKernels", "CSGOpenBLAS"],
      path: "Sources/Metrics"),
    .target(
      name: "SGPictures", dependencies: ["SGFormats", "SGBasics", "SGTensors", "CSGImages"],
      path: "Sources/Pictures"),
    .target(
      name: "SGModels",
      dependencies: [
        "SGPictures", "SGMetrics", "SGData", "SGFormats", "SGBasics", "SGNets", "SGTensors",
        "CSGKernels",
      ], path: "Sources/Models"),
    .target(
      name: "SGExchange",
      dependencies: ["SGModels", "SGFormats", "SGBasics", "SGNets", "SGTensors"],
      path: "Sources/Exchange"),
    .target(name: "SwiftGAN", dependencies: floors),
    .target(
      name: "CSwiftGAN", path: "include", exclude: ["cmake", "exports.map", "swiftgan.pc.in"],
      publicHeadersPath: "."),
    .target(
      name: "SGCAPI", dependencies: ["SwiftGAN", "CSwiftGAN", "CSGKernels"] + floors,
      path: "Sources/CAPI"),
    .executableTarget(
      name: "swiftgan-cli",
      dependencies: ["SwiftGAN"] + floors + [
        .product(name: "ArgumentParser", package: "swift-argument-parser")
      ], exclude: ["man"],
      resources: [
        .embedInCode("Report/report.html"), .embedInCode("Report/comparison.html"),
      ]),
    .target(
      name: "SGTestSupport", dependencies: ["SGTensors", "CSGKernels"], path: "Tests/Support"),
    .testTarget(name: "CKernelsTests", dependencies: ["SGTestSupport", "CSGKernels"]),
    .testTarget(
      name: "TensorsTests",
      dependencies: ["SGTestSupport", "SGTensors", "CSGKernels", "CSGOpenBLAS"]),
    .testTarget(name: "NetsTests", dependencies: ["SGNets"]),
    .testTarget(
      name: "SwiftGANTests", dependencies: ["SwiftGAN", "SGTestSupport", "CSGJansson"] + floors,
      resources: [.copy("Vectors")]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu11
)
