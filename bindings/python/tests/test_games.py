"""Whole steps of today's games, parameter by parameter, against PyTorch in double precision."""

import numpy as np
import pytest

import swiftgan
from swiftgan import config, layers

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
F = torch.nn.functional

RNG = np.random.default_rng(7)
SIMULTANEOUS = config.UpdateSchedule("simultaneous")


def shaken(model):
    """The weights by name, none of them where a preset starts it, as leaves of a graph."""
    weights = {}
    for name in model.tensors:
        if ".optimizer" in name:
            continue
        if name.endswith((".weight", ".bias")):
            value = model.tensors[name]
            scale = 0.7 / np.sqrt(max(np.prod(value.shape[:-1]), 1))
            model.tensors[name] = RNG.normal(0, scale, value.shape).astype(np.float32)
        weights[name] = torch.tensor(model.tensors[name].astype(np.float64), requires_grad=True)
    return weights


def expect_step(model, weights, costs, report):
    """Both players have gone down their costs with rate 1, and the report has the costs."""
    for player, cost in costs.items():
        assert abs(report[f"{player}_cost"] - cost.item()) < 1e-5 * max(1, abs(cost.item()))
        own = {n: w for n, w in weights.items() if n.startswith(player + ".") and n.endswith((".weight", ".bias"))}
        slopes = torch.autograd.grad(cost, list(own.values()), retain_graph=True)
        for (name, before), slope in zip(own.items(), slopes):
            wanted, found = (before - slope).detach().numpy(), model.tensors[name]
            assert np.abs(slope.numpy()).max() > 1e-6, f"{name} does not move"
            np.testing.assert_allclose(found, wanted, atol=1e-4 * max(np.abs(slope.numpy()).max(), 1e-2), err_msg=name)


