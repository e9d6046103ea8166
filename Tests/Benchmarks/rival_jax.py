"""JAX as a rival: the whole step, both updates and the latents' randomness included, in one jit with donated buffers."""

import functools
import os
import time

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import jax.numpy as jnp
import numpy as np
from workloads import BETA1, BETA2, LEARNING_RATE, Workload

IMAGES = ("NHWC", "HWIO", "NHWC")
softplus = jax.nn.softplus


def batch_norm(x, weight, bias, state, running, training):
    """PyTorch's: batch statistics in training, running ones kept with momentum 0.1 and unbiased variance."""
    if not training:
        mean, variance = state[running]
        return (x - mean) * (weight * jax.lax.rsqrt(variance + 1e-5)) + bias
    axes = tuple(range(x.ndim - 1))
    mean, variance = x.mean(axes), x.var(axes)
    n = x.size // x.shape[-1]
    old_mean, old_variance = state[running]
    state[running] = (0.9 * old_mean + 0.1 * mean, 0.9 * old_variance + 0.1 * variance * n / (n - 1))
    return (x - mean) * (weight * jax.lax.rsqrt(variance + 1e-5)) + bias


def generator(w, p, state, z, training):
    p = list(p)
    if w.preset == "mlp":
        x = jax.nn.relu(z @ p[0] + p[1])
        return jax.nn.relu(x @ p[2] + p[3]) @ p[4] + p[5]
    x = z[:, None, None, :]
    up = functools.partial(jax.lax.conv_transpose, dimension_numbers=IMAGES, transpose_kernel=True)
    for i in range(w.doublings):
        weight, scale, bias = p[3 * i : 3 * i + 3]
        # Of the products' padding: kernel - 1 - padding.
        pad = w.base - 1 if i == 0 else 2
        x = up(x, weight, (1, 1) if i == 0 else (2, 2), [(pad, pad)] * 2)
        x = jax.nn.relu(batch_norm(x, scale, bias, state, i, training))
    return jnp.tanh(up(x, p[-1], (2, 2), [(2, 2), (2, 2)]))


def discriminator(w, p, state, x):
    leaky = lambda x: jax.nn.leaky_relu(x, 0.2)
    if w.preset == "mlp":
        return leaky(leaky(x @ p[0] + p[1]) @ p[2] + p[3]) @ p[4] + p[5]
    down = functools.partial(jax.lax.conv_general_dilated, dimension_numbers=IMAGES)
    x = leaky(down(x, p[0], (2, 2), [(1, 1), (1, 1)]))
    for i in range(w.doublings - 1):
        weight, scale, bias = p[1 + 3 * i : 4 + 3 * i]
        x = leaky(batch_norm(down(x, weight, (2, 2), [(1, 1), (1, 1)]), scale, bias, state, i, True))
    return down(x, p[-1], (1, 1), [(0, 0), (0, 0)]).reshape(x.shape[0], 1)


def adam(p, g, m, v, t):
    first = [BETA1 * a + (1 - BETA1) * b for a, b in zip(m, g, strict=True)]
    second = [BETA2 * a + (1 - BETA2) * b * b for a, b in zip(v, g, strict=True)]
    size, root = LEARNING_RATE / (1 - BETA1**t), jnp.sqrt(1 - BETA2**t)
    moved = [x - size * a / (jnp.sqrt(b) / root + 1e-8) for x, a, b in zip(p, first, second, strict=True)]
    return moved, first, second


