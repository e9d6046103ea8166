"""People's own pictures: folders of PNG and JPEG files of mixed sizes, and errors that say what is there."""

import json
import struct
import zlib

import numpy
import pytest
from conftest import swiftgan


def jpeg(blocks):
    """A gray JPEG file: each of [rows, columns] is a block of 8 x 8 pixels of one value."""

    def segment(marker, body):
        return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body

    rows, columns = blocks.shape
    # Code lengths: 12 of four bits for the sizes of differences, and one of a bit for the end of a block.
    differences = segment(0xC4, b"\0" + bytes([0, 0, 0, 12] + [0] * 12) + bytes(range(12)))
    ends = segment(0xC4, b"\x10" + bytes([1] + [0] * 15) + b"\0")
    bits, before = "", 0
    for value in blocks.ravel():
        # The constant part is eight times the mean less 128; quantized by 8.
        difference, before = int(value) - 128 - before, int(value) - 128
        size = abs(difference).bit_length()
        bits += f"{size:04b}"
        if size:
            bits += f"{difference if difference > 0 else difference + (1 << size) - 1:0{size}b}"
        bits += "0"
    bits += "1" * (-len(bits) % 8)
    body = bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8)).replace(b"\xff", b"\xff\0")
    return (
        b"\xff\xd8" + segment(0xDB, b"\0" + bytes([8] * 64)) + segment(0xC0, struct.pack(">BHHB3B", 8, 8 * rows, 8 * columns, 1, 1, 0x11, 0))
        + differences + ends + segment(0xDA, b"\1\1\0\0\x3f\0") + body + b"\xff\xd9"
    )  # fmt: skip


def png(pixels):
    """A PNG file of uint8 [height, width, channels], RGB or RGBA."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    height, width, channels = pixels.shape
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    header = struct.pack(">2I5B", width, height, 8, {3: 2, 4: 6}[channels], 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """200 pictures of mixed sizes: gray JPEG, RGB PNG, PNG with transparency that hides black; in two classes."""
    folder = tmp_path_factory.mktemp("mixed")
    random = numpy.random.default_rng(0)
    for name in ("cats", "dogs"):
        (folder / name).mkdir()
        for i in range(100):
            height, width = random.integers(4, 12, 2)
            if i % 2 == 0:
                data, ending = jpeg(random.integers(100, 156, (height, width))), "jpg"
            else:
                pixels = random.integers(0, 256, (8 * height, 8 * width, 3 + i % 4 // 2), dtype=numpy.uint8)
                if pixels.shape[2] == 4:
                    pixels[..., :3] = 0
                    pixels[..., 3] = 0
                data, ending = png(pixels), "png"
            (folder / name / f"{i}.{ending}").write_bytes(data)
    (folder / "cats" / "notes.txt").write_text("cats")
    return folder


@pytest.mark.parametrize("side", [32, 64])
def test_mixed_pictures(mixed, tmp_path, side):
    said = swiftgan("info", mixed, "--size", side, "--json")
    found = json.loads(said.stdout)
    assert found["count"] == 200 and found["shape"] == [side, side, 3]
    assert found["class_names"] == ["cats", "dogs"] and found["class_counts"] == [100, 100]
    assert found["other_files"] == 1 and found["transparent"] == 50
    # What was transparent is white, not the black that it hid: half gray about 128, a quarter noise, a quarter white.
    assert found["highest"] == 1 and found["mean"] > 0.2
    assert "left out 1 .txt" in said.stderr and "50 of 200 pictures have transparency" in said.stderr
    run = tmp_path / "run"
    swiftgan("train", mixed, "--size", side, "--width", 4, "--steps", 2, "--batch", 8, "--out", run)
    assert json.loads((run / "configuration.json").read_text())["data"]["shape"] == [side, side, 3]
    swiftgan("resume", run, "--steps", 1)
    swiftgan("evaluate", run, mixed, "--size", side, "--count", 100, "--features", "pixels")


@pytest.mark.parametrize("side", [20, 48, 100])
def test_other_sides(mixed, tmp_path, side):
    swiftgan("train", mixed, "--size", side, "--width", 2, "--steps", 1, "--batch", 4, "--out", tmp_path / "run")


def test_sizes_that_differ_are_explained(mixed):
    said = swiftgan("info", mixed, status=1).stderr
    assert "the first picture is" in said and "size" in said


@pytest.mark.parametrize("command", ["info", "train", "evaluate"])
def test_a_missing_path_comes_first(command, run, tmp_path):
    before = [run] if command == "evaluate" else []
    said = swiftgan(command, *before, tmp_path / "none", "--data-option", "resise=3", "--data-option", "x", status=1)
    assert "none: No such file or directory" in said.stderr


def test_one_picture_is_no_data_set(mixed):
    said = swiftgan("info", mixed / "cats" / "0.jpg", status=1).stderr
    assert "a JPEG file; pictures are read from the folder that holds them" in said


def test_options_of_other_formats(mixed):
    said = swiftgan("info", mixed, "--data-option", "coarse=true", status=1).stderr
    assert "coarse: unknown key of a folder of pictures, whose options are background, channels" in said
    said = swiftgan("info", "ring", "--size", 3, status=1).stderr
    assert 'size: unknown key; did you mean "side"?' in said or 'size: unknown key of the synthetic set "ring"' in said


def test_a_table_as_people_have_it(tmp_path):
    random = numpy.random.default_rng(0)
    lines = ["Größe;Gewicht;Art"]
    for i in range(60):
        lines += [f"{random.normal():.3f};{random.normal():.2f};{'Hund' if i % 3 else 'Katze'}".replace(".", ",")]
        lines += [""] * (i % 7 == 0)
    (tmp_path / "tiere.csv").write_text("\n".join(lines) + "\n\n", encoding="utf-8")
    found = json.loads(swiftgan("info", tmp_path / "tiere.csv", "--data-option", "labels=Art", "--json").stdout)
    assert found["count"] == 60 and found["shape"] == [2]
    assert found["class_names"] == ["Hund", "Katze"] and found["class_counts"] == [40, 20]
    swiftgan(
        "train", tmp_path / "tiere.csv", "--data-option", "labels=Art", "--labels", "conditional", "--steps", 2,
        "--batch", 8, "--out", tmp_path / "run",
    )  # fmt: skip
