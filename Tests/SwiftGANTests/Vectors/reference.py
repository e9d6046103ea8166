"""The adversarial game of a configuration, in PyTorch: the reference that the engine's steps are held against.

Nothing here comes from the engine: networks are read from the same JSON, parameters have the same names and
layouts (dense [in, out]; convolutions [kh, kw, in, out]; images NHWC), the rest is PyTorch's functional API,
autograd and optimizers. Layers that draw random numbers (dropout) are left out.
"""

import functools
import math

import torch
import torch.nn.functional as F


def generator_layers(config):
    network, shape = config.get("generator", {}), config["data"]["shape"]
    if "layers" in network:
        return network["layers"]
    if network["preset"] == "mlp":
        hidden = [{"dense": network.get("width", 128)}, "relu"] * network.get("depth", 2)
        return hidden + [{"dense": math.prod(shape)}, {"reshape": shape}]
    width, (base, doublings) = network.get("width", 64), dcgan_base(shape[0])
    channels = [width * 2**i for i in reversed(range(doublings))]
    up = lambda c, k, s, p: {
        "conv_transpose": {"channels": c, "kernel": k, "stride": s, "padding": p, "bias": False}
    }
    layers = [{"reshape": [1, 1, config["latent"]["size"]]}]
    for i, c in enumerate(channels):
        layers += [up(c, base, 1, 0) if i == 0 else up(c, 4, 2, 1), "batch_norm", "relu"]
    return layers + [up(shape[2], 4, 2, 1), "tanh"]


def discriminator_layers(config):
    network, shape = config.get("discriminator", {}), config["data"]["shape"]
    if "layers" in network:
        return network["layers"]
    if network["preset"] == "mlp":
        hidden = [{"dense": network.get("width", 128)}, {"leaky_relu": 0.2}] * network.get("depth", 2)
        return (["flatten"] if len(shape) > 1 else []) + hidden + [{"dense": 1}]
    width, (base, doublings) = network.get("width", 64), dcgan_base(shape[0])
    down = lambda c, k, s, p: {"conv": {"channels": c, "kernel": k, "stride": s, "padding": p, "bias": False}}
    layers = [down(width, 4, 2, 1), {"leaky_relu": 0.2}]
    for i in range(1, doublings):
        layers += [down(width * 2**i, 4, 2, 1), "batch_norm", {"leaky_relu": 0.2}]
    return layers + [down(1, base, 1, 0), "flatten"]


def dcgan_base(size):
    return (7, 2) if size == 28 else (4, int(math.log2(size)) - 2)


def pair(v):
    return (v, v) if isinstance(v, int) else tuple(v)


def same_padding(size, kernel, stride):
    total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def oihw(weight):
    """[kh, kw, a, b] as PyTorch wants it, [b, a, kh, kw], for a convolution and for its transpose alike."""
    return weight.permute(3, 2, 0, 1).contiguous()


def averaged(name):
    """The name of a generator's parameter in the moving average."""
    return name.replace("generator", "generator_average", 1)


