"""Against onnx's checker and onnxruntime, where they are installed."""

import numpy as np
import pytest
from conftest import TINY

import swiftgan
from swiftgan import config, layers

onnx = pytest.importorskip("onnx", reason="onnx is not installed")
onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

RNG = np.random.default_rng(0)


def run(path, **inputs):
    """Checks a file and computes its output for batches of all sizes that the inputs allow."""
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    assert {i.name for i in session.get_inputs()} == set(inputs)
    whole = session.run(None, inputs)[0]
    first = session.run(None, {k: v[:1] for k, v in inputs.items()})[0]
    np.testing.assert_allclose(first, whole[:1], atol=1e-5)
    return whole


def one_hot(labels, classes):
    return np.eye(classes, dtype=np.float32)[labels]


def shaken(model):
    """Weights and running statistics that are not those of the start."""
    for name in model.tensors:
        if not name.startswith(("generator.", "discriminator.")) or ".optimizer." in name:
            continue
        value = RNG.normal(0, 0.5, model.tensors[name].shape)
        model.tensors[name] = np.abs(value) + 0.1 if name.endswith("running_var") else value
    return model


def both(model, tmp_path, labels=None, classes=0, conditions=None):
    """Generator and discriminator by onnxruntime against ours."""
    n = 6
    size = model.config["latent"]["size"]
    z = RNG.normal(size=(n, size)).astype(np.float32)
    x = RNG.normal(size=(n, *model.sample_shape)).astype(np.float32)
    given, beside = {}, {}
    if labels is not None:
        given["labels"] = labels
        beside["condition"] = one_hot(labels, classes)
    if conditions is not None:
        given["conditions"] = conditions
        beside["condition"] = np.concatenate([one_hot(labels, classes), conditions], 1)
    path = str(tmp_path / "net.onnx")
    model.export_onnx(path)
    fakes = run(path, latents=z, **beside)
    np.testing.assert_allclose(fakes, model.sample(n, latents=z, **given), atol=1e-4, rtol=1e-5)
    model.export_onnx(path, "discriminator")
    logits = run(path, samples=x, **beside)
    # A logit is a sum of many terms that cancel: its error is of the size of the largest.
    ours = model.discriminate(x, **given)
    np.testing.assert_allclose(logits[:, 0], ours, atol=1e-4 + 1e-5 * np.abs(ours).max())
    assert np.std(fakes) > 1e-2 and np.std(logits) > 1e-2, "outputs that tell networks apart"


@pytest.mark.parametrize("side", [16, 28, 64])
def test_dcgan(tmp_path, side):
    with swiftgan.Model(TINY | {"data": {"shape": [side, side, 3]}}) as model:
        both(shaken(model), tmp_path)


def test_averaged_generator(tmp_path):
    with swiftgan.Model(TINY | {"average": 0.9}) as model:
        model.step(RNG.uniform(-1, 1, (8, 16, 16, 1)))
        z = RNG.normal(size=(3, 8)).astype(np.float32)
        path = str(tmp_path / "net.onnx")
        model.export_onnx(path)
        np.testing.assert_allclose(run(path, latents=z), model.sample(3, latents=z), atol=1e-4)


def test_mlp(tmp_path):
    with swiftgan.Model({"data": {"shape": [3]}, "latent": {"size": 5}}) as model:
        both(shaken(model), tmp_path)


def network(*own, shape=(6, 5, 4)):
    """A generator of images of that shape, and a discriminator, with layers of one's own in both."""
    size = shape[0] * shape[1] * shape[2]
    return swiftgan.Model(
        config.Configuration(
            config.Data(shape, range="any"),
            config.Latent(7),
            generator=[layers.Dense(size), layers.Reshape(shape), *own],
            discriminator=[*own, layers.Flatten(), layers.Dense(1)],
        )
    )


