"""Against PyTorch itself, where it and safetensors are installed."""

import pathlib
import subprocess
import sys

import numpy as np
import pytest

import swiftgan
from swiftgan import config, layers

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
files = pytest.importorskip("safetensors.torch", reason="safetensors is not installed")

from dcgan_torch import Discriminator, Generator  # noqa: E402
from torch import nn  # noqa: E402

ROOT = pathlib.Path(__file__).parents[3]
NZ, WIDTH, NC = 12, 4, 3


def shaken(module):
    """A module with running statistics and scales that are not those of its start."""
    generator = torch.Generator().manual_seed(3)
    for name, value in module.state_dict().items():
        if value.dtype == torch.float32:
            value.copy_(torch.randn(value.shape, generator=generator) * 0.2 + (1 if "var" in name else 0.1))
            if "running_var" in name:
                value.abs_().add_(0.1)
    return module.eval()


def dcgan():
    preset = config.DCGAN(WIDTH)
    return swiftgan.Model(config.Configuration(config.Data((64, 64, NC)), config.Latent(NZ), preset, preset, average=0.9))


def inputs():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(5, NZ)).astype(np.float32)
    x = rng.uniform(-1, 1, (5, 64, 64, NC)).astype(np.float32)
    return z, x


def same_outputs(model, g, d):
    z, x = inputs()
    with torch.no_grad():
        fakes = g(torch.tensor(z)[:, :, None, None]).permute(0, 2, 3, 1).numpy()
        images = torch.tensor(x).permute(0, 3, 1, 2)
        beliefs, logits = d(images).numpy(), d.main[:-1](images).numpy().reshape(-1)
    found = model.discriminate(x)
    np.testing.assert_allclose(model.sample(5, latents=z), fakes, atol=1e-4)
    np.testing.assert_allclose(found, logits, atol=1e-4, rtol=1e-5)
    np.testing.assert_allclose(1 / (1 + np.exp(-found)), beliefs, atol=1e-4)
    assert np.std(fakes) > 0.05 and np.std(logits) > 0.05, "outputs that tell the layouts apart"


def test_from_pytorch(tmp_path):
    g, d = shaken(Generator(NZ, WIDTH, NC)), shaken(Discriminator(WIDTH, NC))
    with dcgan() as model:
        for module, network in ((g, "generator"), (d, "discriminator")):
            torch.save(module.state_dict(), tmp_path / "net.pth")
            script = ROOT / "bindings/python/torch_to_safetensors.py"
            command = [sys.executable, script, tmp_path / "net.pth", tmp_path / f"{network}.safetensors"]
            subprocess.run(command, check=True)
            model.load_pytorch(tmp_path / f"{network}.safetensors", network)
        same_outputs(model, g, d)
        np.testing.assert_array_equal(
            model.tensors["generator_average.1.weight"], model.tensors["generator.1.weight"]
        )


def test_to_pytorch(tmp_path):
    g, d = Generator(NZ, WIDTH, NC).eval(), Discriminator(WIDTH, NC).eval()
    with dcgan() as model:
        x = inputs()[1]
        for _ in range(3):
            model.step(x)
        for name in model.tensors:  # weights far from their start, so that outputs tell something
            if name.endswith("weight") and model.tensors[name].ndim == 4:
                model.tensors[name] = model.tensors[name] * 15
        for module, network in ((g, "generator"), (d, "discriminator")):
            model.export_pytorch(tmp_path / "net.safetensors", network)
            module.load_state_dict(files.load_file(tmp_path / "net.safetensors"))
        same_outputs(model, g, d)


@pytest.mark.parametrize("network", ["generator", "discriminator"])
def test_round_trip_gives_the_same_bits(tmp_path, network):
    with dcgan() as model, dcgan() as other:
        model.step(inputs()[1])
        model.export_pytorch(tmp_path / "net.safetensors", network)
        other.load_pytorch(tmp_path / "net.safetensors", network)
        again = tmp_path / "again.safetensors"
        other.export_pytorch(again, network)
        assert again.read_bytes() == (tmp_path / "net.safetensors").read_bytes()