def conv(x, w, name, groups=1, **more):
    weight, bias = w[f"{name}.weight"].permute(3, 2, 0, 1), w.get(f"{name}.bias")
    more.setdefault("padding", (weight.shape[2] - 1) // 2)
    return F.conv2d(x, weight, bias, groups=groups, **more)


def block(x, w, name):
    y = F.leaky_relu(conv(x, w, f"{name}.0"), 0.2)
    y = F.leaky_relu(conv(y, w, f"{name}.2", groups=y.shape[1] // 16), 0.2)
    return x + conv(y, w, f"{name}.4")


def resampled(x, up):
    taps = torch.tensor([1.0, 3, 3, 1], dtype=torch.float64)
    kernel = (taps[:, None] * taps / 64).expand(x.shape[1], 1, 4, 4)
    if up:
        return F.conv_transpose2d(x, 4 * kernel, stride=2, padding=1, groups=x.shape[1])
    return F.conv2d(x, kernel, stride=2, padding=1, groups=x.shape[1])


def r3gan_generator(z, w, condition):
    n = "generator."
    if condition is not None:
        z = torch.cat([z, condition @ w[f"{n}0.weight"]], 1)
    k = 0 if condition is None else 1
    y = z @ w[f"{n}{k}.weight"]
    y = (w[f"{n}{k + 1}.weight"] * y[:, None, None, :]).permute(0, 3, 1, 2)
    y = block(y, w, f"{n}{k + 2}")
    y = resampled(conv(y, w, f"{n}{k + 3}"), up=True)
    return torch.tanh(conv(block(y, w, f"{n}{k + 5}"), w, f"{n}{k + 6}"))


def r3gan_discriminator(x, w, condition):
    n = "discriminator."
    y = block(conv(x, w, f"{n}0"), w, f"{n}1")
    y = block(conv(resampled(y, up=False), w, f"{n}3"), w, f"{n}4")
    y = conv(y, w, f"{n}5", groups=y.shape[1], padding=0).flatten(1) @ w[f"{n}7.weight"]
    return y[:, 0] if condition is None else (y * (condition @ w[f"{n}8.weight"])).sum(1)


@pytest.mark.parametrize("classes", [0, 3])
def test_a_step_of_a_small_r3gan(classes):
    preset = config.R3GAN(8)
    settings = config.Configuration(
        config.Data((8, 8, 2), classes=classes),
        config.Latent(5),
        preset,
        preset,
        objective="relativistic",
        penalties=config.Penalties(r1=0.7, r2=0.4),
        schedule=SIMULTANEOUS,
        optimizer=config.SGD(1),
        labels=config.Labels("conditional", "embedding", "projection", embedding=4) if classes else config.Labels(),
    )
    with swiftgan.Model(settings) as model:
        w = shaken(model)
        x = RNG.uniform(-1, 1, (6, 8, 8, 2)).astype(np.float32)
        z = RNG.normal(size=(6, 5)).astype(np.float32)
        labels = np.array([0, 1, 2, 2, 1, 0]) if classes else None
        report = model.step(x, latents=z, labels=labels)
        given = torch.tensor(np.eye(3)[labels]) if classes else None
        real = torch.tensor(x.astype(np.float64)).permute(0, 3, 1, 2).requires_grad_()
        fake = r3gan_generator(torch.tensor(z.astype(np.float64)), w, given)
        shown = fake.detach().requires_grad_()
        on_real, on_fake = r3gan_discriminator(real, w, given), r3gan_discriminator(shown, w, given)
        cost = F.softplus(on_fake - on_real).mean()
        for weight, logits, at in [(0.7, on_real, real), (0.4, on_fake, shown)]:
            slope = torch.autograd.grad(logits.sum(), at, create_graph=True)[0]
            cost = cost + weight / 2 * slope.square().sum((1, 2, 3)).mean()
        answer = F.softplus(on_real.detach() - r3gan_discriminator(fake, w, given)).mean()
        expect_step(model, w, {"discriminator": cost, "generator": answer}, report)


def normalized(w, name, axis):
    """A weight divided by its singular value after another power iteration, whose vectors are constants."""
    weight = w[f"{name}.weight"]
    matrix = torch.movedim(weight, axis, -1).reshape(-1, weight.shape[axis])
    with torch.no_grad():
        v = F.normalize(matrix @ w[f"{name}.u"], dim=0)
        u = F.normalize(matrix.T @ v, dim=0)
    w[f"{name}.u"], w[f"{name}.v"] = u, v
    return {f"{name}.weight": weight / (v @ matrix @ u), f"{name}.bias": w[f"{name}.bias"]}


def test_a_step_with_spectral_norm():
    own = [layers.SpectralNorm(layers.Conv(4, stride=2, padding=1)), layers.LeakyReLU(0.2)]
    own += [layers.SpectralNorm(layers.ConvTranspose(3, kernel=2)), layers.Softplus(), layers.Flatten()]
    settings = config.Configuration(
        config.Data((6, 6, 2)),
        config.Latent(5),
        [layers.Dense(72), layers.Reshape((6, 6, 2)), layers.Tanh()],
        [*own, layers.SpectralNorm(layers.Dense(1))],
        schedule=SIMULTANEOUS,
        optimizer=config.SGD(1),
    )

    def discriminate(x, w):
        n = "discriminator."
        y = F.leaky_relu(conv(x, normalized(w, f"{n}0", 3), f"{n}0", stride=2), 0.2)
        part = normalized(w, f"{n}2", 2)
        y = F.conv_transpose2d(y, part[f"{n}2.weight"].permute(3, 2, 0, 1), part[f"{n}2.bias"], stride=2)
        last = normalized(w, f"{n}5", 1)
        return F.softplus(y).permute(0, 2, 3, 1).flatten(1) @ last[f"{n}5.weight"] + last[f"{n}5.bias"]

    with swiftgan.Model(settings) as model:
        w = shaken(model)
        x = RNG.uniform(-1, 1, (6, 6, 6, 2)).astype(np.float32)
        z = RNG.normal(size=(6, 5)).astype(np.float32)
        report = model.step(x, latents=z)
        real = torch.tensor(x.astype(np.float64)).permute(0, 3, 1, 2)
        fake = torch.tanh(torch.tensor(z.astype(np.float64)) @ w["generator.0.weight"] + w["generator.0.bias"])
        fake = fake.reshape(-1, 6, 6, 2).permute(0, 3, 1, 2)
        on_real, on_fake = discriminate(real, w), discriminate(fake, w)
        # In a simultaneous update one pass of D on the fakes serves both players.
        cost = F.softplus(-on_real).mean() / 2 + F.softplus(on_fake).mean() / 2
        costs = {"discriminator": cost, "generator": F.softplus(-on_fake).mean() / 2}
        expect_step(model, w, costs, report)
        for name in ("0.u", "0.v", "2.u", "5.v"):
            np.testing.assert_allclose(model.tensors["discriminator." + name], w["discriminator." + name].numpy(), atol=1e-4)
