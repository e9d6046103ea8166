"""The families that descend one cost: what each is given, the same for every rival.

Several of them draw random numbers, which rivals draw otherwise. Weights are such that the draws of the first steps do not
matter: a VAE's posterior is narrow, an RBM's visible units and a GSN's outputs are saturated. So the first costs compare, and
the work of a step is the same as with any other weights.
"""

import numpy as np
from family import Family
from sequences import SEQUENCES


def dense(network, units):
    """The parameters of dense layers with an activation between two."""
    out = {}
    for i in range(len(units) - 1):
        out[f"{network}.{2 * i}.weight"] = (units[i], units[i + 1])
        out[f"{network}.{2 * i}.bias"] = (units[i + 1],)
    return out


def layers(*units):
    out = []
    for n in units:
        out += ["relu", {"dense": n}]
    return {"layers": out[1:]}


def vae():
    latents = 20

    def narrow(x):
        x[latents:] = -19
        return x

    def mean_only(x):
        x[:, latents:] = 0
        return 0.05 * x

    return Family(
        "VAE 784-400-20",
        "vae",
        100,
        (784,),
        {
            "data": {"shape": [784]},
            "latent": {"size": latents},
            "vae": {"encoder_network": layers(400, 2 * latents), "decoder_network": layers(400, 784)},
        },
        dense("encoder", [784, 400, 2 * latents]) | dense("decoder", [latents, 400, 784]),
        {"encoder.2.weight": mean_only, "encoder.2.bias": narrow},
    )


def made():
    return Family(
        "MADE 784-500",
        "made",
        100,
        (784,),
        {"data": {"shape": [784]}, "made": {"width": 500}},
        {
            "network.1.weight": (784, 500),
            "network.1.bias": (500,),
            "network.3.weight": (500, 784),
            "network.3.bias": (784,),
        },
    )


def nade():
    return Family(
        "NADE 784-500",
        "nade",
        100,
        (784,),
        {"data": {"shape": [784]}, "nade": {"width": 500}},
        {
            "network.0.weight": (784, 500),
            "network.0.hidden_bias": (500,),
            "network.0.output_weight": (784, 500, 1),
            "network.0.output_bias": (784, 1),
        },
        {"network.0.weight": lambda x: 0.05 * x, "network.0.output_weight": lambda x: 0.05 * x},
    )


def realnvp_plane(width=128, couplings=6):
    parameters = {}
    for i in range(couplings):
        parameters |= dense(f"coupling_{i}", [2, width, width, 4])
    return Family(
        f"Real NVP 2, width {width}",
        "realnvp",
        256,
        (2,),
        {"data": {"shape": [2]}, "realnvp": {"width": width, "couplings": couplings}},
        parameters,
    )


def realnvp_images(side=32, width=32, couplings=3, levels=None, alpha=None):
    """Two scales: checkerboard couplings, channel couplings after squeezing, checkerboard couplings of what is left.

    levels, alpha: of the noise and the logit that come first; None: there are none.
    """
    parameters = {}
    channels = [1] * couplings + [4] * couplings + [2] * (couplings + 1)
    for i, c in enumerate(channels):
        name = f"coupling_{i}"
        parameters |= {f"{name}.0.weight": (3, 3, c, width), f"{name}.0.bias": (width,)}
        for k in (1, 3):
            parameters |= {f"{name}.1.{k}.weight": (3, 3, width, width), f"{name}.1.{k}.bias": (width,)}
        parameters |= {f"{name}.3.weight": (3, 3, width, 2 * c), f"{name}.3.bias": (2 * c,)}
    return Family(
        f"Real NVP {side}x{side}, width {width}",
        "realnvp",
        64,
        (side, side, 1),
        {
            "data": {"shape": [side, side, 1]},
            "realnvp": {"width": width, "couplings": couplings, "dequantize": levels, "logit": alpha},
        },
        parameters,
    )


def rbm():
    return Family(
        "RBM 784-500, CD-1",
        "rbm",
        100,
        (784,),
        {"data": {"shape": [784]}, "rbm": {"hidden": 500}},
        {"network.0.weight": (784, 500), "network.0.visible_bias": (784,), "network.0.hidden_bias": (500,)},
        {"network.0.weight": lambda x: 0.01 * x, "network.0.visible_bias": lambda x: 20 * np.sign(x)},
    )


def gsn():
    return Family(
        "GSN 784-500, walk-back 3",
        "gsn",
        100,
        (784,),
        {"data": {"shape": [784]}, "gsn": {"network": layers(500, 784), "walk_back": 3}},
        dense("network", [784, 500, 784]),
        {
            "network.0.weight": lambda x: 0 * x,
            "network.2.weight": lambda x: 0.01 * x,
            "network.2.bias": lambda x: 20 * np.sign(x),
        },
    )


FAMILIES = [vae(), made(), nade(), realnvp_plane(), realnvp_images(), rbm(), gsn(), *SEQUENCES]


def named(name):
    return next(f for f in FAMILIES if f.name == name)
