"""PixelCNN, PixelRNN and WaveNet in PyTorch."""

import math

import torch
import torch.nn.functional as F
from torch_model import Model, bernoulli


def gated(x):
    a, b = x.chunk(2, 1)
    return torch.tanh(a) * torch.sigmoid(b)


class Pixels(Model):
    """Gray images [batch, 1, height, width]: of zeros and ones, or of more levels from -1 to 1."""

    def setup(self):
        data = self.data.permute(0, 1, 4, 2, 3)
        self.data = data if self.tuned else data.contiguous()
        self.own = self.family.own[self.family.family]
        self.levels = self.own["levels"]

    def seen(self, x):
        return 2 * x - 1 if self.levels == 2 else x

    def conv(self, x, name, top=0, sides=(0, 0), bias=None):
        """A convolution of padded images, as large as they were."""
        height, width = x.shape[2:]
        x = F.pad(x, (*sides, top, 0))
        return F.conv2d(x, self.w[name], None if bias is None else self.w[bias])[:, :, :height, :width]

    def each(self, x, name, bias=None):
        """A dense layer of each pixel."""
        return F.conv2d(x, self.w[name][:, :, None, None], None if bias is None else self.w[bias])

    def finish(self, features, x):
        hidden = F.relu(self.each(F.relu(features), "network.0.head_weight", "network.0.head_bias"))
        logits = self.each(hidden, "network.0.output_weight", "network.0.output_bias")
        if self.levels == 2:
            return bernoulli(logits.flatten(1), x.flatten(1)).mean()
        numbers = ((x + 1) / 2 * (self.levels - 1)).round().long().flatten(1)
        return F.cross_entropy(logits.flatten(2), numbers, reduction="none").sum(1).mean()


class PixelCNN(Pixels):
    def cost(self, x):
        above = left = self.seen(x)
        for i in range(self.own["depth"]):
            name = f"network.0.{i}"
            reach = self.own["first_kernel" if i == 0 else "kernel"] // 2
            vertical = self.conv(above, f"{name}.vertical_weight", reach, (reach, reach), f"{name}.vertical_bias")
            horizontal = self.conv(left, f"{name}.horizontal_weight", 0, (reach, 0), f"{name}.horizontal_bias")
            made = self.each(
                gated(horizontal + self.each(vertical, f"{name}.link")), f"{name}.output_weight", f"{name}.output_bias"
            )
            left = made if i == 0 else left + made
            above = gated(vertical)
        return self.finish(left, x)


class PixelRNN(Pixels):
    def cost(self, x):
        seen, reach = self.seen(x), self.own["first_kernel"] // 2
        features = self.conv(seen, "network.0.above_weight", reach, (reach, reach), "network.0.bias")
        features = features + self.conv(seen, "network.0.left_weight", 0, (reach, 0))
        reach = self.own["kernel"] // 2
        for i in range(self.own["depth"]):
            name = f"network.0.{i}"
            gates = self.conv(features, f"{name}.input_weight", 0, (reach, 0), f"{name}.bias")
            rows, memory = [], 0.0
            for row in range(x.shape[2]):
                sums = gates[:, :, row : row + 1]
                if rows:
                    sums = sums + self.conv(rows[-1], f"{name}.state_weight", 0, (reach, reach))
                o, f, i_, g = sums.chunk(4, 1)
                memory = torch.sigmoid(f) * memory + torch.sigmoid(i_) * torch.tanh(g)
                rows.append(torch.sigmoid(o) * torch.tanh(memory))
            features = features + self.each(torch.cat(rows, 2), f"{name}.output_weight", f"{name}.output_bias")
        return self.finish(features, x)


class WaveNet(Model):
    def transposes(self, key):
        return "table" not in key

    def setup(self):
        self.own = self.family.own["wavenet"]

    def cost(self, x):
        levels = self.own["levels"]
        mu = levels - 1
        bent = torch.sign(x) * torch.log1p(mu * x.abs()) / math.log1p(mu)
        numbers = ((bent + 1) / 2 * mu).round().long()
        start = torch.full_like(numbers[:, :1], levels)
        features = self.w["network.0.table"][torch.cat([start, numbers[:, :-1]], 1)].transpose(1, 2)
        skips, count = 0.0, self.own["layers"] * self.own["blocks"]
        for i in range(count):
            name, dilation = f"network.0.{i}", 2 ** (i % self.own["layers"])
            weight = self.w[f"{name}.weight"].permute(2, 1, 0)
            unit = gated(F.conv1d(F.pad(features, (dilation, 0)), weight, self.w[f"{name}.bias"], dilation=dilation))
            skips = skips + F.conv1d(unit, self.w[f"{name}.skip_weight"][:, :, None])
            if i < count - 1:
                residual = self.w[f"{name}.residual_weight"][:, :, None]
                features = features + F.conv1d(unit, residual, self.w[f"{name}.residual_bias"])
        hidden = F.relu(skips + self.w["network.0.skip_bias"][:, None])
        hidden = F.relu(F.conv1d(hidden, self.w["network.0.head_weight"][:, :, None], self.w["network.0.head_bias"]))
        logits = F.conv1d(hidden, self.w["network.0.output_weight"][:, :, None], self.w["network.0.output_bias"])
        return F.cross_entropy(logits, numbers, reduction="none").sum(1).mean()


KINDS = {"pixelcnn": PixelCNN, "pixelrnn": PixelRNN, "wavenet": WaveNet}
