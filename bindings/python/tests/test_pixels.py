"""Pictures as people have them: every dtype, layout and scale means the same images everywhere."""

import io
import pickle
import warnings

import numpy as np
import pytest
from conftest import TINY

import swiftgan

# What every form below stands for: bytes, [count, height, width, channels], with black, white and much between.
BYTES = {
    channels: np.random.default_rng(channels).integers(0, 256, (12, 16, 16, channels), dtype=np.uint8) for channels in (1, 3)
}
for _pixels in BYTES.values():
    _pixels[:, 0, 0], _pixels[:, 1, 1] = 0, 255

DTYPES = {
    "uint8": lambda x: x,
    "int32": lambda x: x.astype(np.int32),
    "int64": lambda x: x.astype(np.int64),
    "uint16 of 8 bits": lambda x: x.astype(np.uint16),
    "uint16 of 12 bits": lambda x: np.rint(x * (4095 / 255)).astype(np.uint16),
    "uint16": lambda x: x.astype(np.uint16) * 257,
    "float32 0...255": lambda x: x.astype(np.float32),
    "float64 0...255": lambda x: x.astype(np.float64),
    "float16 0...1": lambda x: (x / 255).astype(np.float16),
    "float32 0...1": lambda x: (x / 255).astype(np.float32),
    "float64 0...1": lambda x: x / 255,
    "float32 -1...1": lambda x: (x / 127.5 - 1).astype(np.float32),
    "float64 -1...1": lambda x: x / 127.5 - 1,
}
LAYOUTS = {
    "channels last": lambda x: x,
    "channels first": lambda x: np.moveaxis(x, 3, 1),
    "without channels": lambda x: x[..., 0],
    "Fortran": np.asfortranarray,
    "list": list,
}


def quietly(function, *arguments, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*arguments, **options)


def unit(x):
    """As -1...1."""
    return x.astype(np.float32) / 127.5 - 1


def forms():
    for channels in BYTES:
        for dtype in DTYPES:
            for layout in LAYOUTS:
                if channels == 1 or layout != "without channels":
                    yield pytest.param(channels, dtype, layout, id=f"{channels}, {dtype}, {layout}")


def brought(data):
    """What a model of the usual range is trained on: the data set's values between black and white."""
    x, range_ = data.read(0, len(data))[0], data.info["range"] or (-1, 1)
    return (x - range_[0]) * (2 / (range_[1] - range_[0])) - 1


@pytest.mark.parametrize(("channels", "dtype", "layout"), list(forms()))
def test_data_sets(channels, dtype, layout):
    """from_arrays, from_iterator and from_function hold the same images, whatever they were given as."""
    given = LAYOUTS[layout](DTYPES[dtype](BYTES[channels]))
    expected, tolerance = unit(BYTES[channels]), 2e-3
    with quietly(swiftgan.Dataset.from_arrays, given) as data:
        assert data.shape == (16, 16, channels)
        np.testing.assert_allclose(brought(data), expected, atol=tolerance)
    with quietly(swiftgan.Dataset.from_iterator, iter(given)) as data:
        np.testing.assert_allclose(brought(data), expected, atol=tolerance)
    if dtype.startswith(("uint8", "float32 -1", "float64 -1")):
        array = np.asarray(given)
        with swiftgan.Dataset.from_function(12, array.shape[1:], array.__getitem__) as data:
            assert data.shape == (16, 16, channels)
            np.testing.assert_allclose(data.read(0, 12)[0], expected, atol=tolerance)
    scale = {"uint16 of 12": (0, 4095), "uint16": (0, 65535), "float32 0...1": (0, 1)}.get(dtype.split(" bits")[0])
    if scale:
        array = np.asarray(given)
        with swiftgan.Dataset.from_function(12, array.shape[1:], array.__getitem__, values=scale) as data:
            assert data.info["range"] == list(scale)
            np.testing.assert_allclose(brought(data), expected, atol=tolerance)


@pytest.mark.parametrize(("channels", "dtype", "layout"), list(forms()))
def test_gan_learns_the_same(channels, dtype, layout):
    settings = {k: v for k, v in TINY.items() if k != "data"} | {"batch": 6, "steps": 2, "seed": 3}
    gan = quietly(swiftgan.GAN(**settings).fit, LAYOUTS[layout](DTYPES[dtype](BYTES[channels])), progress=False)
    plain = swiftgan.GAN(**settings).fit(unit(BYTES[channels]), progress=False)
    np.testing.assert_allclose(gan.sample(4), plain.sample(4), atol=0.02)
    # Later calls read parts of the data as fit read the whole.
    part = LAYOUTS[layout](DTYPES[dtype](BYTES[channels][:5]))
    logits = plain.discriminate(unit(BYTES[channels][:5]))
    np.testing.assert_allclose(quietly(gan.discriminate, part), logits, atol=0.05)
    made = gan.sample(3)
    np.testing.assert_array_equal(gan.discriminate(made), gan.model.discriminate(np.asarray(made)))


