"""Families of models trained on the same data, side by side."""

import time

import numpy as np
import pytest

import swiftgan

SPEEDS = ("latency_seconds", "samples_per_second", "training_seconds")
SMALL = {
    "rbm": {"rbm": {"hidden": 10, "visible": "gaussian", "sampling_steps": 20}},
    "gsn": {"gsn": {"output": "gaussian", "sampling_steps": 20}},
}


def rows(report):
    return {row["family"]: row for row in report["families"]}


@pytest.fixture(scope="module")
def ring_report():
    with swiftgan.Dataset.open("ring", count=600) as data:
        return swiftgan.compare(data, steps=20, configurations=SMALL)


def test_every_family_has_a_row(ring_report):
    names = [row["family"] for row in ring_report["families"]]
    expected = swiftgan.config_schema()["properties"]["family"]["enum"]
    # Those that make samples from chance alone.
    assert names == [name for name in expected if name not in ("gain", "cyclegan")]
    assert ring_report["data"]["trained_on"] == 500 and ring_report["data"]["held_out"] == 100
    found = rows(ring_report)
    assert "pyramid is of images" in found["lapgan"]["refusal"]
    assert "data.range" in found["dbm"]["refusal"]
    for name, row in found.items():
        if name in ("lapgan", "dbm", "pixelcnn", "pixelrnn", "wavenet"):
            assert row["refusal"]
            continue
        assert row["refusal"] is None and row["steps"] == 20 and row["missing"] == {}, row
        assert row["distances"]["count"] == 100 and row["distances"]["frechet_distance"] >= 0
        assert row["distances"]["modes"]["all"] == 8
        assert np.isfinite(row["parzen_window"]["nats"]) and "Theis" in row["parzen_window"]["caution"]
        assert row["samples"] == "drawn"
        assert row["latency_seconds"] > 0 and row["samples_per_second"] > 0


def test_families_say_how_they_sample(ring_report):
    found = rows(ring_report)
    assert {name: row["sampling"] for name, row in found.items()} == {
        "gan": "parallel", "lapgan": None, "vae": "parallel", "made": "sequential", "nade": "sequential",
        "realnvp": "parallel", "nice": "parallel", "ica": "parallel", "rbm": "chain",
        "dbm": None, "gsn": "chain", "pixelcnn": None, "pixelrnn": None, "wavenet": None,
    }  # fmt: skip
    assert found["gan"]["likelihood"] is None and found["gsn"]["likelihood"] is None
    assert {name: found[name]["likelihood"]["kind"] for name in ("vae", "made", "nade", "realnvp", "rbm")} == {
        "vae": "bound", "made": "exact", "nade": "exact", "realnvp": "exact", "rbm": "exact",
    }  # fmt: skip
    assert {name for name, row in found.items() if row["completion_error"] is not None} == {"gan", "rbm", "gsn"}


def test_bound_and_likelihood_of_a_vae():
    """One importance sample, the default, many, and the integral over two latent numbers, from the loosest on."""
    own = {"vae": {"latent": {"size": 2}, "vae": {"deviation": 0.3}}}
    with swiftgan.Dataset.open("ring", count=600, deviation=0.3) as data:
        row = rows(swiftgan.compare(data, ["vae"], steps=200, configurations=own))["vae"]
    found = row["likelihood"]["by_options"]
    assert [one["options"] for one in found] == [
        {"importance_samples": 1}, {}, {"importance_samples": 500}, {"quadrature": 200}
    ]  # fmt: skip
    nats = [one["nats"] for one in found]
    assert nats[0] < nats[2] + 0.1 and abs(nats[3] - nats[2]) < 0.1 and abs(nats[2] - nats[1]) < 0.2
    assert row["full_support"] is True and row["samples"] == "drawn"


def test_likelihood_is_that_of_a_model_trained_by_hand():
    """In the data's own units, of a table whose columns have scales of their own."""
    x = (np.random.default_rng(1).normal(size=(1200, 3)) * [1, 5, 0.1] + [0, 2, 9]).astype(np.float32)
    with swiftgan.Dataset.from_arrays(x) as data:
        row = rows(swiftgan.compare(data, ["made"], steps=300))["made"]
        with swiftgan.Model(row["configuration"]) as model:
            model.train(data, 300)
            expected = model.log_likelihood(x).mean()
    found = row["likelihood"]
    assert found["of"] == "density" and found["kind"] == "exact" and found["count"] == 200
    assert found["nats"] == pytest.approx(expected, abs=4 * found["standard_error"])
    assert found["standard_error"] < 0.2
    assert found["bits_per_dimension"] == pytest.approx(-found["nats"] / 3 / np.log(2))


