import gc
import gzip
import struct
import zlib

import numpy as np
import pytest

import swiftgan


def idx(values):
    header = struct.pack(">HBB", 0, 8, values.ndim) + struct.pack(f">{values.ndim}I", *values.shape)
    return header + values.astype(np.uint8).tobytes()


@pytest.fixture
def folder(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (20, 16, 12))
    labels = np.arange(20) % 10
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(images)))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(labels))
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(idx(images[:5]))
    return tmp_path, images, labels


def test_idx(folder):
    path, images, labels = folder
    other = path / "train-labels-idx1-ubyte"
    with swiftgan.Dataset.open(path, labels=str(other)) as data:
        assert len(data) == 20 and data.shape == (16, 12, 1)
        assert data.info["classes"] == 10 and data.info["range"] == [-1, 1]
        x, y = data.read(3, 4)
    np.testing.assert_allclose(x[..., 0], images[3:7] / 127.5 - 1, atol=1e-6)
    np.testing.assert_array_equal(y, labels[3:7])
    with swiftgan.Dataset.open(path, split="test", range=[0, 1], limit=3) as data:
        assert len(data) == 3
        x, y = data.read(0, 3)
    np.testing.assert_allclose(x[..., 0], images[:3] / 255, atol=1e-6)
    assert (y == -1).all()


def test_arrays():
    x = np.random.default_rng(0).uniform(-1, 1, (6, 3, 2))
    with swiftgan.Dataset.from_arrays(x, labels=[0, 1, 2, 0, 1, 2]) as data:
        assert data.shape == (3, 2, 1)
        read, labels = data.read(0, 6)
    np.testing.assert_array_equal(read[..., 0], x.astype(np.float32))
    assert labels.tolist() == [0, 1, 2, 0, 1, 2]
    with pytest.raises(ValueError, match="labels: expected 6 entries"):
        swiftgan.Dataset.from_arrays(x, labels=[1])
    with pytest.raises(TypeError, match="expected integers"):
        swiftgan.Dataset.from_arrays(x, labels=np.zeros(6))
    with pytest.raises(swiftgan.ArgumentError, match=r"samples\[4\]"):
        x[4] = np.inf
        swiftgan.Dataset.from_arrays(x)


def test_read_outside(points):
    for first, count in ((-1, 1), (0, 0), (999, 2)):
        with pytest.raises(IndexError):
            points.read(first, count)


def test_range_of_the_data(points):
    config = {"data": {"shape": [4], "range": [-1, 1]}, "latent": {"size": 2}}
    with swiftgan.Dataset.from_arrays(np.full((8, 4), 200.0)) as data, swiftgan.Model(config) as model:
        with pytest.raises(swiftgan.MismatchError, match="from 200.0 to 200.0"):
            model.train(data, 1)
    with swiftgan.Model(config) as model, pytest.raises(swiftgan.MismatchError, match="shape"):
        model.train(points, 1)


