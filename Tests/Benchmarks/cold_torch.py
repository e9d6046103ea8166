"""What a PyTorch user's script does to make one picture: import, build, load, sample, write.

python cold_torch.py WEIGHTS PNG
"""

import struct
import sys
import zlib

import torch
from rival_torch import dcgan_generator
from workloads import LARGEST


def png(path, image):
    """An 8-bit RGB PNG of [height, width, 3] bytes, without the import of an image library."""
    height, width, _ = image.shape
    rows = b"".join(b"\0" + image[y].tobytes() for y in range(height))

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    with open(path, "wb") as file:
        file.write(
            b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", header)
            + chunk(b"IDAT", zlib.compress(rows))
            + chunk(b"IEND", b"")
        )


generator = dcgan_generator(LARGEST)
generator.load_state_dict(torch.load(sys.argv[1], weights_only=True))
generator.eval()
with torch.inference_mode():
    x = generator(torch.randn(1, LARGEST.latents, 1, 1))[0]
png(sys.argv[2], ((x.permute(1, 2, 0) + 1) * 127.5).to(torch.uint8).contiguous().numpy())
