"""Vectors in units of their own: learned from standardized columns, given and taken in the data's units."""

import json

import numpy as np
import pytest

import swiftgan

SMALL = {"width": 24, "latent": 4, "optimizer": swiftgan.config.Adam(0.002), "average": 0.99}


@pytest.fixture
def table():
    """Heights in mm, weights in g, ages in years."""
    rng = np.random.default_rng(0)
    return np.c_[rng.normal(1700, 90, 500), rng.normal(70_000, 12_000, 500), rng.integers(18, 80, 500)]


def expect_like(samples, table):
    gap = np.abs(samples.mean(0) - table.mean(0)) / table.std(0)
    spread = samples.std(0) / table.std(0)
    assert gap.max() < 0.35, gap
    assert 0.6 < spread.min() and spread.max() < 1.5, spread


def test_a_table_is_learned_as_it_is(table, tmp_path):
    gan = swiftgan.GAN(**SMALL, steps=1500).fit(table, progress=False)
    expect_like(gan.sample(1000), table)
    assert gan.model.summary["standardized"] == {"columns": 3, "conditions": 0}
    np.testing.assert_allclose(gan.tensors["standardize.offset"], table.mean(0), rtol=1e-5)
    np.testing.assert_allclose(gan.tensors["standardize.factor"], table.std(0), rtol=1e-5)
    assert gan.evaluate(table)["features"]["standardized"] is True
    # The checkpoint keeps it.
    gan.save(tmp_path / "m.safetensors")
    again = swiftgan.GAN.load(tmp_path / "m.safetensors")
    np.testing.assert_array_equal(again.sample(20), gan.sample(20))
    np.testing.assert_array_equal(again.density_ratio(table), gan.density_ratio(table))


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, np.uint16, np.uint8])
def test_every_type_of_numbers(dtype, tmp_path):
    """Arrays in memory, and the same in files, where unsigned bytes become -1...1."""
    rng = np.random.default_rng(1)
    x = np.clip(rng.normal([200, 40], [5, 10], (400, 2)), 0, 255).astype(dtype)
    gan = swiftgan.GAN(**SMALL, steps=800).fit(x, progress=False)
    expect_like(gan.sample(500), x.astype(float))
    np.save(tmp_path / "x.npy", x)
    gan = swiftgan.GAN(**SMALL, steps=800).fit(tmp_path / "x.npy", progress=False)
    with swiftgan.Dataset.open(tmp_path / "x.npy") as data:
        expect_like(gan.sample(500), data.read(0, 400)[0])


def test_functions_and_iterables(table):
    with (
        swiftgan.Dataset.from_function(500, (3,), lambda i: table[i]) as function,
        swiftgan.Dataset.from_iterator(iter(table)) as iterator,
        swiftgan.Dataset.from_arrays(table) as arrays,
    ):
        found = [swiftgan.GAN(**SMALL, steps=3).fit(d, progress=False).sample(9) for d in (function, iterator, arrays)]
    np.testing.assert_array_equal(found[0], found[2])
    np.testing.assert_array_equal(found[1], found[2])


def test_off(table):
    gan = swiftgan.GAN(**SMALL, standardize=False, steps=2).fit(table, progress=False)
    assert gan.model.summary["standardized"] is None and gan.get_params()["standardize"] is False
    assert gan.model.config["standardize"] is False
    assert "standardize.offset" not in gan.tensors
    gan = swiftgan.GAN(**SMALL, steps=2).fit("ring", progress=False)
    assert gan.model.summary["standardized"] is None
    gan = swiftgan.GAN(**SMALL).partial_fit(table)
    assert gan.model.summary["standardized"] is None
    with pytest.raises(swiftgan.ConfigError, match="standardize: goes with vectors"):
        swiftgan.GAN(standardize=True, steps=1).fit(np.zeros((9, 16, 16)), progress=False)
    said = []
    swiftgan.set_log(lambda level, message: said.append(message))
    swiftgan.GAN(**SMALL, standardize=True).partial_fit(table)
    swiftgan.set_log(None)
    assert any("without a data set" in message for message in said)


