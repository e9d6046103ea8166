"""PyTorch as one samples with it who needs no training any more: batch norm folded, weights frozen and packed, compiled."""

import time

import numpy as np
import rival_torch
import torch
from torch import nn
from workloads import Workload


def folded(network):
    """The network in evaluation with each batch norm in the weights of the convolution before it."""
    out, layers = [], list(network.eval())
    for layer in layers:
        if isinstance(layer, nn.BatchNorm2d):
            transposed = isinstance(out[-1], nn.ConvTranspose2d)
            out[-1] = nn.utils.fusion.fuse_conv_bn_eval(out[-1], layer, transposed)
        else:
            out.append(layer)
    return nn.Sequential(*out).eval().requires_grad_(False)


def export(network, latents, path):
    """An ONNX file of the folded network, images NCHW, of any number of samples."""
    with torch.no_grad():
        torch.onnx.export(
            folded(network).to(memory_format=torch.contiguous_format),
            (torch.randn(2, latents, 1, 1),),
            path,
            input_names=["latents"],
            output_names=["samples"],
            dynamic_axes={"latents": {0: "batch"}, "samples": {0: "batch"}},
            dynamo=False,
        )


class Rival:
    def versions(self):
        return {"PyTorch": torch.__version__, "threads": torch.get_num_threads()}

    def prepare_samples(self, files, count, **workload):
        self.w, self.count = Workload(**workload), count
        torch.manual_seed(1)
        network = rival_torch.generator_for_samples(self.w)
        torch._dynamo.reset()
        self.run = torch.compile(folded(network).to(memory_format=torch.channels_last), dynamic=False)

    def latents(self, count):
        return torch.randn(count, self.w.latents, 1, 1)

    def samples_of(self, path):
        z = torch.from_numpy(self.w.sample_latents(self.count))[:, :, None, None]
        with torch.no_grad():
            np.save(path, self.run(z).permute(0, 2, 3, 1).contiguous().numpy())

    def samples(self, size, count):
        seconds = []
        # What torch.compile freezes needs no_grad, and inference_mode compiles anew.
        with torch.no_grad():
            for _ in range(count):
                start = time.perf_counter()
                self.run(self.latents(size)).numpy()
                seconds.append(time.perf_counter() - start)
        return seconds


def make(name):
    return Rival()
