"""PyTorch as a rival: as its DCGAN tutorial writes it (default), and as somebody writes it who knows it (tuned)."""

import itertools
import time

import torch
import torch.nn.functional as F
import torch_families
from torch import nn
from workloads import BETA1, BETA2, LEARNING_RATE


def dcgan_generator(w):
    k, channels = w.doublings, [w.width * 2**i for i in reversed(range(w.doublings))]
    layers, c = [], w.latents
    for i in range(k):
        kernel = (w.base, 1, 0) if i == 0 else (4, 2, 1)
        layers += [
            nn.ConvTranspose2d(c, channels[i], *kernel, bias=False),
            nn.BatchNorm2d(channels[i]),
            nn.ReLU(True),
        ]
        c = channels[i]
    return nn.Sequential(*layers, nn.ConvTranspose2d(c, w.channels, 4, 2, 1, bias=False), nn.Tanh())


def dcgan_discriminator(w):
    layers, c = (
        [nn.Conv2d(w.channels, w.width, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, inplace=True)],
        w.width,
    )
    for _ in range(1, w.doublings):
        layers += [
            nn.Conv2d(c, 2 * c, 4, 2, 1, bias=False),
            nn.BatchNorm2d(2 * c),
            nn.LeakyReLU(0.2, inplace=True),
        ]
        c *= 2
    return nn.Sequential(*layers, nn.Conv2d(c, 1, w.base, 1, 0, bias=False), nn.Flatten())


def mlp(sizes, activation):
    layers = []
    for a, b in itertools.pairwise(sizes):
        layers += [nn.Linear(a, b), activation()]
    return nn.Sequential(*layers[:-1])


def load(network, arrays):
    """Weights of our layout into PyTorch's, in the order of the layers."""
    with torch.no_grad():
        for p, a in zip(network.parameters(), arrays.values(), strict=True):
            t = torch.from_numpy(a)
            p.copy_(t.permute(3, 2, 0, 1) if t.dim() == 4 else t.t() if t.dim() == 2 else t)


class Rival:
    def __init__(self, tuned=False, compiled=False):
        self.tuned, self.compiled = tuned, compiled

    def versions(self):
        return {"PyTorch": torch.__version__, "threads": torch.get_num_threads()}

    def threads(self, count):
        torch.set_num_threads(count)

    def prepare(self, w):
        torch.manual_seed(1)
        self.w, self.images = w, w.preset != "mlp"
        if self.images:
            self.G, self.D = dcgan_generator(w), dcgan_discriminator(w)
        else:
            self.G = mlp([w.latents, w.width, w.width, 2], nn.ReLU)
            self.D = mlp([2, w.width, w.width, 1], lambda: nn.LeakyReLU(0.2))
        load(self.G, w.weights("generator"))
        load(self.D, w.weights("discriminator"))
        self.data = torch.from_numpy(w.data(2))
        if self.images:
            self.data = self.data.permute(0, 1, 4, 2, 3)
            if not self.tuned:
                self.data = self.data.contiguous()
        if self.tuned and self.images:
            self.G = self.G.to(memory_format=torch.channels_last)
            self.D = self.D.to(memory_format=torch.channels_last)
        adam = {"lr": LEARNING_RATE, "betas": (BETA1, BETA2)}
        if self.tuned:
            adam["fused"] = True
        self.optG = torch.optim.Adam(self.G.parameters(), **adam)
        self.optD = torch.optim.Adam(self.D.parameters(), **adam)
        self.callG, self.callD = self.G, self.D
        if self.compiled:
            torch._dynamo.reset()
            self.callG, self.callD = torch.compile(self.G), torch.compile(self.D)

    def prepare_family(self, name):
        self.family = torch_families.make(name, self.tuned)

    def family_costs(self):
        return self.family.first_costs()

    def family_steps(self, count):
        return self.family.steps(count)

    def latents(self, count):
        z = torch.randn(count, self.w.latents)
        return z[:, :, None, None] if self.images else z

    def squared_slopes(self, x):
        """E |dD/dx|^2, which can be differentiated again. What torch.compile makes has no second derivative."""
        x = x.detach().requires_grad_()
        (slope,) = torch.autograd.grad(self.D(x).sum(), x, create_graph=True)
        return slope.square().sum(tuple(range(1, slope.dim()))).mean()

    def step(self, real, z):
        if self.w.update == "simultaneous":
            return self.simultaneous(real, z)
        fake = self.callG(z)
        self.optD.zero_grad(set_to_none=True)
        d_cost = (
            0.5 * F.softplus(-self.callD(real)).mean() + 0.5 * F.softplus(self.callD(fake.detach())).mean()
        )
        if self.w.penalty:
            penalties = self.squared_slopes(real) + self.squared_slopes(fake)
            d_cost = d_cost + 0.5 * self.w.penalty * penalties
        d_cost.backward()
        self.optD.step()
        if self.tuned:
            self.D.requires_grad_(False)
        self.optG.zero_grad(set_to_none=True)
        g_cost = 0.5 * F.softplus(-self.callD(fake)).mean()
        g_cost.backward()
        self.optG.step()
        if self.tuned:
            self.D.requires_grad_(True)
        return d_cost, g_cost

    def simultaneous(self, real, z):
        """Both gradients from one pass of the fakes through D. Each backward goes only where its player's weights are."""
        on_fake = self.callD(self.callG(z))
        d_cost = 0.5 * F.softplus(-self.callD(real)).mean() + 0.5 * F.softplus(on_fake).mean()
        g_cost = 0.5 * F.softplus(-on_fake).mean()
        self.optD.zero_grad(set_to_none=True)
        self.optG.zero_grad(set_to_none=True)
        d_cost.backward(inputs=list(self.D.parameters()), retain_graph=True)
        g_cost.backward(inputs=list(self.G.parameters()))
        self.optD.step()
        self.optG.step()
        return d_cost, g_cost

    def first_costs(self):
        """Costs of three steps from the common weights, data and latents."""
        costs = []
        for i, z in enumerate(torch.from_numpy(self.w.first_latents())):
            z = z[:, :, None, None] if self.images else z
            costs.append([c.item() for c in self.step(self.data[i % 2], z)])
        return costs

    def steps(self, count):
        seconds = []
        for i in range(count):
            start = time.perf_counter()
            self.step(self.data[i % 2], self.latents(self.w.batch))
            seconds.append(time.perf_counter() - start)
        return seconds

    def samples(self, size, count):
        """Seconds of each of `count` calls for `size` samples, latents drawn, running statistics in batch norm."""
        self.G.eval()
        seconds = []
        for _ in range(count):
            start = time.perf_counter()
            with torch.inference_mode() if self.tuned else torch.no_grad():
                self.G(self.latents(size)).numpy()
            seconds.append(time.perf_counter() - start)
        self.G.train()
        return seconds

    def save(self, path):
        torch.save(self.G.state_dict(), path)


def make(name):
    return Rival(tuned=name != "torch_default", compiled=name == "torch_compiled")