def test_scale_of_densities():
    """Families of different ranges have densities on one scale: bits per dimension differ by log2 of the ratio."""
    x = np.random.default_rng(1).integers(0, 256, (120, 8, 8, 1)).astype(np.float32) / 255
    bits = {}
    for low, high in ((0, 1), (-1, 3)):
        with swiftgan.Dataset.from_arrays(x, values=(0, 1)) as data:
            own = {"made": {"data": {"range": [low, high], "binarize": None}, "made": {"output": "gaussian"}}}
            row = rows(swiftgan.compare(data, ["made"], steps=0, configurations=own))["made"]
            bits[high] = row["likelihood"]["bits_per_dimension"]
    # An untrained network's outputs are near 0: a standard normal on [0, 1], or on [-1, 3], four times as wide.
    assert bits[1] == pytest.approx(0.5 * np.log2(2 * np.pi) + 0.5 / np.log(2) / 3, abs=0.2)
    assert bits[3] == pytest.approx(0.5 * np.log2(2 * np.pi) + 0.5 / np.log(2) * (16 / 12 + 1) - 2, abs=0.4)


def test_images():
    x = (np.random.default_rng(1).random((80, 16, 16, 1)) * np.linspace(0, 1, 16)[:, None, None]).astype(np.float32)
    names = ["gan", "lapgan", "vae", "made", "nade", "realnvp"]
    with swiftgan.Dataset.from_arrays(x, values=(0, 1)) as data:
        found = rows(swiftgan.compare(data, names, steps=2))
    for name in ("vae", "made", "nade"):
        assert found[name]["likelihood"]["binarization"] == "fixed" and found[name]["likelihood"]["of"] == "probability"
    assert found["realnvp"]["likelihood"]["kind"] == "bound" and found["realnvp"]["likelihood"]["of"] == "probability"
    assert found["vae"]["samples"] == "means" and found["gan"]["samples"] == "drawn"
    assert found["vae"]["full_support"] is False and found["vae"]["latent_size"] == 20
    assert found["made"]["full_support"] is True and found["lapgan"]["full_support"] is None
    assert all(found[name]["refusal"] is None and found[name]["distances"] for name in names), found


def test_binary_vectors():
    x = (np.random.default_rng(1).random((90, 6)) < 0.3).astype(np.float32)
    with swiftgan.Dataset.from_arrays(x) as data:
        report = swiftgan.compare(data, ["vae", "made", "nade", "nice"], steps=3)
    assert report["data"]["binary"] is True
    for row in report["families"]:
        assert row["refusal"] is None and row["likelihood"]["of"] == "probability", row


def test_same_seed_same_report():
    def without_speeds(report):
        del report["seconds"]
        for row in report["families"]:
            for key in SPEEDS:
                del row[key]
        return report

    def run(seed):
        return without_speeds(swiftgan.compare(data, ["gan", "made"], steps={"gan": 4, "made": 6}, seed=seed))

    with swiftgan.Dataset.open("ring", count=300) as data:
        first = run(1)
        assert first == run(1)
        assert [row["steps"] for row in first["families"]] == [4, 6]
        assert first["families"][1]["likelihood"] != run(2)["families"][1]["likelihood"]


def test_ends_in_time():
    start = time.monotonic()
    report = swiftgan.compare("ring", minutes=0.1)
    assert time.monotonic() - start < 6 * 1.2 + 10
    assert all(row["steps"] > 0 for row in report["families"] if row["refusal"] is None)


def test_mistakes():
    with pytest.raises(swiftgan.ConfigError, match='did you mean "vae"'):
        swiftgan.compare("ring", ["gan", "vea"])
    with pytest.raises(swiftgan.ConfigError, match="minutes: expected more than 0, found 0"):
        swiftgan.compare("ring", minutes=0)
    with pytest.raises(swiftgan.ConfigError, match="minutes"):
        swiftgan.compare("ring", minutes=-1)
    with pytest.raises(swiftgan.ConfigError, match="minutes: not together with steps"):
        swiftgan.compare("ring", minutes=1, steps=1)
    with pytest.raises(swiftgan.ConfigError, match="a second time"):
        swiftgan.compare("ring", ["gan", "gan"])
    with pytest.raises(swiftgan.ConfigError, match="at least one name"):
        swiftgan.compare("ring", [])
    with pytest.raises(swiftgan.ConfigError, match="configurations.made: expected an object|configurations.mad"):
        swiftgan.compare("ring", steps=1, configurations={"mad": {}})
    with pytest.raises(TypeError, match="Dataset"):
        swiftgan.compare([[1.0, 2.0]])
    with swiftgan.Dataset.from_arrays(np.zeros((41, 2), np.float32)) as data:
        with pytest.raises(swiftgan.MismatchError, match="at least 42 samples; the data has 41"):
            swiftgan.compare(data, steps=1)
    with swiftgan.Dataset.open("ring", count=100) as data:
        with pytest.raises(swiftgan.ArgumentError, match="held_out: expected 7...50, found 51"):
            swiftgan.compare(data, steps=1, held_out=51)


def test_what_fails_for_one_family_is_its_own():
    with swiftgan.Dataset.open("ring", count=200) as data:
        wrong = {"made": {"made": {"widht": 3}}}
        found = rows(swiftgan.compare(data, ["made", "ica"], steps=2, configurations=wrong))
        assert 'did you mean "width"' in found["made"]["refusal"]
        assert found["ica"]["likelihood"]["count"] == 33
        wild = {"made": {"made": {"output": "gaussian"}, "optimizer": {"sgd": {"learning_rate": 1e30}}}}
        row = rows(swiftgan.compare(data, ["made"], steps=50, configurations=wild))["made"]
        assert row["stopped"] and row["steps"] < 50
