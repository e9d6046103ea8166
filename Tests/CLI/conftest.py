"""The built command, as a user runs it."""

import json
import os
import pathlib
import struct
import subprocess
import zlib

import numpy
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMAND = os.environ.get("SWIFTGAN", str(ROOT / "build" / "swiftgan"))


def swiftgan(*arguments, status=0, **options):
    """Runs the command; its exit status must be the one that is expected."""
    options = {"text": True} | options
    result = subprocess.run([COMMAND, *map(str, arguments)], capture_output=True, timeout=100, **options)
    assert result.returncode == status, f"status {result.returncode}\n{result.stdout[-2000:]}\n{result.stderr[-2000:]}"
    return result


def lines(path):
    """A file of JSON objects, one a line."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def chunks(png):
    """The chunks of a PNG file: (kind, body), each with its checksum verified."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    place, found = 8, []
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        kind, body = png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        (crc,) = struct.unpack(">I", png[place + 8 + length : place + 12 + length])
        assert crc == zlib.crc32(kind + body), kind
        found.append((kind.decode(), body))
        place += 12 + length
    return found


def png(pixels):
    """A gray picture, uint8 [height, width], as a PNG file's bytes."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    header = struct.pack(">2I5B", pixels.shape[1], pixels.shape[0], 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.fixture(scope="session")
def images(tmp_path_factory):
    """A folder with 160 images of 16 x 16 pixels in two classes: dark with a bright half, left or right."""
    folder = tmp_path_factory.mktemp("images")
    random = numpy.random.default_rng(1)
    labels = numpy.arange(160) % 2
    pixels = random.integers(0, 60, (160, 16, 16), dtype=numpy.uint8)
    pixels[labels == 0, :, :8] += 180
    pixels[labels == 1, :, 8:] += 180
    (folder / "train-images-idx3-ubyte").write_bytes(struct.pack(">4I", 0x803, 160, 16, 16) + pixels.tobytes())
    (folder / "train-labels-idx1-ubyte").write_bytes(
        struct.pack(">2I", 0x801, 160) + labels.astype(numpy.uint8).tobytes()
    )
    return folder


@pytest.fixture(scope="session")
def run(tmp_path_factory, images):
    """A finished run on images, with everything that a run can have."""
    folder = tmp_path_factory.mktemp("runs") / "of" / "images" / "run"
    swiftgan(
        "train", images, "--width", 8, "--batch", 16, "--steps", 40, "--evaluate-every", 20, "--evaluate-count", 150,
        "--keep-every", 20, "--tensorboard", folder.parent / "events", "--out", folder,
    )  # fmt: skip
    return folder
