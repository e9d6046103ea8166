"""What the families' networks in PyTorch share."""

import time

import torch
import torch.nn.functional as F
from family import BETA1, BETA2, RATE


def bernoulli(logits, x):
    """-log p(x) of each sample."""
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1)


class Model:
    """Parameters in PyTorch's layout, by our names, and one step of Adam down `cost`."""

    def __init__(self, family, tuned):
        self.family, self.tuned = family, tuned
        torch.manual_seed(1)
        self.w = {}
        for key, a in self.family.weights().items():
            t = torch.from_numpy(a)
            t = t.permute(3, 2, 0, 1) if t.dim() == 4 else t.t() if t.dim() == 2 and self.transposes(key) else t
            t = t.contiguous()
            if tuned and t.dim() == 4:
                t = t.contiguous(memory_format=torch.channels_last)
            self.w[key] = t.requires_grad_()
        self.data = torch.from_numpy(self.family.data(2))
        adam = {"fused": True} if tuned else {}
        self.optimizer = torch.optim.Adam(self.w.values(), lr=RATE, betas=(BETA1, BETA2), **adam)
        self.setup()

    def setup(self):
        pass

    def transposes(self, key):
        """Whether a matrix is a dense layer's, which PyTorch keeps as [out, in]."""
        return True

    def dense(self, x, network, layers=2):
        for i in range(layers):
            x = F.linear(x, self.w[f"{network}.{2 * i}.weight"], self.w[f"{network}.{2 * i}.bias"])
            x = F.relu(x) if i + 1 < layers else x
        return x

    def step(self, x):
        self.optimizer.zero_grad(set_to_none=True)
        cost = self.cost(x)
        cost.backward()
        self.optimizer.step()
        return cost

    def first_costs(self):
        return [[self.step(self.data[i % 2]).item()] for i in range(3)]

    def steps(self, count):
        seconds = []
        for i in range(count):
            start = time.perf_counter()
            self.step(self.data[i % 2])
            seconds.append(time.perf_counter() - start)
        return seconds
