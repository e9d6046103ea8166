"""Samples as an array, as files and as drawings."""

import copy
import io
import pickle
import sys

import numpy as np
import pytest

import swiftgan
from swiftgan import Samples

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 16, 12, 3), dtype=np.uint8)
IMAGES[:, 0, 0], IMAGES[:, 1, 1] = 0, 255


@pytest.fixture
def x():
    return Samples(IMAGES[..., :1], (0, 255))


# What gives samples of the same range.
KEEPING = {
    "a part": lambda x: x[1:],
    "one": lambda x: x[0],
    "a choice": lambda x: x[[0, 2]],
    "a sum": lambda x: x + 1,
    "a product": lambda x: 2 * x,
    "clipped": lambda x: np.clip(x, 0, 100),
    "rounded": lambda x: x.round(1),
    "np.round": lambda x: np.round(x),
    "a copy": lambda x: x.copy(),
    "copy.copy": copy.copy,
    "copy.deepcopy": copy.deepcopy,
    "float32": lambda x: x.astype(np.float32),
    **{f"pickle {i}": lambda x, i=i: pickle.loads(pickle.dumps(x, i)) for i in range(pickle.HIGHEST_PROTOCOL + 1)},
    "pickle of a part": lambda x: pickle.loads(pickle.dumps(x[:, ::2])),
}
# What gives numbers or plain arrays.
PLAIN = {
    "mean": lambda x: x.mean(axis=0),
    "np.mean": lambda x: np.mean(x, axis=0),
    "std": lambda x: x.std(axis=(0, 1)),
    "max": lambda x: x.max(axis=0, keepdims=True),
    "cumsum": lambda x: x.cumsum(axis=0),
    "median": lambda x: np.median(x, axis=0),
    "percentile": lambda x: np.percentile(x, 5, axis=0),
    "quantile": lambda x: np.quantile(x, [0.1, 0.2], axis=0),
    "argmax": lambda x: x.argmax(axis=0),
    "argmin": lambda x: x.argmin(axis=0),
    "argsort": lambda x: x.argsort(axis=0),
    "unique": np.unique,
    "comparison": lambda x: x > 1,
    "isfinite": np.isfinite,
    "float64": lambda x: x.astype(np.float64),
    "float64 by a factor": lambda x: x * np.ones(1),
    "matmul": lambda x: x[0, :, :, 0] @ np.ones((12, 2), np.float32),
    "dot": lambda x: x[0, :, :, 0].dot(np.ones((12, 2), np.float32)),
    "inverse": lambda x: np.linalg.inv(x[0, :4, :4, 0] + 100 * np.eye(4, dtype=np.float32)),
    "broadcast": lambda x: x[:1] - x,
}
NUMBERS = {
    "mean": lambda x: x.mean(),
    "np.mean": np.mean,
    "sum": lambda x: x.sum(),
    "std": np.std,
    "min": lambda x: x.min(),
    "median": np.median,
    "an element": lambda x: x[0, 0, 0, 0],
    "determinant": lambda x: np.linalg.det(x[0, :2, :2, 0]),
    "norm": lambda x: np.linalg.norm(x),
}


@pytest.mark.parametrize("name", KEEPING)
def test_samples_stay_samples(x, name):
    made, plain = KEEPING[name](x), KEEPING[name](np.asarray(x))
    assert type(made) is Samples and made.range == (0, 255) and made.dtype == np.float32
    np.testing.assert_array_equal(np.asarray(made), plain)


@pytest.mark.parametrize("name", PLAIN)
def test_reductions_are_plain(x, name):
    made, plain = PLAIN[name](x), PLAIN[name](np.asarray(x))
    assert type(made) is np.ndarray and not hasattr(made, "range") and made.dtype == plain.dtype
    np.testing.assert_array_equal(made, plain)


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers(x, name):
    made = NUMBERS[name](x)
    assert type(made) is np.float32 and made == NUMBERS[name](np.asarray(x))


def test_in_place(x):
    first = np.asarray(x).copy()
    x += 1
    np.multiply(x, 2, out=x)
    assert type(x) is Samples and x.range == (0, 255)
    np.testing.assert_array_equal(np.asarray(x), 2 * (first + 1))
    mean = np.empty(x.shape[1:], np.float32)
    assert x.mean(axis=0, out=mean) is mean


