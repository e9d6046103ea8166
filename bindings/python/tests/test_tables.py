"""Tables and archives of arrays."""

import numpy as np
import pytest

import swiftgan


def test_csv(tmp_path):
    rng = np.random.default_rng(0)
    table = np.concatenate([rng.normal(size=(30, 3)), rng.integers(0, 4, (30, 1))], axis=1)
    path = tmp_path / "x.csv"
    np.savetxt(path, table, delimiter=",", header="a,b,c,kind", comments="")
    with swiftgan.Dataset.open(path, labels="kind", conditions=["b"]) as data:
        assert data.shape == (2,) and data.info["conditions"] == 1 and data.info["labelled"] == 30
        x, y = data.read(0, 30)
    np.testing.assert_array_equal(x, table[:, [0, 2]].astype(np.float32))
    np.testing.assert_array_equal(y, table[:, 3])
    with swiftgan.Dataset.open(path) as data:
        np.testing.assert_array_equal(data.read(0, 30)[0], table.astype(np.float32))
    with pytest.raises(swiftgan.ConfigError, match='labels: .*no column "kin"; did you mean "kind"'):
        swiftgan.Dataset.open(path, labels="kin")
    path.write_text("a,b\n1,2\n3,x\n")
    found = r'x.csv, line 3, byte 10: column "b": expected a number, found "x" .*option labels'
    with pytest.raises(swiftgan.FormatError, match=found):
        swiftgan.Dataset.open(path)
    path.write_text("a,b\n1,2\n3,\n")
    with pytest.raises(swiftgan.FormatError, match="found nothing .leave lines with missing values out, or"):
        swiftgan.Dataset.open(path)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_npz(tmp_path, save):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (9, 6, 5), dtype=np.uint8)
    path = tmp_path / "x.npz"
    save(path, images=images, y=np.arange(9) % 4)
    with swiftgan.Dataset.open(path, range=[0, 255]) as data:
        assert data.shape == (6, 5, 1) and data.info["source"] == str(path)
        x, y = data.read(0, 9)
    np.testing.assert_array_equal(x[..., 0], images)
    assert y.tolist() == (np.arange(9) % 4).tolist()
    numbers = rng.normal(size=(2000, 3, 4)).transpose(0, 2, 1)
    for name in ("arr_0", "whatever"):
        save(path, **{name: numbers})
        with swiftgan.Dataset.open(path) as data:
            x, y = data.read(0, 2000)
        np.testing.assert_array_equal(x[..., 0], numbers.astype(np.float32))
        assert (y == -1).all()
    save(path, a=numbers, b=images, c=np.arange(9))
    with swiftgan.Dataset.open(path, samples="b", labels="c", limit=5) as data:
        assert len(data) == 5 and data.info["classes"] == 5
    with pytest.raises(swiftgan.ConfigError, match='samples: .*x.npz holds "a", "b", "c"'):
        swiftgan.Dataset.open(path)
    with pytest.raises(swiftgan.ConfigError, match='labels: .*no "d"'):
        swiftgan.Dataset.open(path, samples="b", labels="d")
    with pytest.raises(swiftgan.MismatchError, match="2000 samples"):
        swiftgan.Dataset.open(path, samples="a", labels="c")


def test_npz_damaged(tmp_path):
    """Cut short or with other bytes: an error that names the file, or what does not touch the samples."""
    path = tmp_path / "x.npz"
    values = np.random.default_rng(0).integers(0, 50, (40, 6))
    np.savez_compressed(path, values)
    whole = path.read_bytes()
    rng = np.random.default_rng(1)
    for size in range(0, len(whole), 7):
        path.write_bytes(whole[:size])
        with pytest.raises(swiftgan.FormatError, match="x.npz"):
            swiftgan.Dataset.open(path)
    for place in rng.integers(0, len(whole), 1500):
        bad = bytearray(whole)
        bad[place] ^= int(rng.integers(1, 256))
        path.write_bytes(bad)
        try:
            with swiftgan.Dataset.open(path) as data:
                np.testing.assert_array_equal(data.read(0, 40)[0], values)
        except swiftgan.SwiftGANError as error:
            assert "x.npz" in str(error)
    objects = np.empty((2, 2), dtype=object)
    np.savez(path, objects)
    with pytest.raises(swiftgan.UnsupportedError, match=r"x.npz: arr_0.npy"):
        swiftgan.Dataset.open(path)
    np.savez(path, **{"../x": values})
    with pytest.raises(swiftgan.FormatError, match="leads out"):
        swiftgan.Dataset.open(path)
