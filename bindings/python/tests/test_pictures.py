"""People's own pictures: JPEG beside PNG, transparency, sizes, and what a folder holds."""

import base64
import gzip
import os
import struct
import zlib

import numpy as np
import pytest

import swiftgan

# 24 x 16, RGB, quality 95: red falls from left to right, green grows downwards. EXIF says "turn by 90 degrees".
TURNED = base64.b64decode("""
/9j/4AAQSkZJRgABAQAAAQABAAD/4QAiRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUG
BgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoK
CgoKCgoKCgoKCgoKCgr/wAARCAAQABgDAREAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQID
AAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWG
h4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAA
AAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5
OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk
5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwDyrxX+zh97/QP/AB2vz3I8+21P9BuK+M/i948z8V/s4fezYf8AjtfsOR59tqfzPxXxn8XvHmniv9nD73+g
f+O1+w5Jn22p/M/FfGfxe8fsl4r/AGcPvf6B/wCO1/mnkmfban77xXxn8XvHmniv9nD73+gf+O1+w5Hn22p/M/FfGfxe8eaeK/2cPvf6B/47X7Dkefban8z8
V8Z/F7x//9k=
""")
# What another decoder makes of it, turned: the mean of each quarter.
QUARTERS = [[[180.5, 169.5, 99.3], [180.5, 65.6, 83.5]], [[72.6, 169.5, 135.8], [72.3, 65.4, 119.6]]]


