"""Models to other programs and from them."""

from __future__ import annotations

import os

from ._forms import json_text
from ._handle import Owned
from ._library import check, lib, path_bytes, text_bytes


def _options(format: str, network: str | None, **more: str) -> dict[str, str]:
    named = {} if network is None else {"network": network}
    return {"format": format, **named, **more}


class Exchange(Owned):
    """The part of a model that knows PyTorch and ONNX."""

    def export_pytorch(
        self, path: str | os.PathLike[str], network: str | None = None, *, prefix: str = "main."
    ) -> None:
        """Writes one network as a safetensors file that ``load_state_dict`` of an ``nn.Sequential`` of the same layers takes;
        for the DCGAN preset that of PyTorch's DCGAN example. Weights are the averaged ones if there are such.

        >>> netG.load_state_dict(safetensors.torch.load_file("netG.safetensors"))  # doctest: +SKIP

        Args:
            network: "generator" or "discriminator", "decoder" or "encoder"; by default the one that makes samples.

        Raises:
            UnsupportedError: PyTorch has no such layer; the message names it.
        """
        self._export(path, _options("pytorch", network, prefix=prefix))

    def load_pytorch(
        self, path: str | os.PathLike[str], network: str | None = None, *, prefix: str = ""
    ) -> None:
        """Replaces one network's weights by those of a PyTorch model's state_dict in a safetensors file, which
        ``torch_to_safetensors.py`` beside this package makes of a .pt file. Optimizers keep their state. What is
        ``WeightNorm`` here must be ``weight_norm`` there, over the outputs (of transposed convolutions ``dim=1``), and not wait
        for a first batch.

        Args:
            network: as for :meth:`export_pytorch`.
            prefix: of the names that are read, such as "netG."; others are passed over.

        Raises:
            MismatchError: modules that are not those of the network, by tensor and layer; nothing has changed.
        """
        text = json_text(_options("pytorch", network, prefix=prefix))
        check(lib.swiftgan_model_import(self._handle, path_bytes(path), text_bytes(text)))

    def export_onnx(self, path: str | os.PathLike[str], network: str | None = None) -> None:
        """Writes one network as an ONNX file: of a GAN "latents" to "samples", or "samples" to "logits"; of a VAE the decoder,
        "latents" to "samples", or the encoder, "samples" to "latents". Arrays are laid out as here, the batch has any size;
        of a conditional model "condition" (classes as one-hot, then conditions) is a second input.

        Args:
            network: "generator" or "discriminator", "decoder" or "encoder"; by default the one that makes samples.

        Raises:
            UnsupportedError: a layer that ONNX cannot express; the message names it.
        """
        self._export(path, _options("onnx", network))

    def _export(self, path: str | os.PathLike[str], options: dict[str, str]) -> None:
        text = text_bytes(json_text(options))
        check(lib.swiftgan_model_export(self._handle, path_bytes(path), text))
