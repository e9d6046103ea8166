"""Images from images, and several answers for one."""

import numpy as np
import pytest

import swiftgan
from swiftgan import config

RNG = np.random.default_rng(0)


def unet(**more):
    return swiftgan.Model(
        config.Configuration(
            config.Data((16, 16, 1), conditions=(16, 16, 3)),
            config.Latent(2),
            config.UNet(width=4, **more),
            config.Patch(width=4),
            labels=config.Labels("conditional"),
            content=config.Content(l1=10),
        )
    )


def test_pairs_of_arrays_and_files(tmp_path):
    photos = RNG.integers(0, 256, (6, 16, 16, 1), dtype=np.uint8)
    edges = RNG.integers(0, 256, (6, 16, 16, 3), dtype=np.uint8)
    np.savez(tmp_path / "pairs.npz", samples=photos, edges=edges)
    np.save(tmp_path / "photos.npy", photos)
    np.save(tmp_path / "edges.npy", edges)
    made = [
        swiftgan.Dataset.open(tmp_path / "pairs.npz", inputs="edges"),
        swiftgan.Dataset.open(tmp_path / "photos.npy", inputs=str(tmp_path / "edges.npy")),
        swiftgan.Dataset.pair(swiftgan.Dataset.from_arrays(edges), swiftgan.Dataset.from_arrays(photos)),
        swiftgan.Dataset.from_arrays(photos, conditions=edges),
    ]
    weights = []
    for data in made:
        assert data.info["conditions"] == 768
        with unet() as model:
            model.train(data, 3, batch=3)
            weights.append(np.array(model.tensors["generator.1.weight"]))
    for other in weights[1:]:
        np.testing.assert_allclose(other, weights[0], rtol=1e-4, atol=1e-6)
    with pytest.raises(swiftgan.MismatchError, match="has 5 samples, memory has 6; expected pairs"):
        swiftgan.Dataset.pair(swiftgan.Dataset.from_arrays(edges[:5]), swiftgan.Dataset.from_arrays(photos))
    with pytest.raises(TypeError, match="inputs: expected a swiftgan.Dataset"):
        swiftgan.Dataset.pair(edges, swiftgan.Dataset.from_arrays(photos))
    with pytest.raises(swiftgan.ConfigError, match="holds no .edge., only"):
        swiftgan.Dataset.open(tmp_path / "pairs.npz", inputs="edge")


def test_degradation_of_arrays():
    photos = RNG.integers(0, 256, (6, 16, 16, 3), dtype=np.uint8)
    data = swiftgan.Dataset.from_arrays(photos).derive(degrade={"downsample": 4})
    assert data.info["input_shape"] == [4, 4, 3]
    with pytest.raises(swiftgan.MismatchError, match="no blocks of 5 x 5"):
        swiftgan.Dataset.from_arrays(photos).derive(degrade={"downsample": 5})


def test_translate():
    edges = RNG.integers(0, 256, (3, 16, 16, 3), dtype=np.uint8)
    with unet() as model:
        assert "translate" in model.capabilities
        made = model.translate(edges, answers=4, seed=2)
        assert made.shape == (3, 4, 16, 16, 1)
        assert (made[:, 0] != made[:, 1]).any()
        floats = edges.astype(np.float32) / 127.5 - 1
        np.testing.assert_allclose(model.translate(np.moveaxis(floats, 3, 1), answers=4, seed=2), made, atol=1e-6)
        np.testing.assert_allclose(
            model.sample(12, seed=2, conditions=np.repeat(floats, 4, 0)).reshape(made.shape), made, atol=1e-6
        )
        np.testing.assert_array_equal(model.translate(edges[0]).shape, (1, 1, 16, 16, 1))
        with pytest.raises(ValueError, match="inputs: expected shape"):
            model.translate(np.zeros((2, 8, 8, 3), np.float32))
        with pytest.raises(swiftgan.ArgumentError, match="answers"):
            model.translate(edges, answers=0)
    with unet(noise="none") as model:
        made = model.translate(edges, answers=2)
        np.testing.assert_allclose(made[:, 0], made[:, 1], atol=1e-6)
    with swiftgan.Model({"data": {"shape": [2]}}) as plain:
        with pytest.raises(swiftgan.UnsupportedError, match="from no inputs"):
            plain.translate(np.zeros((1, 2)))


@pytest.mark.parametrize(
    "members, words",
    [
        ({"data": {"shape": [15, 15, 1], "conditions": [15, 15, 1]}}, "halves the sides at least once, which 15 x 15"),
        ({"generator": {"preset": "unet", "depth": 6}}, "expected a depth of at most 4"),
        ({"generator": "super_resolution"}, "sides of 2, 4, 8"),
        ({"content": {"l1": 1e9}}, "content.l1"),
    ],
)
def test_refused(members, words):
    base = {
        "data": {"shape": [16, 16, 1], "conditions": [16, 16, 1]},
        "labels": {"mode": "conditional"},
        "generator": "unet",
        "discriminator": "patch",
    }
    with pytest.raises(swiftgan.ConfigError, match=words):
        swiftgan.Model(base | members)


def test_without_pairs(tmp_path):
    photos = RNG.integers(0, 256, (9, 8, 8, 1), dtype=np.uint8)
    paintings = RNG.integers(0, 256, (6, 8, 8, 3), dtype=np.uint8)
    np.savez(tmp_path / "both.npz", samples=paintings, photos=photos)
    config_ = {
        "family": "cyclegan",
        "data": {"shape": [8, 8, 3], "conditions": [8, 8, 1]},
        "cyclegan": {
            "generator": {"layers": [{"conv": {"channels": 3, "kernel": 3}}, "tanh"]},
            "back_generator": {"layers": [{"conv": {"channels": 1, "kernel": 3}}, "tanh"]},
            "discriminator": {"preset": "patch", "width": 4},
        },
    }
    model = swiftgan.Model(config_)
    data = swiftgan.Dataset.open(tmp_path / "both.npz", inputs="photos", unpaired=True)
    assert data.info["unpaired"]
    model.train(data, 3, batch=4)
    made = model.translate(photos)
    assert made.shape == (9, 1, 8, 8, 3)
    back = model.translate(made[:, 0], back=True)
    assert back.shape == (9, 1, 8, 8, 1)
    np.testing.assert_allclose(model.sample(9, conditions=photos.astype(np.float32) / 127.5 - 1), made[:, 0], atol=1e-6)
    with pytest.raises(swiftgan.ArgumentError, match="one on the way back"):
        model.translate(made[:, 0], back=True, answers=2)
    with unet() as pairs:
        with pytest.raises(swiftgan.UnsupportedError, match='"gan" translates inputs to samples alone'):
            pairs.translate(np.zeros((1, 16, 16, 1), np.float32), back=True)
    with pytest.raises(swiftgan.ConfigError, match="unpaired: goes with inputs"):
        swiftgan.Dataset.open(tmp_path / "both.npz", unpaired=True)
    with pytest.raises(swiftgan.MismatchError, match="has 9 samples"):
        swiftgan.Dataset.open(tmp_path / "both.npz", inputs="photos")
