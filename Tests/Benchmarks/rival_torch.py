"""PyTorch as a rival: as its DCGAN tutorial writes it (default), and as somebody writes it who knows it (tuned)."""

import itertools
import time

import numpy as np
import rival_frozen
import torch
import torch.nn.functional as F
import torch_families
from torch import nn
from workloads import BETA1, BETA2, LEARNING_RATE, Workload


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
    layers, c = [], w.channels
    for i in range(w.doublings):
        out = w.width * 2**i
        layers.append(nn.Conv2d(c, out, 4, 2, 1, bias=not w.norm))
        if w.norm and i > 0:
            layers.append(nn.BatchNorm2d(out))
        layers.append(nn.LeakyReLU(0.2, inplace=True))
        c = out
    return nn.Sequential(*layers, nn.Conv2d(c, 1, w.base, 1, 0, bias=not w.norm), nn.Flatten())


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


def generator_for_samples(w):
    """A DCGAN's generator with the workload's weights and running statistics, in evaluation."""
    network, statistics = dcgan_generator(w), list(w.statistics().values())
    load(network, w.weights("generator"))
    running = [b for name, b in network.named_buffers() if "running" in name]
    for buffer, array in zip(running, statistics, strict=True):
        buffer.copy_(torch.from_numpy(array))
    return network.eval()


class Rival:
    def __init__(self, tuned=False, compiled=False):
        self.tuned, self.compiled = tuned, compiled

    def versions(self):
        return {"PyTorch": torch.__version__, "threads": torch.get_num_threads()}

    def threads(self, count):
        torch.set_num_threads(count)

    def prepare(self, w):
        layouts = [torch.channels_last, torch.contiguous_format] if self.tuned else [torch.contiguous_format]
        if w.preset == "mlp" or not w.penalized:
            layouts = layouts[:1]
        if len(layouts) > 1:
            # Which layout second derivatives are faster in depends on the processor.
            layouts.sort(key=lambda layout: self.build(w, layout) or min(self.steps(3)))
        self.build(w, layouts[0])

    def build(self, w, layout):
        """Networks, data and optimizers of a workload; images and weights of convolutions in a layout."""
        torch.manual_seed(1)
        self.w, self.images = w, w.preset != "mlp"
        self.data = torch.from_numpy(w.data(2))
        if self.images:
            self.G, self.D = dcgan_generator(w), dcgan_discriminator(w)
            # A view of NHWC is channels_last already.
            self.data = self.data.permute(0, 1, 4, 2, 3)
            if layout == torch.contiguous_format:
                self.data = self.data.contiguous()
        else:
            self.G = mlp([w.latents, w.width, w.width, 2], nn.ReLU)
            self.D = mlp([2, w.width, w.width, 1], lambda: nn.LeakyReLU(0.2))
        load(self.G, w.weights("generator"))
        load(self.D, w.weights("discriminator"))
        if self.images:
            self.G, self.D = self.G.to(memory_format=layout), self.D.to(memory_format=layout)
        adam = {"lr": LEARNING_RATE, "betas": (BETA1, BETA2)} | ({"fused": True} if self.tuned else {})
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

    def slopes(self, *batches):
        """D's logits of each batch, and their derivatives by the samples, which can be differentiated again."""
        batches = [x.detach().requires_grad_() for x in batches]
        logits = [self.D(x) for x in batches]
        return logits, torch.autograd.grad([x.sum() for x in logits], batches, create_graph=True)

    def discriminator_cost(self, real, fake):
        penalties = 0.0
        if self.w.penalty and self.tuned:
            (on_real, on_fake), slopes = self.slopes(real, fake)
        else:
            on_real, on_fake = self.callD(real), self.callD(fake)
            slopes = self.slopes(real)[1] + self.slopes(fake)[1] if self.w.penalty else []
        for slope in slopes:
            penalties = penalties + 0.5 * self.w.penalty * slope.square().sum((1, 2, 3)).mean()
        if not self.w.gradient_penalty:
            return 0.5 * F.softplus(-on_real).mean() + 0.5 * F.softplus(on_fake).mean() + penalties
        between = torch.lerp(fake, real, torch.rand(len(real), 1, 1, 1))
        _, (slope,) = self.slopes(between)
        distance = (slope.square().sum((1, 2, 3)) + 1e-12).sqrt() - 1
        return on_fake.mean() - on_real.mean() + self.w.gradient_penalty * distance.square().mean()

    def generator_cost(self, on_fake):
        return -on_fake.mean() if self.w.gradient_penalty else 0.5 * F.softplus(-on_fake).mean()

    def step(self, real, z):
        if self.w.update == "simultaneous":
            return self.simultaneous(real, z)
        fake = self.callG(z)
        self.optD.zero_grad(set_to_none=True)
        d_cost = self.discriminator_cost(real, fake.detach())
        d_cost.backward()
        self.optD.step()
        if self.tuned:
            self.D.requires_grad_(False)
        self.optG.zero_grad(set_to_none=True)
        g_cost = self.generator_cost(self.callD(fake))
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

    def prepare_samples(self, files, count, **workload):
        """The generator in evaluation; files: {"torch": where the ONNX file of it goes, if anywhere}."""
        self.w, self.count, self.images = Workload(**workload), count, True
        torch.manual_seed(1)
        self.G = generator_for_samples(self.w)
        if self.tuned:
            self.G = self.G.to(memory_format=torch.channels_last)
        if self.compiled:
            torch._dynamo.reset()
            self.G = torch.compile(self.G)

    def export(self, path, **workload):
        rival_frozen.export(generator_for_samples(Workload(**workload)), workload["latents"], path)

    def no_gradients(self):
        return torch.inference_mode() if self.tuned else torch.no_grad()

    def samples_of(self, path):
        """Writes the samples of the workload's latents, [count, height, width, channels]."""
        z = torch.from_numpy(self.w.sample_latents(self.count))[:, :, None, None]
        with self.no_gradients():
            np.save(path, self.G(z).permute(0, 2, 3, 1).contiguous().numpy())

    def samples(self, size, count):
        """Seconds of each of `count` calls for `size` samples, latents drawn, running statistics in batch norm."""
        seconds = []
        for _ in range(count):
            start = time.perf_counter()
            with self.no_gradients():
                self.G(self.latents(size)).numpy()
            seconds.append(time.perf_counter() - start)
        return seconds

    def save(self, path):
        torch.save(self.G.state_dict(), path)


def make(name):
    return Rival(tuned=name != "torch_default", compiled=name == "torch_compiled")
