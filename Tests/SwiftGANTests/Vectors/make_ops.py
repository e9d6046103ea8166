"""Writes ops.json: single operations and optimizers, computed by PyTorch in float64. See README.md."""

import math

import torch
import torch.nn.functional as F
from reference import oihw
from values import values, write

tags = iter(range(500, 1000))


def tensor(shape, scale=2.0, offset=0.0):
    """A recipe for the JSON and the float64 tensor that it makes."""
    recipe = {"tag": next(tags), "shape": list(shape), "scale": scale, "offset": offset}
    return recipe, torch.from_numpy(values(recipe["tag"], shape, scale, offset)).double()


def flat(x):
    return x.detach().reshape(-1).tolist()


def differentiate(case, inputs, y):
    """Adds y, a recipe for its cotangent, and the gradient by each input."""
    recipe, g = tensor(y.shape)
    gradients = torch.autograd.grad(y, list(inputs.values()), g)
    return case | {
        "output_shape": list(y.shape),
        "output": flat(y),
        "cotangent": recipe,
        "gradients": {n: flat(d) for n, d in zip(inputs, gradients, strict=True)},
    }


def convolution(name, shape, kernel, channels, stride, before, after):
    """x (NHWC) padded by before and after (vertical, horizontal), convolved with w [kh, kw, in, out]."""
    (rx, x), (rw, w) = tensor(shape), tensor((*kernel, shape[3], channels), 1.0)
    x.requires_grad_(), w.requires_grad_()
    padded = F.pad(x.permute(0, 3, 1, 2), (before[1], after[1], before[0], after[0]))
    y = F.conv2d(padded, oihw(w), stride=stride).permute(0, 2, 3, 1)
    case = {
        "name": name,
        "stride": stride,
        "before": before,
        "after": after,
        "inputs": {"x": rx, "weight": rw},
    }
    return differentiate(case, {"x": x, "weight": w}, y)


def transposed(name, shape, kernel, channels, stride, padding, extra):
    """x (NHWC) through PyTorch's transposed convolution with w [kh, kw, out, in]."""
    (rx, x), (rw, w) = tensor(shape), tensor((*kernel, channels, shape[3]), 1.0)
    x.requires_grad_(), w.requires_grad_()
    y = F.conv_transpose2d(x.permute(0, 3, 1, 2), oihw(w), None, stride, padding, extra).permute(0, 2, 3, 1)
    case = {"name": name, "stride": stride, "padding": padding, "output_padding": extra}
    return differentiate(case | {"inputs": {"x": rx, "weight": rw}}, {"x": x, "weight": w}, y)


def batch_norm(name, shape, scale, offset):
    (rx, x), (rw, w), (rb, b) = tensor(shape, scale, offset), tensor(shape[-1:], 1.0, 1.0), tensor(shape[-1:])
    mean, variance = torch.zeros(shape[-1]).double(), torch.ones(shape[-1]).double()
    inputs = {"x": x.requires_grad_(), "weight": w.requires_grad_(), "bias": b.requires_grad_()}
    y = F.batch_norm(x.reshape(-1, shape[-1]), mean, variance, w, b, True, 0.1, 1e-5).reshape(shape)
    case = {"name": name, "epsilon": 1e-5, "momentum": 0.1, "inputs": {"x": rx, "weight": rw, "bias": rb}}
    case["running_mean"], case["running_var"] = flat(mean), flat(variance)
    return differentiate(case, inputs, y)


def layer_norm(name, shape):
    """Over all axes of a sample, with a weight and a bias for each of its elements."""
    (rx, x), (rw, w), (rb, b) = tensor(shape), tensor(shape[1:], 1.0, 1.0), tensor(shape[1:])
    inputs = {"x": x.requires_grad_(), "weight": w.requires_grad_(), "bias": b.requires_grad_()}
    y = F.layer_norm(x, shape[1:], w, b, 1e-5)
    return differentiate(
        {"name": name, "epsilon": 1e-5, "inputs": {"x": rx, "weight": rw, "bias": rb}}, inputs, y
    )


def activation(name, function, **attributes):
    x = torch.tensor([-100.0, -20.0, -3.0, -1.0, -0.25, -1e-3, 1e-3, 0.25, 1.0, 3.0, 20.0, 100.0]).double()
    x.requires_grad_()
    y = function(x)
    first = torch.autograd.grad(y.sum(), x, create_graph=True)[0]
    second = torch.autograd.grad(first.sum(), x)[0] if first.requires_grad else torch.zeros_like(x)
    case = {"name": name, **attributes, "x": flat(x), "output": flat(y)}
    return case | {"derivative": flat(first), "second_derivative": flat(second)}


def trajectory(name, make, steps=4, **attributes):
    """A parameter of five elements after each of a few steps, with gradients from formulas."""
    recipe, p = tensor((5,))
    p.requires_grad_()
    optimizer, gradients, after = make([p], **attributes), [], []
    for step in range(steps):
        r, p.grad = tensor((5,), 2.0 / (1 + step))
        gradients.append(r)
        optimizer.step()
        after.append(flat(p))
    numbers = {k: float(v) for k, v in attributes.items() if k != "betas"}
    if "betas" in attributes:
        numbers["beta1"], numbers["beta2"] = attributes["betas"]
    return {"name": name, "attributes": numbers, "parameter": recipe, "gradients": gradients, "after": after}