LAYERS = {
    "conv": [layers.Conv(4, kernel=(3, 2), stride=1)],
    "conv_transpose_same": [layers.ConvTranspose(4, kernel=5, stride=2), layers.AveragePool(2)],
    "conv_transpose_output_padding": [
        layers.ConvTranspose(4, kernel=3, stride=2, padding=1, output_padding=1, bias=False),
        layers.AveragePool(2),
    ],
    "conv_transpose_padding_beyond": [
        layers.ConvTranspose(4, kernel=2, stride=3, padding="valid", output_padding=2),
        layers.AveragePool(3),
    ],
    "norms": [layers.BatchNorm(epsilon=0.01), layers.LayerNorm(epsilon=0.001)],
    "activations": [
        layers.ReLU(),
        layers.Scale(2, -1),
        layers.LeakyReLU(0.3),
        layers.ELU(0.7),
        layers.SiLU(),
        layers.Softplus(),
        layers.Sigmoid(),
        layers.Tanh(),
    ],
    "weight_norm": [
        layers.WeightNorm(layers.Conv(4, bias=False)),
        layers.WeightNorm(layers.ConvTranspose(4, kernel=3, stride=1), train_gain=False),
    ],
    "spectral_norm": [
        layers.SpectralNorm(layers.Conv(4)),
        layers.SpectralNorm(layers.ConvTranspose(4, kernel=3, stride=1, bias=False)),
        layers.LayerNorm(),
    ],
    "groups": [layers.Conv(8, groups=4), layers.Conv(8, groups=8), layers.Conv(4, groups=2)],
    "fir": [layers.FIRUpsample(), layers.Conv(4), layers.FIRDownsample()],
    "shortcut": [
        layers.Residual([layers.Conv(6), layers.Tanh(), layers.Conv(7)], shortcut=[layers.Conv(7, kernel=1, bias=False)]),
        layers.Conv(4),
    ],
    "basis": [layers.SumPool(), layers.Dense(4), layers.Basis((6, 5))],
    "upsample": [layers.Upsample(3), layers.AveragePool(3)],
    "noise": [layers.Dropout(), layers.GaussianNoise(), layers.Features()],
    "residual": [layers.Residual([layers.BatchNorm(), layers.Conv(4), layers.SiLU(), layers.LayerNorm()])],
    "sequence": [layers.Conv(4), layers.Sequential([layers.Residual([layers.LayerNorm(), layers.Conv(4)])])],
    "reshape": [layers.Conv(4), layers.Reshape((120,)), layers.BatchNorm(), layers.Reshape((6, 5, 4)), layers.Conv(4)],
}


@pytest.mark.parametrize("name", sorted(LAYERS))
def test_layers(tmp_path, name):
    with network(*LAYERS[name]) as model:
        both(shaken(model), tmp_path)


def test_uneven_padding(tmp_path):
    ours = [layers.Conv(8, kernel=4, stride=2), layers.ConvTranspose(3, kernel=(3, 4), stride=(1, 2), padding=(1, 1))]
    with swiftgan.Model(
        config.Configuration(
            config.Data((3, 6, 3), range="any"),
            config.Latent(7),
            generator=[layers.Dense(120), layers.Reshape((6, 5, 4)), *ours],
            discriminator=[layers.Conv(2, kernel=4, stride=3), layers.Flatten(), layers.Dense(1)],
        )
    ) as model:
        both(shaken(model), tmp_path)


@pytest.mark.parametrize(
    "labels",
    [
        {"generator": "concatenate", "discriminator": "concatenate"},
        {"generator": "embedding", "discriminator": "projection"},
        {"generator": "batch_norm", "discriminator": "projection"},
    ],
    ids=lambda s: s["generator"],
)
def test_conditional(tmp_path, labels):
    data = {"shape": [16, 16, 2], "classes": 3, "conditions": 2}
    with swiftgan.Model(TINY | {"data": data, "labels": {"mode": "conditional"} | labels}) as model:
        y = np.array([0, 1, 2, 2, 1, 0])
        c = RNG.normal(size=(6, 2)).astype(np.float32)
        both(shaken(model), tmp_path, y, 3, c)


