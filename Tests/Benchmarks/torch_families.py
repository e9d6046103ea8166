"""The families' networks in PyTorch: as its examples write them (default), and as somebody writes them who knows it (tuned)."""

import math

import torch
import torch.nn.functional as F
from families import named
from torch_model import Model, bernoulli
from torch_sequences import KINDS as SEQUENCES

HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)


class VAE(Model):
    def cost(self, x):
        mean, log_variance = self.dense(x, "encoder").chunk(2, 1)
        log_variance = log_variance.clamp(-20, 20)
        z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        divergence = 0.5 * (mean.square() + log_variance.exp() - log_variance - 1).sum(1)
        return (bernoulli(self.dense(z, "decoder"), x) + divergence).mean()


class MADE(Model):
    def setup(self):
        n, width = 784, 500
        inputs, hidden = torch.arange(1, n + 1), 1 + torch.arange(width) % (n - 1)
        self.first = (inputs[None] <= hidden[:, None]).float()
        self.second = (hidden[None] < inputs[:, None]).float()

    def cost(self, x):
        h = F.relu(F.linear(x, self.w["network.1.weight"] * self.first, self.w["network.1.bias"]))
        return bernoulli(F.linear(h, self.w["network.3.weight"] * self.second, self.w["network.3.bias"]), x).mean()


class NADE(Model):
    """Element by element, as public code does it; tuned: all hidden states at once by a cumulative sum, in more memory."""

    def transposes(self, key):
        return False

    def cost(self, x):
        weight, output = self.w["network.0.weight"], self.w["network.0.output_weight"][:, :, 0]
        start, bias = self.w["network.0.hidden_bias"], self.w["network.0.output_bias"][:, 0]
        if self.tuned:
            terms = x[:, :-1, None] * weight[:-1]
            sums = torch.cat([start.expand(len(x), 1, -1), terms], 1).cumsum(1)
            return bernoulli(torch.einsum("bdh,dh->bd", torch.sigmoid(sums), output) + bias, x).mean()
        logits, a = [], start.expand(len(x), -1)
        for d in range(x.shape[1]):
            logits.append(torch.sigmoid(a) @ output[d] + bias[d])
            a = a + x[:, d : d + 1] * weight[d]
        return bernoulli(torch.stack(logits, 1), x).mean()


class RealNVP(Model):
    def setup(self):
        if len(self.family.shape) == 3:
            data = self.data.permute(0, 1, 4, 2, 3)
            self.data = data if self.tuned else data.contiguous()

    def halves(self, output, moving):
        scale, shift = output.chunk(2, 1)
        return 3 * torch.tanh(scale / 3) * moving, shift * moving

    def couple(self, x, nats, i, mask):
        scale, shift = self.halves(self.network(x * mask, f"coupling_{i}"), 1 - mask)
        return x * torch.exp(scale) + shift, nats + scale.flatten(1).sum(1)

    def network(self, x, name):
        if len(self.family.shape) == 1:
            return self.dense(x, name, 3)

        def conv(x, layer):
            return F.conv2d(x, self.w[f"{name}.{layer}.weight"], self.w[f"{name}.{layer}.bias"], padding=1)

        x = conv(x, "0")
        x = x + conv(F.relu(conv(F.relu(x), "1.1")), "1.3")
        return conv(F.relu(x), "3")

    def cost(self, x):
        nats, parts = torch.zeros(len(x)), []
        if len(self.family.shape) == 1:
            for i in range(self.family.own["realnvp"]["couplings"]):
                x, nats = self.couple(x, nats, i, torch.tensor([1.0, 0.0] if i % 2 == 0 else [0.0, 1.0]))
        else:
            k, (h, w) = self.family.own["realnvp"]["couplings"], x.shape[2:]

            def board(h, w):
                return ((torch.arange(h)[:, None] + torch.arange(w)) % 2 == 0).float()

            for i in range(k):
                x, nats = self.couple(x, nats, i, board(h, w) if i % 2 == 0 else 1 - board(h, w))
            n, c = x.shape[:2]
            # Our order of channels: row, column, channel.
            x = x.reshape(n, c, h // 2, 2, w // 2, 2).permute(0, 3, 5, 1, 2, 4).reshape(n, 4 * c, h // 2, w // 2)
            if self.tuned:
                x = x.contiguous(memory_format=torch.channels_last)
            first = (torch.arange(4 * c) < 2 * c).float()[:, None, None]
            for i in range(k):
                x, nats = self.couple(x, nats, k + i, first if i % 2 == 0 else 1 - first)
            x, latents = x.chunk(2, 1)
            parts.append(latents.flatten(1))
            for i in range(k + 1):
                mask = board(h // 2, w // 2)
                x, nats = self.couple(x, nats, 2 * k + i, mask if i % 2 == 0 else 1 - mask)
        z = torch.cat([*parts, x.flatten(1)], 1)
        return -((-0.5 * z.square() - HALF_LOG_2PI).sum(1) + nats).mean()


class RBM(Model):
    """By the derivative of the free energy; tuned: by its closed form, without a graph."""

    def transposes(self, key):
        return False

    def parts(self):
        return [self.w[f"network.0.{n}"] for n in ("weight", "visible_bias", "hidden_bias")]

    def energy(self, v):
        weight, b, c = self.parts()
        return -(v @ b) - F.softplus(torch.addmm(c, v, weight)).sum(1)

    @torch.no_grad()
    def gibbs(self, v):
        weight, b, c = self.parts()
        h = torch.bernoulli(torch.sigmoid(torch.addmm(c, v, weight)))
        return torch.bernoulli(torch.sigmoid(torch.addmm(b, h, weight.t())))

    def cost(self, x):
        return self.energy(x).mean() - self.energy(self.gibbs(x)).mean()

    def step(self, x):
        return self.closed(x) if self.tuned else super().step(x)

    @torch.no_grad()
    def closed(self, x):
        weight, b, c = self.parts()
        inputs = torch.addmm(c, x, weight)
        means = torch.sigmoid(inputs)
        v = torch.bernoulli(torch.sigmoid(torch.addmm(b, torch.bernoulli(means), weight.t())))
        again = torch.addmm(c, v, weight)
        others = torch.sigmoid(again)
        n = len(x)
        weight.grad = torch.addmm(v.t() @ others, x.t(), means, alpha=-1).div_(n)
        b.grad, c.grad = (v - x).mean(0), (others - means).mean(0)
        cost = (F.softplus(again).sum() - F.softplus(inputs).sum()) / n + b @ (v - x).mean(0)
        self.optimizer.step()
        return cost


class GSN(Model):
    def cost(self, x):
        noise, total, state = 0.4, 0.0, x
        for _ in range(3):
            u = torch.rand_like(state)
            noisy = torch.where(u < noise, (u < noise / 2).float(), state)
            logits = self.dense(noisy, "network")
            total = total + bernoulli(logits, x).mean()
            state = torch.bernoulli(torch.sigmoid(logits.detach()))
        return total / 3


KINDS = {"vae": VAE, "made": MADE, "nade": NADE, "realnvp": RealNVP, "rbm": RBM, "gsn": GSN} | SEQUENCES


def make(name, tuned):
    return of(named(name), tuned)


def of(family, tuned):
    return KINDS[family.family](family, tuned)
