"""Families that give the distribution of one element after another: pixelcnn, pixelrnn, wavenet."""

import math
import wave

import numpy
import pytest

import swiftgan


@pytest.mark.parametrize("family", ["pixelcnn", "pixelrnn"])
def test_images_of_levels(family):
    own = {"width": 6, "depth": 2, "first_kernel": 3, "head": 8, "levels": 4}
    model = swiftgan.Model({"family": family, "data": {"shape": [3, 4, 1], "classes": 2}, family: own})
    assert model.summary["likelihood"] == "exact" and {"sample", "complete"} <= set(model.summary["capabilities"])
    rng = numpy.random.default_rng(1)
    x = (rng.integers(0, 4, (8, 3, 4, 1)) / 1.5 - 1).astype("float32")
    labels = numpy.arange(8) % 2
    report = model.step(x, labels=labels)
    assert math.isclose(report["bits_per_dimension"], report["cost"] / 12 / math.log(2), rel_tol=1e-5)
    assert model.log_likelihood(x, labels=labels).shape == (8,)
    samples = model.sample(4, labels=[0, 1, 0, 1])
    assert numpy.allclose(numpy.rint((samples + 1) * 1.5), (samples + 1) * 1.5, atol=1e-5)
    known = numpy.ones((3, 4, 1), "float32")
    known[2:] = 0
    filled = model.complete(x, known, labels=labels, answers=2)
    assert (filled[:, :, :2] == x[:, None, :2]).all()
    with pytest.raises(swiftgan.UnsupportedError, match="comes after all known"):
        model.complete(x, 1 - known, labels=labels)
    with pytest.raises(swiftgan.SwiftGANError, match="labels"):
        model.step(x)
    with pytest.raises(swiftgan.SwiftGANError, match="on 4 levels"):
        model.step(x / 2, labels=labels)


def test_sound(tmp_path):
    (tmp_path / "data").mkdir()
    with wave.open(str(tmp_path / "data" / "a.wav"), "wb") as file:
        file.setparams((2, 2, 8000, 0, "NONE", ""))
        file.writeframes(numpy.array([[8192, 0], [-8192, -8192]] * 100, "<i2").tobytes())
    data = swiftgan.Dataset.open(tmp_path / "data", window=50, hop=25)
    assert (len(data), data.shape, data.info["sample_rate"]) == (7, (50,), 8000)
    assert numpy.array_equal(data.read(0, 1)[0][0, :2], [0.125, -0.25])
    model = swiftgan.Model({"family": "wavenet", "data": {"shape": [50]}, "wavenet": {"width": 4, "layers": 3}})
    model.train(data, 3, batch=4)
    assert model.sample(2).shape == (2, 50) and model.log_likelihood(data.read(0, 2)[0]).shape == (2,)
    wrong = swiftgan.Model({"family": "wavenet", "data": {"shape": [50], "sample_rate": 16000}})
    with pytest.raises(swiftgan.SwiftGANError, match="data.sample_rate"):
        wrong.train(data, 1, batch=4)