def test_conditional_vectors(tmp_path):
    own = [layers.Condition(4), layers.Dense(9), layers.ConditionalBatchNorm(), layers.ReLU()]
    with swiftgan.Model(
        config.Configuration(
            config.Data((2,), classes=3),
            config.Latent(7),
            generator=[*own, layers.Dense(2)],
            discriminator=[*own, layers.Projection()],
            labels=config.Labels("conditional"),
        )
    ) as model:
        both(shaken(model), tmp_path, np.array([0, 1, 2, 2, 1, 0]), 3)


def test_embedding(tmp_path):
    generator = [layers.Scale(3), layers.Embedding(4, 5), layers.Flatten(), layers.Dense(2)]
    with swiftgan.Model(config.Configuration(config.Data((2,)), config.Latent(6), generator=generator)) as model:
        both(shaken(model), tmp_path)


@pytest.mark.parametrize(
    "layer",
    [
        layers.MinibatchDeviation(),
        layers.MinibatchDiscrimination(2, 3),
        layers.ReferenceNorm(),
        layers.Dropout(sampling=True),
        layers.GaussianNoise(sampling=True),
    ],
    ids=lambda layer: layer.key,
)
def test_refused_by_name(tmp_path, layer):
    configuration = config.Configuration(
        config.Data((4,)), discriminator=[layers.Tanh(), layers.Sequential([layer]), layers.Dense(1)]
    )
    with swiftgan.Model(configuration) as model:
        with pytest.raises(swiftgan.UnsupportedError, match=rf"discriminator\.1\.0: the layer {layer.key} .*ONNX"):
            model.export_onnx(tmp_path / "net.onnx", "discriminator")
        assert not list(tmp_path.iterdir())
        with pytest.raises(swiftgan.ConfigError, match="network"):
            model.export_onnx(tmp_path / "net.onnx", "generater")
        with pytest.raises(swiftgan.IOFailure):
            model.export_onnx(tmp_path / "no" / "net.onnx")


def test_skips_and_named_inputs(tmp_path):
    config_ = {
        "data": {"shape": [8, 8, 1], "classes": 3, "conditions": [8, 8, 2]},
        "latent": {"size": 4},
        "labels": {"mode": "conditional"},
        "generator": {
            "layers": [
                {"skip": [{"input": "labels"}, "relu"]},
                {"dense": 64},
                {"reshape": [8, 8, 1]},
                {"skip": [{"input": "values"}]},
                {"skip": [{"conv": {"channels": 2, "kernel": 4, "stride": 2}}, "relu", {"skip": ["tanh"]}, {"upsample": 2}]},
                {"conv": {"channels": 1, "kernel": 3}},
            ]
        },
        "discriminator": {"layers": [{"skip": [{"input": "values"}]}, "flatten", {"condition": 0}, {"dense": 1}]},
    }
    with swiftgan.Model(config_) as model:
        labels = np.arange(6, dtype=np.int32) % 3
        both(shaken(model), tmp_path, labels, 3, RNG.normal(size=(6, 128)).astype(np.float32))


def test_pairs_of_images(tmp_path):
    config_ = {
        "data": {"shape": [8, 8, 1], "conditions": [8, 8, 2]},
        "latent": {"size": 1},
        "labels": {"mode": "conditional"},
        "generator": {"layers": [{"input": "condition"}, {"conv": {"channels": 1, "kernel": 3}}]},
        "discriminator": {"layers": [{"condition": 0}, {"conv": {"channels": 1, "kernel": 4, "stride": 2}}]},
    }
    with swiftgan.Model(config_) as model:
        shaken(model)
        given = RNG.normal(size=(5, 128)).astype(np.float32)
        path = str(tmp_path / "net.onnx")
        model.export_onnx(path)
        latents = np.zeros((5, 1), np.float32)
        # The graph's input is the image, as people have it.
        images = given.reshape(5, 8, 8, 2)
        fakes = run(path, latents=latents, condition=images)
        np.testing.assert_allclose(fakes, model.sample(5, latents=latents, conditions=images), atol=1e-4)
        model.export_onnx(path, "discriminator")
        maps = run(path, samples=fakes, condition=images)
        assert maps.shape == (5, 4, 4, 1)
        np.testing.assert_allclose(
            maps.mean((1, 2, 3)), model.discriminate(fakes, conditions=given), atol=1e-4, rtol=1e-5
        )


