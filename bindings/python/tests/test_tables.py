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
    with pytest.raises(swiftgan.FormatError, match=r'x.csv, line 3, byte 10: column "b": expected a number, found "x"'):
        swiftgan.Dataset.open(path)
