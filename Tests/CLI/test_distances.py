"""Every evaluation has some distance, and says why one is missing."""

import json

import numpy
import pytest
from conftest import lines, swiftgan

SHAPES = {
    "colors": ((400, 32, 32, 3), 400),
    "few gray images": ((300, 28, 28), 300),
    "very few images": ((12, 16, 16), 12),
    "not square": ((200, 40, 24, 3), 200),
    "few vectors": ((30, 40), 30),
}


@pytest.mark.parametrize("name", SHAPES)
def test_evaluations_while_training(tmp_path, name):
    shape, count = SHAPES[name]
    x = numpy.random.default_rng(0).integers(0, 255, shape).astype(numpy.uint8)
    numpy.save(tmp_path / "x.npy", x / numpy.float32(255) if len(shape) == 2 else x)
    out = tmp_path / "run"
    preset = ["--preset", "mlp"] if name == "not square" else []
    swiftgan(
        "train", tmp_path / "x.npy", *preset, "--width", 4, "--steps", 8, "--evaluate-every", 4, "--evaluate-count", count,
        "--keep-every", 4, "--out", out,
    )  # fmt: skip
    assert (out / "best.safetensors").exists()
    evaluated = [line for line in lines(out / "metrics.jsonl") if "kernel_distance" in line]
    assert [line["step"] for line in evaluated] == [4, 8]
    least = "frechet_distance"
    for line in evaluated:
        if name == "few vectors":
            least = "kernel_distance"
            assert line["frechet_distance"] is None and "30 samples of 40 features" in line["frechet_distance_missing"]
        else:
            assert line["frechet_distance"] > 0 and "frechet_distance_missing" not in line
    best = min(evaluated, key=lambda line: line[least])["step"]
    kept = out / "checkpoints" / f"{best:07}.safetensors"
    assert (out / "best.safetensors").read_bytes() == kept.read_bytes()
    swiftgan("report", out)
    assert ("kernel distance" if least == "kernel_distance" else "Fréchet distance") in (out / "report.html").read_text()


def test_reduced_pixels(tmp_path):
    """The Fréchet distance of pixels that are averaged over squares, against NumPy's."""
    x = numpy.random.default_rng(1).integers(0, 255, (300, 28, 28)).astype(numpy.uint8)
    numpy.save(tmp_path / "x.npy", x)
    swiftgan("train", tmp_path / "x.npy", "--width", 4, "--steps", 2, "--out", tmp_path / "run")
    judge = ["evaluate", tmp_path / "run", tmp_path / "x.npy", "--json"]
    found = json.loads(swiftgan(*judge).stdout)
    said = found["frechet_features"]
    assert said["kind"] == "pixels" and said["reduced_to"] == [10, 10, 1]
    assert said["reason"].startswith("300 samples of 784 features have a singular covariance")
    assert found["features"]["size"] == 784 and found["frechet_distance"] > 0
    with_ridge = json.loads(swiftgan(*judge, "--ridge", 1).stdout)
    assert "frechet_features" not in with_ridge and with_ridge["ridge"] == 1


@pytest.fixture
def sets(tmp_path):
    """Two labelled sets of the same shape, and one with other classes."""
    random = numpy.random.default_rng(2)
    for name, classes in (("a", 3), ("b", 3), ("c", 5)):
        labels = numpy.arange(150) % classes
        x = random.integers(0, 60, (150, 16, 16)) + 30 * labels[:, None, None]
        numpy.savez(tmp_path / f"{name}.npz", x=x.astype(numpy.uint8), y=labels)
    swiftgan("train", tmp_path / "a.npz", "--width", 4, "--steps", 2, "--batch", 8, "--out", tmp_path / "run")
    return tmp_path


def test_an_extractor_of_other_data_is_named(sets):
    judge = ["evaluate", sets / "run", "--epochs", 1, "--json"]
    own = swiftgan(*judge[:2], sets / "a.npz", *judge[2:])
    assert own.stderr == "" and json.loads(own.stdout)["features"]["trained_on"]["count"] == 150
    again = swiftgan(*judge[:2], sets / "a.npz", *judge[2:])
    assert again.stderr == "" and json.loads(again.stdout) == json.loads(own.stdout)
    other = swiftgan(*judge[:2], sets / "b.npz", *judge[2:])
    assert "extractor.safetensors: the classifier was trained on other data: this has other values" in other.stderr
    assert json.loads(other.stdout)["features"] == json.loads(own.stdout)["features"]
    refused = swiftgan(*judge[:2], sets / "c.npz", *judge[2:], status=1).stderr
    assert "extractor.safetensors: the classifier was trained on data with other classes" in refused
    assert "choose another file for the extractor, or remove this one" in refused
    swiftgan(*judge[:2], sets / "c.npz", *judge[2:], "--extractor", sets / "other.safetensors")