def game_step(w, s, real, z):
    """(state, (D's cost, G's cost)); batch norm sees real and fake apart, as everywhere."""
    t = s["t"] + 1
    running = {"G": s["runningG"], "D": s["runningD"]}

    def fakes(pg):
        state = dict(running["G"])
        return generator(w, pg, state, z, True), state

    def judge(pd, x, state):
        state = dict(state)
        return discriminator(w, pd, state, x), state

    fake, pull, running["G"] = jax.vjp(fakes, s["G"], has_aux=True)

    if w.update == "simultaneous":
        on_real, back_real, state = jax.vjp(lambda pd: judge(pd, real, running["D"]), s["D"], has_aux=True)
        on_fake, back_fake, state = jax.vjp(lambda pd, x: judge(pd, x, state), s["D"], fake, has_aux=True)
        d_cost = lambda a, b: 0.5 * softplus(-a).mean() + 0.5 * softplus(b).mean()
        d, (by_real, by_fake) = jax.value_and_grad(d_cost, (0, 1))(on_real, on_fake)
        g, by_logit = jax.value_and_grad(lambda b: 0.5 * softplus(-b).mean())(on_fake)
        gd = [a + b for a, b in zip(back_real(by_real)[0], back_fake(by_fake)[0], strict=True)]
        (gg,) = pull(back_fake(by_logit)[1])
        D, mD, vD = adam(s["D"], gd, s["mD"], s["vD"], t)
    else:

        def d_cost(pd):
            on_real, state = judge(pd, real, running["D"])
            on_fake, state = judge(pd, fake, state)
            return 0.5 * softplus(-on_real).mean() + 0.5 * softplus(on_fake).mean(), state

        (d, state), gd = jax.value_and_grad(d_cost, has_aux=True)(s["D"])
        D, mD, vD = adam(s["D"], gd, s["mD"], s["vD"], t)

        def g_cost(x):
            on_fake, after = judge(D, x, state)
            return 0.5 * softplus(-on_fake).mean(), after

        (g, state), by_fake = jax.value_and_grad(g_cost, has_aux=True)(fake)
        (gg,) = pull(by_fake)
    G, mG, vG = adam(s["G"], gg, s["mG"], s["vG"], t)
    new = {"G": G, "D": D, "mG": mG, "vG": vG, "mD": mD, "vD": vD, "t": t}
    return new | {"runningG": running["G"], "runningD": state}, (d, g)


class Rival:
    def versions(self):
        return {"JAX": jax.__version__}

    def threads(self, count):
        raise NotImplementedError("the number of XLA's threads is fixed when the process starts")

    def prepare(self, w):
        jax.clear_caches()
        self.w = w
        G, D = ([jnp.asarray(a) for a in w.weights(n).values()] for n in ("generator", "discriminator"))
        identity = lambda p, start: {
            i: (jnp.zeros(c), jnp.ones(c))
            for i, c in enumerate(a.shape[0] for a in p[start::3] if a.ndim == 1 and w.preset != "mlp")
        }
        zeros = lambda p: [jnp.zeros_like(a) for a in p]
        self.state = {"G": G, "D": D, "mG": zeros(G), "vG": zeros(G), "mD": zeros(D), "vD": zeros(D)}
        self.state |= {"t": jnp.zeros(()), "runningG": identity(G, 1), "runningD": identity(D, 2)}
        self.data = [jnp.asarray(x) for x in w.data(2)]
        self.key = jax.random.key(1)
        self.given = jax.jit(functools.partial(game_step, w), donate_argnums=0)

        def drawn(state, real, key):
            key, now = jax.random.split(key)
            state, costs = game_step(w, state, real, jax.random.normal(now, (w.batch, w.latents)))
            return state, costs, key

        self.drawn = jax.jit(drawn, donate_argnums=0)

        @functools.partial(jax.jit, static_argnums=3)
        def sample(G, running, key, size):
            z = jax.random.normal(key, (size, w.latents))
            return generator(w, G, running, z, False)

        self.sample = sample

    def prepare_samples(self, files, count, **workload):
        """The generator with running statistics as after a training."""
        self.prepare(Workload(**workload))
        self.count = count
        values = iter(self.w.statistics().values())
        self.state["runningG"] = {i: (jnp.asarray(next(values)), jnp.asarray(next(values))) for i in range(self.w.doublings)}
        self.from_latents = jax.jit(lambda G, running, z: generator(self.w, G, running, z, False))

    def samples_of(self, path):
        """Writes the samples of the workload's latents, [count, height, width, channels]."""
        np.save(path, self.from_latents(self.state["G"], self.state["runningG"], self.w.sample_latents(self.count)))

    def first_costs(self):
        costs = []
        for i, z in enumerate(self.w.first_latents()):
            self.state, c = self.given(self.state, self.data[i % 2], z)
            costs.append([float(x) for x in c])
        return costs

    def steps(self, count):
        seconds = []
        for i in range(count):
            start = time.perf_counter()
            self.state, costs, self.key = self.drawn(self.state, self.data[i % 2], self.key)
            jax.block_until_ready((self.state, costs))
            seconds.append(time.perf_counter() - start)
        return seconds

    def samples(self, size, count):
        seconds = []
        for i in range(count):
            start = time.perf_counter()
            self.sample(self.state["G"], self.state["runningG"], jax.random.key(i), size).block_until_ready()
            seconds.append(time.perf_counter() - start)
        return seconds


def make(name):
    return Rival()