def test_pictures_of_pillow():
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    for values, bytes_ in ((Samples(IMAGES), IMAGES), (Samples(IMAGES / 255), IMAGES), (Samples(IMAGES, (0, 255)), IMAGES)):
        pictures = values.to_pil()
        assert len(pictures) == 5 and all(isinstance(p, image.Image) and p.mode == "RGB" for p in pictures)
        np.testing.assert_array_equal(np.stack([np.asarray(p) for p in pictures]), bytes_)
        np.testing.assert_array_equal(np.asarray(values[2].to_pil()), bytes_[2])
    gray = Samples(IMAGES[..., :1])
    assert gray.to_pil()[0].mode == "L"
    np.testing.assert_array_equal(np.asarray(gray.to_pil()[3]), IMAGES[3, ..., 0])
    np.testing.assert_array_equal(np.asarray(Samples(IMAGES[..., 0]).to_pil()[3]), IMAGES[3, ..., 0])
    with pytest.raises(ValueError, match=r"expected images, .* found shape \(3, 2\)"):
        Samples(np.zeros((3, 2))).to_pil()


def test_packages_that_are_missing(x, monkeypatch):
    for name in ("PIL", "matplotlib", "matplotlib.pyplot"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match="to_pil needs Pillow; install it: pip install Pillow"):
        x.to_pil()
    gan = swiftgan.GAN(width=4, steps=1, batch=4).fit(np.zeros((9, 2)), progress=False)
    for call in (x.plot, gan.plot_history):
        with pytest.raises(ImportError, match="plots need matplotlib; install it: pip install matplotlib"):
            call()


def test_files(x, tmp_path):
    x.save(tmp_path / "grid.png")
    assert (tmp_path / "grid.png").read_bytes() == swiftgan.png(x, 5)
    x.save(str(tmp_path / "rows.PNG"), columns=2)
    assert (tmp_path / "rows.PNG").read_bytes() == swiftgan.png(x, 2)
    x[0].save(tmp_path / "one.png")
    assert (tmp_path / "one.png").read_bytes() == swiftgan.png(x[:1], 1)
    x.save(tmp_path / "x.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), np.asarray(x))
    x.save(tmp_path / "x.npz")
    with np.load(tmp_path / "x.npz") as archive:
        assert archive.files == ["samples"]
        np.testing.assert_array_equal(archive["samples"], np.asarray(x))
    for ending in (".npy", ".npz"):
        with swiftgan.Dataset.open(tmp_path / f"x{ending}") as data:
            np.testing.assert_array_equal(data.read(0, 5)[0], np.asarray(x))
    before = sorted(tmp_path.iterdir())
    for path in ("x.jpg", "x", "x.csv", "npy"):
        with pytest.raises(ValueError, match="path: expected the ending .png, .npy or .npz"):
            x.save(tmp_path / path)
    with pytest.raises(ValueError, match="expected images"):
        Samples(np.zeros((3, 2))).save(tmp_path / "vectors.png")
    with pytest.raises(OSError, match="nowhere"):
        x.save(tmp_path / "nowhere" / "x.npy")
    assert sorted(tmp_path.iterdir()) == before


def axes():
    figure = pytest.importorskip("matplotlib.figure", reason="matplotlib is not installed").Figure()
    return figure.subplots()


def test_drawings(x):
    ax = axes()
    assert x.plot(ax, columns=2) is ax
    grid = ax.images[0].get_array()
    assert grid.shape == (3 * 17, 2 * 13)
    np.testing.assert_allclose(grid[:16, :12], IMAGES[0, ..., 0] / 255, atol=1e-6)
    np.testing.assert_allclose(grid[17:33, 13:25], IMAGES[3, ..., 0] / 255, atol=1e-6)
    color = Samples(IMAGES).plot(axes()).images[0].get_array()
    np.testing.assert_allclose(color[17:33, :12], IMAGES[3] / 255, atol=1e-6)
    assert x[0].plot(axes()).images[0].get_array().shape == (17, 13)
    points = Samples(np.arange(12).reshape(6, 2))
    np.testing.assert_array_equal(points.plot(axes()).collections[0].get_offsets(), np.asarray(points))
    assert sum(bar.get_height() for bar in points[:, :1].plot(axes()).patches) == 6
    with pytest.raises(ValueError, match="vectors of 1 or 2 numbers, found 3"):
        Samples(np.zeros((4, 3))).plot(axes())
    ax.figure.savefig(io.BytesIO())


def test_drawing_of_a_history():
    gan = swiftgan.GAN(width=4, steps=12, batch=4).fit(np.eye(9), progress=False)
    ax = gan.plot_history(ax=axes())
    assert [line.get_label() for line in ax.lines] == ["discriminator cost", "generator cost"]
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), gan.history_["generator_cost"])
    (line,) = gan.plot_history(["real_output"], axes()).lines
    np.testing.assert_array_equal(line.get_xdata(), np.arange(1, 13))
    with pytest.raises(ValueError, match="names: no figure 'cost'; expected some of step, "):
        gan.plot_history(["cost"], axes())