class Network:
    """A list of layers with its parameters and running statistics, by name."""

    def __init__(self, prefix, layers, input_shape, dtype):
        self.dtype, self.parameters, self.running = dtype, {}, {}
        self.forward, self.output_shape = self.chain(prefix, layers, tuple(input_shape))

    def chain(self, prefix, layers, shape):
        """(function, output shape) of layers one after another; parameters are declared on the way."""
        forwards = []
        for i, layer in enumerate(layers):
            kind, options = (layer, {}) if isinstance(layer, str) else next(iter(layer.items()))
            forward, shape = getattr(self, "layer_" + kind)(f"{prefix}.{i}", options, shape)
            forwards.append(forward)
        return lambda x: functools.reduce(lambda y, f: f(y), forwards, x), shape

    def __call__(self, x):
        return self.forward(x)

    def parameter(self, name, shape):
        self.parameters[name] = torch.zeros(shape, dtype=self.dtype, requires_grad=True)
        return self.parameters[name]

    def layer_dense(self, name, options, shape):
        options = {"units": options} if isinstance(options, int) else options
        w = self.parameter(name + ".weight", (shape[0], options["units"]))
        b = self.parameter(name + ".bias", (options["units"],)) if options.get("bias", True) else 0.0
        return lambda x: x @ w + b, (options["units"],)

    def layer_conv(self, name, options, shape):
        (h, w, cin), cout = shape, options["channels"]
        kernel, stride = pair(options.get("kernel", 4)), pair(options.get("stride", 2))
        padding = options.get("padding", "same")
        if padding == "same":
            pads = [same_padding(n, k, s) for n, k, s in zip((h, w), kernel, stride, strict=True)]
        else:
            pads = [(p, p) for p in ((0, 0) if padding == "valid" else pair(padding))]
        weight = self.parameter(name + ".weight", (*kernel, cin, cout))
        bias = self.parameter(name + ".bias", (cout,)) if options.get("bias", True) else None
        out = [(n + sum(p) - k) // s + 1 for n, p, k, s in zip((h, w), pads, kernel, stride, strict=True)]

        def forward(x):
            x = F.pad(x.permute(0, 3, 1, 2), (*pads[1], *pads[0]))
            return F.conv2d(x, oihw(weight), bias, stride).permute(0, 2, 3, 1)

        return forward, (*out, cout)

    def layer_conv_transpose(self, name, options, shape):
        (h, w, cin), cout = shape, options["channels"]
        kernel, stride = pair(options.get("kernel", 4)), pair(options.get("stride", 2))
        padding, extra = options.get("padding", "same"), pair(options.get("output_padding", 0))
        weight = self.parameter(name + ".weight", (*kernel, cout, cin))
        bias = self.parameter(name + ".bias", (cout,)) if options.get("bias", True) else None
        if padding == "same":
            before = [(k - s) // 2 for k, s in zip(kernel, stride, strict=True)]
            out = [n * s for n, s in zip((h, w), stride, strict=True)]
        else:
            before = (0, 0) if padding == "valid" else pair(padding)
            out = [
                (n - 1) * s - 2 * p + k + e
                for n, s, p, k, e in zip((h, w), stride, before, kernel, extra, strict=True)
            ]

        def forward(x):
            x = x.permute(0, 3, 1, 2)
            if padding == "same":
                y = F.conv_transpose2d(x, oihw(weight), bias, stride)
                y = y[:, :, before[0] : before[0] + out[0], before[1] : before[1] + out[1]]
            else:
                y = F.conv_transpose2d(x, oihw(weight), bias, stride, before, extra)
            return y.permute(0, 2, 3, 1)

        return forward, (*out, cout)

    def layer_batch_norm(self, name, options, shape):
        channels = shape[-1]
        weight = self.parameter(name + ".weight", (channels,))
        bias = self.parameter(name + ".bias", (channels,))
        mean = self.running[name + ".running_mean"] = torch.zeros(channels, dtype=self.dtype)
        variance = self.running[name + ".running_var"] = torch.ones(channels, dtype=self.dtype)
        epsilon, momentum = options.get("epsilon", 1e-5), options.get("momentum", 0.1)

        def forward(x):
            rows = x.reshape(-1, channels)
            y = F.batch_norm(rows, mean, variance, weight, bias, True, momentum, epsilon)
            return y.reshape(x.shape)

        return forward, shape

    def layer_layer_norm(self, name, options, shape):
        weight, bias = self.parameter(name + ".weight", shape), self.parameter(name + ".bias", shape)
        return lambda x: F.layer_norm(x, shape, weight, bias, options.get("epsilon", 1e-5)), shape

    def layer_residual(self, name, options, shape):
        body, _ = self.chain(name, options, shape)
        return lambda x: x + body(x), shape

    def layer_sequence(self, name, options, shape):
        return self.chain(name, options, shape)

    def layer_scale(self, name, options, shape):
        return lambda x: options["factor"] * x + options.get("offset", 0.0), shape

    def layer_reshape(self, name, options, shape):
        return lambda x: x.reshape(x.shape[0], *options), tuple(options)

    def layer_flatten(self, name, options, shape):
        return lambda x: x.reshape(x.shape[0], -1), (math.prod(shape),)

    def layer_upsample(self, name, options, shape):
        f, (h, w, c) = options, shape
        return lambda x: x.repeat_interleave(f, 1).repeat_interleave(f, 2), (h * f, w * f, c)

    def layer_average_pool(self, name, options, shape):
        f, (h, w, c) = options, shape
        forward = lambda x: F.avg_pool2d(x.permute(0, 3, 1, 2), f).permute(0, 2, 3, 1)
        return forward, (h // f, w // f, c)

    def layer_relu(self, name, options, shape):
        return F.relu, shape

    def layer_leaky_relu(self, name, options, shape):
        return lambda x: F.leaky_relu(x, options), shape

    def layer_tanh(self, name, options, shape):
        return torch.tanh, shape

    def layer_sigmoid(self, name, options, shape):
        return torch.sigmoid, shape

    def layer_elu(self, name, options, shape):
        return lambda x: F.elu(x, options or 1.0), shape

    def layer_silu(self, name, options, shape):
        return F.silu, shape

    def layer_softplus(self, name, options, shape):
        return F.softplus, shape


class Game:
    """Two networks, their optimizers, and one step of the game."""

    def __init__(self, config, dtype):
        self.config, self.dtype = config, dtype
        self.G = Network("generator", generator_layers(config), [config["latent"]["size"]], dtype)
        self.D = Network("discriminator", discriminator_layers(config), config["data"]["shape"], dtype)
        adam = config["optimizer"]["adam"]
        make = lambda net: torch.optim.Adam(
            net.parameters.values(),
            lr=adam["learning_rate"],
            betas=(adam.get("beta1", 0.9), adam.get("beta2", 0.999)),
        )
        self.optimizers = {"D": make(self.D), "G": make(self.G)}
        self.steps, self.average = 0, {}

    def tensors(self):
        """Everything that has a name: parameters, running statistics, and the generator's moving average."""
        own = {**self.G.parameters, **self.G.running, **self.D.parameters, **self.D.running}
        return own | self.average

    def parameters(self):
        return {**self.G.parameters, **self.D.parameters}

    def write(self, name, array):
        with torch.no_grad():
            self.tensors()[name].copy_(torch.from_numpy(array).to(self.dtype))

    def begin(self):
        """Called once weights are written: the average starts at them."""
        if "average" in self.config:
            self.average = {averaged(n): p.detach().clone() for n, p in self.G.parameters.items()}

    def discriminator_cost(self, real, fake):
        smoothing = self.config.get("label_smoothing", {})
        a, b = smoothing.get("real", 0.0), smoothing.get("fake", 0.0)
        on_real = (1 - a) * F.softplus(-real) + a * F.softplus(real)
        on_fake = (1 - b) * F.softplus(fake) + b * F.softplus(-fake)
        return 0.5 * on_real.mean() + 0.5 * on_fake.mean()

    def generator_cost(self, fake):
        if self.config.get("objective", "non_saturating") == "minimax":
            return -0.5 * F.softplus(fake).mean()
        return 0.5 * F.softplus(-fake).mean()

    def descend(self, player, gradients):
        parameters = (self.D if player == "D" else self.G).parameters.values()
        for p, g in zip(parameters, gradients, strict=True):
            p.grad = g
        self.optimizers[player].step()
        return math.sqrt(sum((g.double() ** 2).sum().item() for g in gradients))

    def gradients(self, cost, net, retain=False):
        return torch.autograd.grad(cost, list(net.parameters.values()), retain_graph=retain)

    def step(self, real, latents):
        """One step; `latents` serve every update. Returns the figures of the (last) update of each player."""
        for optimizer in self.optimizers.values():
            optimizer.param_groups[0]["lr"] = self.learning_rate()
        report = self.play(real, latents)
        # The decay grows with the steps up to its own value: at first the average is the generator.
        decay = min(self.config.get("average", 0), self.steps / (self.steps + 9))
        for name, mean in self.average.items():
            newest = self.G.parameters[name.replace("generator_average", "generator")]
            mean.copy_(decay * mean + (1 - decay) * newest.detach())
        self.steps += 1
        return report

    def learning_rate(self):
        """Of this step: the optimizer's own by the factor of the schedule, here only "linear"."""
        rate, schedule = self.config["optimizer"]["adam"]["learning_rate"], self.config.get("learning_rate")
        if schedule is None:
            return rate
        linear = schedule["linear"]
        return rate * (1 + (linear["to"] - 1) * min(self.steps / linear["steps"], 1))

    def play(self, real, latents):
        schedule = self.config.get("schedule", {})
        simultaneous = schedule.get("update", "alternating") == "simultaneous"
        report = {}
        if simultaneous:
            fake = self.G(latents)
            on_real, on_fake = self.D(real), self.D(fake)
            d_cost, g_cost = self.discriminator_cost(on_real, on_fake), self.generator_cost(on_fake)
            # Both gradients before either update. D's does not enter G: only D's parameters are asked for.
            d_gradients = self.gradients(d_cost, self.D, retain=True)
            g_gradients = self.gradients(g_cost, self.G)
            d_norm, g_norm = self.descend("D", d_gradients), self.descend("G", g_gradients)
        else:
            for _ in range(schedule.get("discriminator_steps", 1)):
                fake = self.G(latents)
                on_real, on_fake = self.D(real), self.D(fake.detach())
                d_cost = self.discriminator_cost(on_real, on_fake)
                d_norm = self.descend("D", self.gradients(d_cost, self.D))
            g_cost = self.generator_cost(self.D(fake))
            g_norm = self.descend("G", self.gradients(g_cost, self.G))
        report["discriminator_cost"], report["generator_cost"] = d_cost.item(), g_cost.item()
        report["real_output"] = torch.sigmoid(on_real).mean().item()
        report["fake_output"] = torch.sigmoid(on_fake).mean().item()
        report["discriminator_gradient_norm"], report["generator_gradient_norm"] = d_norm, g_norm
        return report