def png(pixels, depth=8):
    """A PNG file of [height, width, channels]: gray, gray and alpha, RGB, RGBA."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    height, width, channels = pixels.shape
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    rows = b"".join(b"\0" + row.astype(">u2" if depth == 16 else "u1").tobytes() for row in pixels)
    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.fixture
def notices():
    heard = []
    swiftgan.set_log(lambda level, message: heard.append(message))
    yield heard
    swiftgan.set_log(None)


def test_jpeg_is_turned_and_read(tmp_path):
    (tmp_path / "a.jpg").write_bytes(TURNED)
    for memory in (512, 0):
        with swiftgan.Dataset.open(tmp_path, range=[0, 255], memory=memory) as data:
            assert data.shape == (24, 16, 3)
            x = data.read(0, 1)[0][0]
        quarters = x.reshape(2, 12, 2, 8, 3).mean(axis=(1, 3))
        np.testing.assert_allclose(quarters, QUARTERS, atol=1.5)
    (tmp_path / "a.jpg").write_bytes(TURNED[:-50])
    with pytest.raises(swiftgan.TruncatedError, match="a.jpg, byte .*: JPEG: "):
        swiftgan.Dataset.open(tmp_path)


def test_both_kinds_at_one_size(tmp_path):
    (tmp_path / "a.jpg").write_bytes(TURNED)
    (tmp_path / "b.png").write_bytes(png(np.full((40, 30, 1), 77)))
    with pytest.raises(swiftgan.MismatchError, match="size"):
        swiftgan.Dataset.open(tmp_path)
    with swiftgan.Dataset.open(tmp_path, size=12, range=[0, 255]) as data:
        assert data.shape == (12, 12, 3) and len(data) == 2
        np.testing.assert_allclose(data.read(1, 1)[0], 77, atol=1e-3)
    with pytest.raises(swiftgan.ConfigError, match="size"):
        swiftgan.Dataset.open(tmp_path, size=0)


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("channels", [2, 4])
def test_transparency_is_composed(tmp_path, notices, depth, channels):
    scale = 257 if depth == 16 else 1
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (6, 5, channels))
    (tmp_path / "a.png").write_bytes(png(pixels * scale, depth))
    alpha = pixels[..., -1:] / 255
    for option, color in (({}, [255, 255, 255]), ({"background": [255, 0, 128]}, [255, 0, 128])):
        if channels == 2:
            color = [0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2]]
        expected = pixels[..., :-1] * alpha + np.array(color) * (1 - alpha)
        with swiftgan.Dataset.open(tmp_path, range=[0, 255], **option) as data:
            assert data.info["transparent"] == 1
            np.testing.assert_allclose(data.read(0, 1)[0][0], expected, atol=1.01)
    assert any("1 of 1 pictures have transparency" in message for message in notices)
    # Gray pictures that become RGB have the background in color.
    if channels == 2:
        with swiftgan.Dataset.open(tmp_path, range=[0, 255], channels=3, background="red") as data:
            x = data.read(0, 1)[0][0]
        np.testing.assert_allclose(x, pixels[..., :1] * alpha + np.array([255, 0, 0]) * (1 - alpha), atol=1.01)


@pytest.mark.parametrize("kind", ["palette", "gray", "rgb"])
def test_transparent_colors(tmp_path, kind):
    """tRNS: an alpha for each color of a palette, or one color that is not there."""

    def chunk(name, data):
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    color = {"palette": 3, "gray": 0, "rgb": 2}[kind]
    index = np.array([[0, 1, 2, 1]], np.uint8)
    table = np.array([[10, 20, 30], [200, 100, 0], [9, 9, 9]], np.uint8)
    pixels = table[index] if kind == "rgb" else index
    between = {
        "palette": chunk(b"PLTE", table.tobytes()) + chunk(b"tRNS", bytes([0, 255, 51])),
        "gray": chunk(b"tRNS", struct.pack(">H", 1)),
        "rgb": chunk(b"tRNS", struct.pack(">3H", 200, 100, 0)),
    }[kind]
    head = struct.pack(">IIBBBBB", 4, 1, 8, color, 0, 0, 0)
    (tmp_path / "a.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + between
        + chunk(b"IDAT", zlib.compress(b"\0" + pixels.tobytes())) + chunk(b"IEND", b"")
    )  # fmt: skip
    with swiftgan.Dataset.open(tmp_path, range=[0, 255], background="black") as data:
        assert data.info["transparent"] == 1
        found = data.read(0, 1)[0][0, 0]
    expected = {
        "palette": [[0, 0, 0], [200, 100, 0], [2, 2, 2], [200, 100, 0]],
        "gray": [[0], [0], [2], [0]],
        "rgb": [[10, 20, 30], [0, 0, 0], [9, 9, 9], [0, 0, 0]],
    }[kind]
    np.testing.assert_allclose(found, expected, atol=1)


def test_few_bits_in_sixteen_are_noticed(tmp_path, notices):
    rows = np.tile(np.linspace(0, 4095, 32), (32, 1)).astype(int)[..., None]
    (tmp_path / "a.png").write_bytes(png(rows, 16))
    swiftgan.Dataset.open(tmp_path).close()
    assert any("16 bits" in message and "65535" in message for message in notices)
    notices.clear()
    (tmp_path / "b.png").write_bytes(png(rows * 16, 16))
    swiftgan.Dataset.open(tmp_path).close()
    assert not notices


def test_a_folder_says_what_it_holds(tmp_path, notices):
    for name in ("a.gif", "b.gif", "c.TIFF", "d"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "r.bin.txt").write_bytes(b"x")
    with pytest.raises(swiftgan.IOFailure, match=r"2 \.gif, 1 \.tiff, 1 \.txt, 1 without an ending; no PNG or JPEG"):
        swiftgan.Dataset.open(tmp_path)
    with open(os.path.join(os.fsencode(tmp_path), b"r\xe9.png"), "wb"):
        pass
    (tmp_path / "e.png").write_bytes(png(np.zeros((8, 8, 1))))
    with swiftgan.Dataset.open(tmp_path) as data:
        assert len(data) == 1 and data.info["other_files"] == 6
    assert any("left out" in message and "GIF" in message for message in notices)


def test_a_missing_path_comes_first(tmp_path):
    for options in ({}, {"resise": 8}, {"split": "nothing"}):
        with pytest.raises(swiftgan.IOFailure, match="No such file"):
            swiftgan.Dataset.open(tmp_path / "none", **options)


def test_classes_by_name(tmp_path):
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.png").write_bytes(png(np.zeros((8, 8, 1))))
    (tmp_path / "emu").mkdir()
    with swiftgan.Dataset.open(tmp_path) as data:
        assert data.info["class_names"] == ["cat", "dog", "emu"] and data.info["classes"] == 3
        other = data.derive(classes=["emu", "dog", "cat"])
    assert other.read(0, 2)[1].tolist() == [2, 1]
    with pytest.raises(swiftgan.MismatchError, match='the class "emu", which is not one of "cat", "dog"'):
        swiftgan.Dataset.open(tmp_path, classes=["cat", "dog"])


@pytest.mark.parametrize("name", ["keras", "medmnist"])
def test_archives_with_splits(tmp_path, name):
    x, y = np.arange(4 * 64).reshape(4, 8, 8).astype(np.uint8), np.array([3, 1, 0, 2])
    if name == "keras":
        arrays = {"x_train": x, "y_train": y, "x_test": x[:2], "y_test": y[:2]}
    else:
        arrays = {"train_images": x, "train_labels": y[:, None], "test_images": x[:2], "test_labels": y[:2, None]}
        arrays |= {"val_images": x[:1], "val_labels": y[:1, None]}
    np.savez(tmp_path / "a.npz", **arrays)
    for split, count in ((None, 4), ("train", 4), ("test", 2), ("val", 1)):
        options = {"split": split} if split else {}
        if name == "keras" and split == "val":
            with pytest.raises(swiftgan.ConfigError, match="parts train, test, not val"):
                swiftgan.Dataset.open(tmp_path / "a.npz", **options)
            continue
        with swiftgan.Dataset.open(tmp_path / "a.npz", range=[0, 255], **options) as data:
            found, labels = data.read(0, count)
        np.testing.assert_allclose(found[..., 0], x[:count], atol=1e-3)
        assert labels.tolist() == y[:count].tolist() and len(found) == count
    np.savez(tmp_path / "b.npz", x=x)
    with pytest.raises(swiftgan.ConfigError, match="split: .*b.npz has no parts"):
        swiftgan.Dataset.open(tmp_path / "b.npz", split="test")


def idx(values, kind=8):
    header = struct.pack(">HBB", 0, kind, values.ndim) + struct.pack(f">{values.ndim}I", *values.shape)
    return header + values.astype(">i4" if kind == 0xC else "u1").tobytes()


@pytest.mark.parametrize(
    "images, labels",
    [
        ("train-images.idx3-ubyte", "train-labels.idx1-ubyte"),
        ("emnist-letters-train-images-idx3-ubyte", "emnist-letters-train-labels-idx1-ubyte"),
        ("qmnist-train-images-idx3-ubyte", "qmnist-train-labels-idx2-int"),
        ("digits-images-idx3-ubyte", "digits-labels-idx1-ubyte"),
    ],
)
def test_names_of_idx_files(tmp_path, images, labels):
    x, y = np.arange(5 * 64).reshape(5, 8, 8) % 256, np.array([4, 0, 1, 3, 2])
    table = np.stack([y, *[y + 1000 * i for i in range(1, 8)]], axis=1)
    packed = idx(table, 0xC) if labels.endswith("int") else idx(y)
    (tmp_path / images).write_bytes(idx(x))
    (tmp_path / f"{labels}.gz").write_bytes(gzip.compress(packed))
    for path in (tmp_path, tmp_path / images):
        with swiftgan.Dataset.open(path, range=[0, 255], size=4) as data:
            assert data.shape == (4, 4, 1) and data.read(0, 5)[1].tolist() == y.tolist()
    if "train" in images:
        with pytest.raises(swiftgan.IOFailure, match="split"):
            swiftgan.Dataset.open(tmp_path, split="test")
        (tmp_path / f"other-{images}").write_bytes(idx(x))
        with pytest.raises(swiftgan.FormatError, match="several files of images"):
            swiftgan.Dataset.open(tmp_path)


@pytest.mark.parametrize("memory", [0, 512])
def test_emnist_is_upright(tmp_path, memory):
    """Its images are stored column by column; only the files' names say so, or the option."""
    upright = np.random.default_rng(0).integers(0, 256, (5, 10, 12))
    stored = upright.transpose(0, 2, 1)
    said = []
    swiftgan.set_log(lambda level, message: said.append(message))
    for name, option, wanted in (
        ("emnist-letters-train-images-idx3-ubyte", None, upright),
        ("emnist-digits-test-images-idx3-ubyte.gz", None, upright),
        ("emnist-letters-train-images-idx3-ubyte", False, stored),
        ("emnist-letters-train-images-idx3-ubyte", True, upright),
        ("train-images-idx3-ubyte", None, stored),
        ("my-emnist-images-idx3-ubyte", None, stored),
        ("train-images-idx3-ubyte", True, upright),
    ):
        said.clear()
        content = idx(stored)
        (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
        options = {} if option is None else {"transposed": option}
        with swiftgan.Dataset.open(tmp_path / name, range=[0, 255], memory=memory, **options) as data:
            assert data.shape == (*wanted.shape[1:], 1)
            np.testing.assert_array_equal(data.read(0, 5)[0][..., 0], wanted)
        assert any("rows and columns were exchanged" in message for message in said) == (
            option is None and wanted is upright
        )
    swiftgan.set_log(None)
    with pytest.raises(swiftgan.ConfigError, match="transposed: expected true or false"):
        swiftgan.Dataset.open(tmp_path / name, transposed=1)


def test_cifar_for_python_is_refused(tmp_path):
    for name in ("batches.meta", "data_batch_1"):
        (tmp_path / name).write_bytes(b"\x80\x02}q\x00.")
    for path in (tmp_path, tmp_path / "data_batch_1"):
        with pytest.raises(swiftgan.UnsupportedError, match="can run code.*cifar-10-binary.tar.gz"):
            swiftgan.Dataset.open(path)


@pytest.mark.parametrize("memory", [0, 512])
def test_size_of_floats(tmp_path, memory):
    x = np.random.default_rng(0).uniform(-1, 1, (3, 12, 16, 3)).astype(np.float32)
    np.save(tmp_path / "x.npy", x)
    with swiftgan.Dataset.open(tmp_path / "x.npy", size=12, memory=memory) as data:
        np.testing.assert_array_equal(data.read(0, 3)[0], x[:, :, 2:14])
    with swiftgan.Dataset.open(tmp_path / "x.npy", size=12, channels=1, memory=memory) as data:
        np.testing.assert_allclose(data.read(0, 3)[0][..., 0], x[:, :, 2:14] @ [0.299, 0.587, 0.114], atol=1e-6)
    np.save(tmp_path / "v.npy", np.zeros((4, 3)))
    with pytest.raises(swiftgan.MismatchError, match="v.npy: size, crop, resize and channels are for images"):
        swiftgan.Dataset.open(tmp_path / "v.npy", size=12)
