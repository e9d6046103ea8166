"""Compares README's code with the files that it is copied from, word for word. Each block is preceded by its file's name in a comment; only the
two commands at the top may go without. Prints the files."""

import pathlib
import re
import sys

root = pathlib.Path(__file__).parents[1]
blocks = re.findall(r"(?:<!-- (\S+) -->\n)?```([a-z]+)\n(.*?)```\n", (root / "README.md").read_text(), re.S)
wrong = [f"README: no file is named before the block of {kind}: {text[:40]!r}" for name, kind, text in blocks[1:] if not name]
for name, _, text in blocks:
    if name and (root / name).read_text() != text:
        wrong.append(f"README: the code differs from {name}")
kinds = {kind for name, kind, _ in blocks if name}
if kinds != {"sh", "c", "python", "swift"}:
    wrong.append(f"README: expected code of a shell, C, Python and Swift, found {sorted(kinds)}")
print("\n".join(wrong or [name for name, _, _ in blocks if name]))
sys.exit(bool(wrong))