def test_likelihoods_are_in_the_datas_units(table):
    """The same model of the same data in other units: densities change by the ratio of the units."""
    made = {"family": "made", "data": {"shape": [3]}, "made": {"width": 16, "output": "gaussian"}}
    nats = []
    for factor in (1, 2**-10):
        x = (table * factor).astype(np.float32)
        with swiftgan.Dataset.from_arrays(x) as data, swiftgan.Model(made) as model:
            model.train(data, 300, batch=64)
            nats.append(model.log_likelihood(x))
            samples = model.sample(1000)
        expect_like(samples, x)
    np.testing.assert_allclose(nats[1], nats[0] + 30 * np.log(2), atol=2e-3)
    # A normal density of these deviations is about right.
    want = -0.5 * (((table - table.mean(0)) / table.std(0)) ** 2).sum(1) - np.log(table.std(0)).sum() - 1.5 * np.log(2 * np.pi)
    assert abs(nats[0].mean() - want.mean()) < 0.5


def test_conditions(tmp_path):
    """Samples follow conditions in years; onnxruntime, where it is there, gives the same ones."""
    rng = np.random.default_rng(2)
    years = rng.normal(2000, 12, (500, 1))
    x = 10 * (years - 2000) + rng.normal(0, 3, (500, 1))
    gan = swiftgan.GAN(**SMALL, labels="conditional", steps=1500).fit(x, conditions=years, progress=False)
    assert gan.model.summary["standardized"] == {"columns": 1, "conditions": 1}
    for year in (1990, 2010):
        mean = gan.sample(200, conditions=np.full((200, 1), year)).mean()
        assert abs(mean - 10 * (year - 2000)) < 50
    session = exported(gan.model, tmp_path / "g.onnx")
    z = rng.normal(size=(6, 4)).astype(np.float32)
    given = years[:6].astype(np.float32)
    np.testing.assert_allclose(
        session.run(None, {"latents": z, "condition": given})[0],
        gan.sample(6, latents=z, conditions=given),
        rtol=1e-4,
        atol=0.05,
    )


def exported(model, path, network="generator"):
    onnx = pytest.importorskip("onnx", reason="onnx is not installed")
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    model.export_onnx(path, network)
    onnx.checker.check_model(onnx.load(path), full_check=True)
    return runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def test_onnx_is_in_the_datas_units(table, tmp_path):
    gan = swiftgan.GAN(**SMALL, steps=200).fit(table, progress=False)
    z = np.random.default_rng(3).normal(size=(8, 4)).astype(np.float32)
    made = exported(gan.model, tmp_path / "g.onnx").run(None, {"latents": z})[0]
    np.testing.assert_allclose(made, gan.sample(8, latents=z), rtol=1e-4)
    judge = exported(gan.model, tmp_path / "d.onnx", "discriminator")
    x = table[:8].astype(np.float32)
    np.testing.assert_allclose(judge.run(None, {"samples": x})[0][:, 0], gan.discriminate(x), atol=1e-3)


def test_weights_for_pytorch_say_what_they_lack(table, tmp_path):
    gan = swiftgan.GAN(**SMALL, steps=5).fit(table, progress=False)
    said = []
    swiftgan.set_log(lambda level, message: said.append(message))
    gan.model.export_pytorch(tmp_path / "g.safetensors")
    swiftgan.set_log(None)
    assert any("standardized" in message and "g.safetensors" in message for message in said)
    bytes_ = (tmp_path / "g.safetensors").read_bytes()
    header = json.loads(bytes_[8 : 8 + int.from_bytes(bytes_[:8], "little")])
    metadata = header["__metadata__"]
    np.testing.assert_array_equal(
        np.float32(json.loads(metadata["standardize.offset"])), gan.tensors["standardize.offset"]
    )
    np.testing.assert_array_equal(
        np.float32(json.loads(metadata["standardize.factor"])), gan.tensors["standardize.factor"]
    )
    assert metadata["format"] == "pt"