@pytest.mark.parametrize("channels", BYTES)
@pytest.mark.parametrize("layout", ["channels last", "channels first", "without channels"])
@pytest.mark.parametrize("dtype", ["uint8", "float32 -1...1", "float64 -1...1"])
def test_steps_of_a_model(channels, dtype, layout):
    """Model.step and what judges samples: bytes and layouts are certain, for the shape is known."""
    if channels == 3 and layout == "without channels":
        return
    config = TINY | {"data": {"shape": [16, 16, channels]}}
    given = LAYOUTS[layout](DTYPES[dtype](BYTES[channels]))
    with swiftgan.Model(config) as a, swiftgan.Model(config) as b:
        x = unit(BYTES[channels])
        np.testing.assert_allclose(a.discriminate(given), b.discriminate(x), atol=1e-5)
        a.step(given)
        b.step(x)
        np.testing.assert_allclose(a.sample(2), b.sample(2), atol=1e-2)


def test_truth_values():
    bits = BYTES[1] > 127
    with swiftgan.Dataset.from_arrays(bits) as data:
        np.testing.assert_array_equal(data.read(0, 12)[0], np.where(bits, 1, -1))
    with swiftgan.Dataset.from_arrays(bits.astype(np.uint8)) as data:
        np.testing.assert_array_equal(data.read(0, 12)[0], np.where(bits, 1, -1))
    with swiftgan.Dataset.from_function(12, (16, 16), lambda i: bits[i]) as data:
        np.testing.assert_array_equal(data.read(0, 12)[0], np.where(bits, 1, -1))
    assert set(np.unique(swiftgan.Samples(bits))) == {-1, 1}
    with swiftgan.Model(TINY) as model:
        np.testing.assert_array_equal(model.discriminate(bits), model.discriminate(np.where(bits, 1.0, -1.0)))


def test_a_range_of_ones_own():
    """A model in 0...1 receives images of any scale in its range."""
    config = TINY | {"data": {"shape": [16, 16, 1], "range": [0, 1]}}
    weights = []
    for dtype in ("uint8", "float32 0...1", "float64 0...1"):
        given = DTYPES[dtype](BYTES[1])
        with swiftgan.Dataset.from_arrays(given) as data, swiftgan.Model(config) as model:
            model.train(data, 2, batch=6)
            weights.append(model.sample(2))
    np.testing.assert_allclose(weights[0], weights[1], atol=1e-2)
    np.testing.assert_array_equal(weights[1], weights[2])
    with swiftgan.Dataset.from_arrays(BYTES[1] * 3.5, values=(0, 3.5 * 255)) as data, swiftgan.Model(config) as model:
        model.train(data, 2, batch=6)
        np.testing.assert_allclose(model.sample(2), weights[0], atol=1e-2)


def test_values_that_are_not_certain():
    """A notice or an error says what to write."""
    x = BYTES[1]
    with pytest.warns(UserWarning, match=r"white is taken to be 4095; values=\(0, 65535\)"):
        swiftgan.Dataset.from_arrays(DTYPES["uint16 of 12 bits"](x)).close()
    with pytest.warns(UserWarning, match=r"values=\(0, 1\)"):
        swiftgan.Dataset.from_arrays(x / 255 * 1.05 - 0.05).close()
    with pytest.warns(UserWarning, match=r"samples\.transpose\(0, 2, 3, 1\)"):
        swiftgan.Dataset.from_arrays(np.zeros((4, 2, 16, 16))).close()
    with pytest.warns(UserWarning, match=r"numpy\.newaxis"):
        swiftgan.Dataset.from_arrays(BYTES[3][0]).close()
    small = swiftgan.GAN(width=4, steps=1, batch=4)
    for strange in (x / 16.0, x.astype(np.int16) * 3, x / 32 - 4):
        with pytest.raises(swiftgan.MismatchError, match=r"values=\(black, white\)"):
            small.fit(strange, progress=False)
    small.fit(x / 16.0, values=(0, 255 / 16), progress=False)
    for wrong in (1, (1, 0), (0, np.nan), (0, 1, 2), "ab"):
        with pytest.raises(ValueError, match="values: expected"):
            small.fit(x, values=wrong, progress=False)
    with swiftgan.Model(TINY) as model:
        with pytest.raises(ValueError, match="16-bit"):
            model.step(DTYPES["uint16"](x))
        with pytest.warns(UserWarning, match=r"samples \* 2 \+ -1"):
            model.step(x / 255)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            model.step(x / 255)  # said once
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for certain in ("uint8", "uint16", "float32 0...1", "float32 -1...1", "int64"):
            swiftgan.Dataset.from_arrays(DTYPES[certain](x)).close()


def test_vectors_stay():
    for x in (np.arange(12).reshape(6, 2), np.random.default_rng(0).random((6, 2)), np.full((6, 2), 200, np.uint8)):
        with swiftgan.Dataset.from_arrays(x) as data:
            np.testing.assert_array_equal(data.read(0, 6)[0], x.astype(np.float32))
            assert data.info["range"] is None


