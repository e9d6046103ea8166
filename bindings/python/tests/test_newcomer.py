"""What somebody does in the first hour: arrays of every dtype and layout, and a table. Pictures and numbers are judged."""

import io
import pathlib
import subprocess
import warnings

import numpy as np
import pytest
from test_pixels import DTYPES, LAYOUTS

import swiftgan

COMMAND = pathlib.Path(__file__).resolve().parents[3] / "build" / "swiftgan"


def squares(channels):
    """Bytes [count, height, width, channels]: a bright square of varied brightness on black; in color, red is the brightest."""
    random = np.random.default_rng(channels)
    x = np.zeros((256, 12, 12, channels), np.uint8)
    bright = random.integers(200, 256, (256, 1, 1, 1))
    x[:, 3:9, 3:9] = bright if channels == 1 else bright * np.array([1, 0.6, 0.2])
    return x


def shown(png):
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    return np.asarray(image.open(io.BytesIO(png)).convert("RGB")).astype(float)


def forms():
    return [
        pytest.param(dtype, layout, 1 if layout == "without channels" else 3, id=f"{dtype}, {layout}")
        for dtype in DTYPES
        for layout in ("channels last", "channels first", "without channels")
    ]


@pytest.mark.parametrize(("dtype", "layout", "channels"), forms())
def test_pictures_of_every_kind(dtype, layout, channels):
    """A model of them draws bright squares on black, in their colors."""
    given = LAYOUTS[layout](DTYPES[dtype](squares(channels)))
    gan = swiftgan.GAN(
        "mlp", width=64, latent=4, steps=700, batch=64, average=0.9, seed=2, optimizer=swiftgan.config.Adam(0.001)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of 12 bits in 16
        gan.fit(given, progress=False)
    grid = shown(gan.sample(4)._repr_png_())
    # Two rows of two pictures with two pixels between them.
    made = np.mean([grid[y : y + 12, x : x + 12] for y in (2, 16) for x in (2, 16)], axis=0)
    edge, square = np.concatenate([made[:2], made[10:]]).mean(), made[4:8, 4:8].mean(axis=(0, 1))
    assert edge < 60, f"black is shown as {edge}"
    assert square[0] > 150, f"white is shown as {square}"
    if channels == 3:
        assert square[0] > square[1] + 30 > square[2] + 60, f"the colors are {square}"


def test_a_table(tmp_path):
    """The command learns a table of two groups; the numbers that it makes have the groups' means and spreads."""
    random = np.random.default_rng(5)
    group = random.integers(0, 2, 400)
    table = np.stack([3 * group - 1.5 + random.normal(0, 0.3, 400), random.normal(0.5, 0.4, 400)], axis=1)
    np.savetxt(tmp_path / "table.csv", table, delimiter=",", header="first,second", comments="")
    run = [COMMAND, "train", tmp_path / "table.csv", "--steps", "3000", "--out", tmp_path / "run"]
    subprocess.run(run, check=True, capture_output=True, timeout=100)
    model = swiftgan.Model.load(tmp_path / "run" / "model.safetensors")
    made = model.sample(1000)
    assert np.abs(made.mean(0) - table.mean(0)).max() < 0.6
    assert (np.abs(np.log2(made.std(0) / table.std(0))) < 1).all()
    assert 0.15 < (made[:, 0] > 0).mean() < 0.85, "both groups are there"
