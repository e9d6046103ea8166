"""Samples in files of every kind."""

import json
import re

import numpy
import pytest
from conftest import chunks, swiftgan


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """A run on gray images of two named classes."""
    folder = tmp_path_factory.mktemp("images")
    rng = numpy.random.default_rng(0)
    numpy.savez(folder / "data.npz", samples=rng.integers(0, 255, (40, 16, 16)).astype("uint8"), labels=numpy.arange(40) % 2)
    swiftgan(
        "train", folder / "data.npz", "--data-option", 'classes=["a, b","c"]', "--labels", "conditional", "--steps", 2, "--width", 4,
        "--batch", 8, "--out", folder / "run",
    )
    return folder / "run"


@pytest.fixture(scope="module")
def vectors(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vectors")
    lines = [f'{i % 7},{i % 5},"{"cat" if i % 2 else "dog, old"}"' for i in range(80)]
    (folder / "t.csv").write_text("a,b,kind\n" + "\n".join(lines) + "\n")
    swiftgan(
        "train", folder / "t.csv", "--data-option", "labels=kind", "--labels", "conditional", "--steps", 2, "--out", folder / "run"
    )
    return folder / "run"


def size(png):
    assert png.startswith(b"\x89PNG")
    header = dict(chunks(png))["IHDR"]
    return int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")


def test_single_images(pictures, tmp_path):
    assert swiftgan("sample", pictures, "--count", 12, "--out", f"{tmp_path}/new/").stdout.split() == [f"{tmp_path}/new"]
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == [f"{i:05}.png" for i in range(12)]
    assert size((tmp_path / "new/00000.png").read_bytes()) == (16, 16)
    swiftgan("sample", pictures, "--count", 11, "--scale", 3, "--out", f"{tmp_path}/few/it-%02d.png")
    assert sorted(p.name for p in (tmp_path / "few").iterdir()) == [f"it-{i:02}.png" for i in range(11)]
    assert size((tmp_path / "few/it-03.png").read_bytes()) == (48, 48)
    assert json.loads(swiftgan("info", tmp_path / "few", "--json").stdout)["count"] == 11


def test_grids(pictures, tmp_path):
    swiftgan("sample", pictures, "--count", 6, "--columns", 3, "--border", 0, "--scale", 4, "--out", tmp_path / "g.png")
    assert size((tmp_path / "g.png").read_bytes()) == (3 * 64, 2 * 64)
    swiftgan("sample", pictures, "--count", 6, "--columns", 3, "--out", tmp_path / "h.png")
    assert size((tmp_path / "h.png").read_bytes()) == (3 * 18 + 2, 2 * 18 + 2)
    same = swiftgan("sample", pictures, "--count", 6, "--columns", 3, "--out", "-", text=False).stdout
    assert same == (tmp_path / "h.png").read_bytes()


def test_arrays(pictures, tmp_path):
    swiftgan("sample", pictures, "--count", 5, "--out", tmp_path / "s.npy")
    array = numpy.load(tmp_path / "s.npy")
    assert array.shape == (5, 16, 16, 1) and array.dtype == numpy.float32
    swiftgan("sample", pictures, "--count", 5, "--out", tmp_path / "s.npz")
    with numpy.load(tmp_path / "s.npz") as archive:
        numpy.testing.assert_array_equal(archive["samples"], array)
        assert archive["labels"].tolist() == [0, 1, 0, 1, 0]
    for name in ("s.npy", "s.npz"):
        assert json.loads(swiftgan("info", tmp_path / name, "--json").stdout)["count"] == 5


def test_tables(vectors, tmp_path):
    swiftgan("sample", vectors, "--count", 4, "--out", tmp_path / "s.csv")
    lines = (tmp_path / "s.csv").read_text().splitlines()
    assert lines[0] == "x0,x1,class" and len(lines) == 5
    assert [line.split(",", 2)[2] for line in lines[1:]] == ["cat", '"dog, old"'] * 2
    plain = swiftgan("sample", vectors, "--count", 4, "--out", "-").stdout.splitlines()
    assert [line.split(",")[:2] for line in lines[1:]] == [line.split(",") for line in plain]
    told = json.loads(swiftgan("info", tmp_path / "s.csv", "--json").stdout)
    assert told["count"] == 4 and told["class_names"] == ["cat", "dog, old"]
    swiftgan("sample", vectors, "--count", 4, "--out", tmp_path / "s.npy")
    assert numpy.load(tmp_path / "s.npy").shape == (4, 2)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("s.xyz", "images"), ("s.csv", "images"), ("s.jpg", "images"), ("s%s.png", "images"), ("s%d%d.png", "images"), ("s%03d.npy", "images"),
     ("s.png", "vectors"), ("s/", "vectors"), ("s.xyz", "vectors"), ("s%d.png", "vectors")],
)
def test_refused_endings(pictures, vectors, tmp_path, name, kind):
    said = swiftgan("sample", pictures if kind == "images" else vectors, "--out", f"{tmp_path}/{name}", status=1).stderr
    assert name.rstrip("/") in said and f"{kind} are written to" in said
    assert not list(tmp_path.iterdir())


def test_refused_endings_of_other_commands(pictures, tmp_path):
    data = pictures.parent / "data.npz"
    for arguments, ending in (
        (("interpolate", pictures, "--out", tmp_path / "a.gif"), ".png"),
        (("complete", pictures, data, "--out", tmp_path / "a.csv"), ".png"),
        (("info", data, "--out", tmp_path / "a.jpg"), ".png"),
        (("compare-costs", "--out", tmp_path / "a.svg"), ".png"),
        (("convert", pictures, tmp_path / "a.png", "--to", "onnx"), ".onnx"),
        (("convert", pictures, tmp_path / "a.onnx", "--to", "pytorch"), ".safetensors"),
        (("report", pictures, "--out", tmp_path / "a.png"), ".html"),
    ):
        said = swiftgan(*arguments, status=1).stderr
        assert re.search(r"a\.\w+", said) and ending in said, said
    assert not list(tmp_path.iterdir())


def test_refused_numbers(pictures, tmp_path):
    for option, text in (("--scale=0", "scale: expected 1...1024"), ("--border=-1", "border: expected 0...1024"), ("--scale=1000", "at most 65536")):
        assert text in swiftgan("sample", pictures, option, "--out", tmp_path / "a.png", status=1).stderr
    assert "--json" in swiftgan("sample", pictures, "--json", "--out", "-", status=1).stderr