def test_vectors_of_images(tmp_path):
    """Dense layers beside flattened and reshaped images: the orders of elements differ."""
    ours = {
        "generator": [
            layers.Dense(5 * 4 * 6),
            layers.BatchNorm(),
            layers.ReLU(),
            layers.Reshape((5, 4, 6)),
            layers.Residual([layers.LayerNorm(), layers.Conv(6, kernel=(3, 5), padding=(1, 2))]),
            layers.ConvTranspose(3, kernel=3, stride=2, padding=1, output_padding=1),
            layers.Tanh(),
        ],
        "discriminator": [
            layers.Conv(4, kernel=3, stride=2, padding=1),
            layers.Flatten(),
            layers.LayerNorm(),
            layers.Dense(7, bias=False),
            layers.ELU(),
            layers.Dense(1),
        ],
    }

    class Residual(nn.Module):
        def __init__(self, *body):
            super().__init__()
            for i, layer in enumerate(body):
                self.add_module(str(i), layer)

        def forward(self, x):
            y = x
            for layer in self.children():
                y = layer(y)
            return x + y

    g = nn.Sequential(
        nn.Linear(NZ, 5 * 4 * 6),
        nn.BatchNorm1d(5 * 4 * 6),
        nn.ReLU(),
        nn.Unflatten(1, (6, 5, 4)),
        Residual(nn.LayerNorm((6, 5, 4)), nn.Conv2d(6, 6, (3, 5), padding=(1, 2))),
        nn.ConvTranspose2d(6, 3, 3, 2, 1, output_padding=1),
        nn.Tanh(),
    )
    d = nn.Sequential(
        nn.Conv2d(3, 4, 3, 2, 1),
        nn.Flatten(),
        nn.LayerNorm(5 * 4 * 4),
        nn.Linear(5 * 4 * 4, 7, bias=False),
        nn.ELU(),
        nn.Linear(7, 1),
    )
    rng = np.random.default_rng(1)
    z, x = rng.normal(size=(4, NZ)).astype(np.float32), rng.normal(size=(4, 10, 8, 3)).astype(np.float32)
    with swiftgan.Model(config.Configuration(config.Data((10, 8, 3), range="any"), config.Latent(NZ), **ours)) as model:
        for module, network in ((g, "generator"), (d, "discriminator")):
            files.save_file(shaken(module).state_dict(), tmp_path / "net.safetensors")
            model.load_pytorch(tmp_path / "net.safetensors", network)
            model.export_pytorch(tmp_path / "back.safetensors", network, prefix="")
            back = files.load_file(tmp_path / "back.safetensors")
            for name, value in module.state_dict().items():
                assert name.endswith("num_batches_tracked") or torch.equal(back[name], value), name
        with torch.no_grad():
            fakes = g(torch.tensor(z)).permute(0, 2, 3, 1).numpy()
            logits = d(torch.tensor(x).permute(0, 3, 1, 2)).numpy()
        np.testing.assert_allclose(model.sample(4, latents=z), fakes, atol=1e-4)
        np.testing.assert_allclose(model.discriminate(x), logits[:, 0], atol=1e-4)


@pytest.mark.parametrize("weight_norm", [nn.utils.weight_norm, nn.utils.parametrizations.weight_norm])
@pytest.mark.filterwarnings("ignore:.*weight_norm.* is deprecated")
def test_weight_normalization(tmp_path, weight_norm):
    def normal(layer):
        return layers.WeightNorm(layer, first_batch=False)

    ours = [
        normal(layers.Dense(24)), layers.Reshape((2, 3, 4)), normal(layers.ConvTranspose(3, kernel=3, stride=1, padding=1)),
        layers.Tanh(), normal(layers.Conv(2, kernel=3, padding=1)),
    ]  # fmt: skip
    theirs = nn.Sequential(
        weight_norm(nn.Linear(NZ, 24)), nn.Unflatten(1, (4, 2, 3)), weight_norm(nn.ConvTranspose2d(4, 3, 3, 1, 1), dim=1),
        nn.Tanh(), weight_norm(nn.Conv2d(3, 2, 3, padding=1)),
    )  # fmt: skip
    z = np.random.default_rng(1).normal(size=(4, NZ)).astype(np.float32)
    files.save_file(shaken(theirs).state_dict(), tmp_path / "net.safetensors")
    with swiftgan.Model(config.Configuration(config.Data((2, 3, 2), range="any"), config.Latent(NZ), ours, "mlp")) as model:
        model.load_pytorch(tmp_path / "net.safetensors")
        with torch.no_grad():
            fakes = theirs(torch.tensor(z)).permute(0, 2, 3, 1).numpy()
        np.testing.assert_allclose(model.sample(4, latents=z), fakes, atol=1e-4)


def test_command_line(tmp_path):
    g, d = shaken(Generator(NZ, WIDTH, NC)), shaken(Discriminator(2 * WIDTH, NC))
    files.save_file(g.state_dict(), tmp_path / "g.safetensors")
    files.save_file(d.state_dict(), tmp_path / "d.safetensors")

    def convert(*arguments):
        subprocess.run([ROOT / "build/swiftgan", "convert", *arguments], check=True, cwd=tmp_path)

    convert("g.safetensors", "model.safetensors", "--to", "swiftgan", "--discriminator", "d.safetensors")
    with swiftgan.Model.load(tmp_path / "model.safetensors") as model:
        same_outputs(model, g, d)
    convert("model.safetensors", "back.safetensors", "--to", "pytorch", "--network", "discriminator")
    back = files.load_file(tmp_path / "back.safetensors")
    d.load_state_dict(back)
    convert("g.safetensors", "like.safetensors", "--to", "swiftgan", "--like", "model.safetensors")
    with swiftgan.Model.load(tmp_path / "like.safetensors") as model:
        assert model.config["discriminator"]["width"] == 2 * WIDTH