VAES = [
    {"data": {"shape": [8, 8, 1]}, "latent": {"size": 3}, "vae": {"encoder_network": "dcgan", "decoder_network": "dcgan"}},
    {"data": {"shape": [8, 8, 2]}, "latent": {"size": 3}, "vae": {"decoder": "gaussian", "deviation": None}},
    {"data": {"shape": [4]}, "latent": {"size": 2}, "average": 0.5, "vae": {"decoder": "gaussian"}},
]


@pytest.mark.parametrize("configuration", VAES, ids=["bernoulli", "learned_deviation", "vectors"])
def test_autoencoder(tmp_path, configuration):
    shape = configuration["data"]["shape"]
    data = RNG.uniform(0, 1, (40, *shape)).astype(np.float32)
    if len(shape) == 1:
        data = data * 50 + 7
    elif configuration["vae"].get("decoder") == "gaussian":
        data = data * 2 - 1
    with swiftgan.Model({"family": "vae"} | configuration) as model:
        with swiftgan.Dataset.from_arrays(data) as set_:
            model.train(set_, steps=3, batch=8)
        assert bool(model.summary["standardized"]) == (len(shape) == 1)
        path = str(tmp_path / "net.onnx")
        model.export_onnx(path, "encoder")
        latents = run(path, samples=data[:6])
        np.testing.assert_allclose(latents, model.encode(data[:6]), atol=1e-4, rtol=1e-4)
        model.export_onnx(path)
        np.testing.assert_allclose(run(path, latents=latents), model.decode(latents), atol=1e-4, rtol=1e-4)
        with pytest.raises(swiftgan.ConfigError, match=r"network: expected .decoder., .encoder., found .generator."):
            model.export_onnx(path, "generator")


@pytest.mark.parametrize(
    "preset, input_shape",
    [
        ({"preset": "unet", "noise": "none", "depth": 3}, [16, 16, 2]),
        ({"preset": "unet", "noise": "latent"}, [16, 16, 2]),
        ({"preset": "super_resolution", "noise": "latent", "blocks": 2}, [4, 4, 2]),
    ],
)
def test_presets_for_pairs(tmp_path, preset, input_shape):
    """Another program's U-Net, super-resolution and patches from the same weights and input image."""
    config_ = {
        "data": {"shape": [16, 16, 1], "conditions": input_shape},
        "latent": {"size": 3},
        "labels": {"mode": "conditional"},
        "generator": preset | {"width": 4},
        "discriminator": {"preset": "patch", "width": 4},
    }
    with swiftgan.Model(config_) as model:
        shaken(model)
        given = RNG.normal(size=(5, *input_shape)).astype(np.float32)
        latents = RNG.normal(size=(5, 3)).astype(np.float32)
        path = str(tmp_path / "net.onnx")
        model.export_onnx(path)
        fakes = run(path, latents=latents, condition=given)
        assert fakes.shape == (5, 16, 16, 1)
        np.testing.assert_allclose(fakes, model.sample(5, latents=latents, conditions=given), atol=2e-3)
        model.export_onnx(path, "discriminator")
        maps = run(path, samples=fakes, condition=given)
        np.testing.assert_allclose(
            maps.mean((1, 2, 3)), model.discriminate(fakes, conditions=given), atol=1e-4, rtol=1e-4
        )
