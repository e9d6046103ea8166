"""Images from images, and tables with missing elements, by the command."""

import json

import numpy
import pytest
from conftest import chunks, png, swiftgan


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    """Twelve photos of 16 x 16 pixels, and their negatives under the same names."""
    folder = tmp_path_factory.mktemp("pairs")
    random = numpy.random.default_rng(1)
    for kind in ("photos", "negatives"):
        (folder / kind).mkdir()
    for i in range(12):
        pixels = random.integers(0, 256, (16, 16), dtype=numpy.uint8)
        (folder / "photos" / f"{i:02}.png").write_bytes(png(pixels))
        (folder / "negatives" / f"{i:02}.png").write_bytes(png(255 - pixels))
    return folder


def size(path):
    """Width and height of a PNG file."""
    head = dict(chunks(path.read_bytes()))["IHDR"]
    return int.from_bytes(head[:4], "big"), int.from_bytes(head[4:8], "big")


def test_train_resume_translate(pairs, tmp_path):
    run, out = tmp_path / "run", tmp_path / "out"
    inputs = f"inputs={pairs / 'negatives'}"
    said = swiftgan(
        "train", pairs / "photos", "--data-option", inputs, "--width", 4, "--steps", 4, "--batch", 4, "--out", run
    )
    assert "unet of width 4 against patch of width 4" in said.stderr
    configuration = json.loads((run / "configuration.json").read_text())
    assert configuration["data"]["conditions"] == [16, 16, 1] and configuration["content"]["l1"] == 100
    # Answers beside what they should be, over the course of training.
    assert size(run / "samples.png") == (8 * 18 + 2, 3 * 18 + 2)
    swiftgan("resume", run, "--steps", 6)
    assert "content_cost" in (run / "metrics.csv").read_text().splitlines()[0]
    swiftgan("report", run)
    swiftgan("evaluate", run, pairs / "photos", "--data-option", inputs, "--features", "pixels")
    written = json.loads(
        swiftgan("translate", run, pairs / "negatives", "--answers", 3, "--out", out, "--json").stdout
    )["written"]
    assert len(written) == 12 * 3 + 1 and str(out / "03-2.png") in written
    assert size(out / "03-2.png") == (16, 16) and size(out / "answers.png") == (4 * 18 + 2, 12 * 18 + 2)
    assert (out / "03-1.png").read_bytes() != (out / "03-2.png").read_bytes()
    first = (out / "03-2.png").read_bytes()
    swiftgan("translate", run, pairs / "negatives", "--answers", 3, "--out", out)
    assert (out / "03-2.png").read_bytes() == first
    # Of pairs the inputs are translated, and the targets shown beside.
    swiftgan("translate", run, pairs / "photos", "--data-option", inputs, "--out", tmp_path / "pairs")
    assert size(tmp_path / "pairs" / "answers.png") == (3 * 18 + 2, 12 * 18 + 2)
    swiftgan("convert", run / "model.safetensors", tmp_path / "d.onnx", "--to", "onnx", "--network", "discriminator")
    wrong = swiftgan("translate", run, pairs / "photos", "--size", 8, "--out", out, status=1).stderr
    assert "its samples have the shape [8, 8, 1], the model's inputs [16, 16, 1]" in wrong
    swiftgan("translate", run, pairs / "negatives", "--answers", 0, status=64)


def test_larger(pairs, tmp_path):
    run = tmp_path / "run"
    option = 'degrade={"downsample": 4}'
    said = swiftgan("train", pairs / "photos", "--data-option", option, "--width", 4, "--steps", 2, "--out", run)
    assert "super_resolution of width 4" in said.stderr
    swiftgan("translate", run, pairs / "photos", "--size", 4, "--out", tmp_path / "out")
    assert size(tmp_path / "out" / "00.png") == (16, 16)
    assert size(tmp_path / "out" / "answers.png") == (2 * 18 + 2, 12 * 18 + 2)


