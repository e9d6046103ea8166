"""Families that give the distribution of one element after another: their networks, the same for every rival."""

from family import Family


def pixelcnn(width=32, depth=5, first=7, kernel=3, head=64, levels=2):
    parameters = {}
    for i in range(depth):
        side = first if i == 0 else kernel
        reach, channels, pairs = side // 2, 1 if i == 0 else width, 2 * width
        rows = reach if i == 0 else reach + 1
        parameters |= {
            f"network.0.{i}.vertical_weight": (rows, side, channels, pairs),
            f"network.0.{i}.vertical_bias": (pairs,),
            f"network.0.{i}.link": (pairs, pairs),
            f"network.0.{i}.horizontal_weight": (1, rows, channels, pairs),
            f"network.0.{i}.horizontal_bias": (pairs,),
            f"network.0.{i}.output_weight": (width, width),
            f"network.0.{i}.output_bias": (width,),
        }
    own = {"width": width, "depth": depth, "first_kernel": first, "kernel": kernel, "head": head, "levels": levels}
    return Family(
        f"PixelCNN 28x28, width {width}",
        "pixelcnn",
        32,
        (28, 28, 1),
        {"data": {"shape": [28, 28, 1]}, "pixelcnn": own},
        parameters | last(width, head, 1 if levels == 2 else levels),
    )


def last(width, head, outputs):
    return {
        "network.0.head_weight": (width, head),
        "network.0.head_bias": (head,),
        "network.0.output_weight": (head, outputs),
        "network.0.output_bias": (outputs,),
    }


def pixelrnn(width=32, depth=3, first=7, kernel=3, head=64):
    reach, gates = first // 2, 4 * width
    parameters = {
        "network.0.above_weight": (reach, first, 1, width),
        "network.0.left_weight": (1, reach, 1, width),
        "network.0.bias": (width,),
    }
    for i in range(depth):
        parameters |= {
            f"network.0.{i}.input_weight": (1, kernel // 2 + 1, width, gates),
            f"network.0.{i}.bias": (gates,),
            f"network.0.{i}.state_weight": (1, kernel, width, gates),
            f"network.0.{i}.output_weight": (width, width),
            f"network.0.{i}.output_bias": (width,),
        }
    own = {"width": width, "depth": depth, "first_kernel": first, "kernel": kernel, "head": head, "levels": 2}
    return Family(
        f"PixelRNN 28x28, width {width}",
        "pixelrnn",
        32,
        (28, 28, 1),
        {"data": {"shape": [28, 28, 1]}, "pixelrnn": own},
        parameters | last(width, head, 1),
    )


def wavenet(width=32, skip=64, head=64, layers=8, blocks=2, levels=256, time=4000):
    parameters = {"network.0.table": (levels + 1, width)}
    for i in range(layers * blocks):
        parameters |= {f"network.0.{i}.weight": (2, width, 2 * width), f"network.0.{i}.bias": (2 * width,)}
        if i < layers * blocks - 1:
            parameters |= {
                f"network.0.{i}.residual_weight": (width, width),
                f"network.0.{i}.residual_bias": (width,),
            }
        parameters[f"network.0.{i}.skip_weight"] = (width, skip)
    parameters |= {"network.0.skip_bias": (skip,)} | last(skip, head, levels)
    own = {"width": width, "skip": skip, "head": head, "layers": layers, "blocks": blocks, "levels": levels}
    return Family(
        f"WaveNet {time}, width {width}",
        "wavenet",
        4,
        (time,),
        {"data": {"shape": [time]}, "wavenet": own},
        parameters,
    )


SEQUENCES = [pixelcnn(), pixelrnn(), wavenet()]
