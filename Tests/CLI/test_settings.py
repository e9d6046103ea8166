"""What `--set`, `--label` and `--batch` mean."""

import json

import numpy
import pytest
from conftest import png, swiftgan

QUICK = ["--width", 4, "--steps", 2, "--batch", 8]


def optimizers(tmp_path, data, *settings, **options):
    out = tmp_path / "run"
    swiftgan("train", data, *QUICK, *(f for s in settings for f in ("--set", s)), "--out", out, "--overwrite", **options)
    return json.loads((out / "configuration.json").read_text())["optimizer"]


@pytest.mark.parametrize("data", ["ring", None], ids=["vectors, whose players have optimizers of their own", "images"])
@pytest.mark.parametrize("name", ["learning_rate", "lr", "optimizer.learning_rate", "optimizer.lr", "optimizer.adam.lr"])
def test_rates_of_both_players(tmp_path, images, data, name):
    found = optimizers(tmp_path, data or images, f"{name}=0.003")
    assert [found[p]["adam"]["learning_rate"] for p in ("generator", "discriminator")] == pytest.approx([0.003, 0.003])


def test_rates_of_one_player(tmp_path):
    found = optimizers(tmp_path, "ring", "optimizer.generator.lr=0.003")
    assert found["generator"]["adam"]["learning_rate"] == pytest.approx(0.003)
    assert found["discriminator"]["adam"]["learning_rate"] == pytest.approx(0.001)


@pytest.mark.parametrize(
    "settings",
    [
        ["optimizer.sgd.momentum=0.9", "lr=0.02"],
        ["optimizer.sgd.learning_rate=0.02", "optimizer.sgd.momentum=0.9"],
        ["optimizer.generator.sgd.momentum=0.9", "optimizer.discriminator.sgd.momentum=0.9", "learning_rate=0.02"],
    ],
)
@pytest.mark.parametrize("data", ["ring", None], ids=["vectors", "images"])
def test_a_rule_takes_the_place_of_another(tmp_path, images, data, settings):
    found = optimizers(tmp_path, data or images, *settings)
    for player in ("generator", "discriminator"):
        assert list(found[player]) == ["sgd"]
        assert found[player]["sgd"]["learning_rate"] == pytest.approx(0.02)
        assert found[player]["sgd"]["momentum"] == pytest.approx(0.9)


def test_schedules_stay_schedules(tmp_path):
    out = tmp_path / "run"
    swiftgan("train", "ring", *QUICK, "--set", 'learning_rate={"cosine": {"steps": 9}}', "--out", out)
    assert "cosine" in json.loads((out / "configuration.json").read_text())["learning_rate"]
    assert "found 0.1; a rate is set by optimizer.adam.learning_rate" in swiftgan(
        "train", "ring", "--config", write(tmp_path, {"data": {"shape": [2]}, "learning_rate": 0.1}), status=1
    ).stderr


def write(folder, config):
    (folder / "config.json").write_text(json.dumps(config))
    return folder / "config.json"


@pytest.fixture(scope="module")
def animals(tmp_path_factory):
    """A run that is conditional on the classes of folders: bright cats, dark dogs and gray owls."""
    folder = tmp_path_factory.mktemp("animals")
    for name, value in (("dog", 10), ("cat", 250), ("owl", 120)):
        (folder / "data" / name).mkdir(parents=True)
        for i in range(8):
            (folder / "data" / name / f"{i}.png").write_bytes(png(numpy.full((16, 16), value, numpy.uint8)))
    swiftgan("train", folder / "data", "--labels", "conditional", *QUICK, "--keep-every", 2, "--out", folder / "run")
    return folder / "run"


def test_classes_by_name(animals, tmp_path):
    pictures = {}
    for label in (0, 1, "cat", "dog"):
        for checkpoint in (animals, animals / "model.safetensors", animals / "checkpoints" / "0000002.safetensors"):
            swiftgan("sample", checkpoint, "--label", label, "--out", tmp_path / "a.png")
            pictures.setdefault(label, set()).add((tmp_path / "a.png").read_bytes())
    assert len(pictures["cat"]) == 1 and pictures["cat"] == pictures[0] != pictures[1] == pictures["dog"]
    swiftgan("interpolate", animals, "--label", "owl", "--out", tmp_path / "way.png")
    said = swiftgan("sample", animals, "--label", "cow", "--out", tmp_path / "b.png", status=1).stderr
    assert 'expected a class 0...2 or one of cat, dog, owl, found "cow"' in said
    assert "expected a class 0...2, found 3" in swiftgan("sample", animals, "--label", 3, status=1).stderr


def test_label_of_a_model_without_classes(run, tmp_path):
    said = swiftgan("sample", run, "--label", 1, "--out", tmp_path / "a.png", status=1).stderr
    assert "--label: this model makes samples of no class that is asked for" in said and "--labels conditional" in said
    assert not (tmp_path / "a.png").exists()


def test_batch_is_at_most_the_samples(tmp_path):
    numpy.save(tmp_path / "few.npy", numpy.arange(20 * 256, dtype=numpy.uint8).reshape(20, 16, 16))
    swiftgan("train", tmp_path / "few.npy", "--width", 4, "--steps", 2, "--out", tmp_path / "run")
    assert json.loads((tmp_path / "run" / "run.json").read_text())["batch"] == 20
    swiftgan("train", "ring", "--steps", 2, "--out", tmp_path / "ring")
    assert json.loads((tmp_path / "ring" / "run.json").read_text())["batch"] == 64
    assert "batch: expected 1...20, found 21" in swiftgan(
        "train", tmp_path / "few.npy", "--batch", 21, "--out", tmp_path / "no", status=1
    ).stderr
