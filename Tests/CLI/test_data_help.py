"""`swiftgan help data` and what it lists."""

import re
import struct
import sys

import numpy
import pytest
from conftest import ROOT, png, swiftgan

COMMON = "All data but ring and grid:"


@pytest.fixture
def data(tmp_path):
    """One of each format."""
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.png").write_bytes(png(numpy.zeros((16, 16), numpy.uint8)))
    (tmp_path / "train-images-idx3-ubyte").write_bytes(struct.pack(">HBBIII", 0, 8, 3, 4, 8, 8) + bytes(256))
    (tmp_path / "data_batch_1.bin").write_bytes(bytes(2 * 3073))
    numpy.save(tmp_path / "x.npy", numpy.zeros((4, 8, 8), numpy.uint8))
    numpy.savez(tmp_path / "x.npz", x=numpy.zeros((4, 8, 8), numpy.uint8))
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("pictures", "A folder of PNG and JPEG files"), ("train-images-idx3-ubyte", "IDX files"),
        ("data_batch_1.bin", "CIFAR-10"), ("x.npy", "A NumPy array"), ("x.npz", "An archive of NumPy"),
        ("x.csv", "A table"), ("ring", "ring:"), ("grid", "grid:"),
    ],
)  # fmt: skip
def test_every_option_is_listed(data, name, begins):
    """The options that a format knows are those of its part of the help, or of the parts for all."""
    text = swiftgan("help", "data").stdout
    parts = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text)]
    (own,) = [part for part in parts if part.startswith(begins)]
    rest = " ".join(parts[parts.index(next(p for p in parts if p.startswith("Images of all formats"))) :])
    path = name if name in ("ring", "grid") else data / name
    said = swiftgan("info", path, "--data-option", "zzqq=1", status=1).stderr
    options = re.search(r"whose options are (.*)", said)[1].split(", ")
    assert len(options) >= 5
    for option in options:
        listed = own if name in ("ring", "grid") else own + " " + rest
        assert re.search(rf"\b{option}\b", listed), option
    # And what its own part says, it knows.
    for option in re.findall(r"\b([a-z_]+)=", own):
        assert option in options, option


def test_the_header_lists_the_same():
    sys.path.insert(0, str(ROOT / "docs"))
    from formats import header_with, list_of_formats

    header = (ROOT / "include" / "swiftgan.h").read_text()
    assert header == header_with(header, list_of_formats(swiftgan("help", "data").stdout)), "run `make reference`"


def test_the_command_and_the_manual_say_the_same():
    text = swiftgan("help", "data").stdout
    assert swiftgan("data").stdout.split() == text.split()
    manual = (ROOT / "Sources" / "swiftgan-cli" / "man" / "swiftgan-data.1").read_text()
    for word in ("A folder of PNG and JPEG files", "transposed=true", "conditions=", "shuffle_block=1000"):
        assert word in text and word in manual
