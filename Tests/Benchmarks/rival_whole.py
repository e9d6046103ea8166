"""PyTorch with the whole step of the MLP in one compiled function: both players' costs, gradients and Adam updates.

The function is functional, as JAX's: weights, moments and the step's number go in and come out, gradients come from torch.func.
So the compiler sees one graph without a break, and makes one C++ function of it (TORCHINDUCTOR_CPP_WRAPPER=1).
"""

import time

import torch
import torch.nn.functional as F
from workloads import BETA1, BETA2, LEARNING_RATE


def mlp(p, x, activation):
    for i in range(0, len(p), 2):
        x = F.linear(x, p[i], p[i + 1])
        x = activation(x) if i + 2 < len(p) else x
    return x


def generator(p, z):
    return mlp(p, z, torch.relu)


def discriminator(p, x):
    return mlp(p, x, lambda x: F.leaky_relu(x, 0.2))


def adam(parameters, gradients, first, second, t):
    """In place: Kingma & Ba 2015, algorithm 1, with the corrections in the step's size as PyTorch has them."""
    size, root = LEARNING_RATE / (1 - BETA1**t), torch.sqrt(1 - BETA2**t)
    for p, g, m, v in zip(parameters, gradients, first, second, strict=True):
        m.copy_(BETA1 * m + (1 - BETA1) * g)
        v.copy_(BETA2 * v + (1 - BETA2) * g * g)
        p.sub_(size * m / (v.sqrt() / root + 1e-8))


def step(s, real, z):
    """(D's cost, G's cost); the state's tensors are updated in place."""
    s["t"].add_(1)
    t, G, D = s["t"], s["G"], s["D"]
    fake, pull = torch.func.vjp(lambda G: generator(G, z), G)
    fixed = fake.detach()

    def d_cost(D):
        return 0.5 * F.softplus(-discriminator(D, real)).mean() + 0.5 * F.softplus(discriminator(D, fixed)).mean()

    by_D, d = torch.func.grad_and_value(d_cost)(D)
    adam(D, by_D, s["mD"], s["vD"], t)
    by_fake, g = torch.func.grad_and_value(lambda x: 0.5 * F.softplus(-discriminator(D, x)).mean())(fixed)
    (by_G,) = pull(by_fake)
    adam(G, by_G, s["mG"], s["vG"], t)
    return d, g


class Rival:
    def versions(self):
        return {"PyTorch": torch.__version__, "threads": torch.get_num_threads()}

    def prepare(self, w):
        torch.manual_seed(1)
        torch._dynamo.reset()
        self.w = w
        self.state = {"t": torch.zeros(())}
        for key, network in (("G", "generator"), ("D", "discriminator")):
            arrays = [torch.from_numpy(a) for a in w.weights(network).values()]
            self.state[key] = [(a.t() if a.dim() == 2 else a).contiguous().clone() for a in arrays]
            for moment in "mv":
                self.state[moment + key] = [torch.zeros_like(p) for p in self.state[key]]
        self.data = torch.from_numpy(w.data(2))
        self.step = torch.compile(step, fullgraph=True, dynamic=False)

    def first_costs(self):
        costs = []
        for i, z in enumerate(torch.from_numpy(self.w.first_latents())):
            costs.append([c.item() for c in self.step(self.state, self.data[i % 2], z)])
        return costs

    def steps(self, count):
        seconds = []
        for i in range(count):
            start = time.perf_counter()
            self.step(self.state, self.data[i % 2], torch.randn(self.w.batch, self.w.latents))
            seconds.append(time.perf_counter() - start)
        return seconds


def make(name):
    return Rival()