def test_png(tmp_path):
    path = tmp_path / "grid.png"
    swiftgan.write_png(path, np.zeros((5, 8, 6, 3)), columns=3)
    raw = path.read_bytes()
    assert raw[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", raw[16:24])
    assert width >= 18 and height >= 16
    swiftgan.write_png(path, np.zeros((4, 8, 6)))
    for bad in (np.zeros((2, 2, 2, 2)), np.full((1, 2, 2), np.nan)):
        with pytest.raises(swiftgan.ArgumentError):
            swiftgan.write_png(path, bad)


def test_folder_of_pictures(tmp_path):
    gray = np.random.default_rng(0).integers(0, 256, (6, 12, 10, 1))
    for i, image in enumerate(gray):
        folder = tmp_path / ("even" if i % 2 == 0 else "odd")
        folder.mkdir(exist_ok=True)
        (folder / f"{i}.png").write_bytes(png(image))
    with swiftgan.Dataset.open(tmp_path) as data:
        assert data.info["class_names"] == ["even", "odd"]
        x, y = data.read(0, 6)
        assert y.tolist() == [0, 0, 0, 1, 1, 1]
        np.testing.assert_allclose(x, gray[[0, 2, 4, 1, 3, 5]] / 127.5 - 1, atol=1e-6)
    with swiftgan.Dataset.open(tmp_path, crop="square", resize=[4, 6], channels=3) as data:
        assert data.shape == (4, 6, 3)
    (tmp_path / "odd" / "5.png").write_bytes(b"no picture")
    with pytest.raises(swiftgan.FormatError, match="odd/5.png"):
        swiftgan.Dataset.open(tmp_path)
    with swiftgan.Dataset.open(tmp_path, skip_corrupt=True) as data:
        assert len(data) == 5 and data.info["skipped"] == 1
        assert data.info["skipped_files"][0]["path"].endswith("odd/5.png")


def png(image):
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    height, width, channels = image.shape
    rows = b"".join(b"\0" + row.astype(np.uint8).tobytes() for row in image)
    head = struct.pack(">IIBBBBB", width, height, 8, 0 if channels == 1 else 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


KINDS = ["?", "u1", "i1", "<u2", ">u2", "<i2", ">i2", "<u4", ">i4", "<u8", ">i8", "<f2", ">f2", "<f4", ">f4", "<f8", ">f8"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", [(5, 3), (4, 3, 2), (3, 4, 2, 3)])
def test_numpy_files(tmp_path, kind, order, shape):
    values = np.random.default_rng(0).integers(0, 100, shape)
    array = np.array(values - (50 if np.dtype(kind).kind in "if" else 0), dtype=kind, order=order)
    path = tmp_path / "x.npy"
    np.save(path, array)
    np.save(tmp_path / "y.npy", np.arange(shape[0]).astype(">i8"))
    with swiftgan.Dataset.open(path, labels=str(tmp_path / "y.npy"), range=[0, 255]) as data:
        x, y = data.read(0, shape[0])
    np.testing.assert_array_equal(x.reshape(shape), array.astype(np.float32))
    assert y.tolist() == list(range(shape[0]))


def test_numpy_half_precision(tmp_path):
    every = np.arange(2**16, dtype=np.uint16).view(np.float16)
    every = every[np.isfinite(every)].reshape(-1, 2)
    np.save(tmp_path / "x.npy", every)
    with swiftgan.Dataset.open(tmp_path / "x.npy") as data:
        np.testing.assert_array_equal(data.read(0, len(every))[0], every.astype(np.float32))


def test_cifar(tmp_path):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (6, 3, 32, 32), dtype=np.uint8)
    labels = np.arange(6, dtype=np.uint8)
    for i in range(2):
        part = slice(3 * i, 3 * i + 3)
        records = np.concatenate([labels[part, None], images[part].reshape(3, -1)], axis=1)
        (tmp_path / f"data_batch_{i + 1}.bin").write_bytes(records.tobytes())
    with swiftgan.Dataset.open(tmp_path) as data:
        x, y = data.read(0, 6)
    np.testing.assert_allclose(x, images.transpose(0, 2, 3, 1) / 127.5 - 1, atol=1e-6)
    assert y.tolist() == [0, 1, 2, 3, 4, 5]
    hundred = np.concatenate([labels[:, None], labels[:, None] + 90, images.reshape(6, -1)], axis=1)
    (tmp_path / "hundred.bin").write_bytes(hundred.tobytes())
    fine, rough = [f"class {i}" for i in range(100)], [f"kind {i}" for i in range(20)]
    (tmp_path / "fine_label_names.txt").write_text("\n".join(fine) + "\n\n")
    (tmp_path / "coarse_label_names.txt").write_text("\r\n".join(rough))
    for coarse, names in ((False, fine), (True, rough)):
        with swiftgan.Dataset.open(tmp_path / "hundred.bin", coarse=coarse) as data:
            assert data.info["class_names"] == names and data.info["classes"] == len(names)
            counts = data.describe()["class_counts"]
            assert len(counts) == len(names) and sum(counts) == 6
    (tmp_path / "fine_label_names.txt").write_text("one\ntwo\n")
    with pytest.raises(swiftgan.FormatError, match="fine_label_names.txt: expected 100 names, found 2"):
        swiftgan.Dataset.open(tmp_path / "hundred.bin")
    (tmp_path / "fine_label_names.txt").unlink()
    for coarse, expected in ((False, labels + 90), (True, labels)):
        with swiftgan.Dataset.open(tmp_path / "hundred.bin", coarse=coarse) as data:
            x, y = data.read(0, 6)
        np.testing.assert_allclose(x, images.transpose(0, 2, 3, 1) / 127.5 - 1, atol=1e-6)
        assert y.tolist() == expected.tolist()


def test_larger_than_memory(tmp_path):
    """Files that are read while training give the bits of files in memory."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (60, 32, 32, 3), dtype=np.uint8)
    labels = rng.integers(0, 10, 60, dtype=np.uint8)
    np.save(tmp_path / "bytes.npy", images)
    np.save(tmp_path / "floats.npy", images.astype(">f8") / 127.5 - 1)
    np.savez(tmp_path / "stored.npz", images=images)
    np.savez_compressed(tmp_path / "deflated.npz", images=images)
    np.save(tmp_path / "fortran.npy", np.asfortranarray(images))
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx(images[..., 0]))
    (tmp_path / "packed-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(images[..., 0])))
    for i in range(2):
        part = slice(30 * i, 30 * i + 30)
        records = np.concatenate([labels[part, None], images[part].transpose(0, 3, 1, 2).reshape(30, -1)], axis=1)
        (tmp_path / f"data_batch_{i + 1}.bin").write_bytes(records.tobytes())
    color, gray = [32, 32, 3], [32, 32, 1]
    folder = tmp_path / "cifar"
    folder.mkdir()
    for path in tmp_path.glob("data_batch_*.bin"):
        path.rename(folder / path.name)
    rows = [
        ("bytes.npy", color),
        ("floats.npy", color),
        ("stored.npz", color),
        ("deflated.npz", color),
        ("fortran.npy", color),
        ("train-images-idx3-ubyte", gray),
        ("packed-images-idx3-ubyte.gz", gray),
        ("cifar", color),
    ]
    for name, shape in rows:
        config = {
            "data": {"shape": shape},
            "latent": {"size": 4},
            "generator": {"preset": "mlp", "width": 8},
            "discriminator": {"preset": "mlp", "width": 8},
        }
        samples, weights = [], []
        for memory in (512, 0):
            with swiftgan.Dataset.open(tmp_path / name, memory=memory) as data, swiftgan.Model(config) as model:
                samples.append(data.read(0, 60)[0])
                model.train(data, 7, batch=25)
                weights.append([model.tensors[t] for t in model.tensors])
        np.testing.assert_array_equal(samples[0], samples[1])
        np.testing.assert_allclose(samples[0], images[..., : shape[2]] / 127.5 - 1, atol=1e-6)
        assert all((a == b).all() for a, b in zip(*weights)), name


def test_files_that_change(tmp_path):
    """A file that is cut while it is trained on ends the training with its error; NaN is found when it is opened."""
    values = np.random.default_rng(0).uniform(-1, 1, (50, 4)).astype(np.float32)
    path = tmp_path / "x.npy"
    np.save(path, values)
    config = {
        "data": {"shape": [4], "range": [-1, 1]},
        "latent": {"size": 2},
        "generator": {"preset": "mlp", "width": 8},
        "discriminator": {"preset": "mlp", "width": 8},
    }
    with swiftgan.Dataset.open(path, memory=0) as data, swiftgan.Model(config) as model:
        model.train(data, 3, batch=10)
        path.write_bytes(path.read_bytes()[:300])
        with pytest.raises(swiftgan.TruncatedError, match="x.npy"):
            model.train(data, 30, batch=10)
    values[40, 2] = np.nan
    np.save(path, values)
    with pytest.raises(swiftgan.ArgumentError, match=r"samples\[40\]: element 2 is nan"):
        swiftgan.Dataset.open(path, memory=0)
    np.save(path, 2 * np.ones((50, 4)))
    with swiftgan.Dataset.open(path, memory=0) as data, swiftgan.Model(config) as model:
        with pytest.raises(swiftgan.MismatchError, match="from 2.0 to 2.0"):
            model.train(data, 1)


def test_shuffling_in_blocks(tmp_path):
    """The same samples an epoch in another order, which resuming finds again."""
    np.save(tmp_path / "x.npy", np.random.default_rng(0).uniform(-1, 1, (60, 4)))
    config = {"data": {"shape": [4]}, "latent": {"size": 2}}
    weights = []
    for options, parts in (({}, [8]), ({"shuffle_block": 20}, [8]), ({"shuffle_block": 20}, [3, 5])):
        with swiftgan.Dataset.open(tmp_path / "x.npy", memory=0, **options) as data, swiftgan.Model(config) as model:
            assert data.info["shuffle_block"] == options.get("shuffle_block")
            for steps in parts:
                model.train(data, steps, batch=20)
            weights.append(model.tensors["generator.0.weight"])
    assert (weights[1] == weights[2]).all() and (weights[0] != weights[1]).any()
    with pytest.raises(swiftgan.ConfigError, match="shuffle_block"):
        swiftgan.Dataset.open(tmp_path / "x.npy", shuffle_block=-1)


def test_derive():
    images = np.random.default_rng(3).random((40, 8, 8, 1), np.float32)
    with swiftgan.Dataset.from_arrays(images, np.arange(40) % 4) as data:
        mirrored = data.derive(flip=True, shift=1)
        few = data.derive(labelled=8)
        stacked = data.derive(stack=3, count=50, seed=2)
        with pytest.raises(swiftgan.MismatchError, match="shift"):
            data.derive(shift=8)
        with pytest.raises(swiftgan.ConfigError, match='did you mean "flip"'):
            data.derive(flop=True)
    # The first handle is gone; its samples are not.
    assert mirrored.info["flip"] and mirrored.info["shift"] == 1
    np.testing.assert_array_equal(mirrored.read(0, 40)[0], images)
    assert few.info["labelled"] == 8 and (few.read(0, 40)[1] >= 0).sum() == 8
    assert stacked.shape == (8, 8, 3) and len(stacked) == 50 and stacked.info["classes"] == 64
    channel = stacked.read(0, 1)[0][0, :, :, 0]
    assert any(np.array_equal(channel, image[:, :, 0]) for image in images)


def test_derived_functions_keep_their_reader():
    images = np.random.default_rng(1).random((12, 4, 4, 1), np.float32)
    derived = swiftgan.Dataset.from_function(12, (4, 4, 1), lambda index: images[index]).derive(flip=True)
    gc.collect()
    np.testing.assert_array_equal(derived.read(0, 12)[0], images)


def test_nan_in_a_file_names_the_file(tmp_path):
    np.save(tmp_path / "a.npy", np.array([[1, 2], [np.nan, 4]], np.float32))
    with pytest.raises(swiftgan.ArgumentError, match=r"a\.npy: samples\[1\]: element 0 is nan"):
        swiftgan.Dataset.open(tmp_path / "a.npy")
