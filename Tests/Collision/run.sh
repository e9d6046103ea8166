#!/bin/sh
# A package whose targets have the names of this package's folders depends on it, and builds. SwiftPM refuses a graph in which two packages
# have a target of the same name. README's manifest finds the library in a checkout beside it.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
names="Tensors Nets Basics Formats Data Metrics Pictures Models Exchange CAPI CZlib CPNG CKernels CImages"
targets=""
for name in $names; do
  mkdir -p "$work/Sources/$name"
  echo "public let origin$name = \"mine\"" >"$work/Sources/$name/$name.swift"
  targets="$targets .target(name: \"$name\"),"
done
mkdir -p "$work/Sources/App"
{
  for name in $names; do echo "import $name"; done
  echo "import SwiftGAN"
  echo "let model = try GAN(Configuration(shape: [2], generator: .mlp(width: 4), discriminator: .mlp(width: 4)))"
  echo "print(originTensors, try model.sample(3, seed: 1).shape)"
} >"$work/Sources/App/main.swift"
quoted=$(for name in $names; do printf '"%s", ' "$name"; done)
cat >"$work/Package.swift" <<END
// swift-tools-version: 6.1
import PackageDescription
let package = Package(
  name: "collision",
  dependencies: [.package(name: "swiftgan", path: "$root")],
  targets: [$targets
    .executableTarget(name: "App", dependencies: [$quoted .product(name: "SwiftGAN", package: "swiftgan")]),
  ])
END
found=$(swift run -c debug --package-path "$work" --scratch-path "$root/.build-collision" App)
[ "$found" = "mine [3, 2]" ] || { echo "collision: found \"$found\"" >&2; exit 1; }

mkdir -p "$work/beside/points/Sources/Points"
cp "$root/docs/readme/Package.swift" "$work/beside/points"
ln -s "$root" "$work/beside/swiftgan"
echo 'import SwiftGAN' >"$work/beside/points/Sources/Points/main.swift"
swift package --package-path "$work/beside/points" show-dependencies --format json >"$work/said"
grep -q '"identity": "swift-argument-parser"' "$work/said"
echo "collision: passed"