def schedule(name, make, steps=12, **attributes):
    """The factor of the learning rate in each step: `factors[t]` multiplies it in step t, counted from 0."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler, factors = make(optimizer), []
    for _ in range(steps):
        factors.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return {"name": name, "attributes": attributes, "factors": factors}


def main():
    torch.set_num_threads(1)
    lr, o = torch.optim.lr_scheduler, torch.optim
    write(
        "ops.json",
        {
            "torch": torch.__version__,
            "convolutions": [
                convolution("3x3_stride_2", (2, 7, 5, 2), (3, 3), 3, [2, 2], [1, 1], [1, 1]),
                convolution("4x4_stride_2_even", (1, 6, 8, 2), (4, 4), 3, [2, 2], [1, 1], [1, 1]),
                convolution("4x4_stride_2_same_of_odd", (2, 7, 5, 2), (4, 4), 2, [2, 2], [1, 1], [2, 2]),
                convolution("5x3_stride_2_1", (1, 7, 6, 2), (5, 3), 2, [2, 1], [2, 1], [2, 1]),
                convolution("1x1", (2, 3, 3, 3), (1, 1), 4, [1, 1], [0, 0], [0, 0]),
                convolution("2x2_stride_3_skips_pixels", (1, 8, 8, 1), (2, 2), 2, [3, 3], [0, 0], [0, 0]),
                convolution("4x4_of_4x4", (2, 4, 4, 2), (4, 4), 1, [1, 1], [0, 0], [0, 0]),
            ],
            "transposed_convolutions": [
                transposed("4x4_stride_2", (1, 4, 3, 3), (4, 4), 2, [2, 2], [1, 1], [0, 0]),
                transposed("3x3_stride_2_output_padding_1", (2, 3, 2, 2), (3, 3), 2, [2, 2], [1, 1], [1, 1]),
                transposed("5x4_stride_3_2", (1, 3, 3, 2), (5, 4), 1, [3, 2], [2, 0], [2, 1]),
                transposed("7x7_from_1x1", (2, 1, 1, 3), (7, 7), 1, [1, 1], [0, 0], [0, 0]),
                transposed("2x2_stride_3_leaves_holes", (1, 3, 3, 1), (2, 2), 2, [3, 3], [0, 0], [1, 0]),
            ],
            "batch_norm": [
                batch_norm("images", (3, 2, 2, 3), 2.0, 0.0),
                batch_norm("rows", (6, 4), 2.0, 0.0),
                batch_norm("mean_far_from_zero", (8, 3), 2.0, 100.0),
                batch_norm("tiny_variance", (8, 2), 1e-3, 0.0),
            ],
            "layer_norm": [layer_norm("rows", (4, 6)), layer_norm("images", (2, 3, 2, 4))],
            "activations": [
                activation("relu", F.relu),
                activation("leaky_relu", lambda x: F.leaky_relu(x, 0.2), slope=0.2),
                activation("tanh", torch.tanh),
                activation("sigmoid", torch.sigmoid),
                activation("elu", F.elu, alpha=1.0),
                activation("silu", F.silu),
                activation("softplus", lambda x: torch.logaddexp(x, torch.zeros_like(x))),
            ],
            "optimizers": [
                trajectory("sgd", o.SGD, lr=0.1),
                trajectory("sgd_momentum", o.SGD, lr=0.1, momentum=0.9),
                trajectory("sgd_nesterov", o.SGD, lr=0.1, momentum=0.9, nesterov=True),
                trajectory("adam", o.Adam, lr=0.01, betas=(0.5, 0.999), eps=1e-8),
                trajectory("adam_amsgrad", o.Adam, lr=0.01, betas=(0.5, 0.9), eps=1e-8, amsgrad=True),
                trajectory(
                    "adam_decoupled_weight_decay",
                    o.AdamW,
                    lr=0.01,
                    betas=(0.9, 0.999),
                    eps=1e-8,
                    weight_decay=0.1,
                ),
                trajectory("rmsprop", o.RMSprop, lr=0.01, alpha=0.99, eps=1e-8),
                trajectory("rmsprop_momentum", o.RMSprop, lr=0.01, alpha=0.9, eps=1e-8, momentum=0.5),
            ],
            "schedules": [
                schedule("constant", lambda x: lr.ConstantLR(x, 1.0)),
                schedule("linear", lambda x: lr.LinearLR(x, 1.0, 0.02, 8), to=0.02, over=8),
                schedule("cosine", lambda x: lr.LambdaLR(x, cosine(8, 0.1)), to=0.1, over=8),
                schedule("step", lambda x: lr.StepLR(x, 3, 0.5), every=3, factor=0.5),
            ],
        },
    )


def cosine(over, to):
    """PyTorch's CosineAnnealingLR by its closed form; that class turns back up after `over` steps, this one stays."""
    return lambda t: to + (1 - to) * 0.5 * (1 + math.cos(math.pi * min(t, over) / over))


if __name__ == "__main__":
    main()
