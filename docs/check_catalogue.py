"""Compares the code in SwiftGAN's documentation catalogue with the examples that it is copied from: each block of an article is a run of lines of one
example, and each step of the tutorial adds lines to the step before."""

import pathlib
import re
import sys

root = pathlib.Path(__file__).parents[1]
catalogue = root / "Sources/SwiftGAN/SwiftGAN.docc"
examples = [path.read_text() for path in (root / "bindings/swift/Sources").rglob("*.swift")]
wrong = []
articles = sorted(catalogue.glob("*.md"))
blocks = [(path, block) for path in articles for block in re.findall(r"```swift\n(.*?)```", path.read_text(), re.S)]
for path, block in blocks:
    if not any(f"\n{block}" in f"\n{example}" for example in examples):
        wrong.append(f"{path.name}: no example has this code: {block[:60]!r}")
if len(blocks) < 6:
    wrong.append(f"expected code in the articles, found {len(blocks)} blocks")
steps = sorted(catalogue.glob("Resources/ring-[2-9].swift"))
for before, after in zip(steps, steps[1:]):
    rest = iter(after.read_text().splitlines())
    missing = [line for line in before.read_text().splitlines() if line not in rest]
    if missing:
        wrong.append(f"{after.name} lacks lines of {before.name}: {missing[0]!r}")
if len(steps) < 4 or steps[-1].resolve() != root / "bindings/swift/Sources/Ring/Ring.swift":
    wrong.append("the tutorial's last step is not the example Ring.swift")
print("\n".join(wrong), file=sys.stderr, end="\n" if wrong else "")
sys.exit(bool(wrong))
