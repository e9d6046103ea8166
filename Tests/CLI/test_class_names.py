"""Classes by name: they belong to the model, whatever data it meets."""

import json
import shutil
import zlib

import numpy
import pytest
from conftest import png, swiftgan

SHADES = {"cats": 20, "dogs": 120, "owls": 230}


def pictures(folder, *classes):
    for name in classes:
        (folder / name).mkdir(parents=True)
        for i in range(6):
            shade = SHADES.get(name, 50) + i
            (folder / name / f"{i}.png").write_bytes(png(numpy.full((16, 16), shade, numpy.uint8)))
    return folder


@pytest.fixture
def run(tmp_path):
    """A short training on three classes."""
    data = pictures(tmp_path / "data", "cats", "dogs", "owls")
    swiftgan(
        "train", data, "--labels", "conditional", "--width", 4, "--batch", 6, "--steps", 3, "--out", tmp_path / "run"
    )
    return tmp_path / "run"


def test_a_checkpoint_alone_knows_its_classes(run, tmp_path):
    model = tmp_path / "elsewhere.safetensors"
    shutil.copy(run / "model.safetensors", model)
    swiftgan("sample", model, "--count", 4, "--label", "owls", "--out", tmp_path / "a.png")
    swiftgan("sample", model, "--count", 4, "--label", 2, "--out", tmp_path / "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    swiftgan("interpolate", model, "--label", "owls", "--out", tmp_path / "way.png")
    assert "one of cats, dogs, owls" in swiftgan("sample", model, "--label", "cows", status=1).stderr
    assert "Its classes are cats, dogs, owls." in swiftgan("info", model).stdout
    summary = json.loads(swiftgan("info", model, "--json").stdout)["summary"]
    assert summary["class_names"] == ["cats", "dogs", "owls"]


def test_other_data_is_matched_by_name(run, tmp_path):
    """Of the model's classes it may have fewer; others are refused."""
    few = pictures(tmp_path / "few", "dogs", "owls")
    more = pictures(tmp_path / "more", "cats", "cows")
    swiftgan("resume", run, "--steps", 1, "--data", few)
    swiftgan("resume", run, "--steps", 1)
    assert json.loads(swiftgan("info", run, "--json").stdout)["summary"]["class_names"] == ["cats", "dogs", "owls"]
    for command in (
        ("resume", run, "--steps", 1, "--data", more),
        ("evaluate", run, more, "--features", "pixels"),
        ("complete", run, more, "--samples", "0", "--out", tmp_path / "c.png"),
    ):
        assert '"cows", which is not one of "cats", "dogs", "owls"' in swiftgan(*command, status=1).stderr
    swiftgan("evaluate", run, few, "--features", "pixels", "--ridge", 1)
    swiftgan("complete", run, few, "--samples", "0", "--answers", 1, "--out", tmp_path / "c.png")


def test_a_run_of_before_learns_the_names(run, tmp_path):
    """Its checkpoint has none, but its data does."""
    model = run / "model.safetensors"
    whole = model.read_bytes()
    size = int.from_bytes(whole[:8], "little")
    header = json.loads(whole[8 : 8 + size])
    metadata = header["__metadata__"]
    assert json.loads(metadata.pop("class_names")) == ["cats", "dogs", "owls"]
    del metadata["swiftgan.contents_crc32"]
    # The checksum over the header, its own digits taken as zeros.
    metadata["swiftgan.header_crc32"] = "0" * 8
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    text = text.replace(b'header_crc32":"00000000', b'header_crc32":"%08x' % zlib.crc32(text))
    model.write_bytes(len(text).to_bytes(8, "little") + text + whole[8 + size :])
    assert "Its classes" not in swiftgan("info", run).stdout
    swiftgan("sample", run, "--label", "owls", "--out", tmp_path / "a.png")
    swiftgan("resume", run, "--steps", 1)
    assert "Its classes are cats, dogs, owls." in swiftgan("info", run).stdout
