import dataclasses
import pathlib
import re

import pytest

import swiftgan
from swiftgan import Model, config, layers

README = (pathlib.Path(__file__).parents[3] / "README.md").read_text().partition("## The configuration")[2]
ALL = {c.key: c for c in vars(layers).values() if isinstance(c, type) and issubclass(c, layers.Layer) and c.key}

IMAGE = layers.Reshape((2, 2, 1))
# Layers with their required values, and what goes before them.
WANTED = {
    "dense": (layers.Dense(6), []),
    "conv": (layers.Conv(3), [IMAGE]),
    "conv_transpose": (layers.ConvTranspose(3), [IMAGE]),
    "reshape": (layers.Reshape((2, 2, 1)), []),
    "upsample": (layers.Upsample(), [IMAGE]),
    "average_pool": (layers.AveragePool(), [IMAGE]),
    "fir_upsample": (layers.FIRUpsample(), [IMAGE]),
    "fir_downsample": (layers.FIRDownsample(), [IMAGE]),
    "sum_pool": (layers.SumPool(), [IMAGE]),
    "embedding": (layers.Embedding(10, 3), []),
    "weight_norm": (layers.WeightNorm(layers.Dense(3), train_gain=False), []),
    "spectral_norm": (layers.SpectralNorm(layers.Dense(3)), []),
    "skip": (layers.Skip([layers.Tanh()]), []),
    "residual": (layers.Residual([layers.Tanh()]), []),
    "sequence": (layers.Sequential([layers.Tanh()]), []),
}


def same(ours, theirs, place=""):
    """Whether what a dataclass gives is what the library made of it."""
    if isinstance(ours, dict):
        assert isinstance(theirs, dict) and set(ours) <= set(theirs), f"{place}: {ours} {theirs}"
        for key in ours:
            same(ours[key], theirs[key], f"{place}.{key}")
    elif isinstance(ours, list):
        assert len(ours) == len(theirs), place
        for i, (a, b) in enumerate(zip(ours, theirs)):
            same(a, b, f"{place}[{i}]")
    else:
        assert ours == theirs, f"{place}: {ours} {theirs}"


@pytest.mark.parametrize("shape", [(2,), (28, 28, 1)])
def test_defaults_are_those_of_the_library(shape):
    with Model({"data": {"shape": shape}}) as bare, Model(config.Configuration(config.Data(shape))) as typed:
        assert typed.config == bare.config
        ours = config.Configuration(config.Data(shape)).json()
        left_out = {"generator", "discriminator"}
        # A complete configuration has this key only where it is used, so that those of older checkpoints stay the same.
        assert set(ours) - {"content"} | left_out == set(bare.config)
        theirs = {"content": ours["content"]} | bare.config
        # Where labels are not used, the library leaves their settings out.
        theirs["labels"] = ours["labels"] | theirs["labels"]
        same(ours, theirs)


def test_labels_defaults():
    typed = config.Configuration(config.Data((2,), classes=3), labels=config.Labels("conditional"))
    with Model(typed) as model:
        same(typed.json()["labels"], model.config["labels"])
        assert set(model.config["labels"]) == set(typed.json()["labels"])


def test_every_key_of_the_readme_has_its_place():
    keys = re.findall(r"^\| (`.*?) \|", README.partition("Layers are names")[0], flags=re.M)
    names = {m.group(1) for row in keys for m in re.finditer(r"`([a-z_]+)[`.]", row)}
    fields = {f.name for f in dataclasses.fields(config.Configuration)}
    assert len(names) > 10 and names - {"fake"} <= fields | {"real", "generator_steps"}, names - fields


CONDITIONAL = {"inner_product", "input", "condition", "conditional_batch_norm", "projection", "features"}


@pytest.mark.parametrize("key", sorted(set(ALL) - CONDITIONAL))
def test_layers_defaults_are_those_of_the_library(key):
    layer, before = WANTED.get(key) or (ALL[key](), [])
    network = [layers.Dense(4), *before, layer, layers.Flatten(), layers.Dense(1)]
    typed = config.Configuration(config.Data((4,)), discriminator=network, generator=config.MLP(8))
    with Model(typed) as model:
        found = model.config["discriminator"]["layers"][1 + len(before)]
    assert found == layer.json()


def test_conditional_layers():
    given = [layers.Skip([layers.Input("labels")]), layers.Condition(), layers.Dense(4)]
    given += [layers.ConditionalBatchNorm(), layers.Features()]
    last = [layers.Projection(), layers.InnerProduct()]
    assert {g.key for g in given + last} | {"input"} >= CONDITIONAL
    for own in [[*given, layer] for layer in last]:
        typed = config.Configuration(config.Data((4,), classes=3), discriminator=own, labels=config.Labels("conditional"))
        with Model(typed) as model:
            assert model.config["discriminator"]["layers"] == [g.json() for g in own]


@pytest.mark.parametrize(
    "settings",
    [
        {"optimizer": config.Optimizers(config.SGD(clip_norm=1), config.RMSprop(0.002))},
        {"optimizer": config.Adam(amsgrad=True, clip_value=0.5)},
        {"learning_rate": config.Linear(100)},
        {"learning_rate": config.Cosine(100, to=0.5)},
        {"learning_rate": config.Step(100)},
        {"objective": config.FGAN("kl")},
        {"discriminators": {"wide": config.MLP(32), "own": [layers.Dense(1)]}},
        {"objective": config.LeastSquares(-1, 1, 0), "penalties": config.Penalties(r2=config.Penalty(2, every=4))},
        {"penalties": config.Penalties(config.GradientPenalty(10, center=0.5, one_sided=True))},
        {"penalties": config.Penalties(r1=config.Penalty(config.CosineValue(2, 0.2, 100), approximate=0.1))},
        {"optimizer": config.Adam(beta2=config.LinearValue(0.9, 0.99, 10)), "clip_weights": 0.1, "packing": 2},
        {"average": config.HalfLife(config.LinearValue(0, 5000, 100))},
        {"average": config.CosineValue(0.5, 0.99, 100)},
        {"data": config.Data((2,), conditions=(2, 3)), "labels": config.Labels("conditional")},
        {"data": config.Data((2,), range=(0, 1)), "latent": config.Latent(7, "uniform")},
        {"data": config.Data((16, 16, 1), range="any"), "generator": config.DCGAN(4)},
        {"instance_noise": config.InstanceNoise(0.5, 10), "replay": config.Replay(100), "average": 0.9},
        {"label_smoothing": config.LabelSmoothing(0.1), "schedule": config.UpdateSchedule(generator_steps=2)},
        {"generator": [layers.Dense(2, initializer=layers.Orthogonal(1))], "discriminator": config.MLP(8, depth=1)},
    ],
    ids=lambda s: "-".join(s),
)
def test_forms_come_back_from_the_library(settings):
    typed = config.Configuration(**({"data": config.Data((2,))} | settings))
    with Model(typed) as model:
        found = model.config
    for name in settings:
        ours = typed.json()[name]
        if isinstance(settings[name], config.Adam):
            ours = {"generator": ours, "discriminator": ours}
        same(ours, found[name], name)


def test_gan_takes_typed_settings():
    gan = swiftgan.GAN(optimizer=config.Adam(0.001), generator=[layers.Dense(2)], latent=config.Latent(3), steps=1)
    with gan.fit([[0.0, 1.0], [1.0, 0.0]]).model as model:
        assert model.config["generator"]["layers"][0]["dense"]["units"] == 2
        assert model.config["latent"]["size"] == 3
