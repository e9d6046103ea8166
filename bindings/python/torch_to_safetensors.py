"""Takes the state_dict of a PyTorch checkpoint (.pt, .pth) to safetensors, for `swiftgan convert` and `Model.load_pytorch`.

python3 torch_to_safetensors.py netG.pth netG.safetensors     (needs torch and safetensors)
"""

import sys

import torch
from safetensors.torch import save_file

state = torch.load(sys.argv[1], map_location="cpu", weights_only=True)
save_file({name: tensor.contiguous() for name, tensor in state.items()}, sys.argv[2])