def shown(png):
    return np.asarray(pytest.importorskip("PIL.Image", reason="Pillow is not installed").open(io.BytesIO(png)).convert("RGB"))


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int64", "float32 0...255", "float32 0...1", "float32 -1...1"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_pictures(dtype, layout, tmp_path):
    """write_png, png and Samples draw what the bytes are."""
    for channels in (1,) if layout == "without channels" else (1, 3):
        x = BYTES[channels][:4]
        given = LAYOUTS[layout](DTYPES[dtype](x))
        for made in (swiftgan.png(given, 1), written(tmp_path / "a.png", given)):
            for found, expected in zip(column(shown(made), 4), x):
                assert np.abs(found.astype(int) - expected).max() <= 1
    one = DTYPES[dtype](BYTES[3][0])
    assert np.abs(column(shown(swiftgan.png(one)), 1)[0].astype(int) - BYTES[3][0]).max() <= 1
    gray = DTYPES[dtype](BYTES[1][0, :, :, 0])
    assert np.abs(column(shown(swiftgan.png(gray)), 1)[0].astype(int) - BYTES[1][0]).max() <= 1
    assert swiftgan.Samples(DTYPES[dtype](BYTES[3]))._repr_png_() == swiftgan.png(BYTES[3])


def written(path, samples):
    swiftgan.write_png(path, samples, 1)
    return path.read_bytes()


def column(grid, count):
    """The images of a grid of one column, which stand apart by two pixels."""
    return [grid[18 * i + 2 : 18 * i + 18, 2:18] for i in range(count)]


def test_samples():
    x = swiftgan.Samples(BYTES[1])
    assert x.range == (-1, 1) and x.min() == -1 and x.max() == 1
    own = swiftgan.Samples(BYTES[1], (0, 255))
    assert own.range == (0, 255) and own.max() == 255
    other = pickle.loads(pickle.dumps(swiftgan.Samples(BYTES[1] / 255)))
    assert other.range == (0, 1) and other._repr_png_() == x._repr_png_()
    assert not isinstance(x.mean(), swiftgan.Samples) and float(x.mean()) == np.asarray(x).mean()
    assert isinstance(x[1:], swiftgan.Samples) and isinstance(x + 1, swiftgan.Samples)


def test_pillow():
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    gray = [image.fromarray(p[..., 0]) for p in BYTES[1]]
    color = [image.fromarray(p) for p in BYTES[3]]
    for pictures, expected in ((gray, BYTES[1]), (color, BYTES[3]), (gray[:6] + color[6:], None)):
        with swiftgan.Dataset.from_arrays(pictures) as data:
            x = data.read(0, 12)[0]
        if expected is None:
            expected = np.concatenate([np.repeat(BYTES[1][:6], 3, 3), BYTES[3][6:]])
        np.testing.assert_allclose(x, unit(expected), atol=1e-5)
    # Indices of a palette are no gray values; what is transparent is white; one bit is black and white.
    red = image.new("P", (16, 16), 1)
    red.putpalette([0, 0, 0, 255, 0, 0])
    clear = image.new("RGBA", (16, 16), (255, 0, 0, 0))
    for picture, expected in (
        (red, [1, -1, -1]), (clear, [1, 1, 1]), (image.new("1", (16, 16), 1), [1]), (image.new("LA", (16, 16), (9, 0)), [1]),
    ):  # fmt: skip
        with swiftgan.Dataset.from_arrays([picture] * 2) as data:
            np.testing.assert_array_equal(data.read(0, 1)[0][0, 3, 3], expected)
    with pytest.raises(ValueError, match=r"shapes .*resize"):
        swiftgan.Dataset.from_arrays([gray[0], gray[1].resize((8, 8))])
    with pytest.raises(ValueError, match="one depth"):
        swiftgan.Dataset.from_arrays([gray[0], image.new("I;16", (16, 16))])


def test_torch():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    tensor = torch.from_numpy(np.moveaxis(BYTES[3], 3, 1).copy())
    for given in (tensor, tensor / 255, (tensor / 255).requires_grad_(), list(tensor), tensor.to(torch.bfloat16) / 255):
        with swiftgan.Dataset.from_arrays(given) as data:
            assert data.shape == (16, 16, 3)
            np.testing.assert_allclose(brought(data), unit(BYTES[3]), atol=0.02)
    pairs = ((picture, torch.tensor(i % 3)) for i, picture in enumerate(tensor / 255))
    with swiftgan.Dataset.from_iterator(pairs) as data:
        assert data.info["classes"] == 3 and data.shape == (16, 16, 3)


def test_different_shapes():
    with pytest.raises(ValueError, match="samples: the entries differ in shape"):
        swiftgan.Dataset.from_arrays([[[1.0]], [[1.0, 2.0]]])