def test_refused(pairs, tmp_path):
    (tmp_path / "few").mkdir()
    (tmp_path / "few" / "00.png").write_bytes((pairs / "photos" / "00.png").read_bytes())
    said = swiftgan("info", pairs / "photos", "--data-option", f"inputs={tmp_path / 'few'}", status=1).stderr
    assert "has 01.png, for which" in said
    said = swiftgan("train", pairs / "photos", "--preset", "unet", "--steps", 1, "--out", tmp_path / "no", status=1).stderr
    assert "labels.mode" in said or "needs data.shape and data.conditions" in said
    run = tmp_path / "ring"
    swiftgan("train", "ring", "--width", 4, "--steps", 1, "--out", run)
    assert "no inputs" in swiftgan("translate", run, "ring", "--out", tmp_path / "x", status=1).stderr


def test_tables_with_missing_elements(tmp_path):
    random = numpy.random.default_rng(1)
    table = random.normal(size=(60, 1)) * [1, 10, -5] + [0, 100, 7]
    known = random.random(table.shape) > 0.3
    known[numpy.arange(60), random.integers(0, 3, 60)] = True
    lines = ['a,"b, c",d'] + [
        ",".join(f"{x:.3f}" if k else "" for x, k in zip(row, of, strict=True)) for row, of in zip(table, known, strict=True)
    ]
    holes = tmp_path / "holes.csv"
    holes.write_text("\n".join(lines) + "\n")
    missing = ("--data-option", "missing=true")
    assert "allow them by the option missing" in swiftgan("info", holes, status=1).stderr
    assert json.loads(swiftgan("info", holes, *missing, "--json").stdout)["missing"]
    run = tmp_path / "run"
    swiftgan("train", holes, *missing, "--family", "gain", "--steps", 20, "--out", run)
    assert "hidden_error_least_squares" in (run / "metrics.csv").read_text().splitlines()[0]
    swiftgan("resume", run, "--steps", 5)
    swiftgan("report", run)
    whole = tmp_path / "whole.csv"
    for more in ([], ["--method", "least_squares"], ["--method", "mean"]):
        swiftgan("complete", run, holes, *missing, "--out", whole, *more)
        made = whole.read_text().splitlines()
        assert made[0] == 'a,"b, c",d' and len(made) == 61
        values = numpy.array([[float(x) for x in line.split(",")] for line in made[1:]])
        numpy.testing.assert_allclose(values[known], table[known], atol=1e-3)
        assert numpy.isfinite(values).all()
    assert "method" in swiftgan("complete", run, holes, *missing, "--out", whole, "--method", "median", status=1).stderr
    (tmp_path / "plain.csv").write_text("a,b,c\n1,2,3\n")
    assert "missing=true" in swiftgan("complete", run, tmp_path / "plain.csv", "--out", whole, status=1).stderr
    said = swiftgan("train", holes, *missing, "--steps", 1, "--out", tmp_path / "gan", status=1).stderr
    assert 'families that can: "gain"' in said
    assert "elements are missing" in swiftgan("compare", holes, *missing, "--steps", 1, "--out", tmp_path / "c", status=1).stderr
    said = swiftgan("evaluate", run, holes, *missing, status=1).stderr
    assert '"gain" has no sample' in said


def test_without_pairs(pairs, tmp_path):
    run = tmp_path / "run"
    options = ("--data-option", f"inputs={pairs / 'negatives'}", "--data-option", "unpaired=true")
    small = '{"layers": [{"conv": {"channels": 1, "kernel": 3}}, "tanh"]}'
    networks = ("--set", f"cyclegan.generator={small}", "--set", f"cyclegan.back_generator={small}")
    swiftgan("train", pairs / "photos", *options, "--family", "cyclegan", *networks, "--steps", 2, "--batch", 4, "--out", run)
    assert size(run / "samples.png") == (8 * 18 + 2, 3 * 18 + 2)
    swiftgan("resume", run, "--steps", 1)
    swiftgan("translate", run, pairs / "negatives", "--out", tmp_path / "there")
    swiftgan("translate", run, tmp_path / "there", "--back", "--data-option", "skip_corrupt=false", "--out", tmp_path / "back", status=1)
    (tmp_path / "there" / "answers.png").unlink()
    swiftgan("translate", run, tmp_path / "there", "--back", "--out", tmp_path / "back")
    assert size(tmp_path / "back" / "03.png") == (16, 16)
    swiftgan("translate", run, pairs / "photos", "--back", "--answers", 2, status=64)
