"""What other programs hold arrays in: DLPack, Arrow, tables, batches. The same bits as NumPy's, without a copy in Python."""

import datetime
import warnings

import numpy as np
import pytest

import swiftgan
from swiftgan._arguments import floats, numeric

X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)


def small(**settings):
    return swiftgan.GAN(width=4, latent=2, steps=3, batch=8, **settings)


def address(values):
    return floats(values, "x").__array_interface__["data"][0]


class Tensor:
    """A tensor that has DLPack and nothing else, as JAX's have."""

    def __init__(self, array, device=(1, 0)):
        self.array, self.device = array, device

    def __dlpack__(self, **options):
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.device


def torch_of(array):
    return pytest.importorskip("torch", reason="PyTorch is not installed").from_numpy(array)


def polars():
    return pytest.importorskip("polars", reason="polars is not installed")


def pandas():
    return pytest.importorskip("pandas", reason="pandas is not installed")


def pyarrow():
    return pytest.importorskip("pyarrow", reason="pyarrow is not installed")


def fixed_lists(array):
    """An Arrow array of lists of one size on the memory of a NumPy array."""
    pa = pyarrow()
    return pa.FixedSizeListArray.from_arrays(pa.array(array.ravel()), array.shape[1])


NAMES = ["a", "b", "c"]
FORMS = {
    "DLPack": Tensor,
    "torch": torch_of,
    "torch with a gradient": lambda x: torch_of(x).requires_grad_(),
    "torch, transposed": lambda x: torch_of(np.ascontiguousarray(x.T)).T,
    "polars": lambda x: polars().DataFrame(x, schema=NAMES),
    "polars, in chunks": lambda x: polars().concat(
        [polars().DataFrame(p, schema=NAMES) for p in (x[:7], x[7:])], rechunk=False
    ),
    "polars, a part": lambda x: polars().DataFrame(np.concatenate([x, x]), schema=NAMES)[: len(x)],
    "polars, an array column": lambda x: polars().DataFrame({"x": x}),
    "pandas": lambda x: pandas().DataFrame(x, columns=NAMES),
    "pandas, by columns": lambda x: pandas().DataFrame({n: x[:, i].copy() for i, n in enumerate(NAMES)}),
    "pandas, mixed": lambda x: pandas().DataFrame(x, columns=NAMES).astype({"b": np.float64}),
    "pandas, nullable": lambda x: pandas().DataFrame(x, columns=NAMES).astype({"b": "Float32"}),
    "pyarrow table": lambda x: pyarrow().table({n: x[:, i].copy() for i, n in enumerate(NAMES)}),
    "pyarrow batch": lambda x: pyarrow().table({n: x[:, i].copy() for i, n in enumerate(NAMES)}).to_batches()[0],
    "pyarrow, in chunks": lambda x: pyarrow().concat_tables(
        pyarrow().table({n: p[:, i].copy() for i, n in enumerate(NAMES)}) for p in (x[:9], x[9:])
    ),
    "pyarrow, a part": lambda x: pyarrow().table({n: np.r_[x[:, i], x[:, i]] for i, n in enumerate(NAMES)}).slice(40),
    "pyarrow, a part of a batch": lambda x: (
        pyarrow().RecordBatch.from_arrays([pyarrow().array(np.r_[x[:, i], x[:, i]]) for i in range(3)], NAMES).slice(40)
    ),
    "pyarrow, lists": fixed_lists,
    "pyarrow, a part of lists": lambda x: fixed_lists(np.concatenate([x, x])).slice(40),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_same_bits(form):
    given = FORMS[form](X)
    np.testing.assert_array_equal(floats(given, "x"), X)
    gan = small().fit(given, progress=False)
    plain = small().fit(X, progress=False)
    np.testing.assert_array_equal(gan.sample(4), plain.sample(4))
    np.testing.assert_array_equal(gan.discriminate(given), plain.discriminate(X))
    gan.partial_fit(given)
    np.testing.assert_array_equal(gan.sample(4), plain.partial_fit(X).sample(4))
    with swiftgan.Dataset.from_arrays(given) as data:
        np.testing.assert_array_equal(data.read(0, 40)[0], X)


def test_no_copy():
    """Where the memory is float32 in C order, its address goes to the library."""
    column = X[:, :1].copy()
    assert address(X) == X.ctypes.data and address(Tensor(X)) == X.ctypes.data
    checked = 0
    for make in (
        lambda: (torch_of(X), X),
        lambda: (torch_of(X).requires_grad_(), X),
        lambda: (fixed_lists(X), X),
        lambda: (pyarrow().table({"x": fixed_lists(X)}), X),
        lambda: (pyarrow().table({"x": pyarrow().array(column[:, 0])}), column),
        lambda: (pyarrow().array(column[:, 0]), column),
        lambda: (pandas().DataFrame(X, columns=NAMES, copy=False), X),
        lambda: (polars().DataFrame({"x": polars().Series(column[:, 0])}), None),
        lambda: (polars().DataFrame({"x": X}), None),
    ):
        try:
            given, memory = make()
        except pytest.skip.Exception:
            continue
        # polars may copy what it is made of; then its own memory counts.
        expected = memory.ctypes.data if memory is not None else own_address(given)
        assert address(given) == expected, type(given)
        checked += 1
    if checked == 0:
        pytest.skip("none of torch, pyarrow, pandas and polars is installed")


def own_address(table):
    values = table["x"].to_numpy(allow_copy=False)
    return values.__array_interface__["data"][0]


def test_memory_lives_as_long_as_it_is_used():
    pa = pyarrow()
    before = pa.total_allocated_bytes()
    array = numeric(pa.array(np.arange(1_000_000, dtype=np.float32) + 1), "x")
    table = numeric(pa.table({"x": pa.array(np.arange(1_000_000, dtype=np.float32) + 1)}), "x")
    assert array[-1] == 1_000_000 == table[-1, 0]
    del array, table
    values = [numeric(pa.table({"a": [1.5, 2.5], "b": [True, False]}), "x") for _ in range(500)]
    assert all((value == [[1.5, 1], [2.5, 0]]).all() for value in values)
    del values
    assert pa.total_allocated_bytes() <= before + 1000


def test_types_of_arrow():
    pa = pyarrow()
    for kind in ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16", "float32", "float64"):
        values = np.array([0, 1, 100], kind)
        found = numeric(pa.array(values), "x")
        assert found.dtype == kind
        np.testing.assert_array_equal(found, values)
    bits = np.random.default_rng(0).integers(0, 2, 50).astype(bool)
    np.testing.assert_array_equal(numeric(pa.array(bits).slice(3, 30), "x"), bits[3:33])
    images = numeric(pa.FixedSizeListArray.from_arrays(fixed_lists(np.arange(48, dtype=np.uint8).reshape(12, 4)), 3), "x")
    np.testing.assert_array_equal(images, np.arange(48).reshape(4, 3, 4))
    assert numeric(pa.table({"a": pa.array([], pa.float32()), "b": pa.array([], pa.int8())}), "x").shape == (0, 2)
    assert numeric(pa.array([], pa.float32()), "x").shape == (0,)
    lists = pa.list_(pa.float32(), 4)
    assert numeric(pa.Table.from_batches([], pa.schema({"a": pa.float32(), "b": pa.bool_()})), "x").shape == (0, 2)
    assert numeric(pa.Table.from_batches([], pa.schema({"a": lists})), "x").shape == (0, 4)
    assert numeric(pa.array([1.0, None, 2.0]).slice(2), "x").tolist() == [2.0], "what is missing lies outside"


def tables_with(column):
    """The same table in each library that is there."""
    tables = []
    for library, make in (
        (polars, lambda p, c: p.DataFrame({"size": [1.0, 2.0], "kind": c})),
        (pandas, lambda p, c: p.DataFrame({"size": [1.0, 2.0], "kind": c})),
        (pyarrow, lambda p, c: p.table({"size": [1.0, 2.0], "kind": c})),
    ):
        try:
            tables.append(make(library(), column))
        except pytest.skip.Exception:
            continue
    if not tables:
        pytest.skip("none of polars, pandas and pyarrow is installed")
    return tables


@pytest.mark.parametrize("column", [["red", "blue"], [datetime.datetime(2020, 1, 1)] * 2], ids=["text", "times"])
def test_columns_without_numbers(column):
    for table in tables_with(column):
        gan = small()
        with pytest.raises(swiftgan.DataTypeError, match="x: column 'kind' holds .*; expected real numbers"):
            gan.fit(table, progress=False)
        assert not hasattr(gan, "model")


def test_missing_values():
    for table in tables_with([None, 3]):
        if type(table).__module__.startswith("pandas"):
            table = table.convert_dtypes()
        with pytest.raises(ValueError, match="x: column 'kind' has missing values"):
            small().fit(table, progress=False)


def test_structures_of_arrow():
    pa = pyarrow()
    rows = pa.array([{"a": 1.0, "b": 2}, {"a": 3.0, "b": 4}])
    np.testing.assert_array_equal(numeric(rows, "x"), [[1, 2], [3, 4]])
    with pytest.raises(ValueError, match=r"x has missing values \(1 of 2\)"):
        numeric(pa.array([{"a": 1.0}, None]), "x")
    with pytest.raises(swiftgan.DataTypeError, match="x: column 'b' holds lists beside other columns"):
        numeric(pa.table({"a": [1.0], "b": pa.array([[1.0, 2.0]], pa.list_(pa.float64(), 2))}), "x")
    with pytest.raises(swiftgan.DataTypeError, match="x: column 'b' holds lists or structures"):
        numeric(pa.table({"b": [[1.0, 2.0]]}), "x")
    with pytest.raises(ValueError, match="x: expected a table with columns"):
        numeric(pa.table({}), "x")


def test_an_arrow_stream_that_fails():
    pa = pyarrow()

    def batches():
        yield pa.record_batch({"a": [1.0]})
        raise OSError("the disk is gone")

    reader = pa.RecordBatchReader.from_batches(pa.schema({"a": pa.float64()}), batches())
    with pytest.raises(ValueError, match="x: .*the disk is gone"):
        numeric(reader, "x")


def test_categories():
    for table in tables_with(["red", "blue"]):
        module = type(table).__module__
        if module.startswith("pandas"):
            table["kind"] = table["kind"].astype("category")
        elif module.startswith("polars"):
            table = table.cast({"kind": polars().Categorical})
        else:
            table = table.set_column(1, "kind", table["kind"].dictionary_encode())
        with pytest.raises(swiftgan.DataTypeError, match="x: column 'kind' holds categor"):
            small().fit(table, progress=False)


def test_other_devices():
    for device, told in (((2, 1), "CUDA 1"), ((8, 0), "Metal 0"), ((99, 0), "of type 99 0")):
        with pytest.raises(ValueError, match=f"x: its memory is on the device {told}; bring it to the CPU first"):
            small().fit(Tensor(X, device), progress=False)
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    elsewhere = torch.empty((40, 3), device="meta")
    for call in (lambda: small().fit(elsewhere, progress=False), lambda: swiftgan.Dataset.from_arrays([elsewhere])):
        with pytest.raises(ValueError, match=r"on the device meta; bring it to the CPU first: \w+\.cpu\(\)"):
            call()
    with pytest.raises(swiftgan.DataTypeError, match=r"sparse .* x\.to_dense\(\)"):
        small().fit(torch.eye(3).to_sparse(), progress=False)


def test_sparse_and_complex():
    sparse = pytest.importorskip("scipy.sparse", reason="SciPy is not installed")
    for given in (sparse.csr_matrix(X), sparse.coo_array(X)):
        with pytest.raises(swiftgan.DataTypeError, match=r"x: sparse .* x\.toarray\(\)"):
            small().fit(given, progress=False)
    with pytest.raises(swiftgan.DataTypeError, match="real numbers"):
        small().fit(X + 1j, progress=False)


def test_bfloat16():
    half = X.astype(pytest.importorskip("ml_dtypes", reason="ml_dtypes is not installed").bfloat16)
    np.testing.assert_array_equal(floats(half, "x"), half.astype(np.float32))
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    np.testing.assert_array_equal(floats(torch.from_numpy(X).to(torch.bfloat16), "x"), half.astype(np.float32))


def test_names_of_columns():
    for make in (lambda x, names: polars().DataFrame(x, schema=names), lambda x, names: pandas().DataFrame(x, columns=names)):
        try:
            gan = small().fit(make(X, NAMES), progress=False)
        except pytest.skip.Exception:
            continue
        assert gan.feature_names_in_.tolist() == NAMES
        gan.discriminate(X)
        with pytest.raises(ValueError, match="x: The feature names should match .* a, b, c; found b, a, c"):
            gan.discriminate(make(X, ["b", "a", "c"]))
        assert not hasattr(gan.fit(X, progress=False), "feature_names_in_")


def test_labels_of_tables():
    y = np.arange(40) % 3
    expected = small(labels="conditional").fit(X, y, progress=False).sample(3, labels=[0, 1, 2])
    names = np.array(["cat", "dog", "owl"])[y]
    for series in (
        lambda y: polars().Series(y),
        lambda y: pandas().Series(y),
        lambda y: pyarrow().array(y),
        lambda y: torch_of(y),
        lambda y: Tensor(y),
    ):
        try:
            given = series(y)
        except pytest.skip.Exception:
            continue
        gan = small(labels="conditional").fit(X, given, progress=False)
        np.testing.assert_array_equal(gan.sample(3, labels=[0, 1, 2]), expected)
        if hasattr(given, "__array__") and type(given).__module__ != "torch":
            named = small(labels="conditional").fit(X, series(names), progress=False)
            np.testing.assert_array_equal(named.sample(3, labels=["cat", "dog", "owl"]), expected)


# ---- Batches ---------------------------------------------------------------------------------------------------------


def stepped(batches, **settings):
    """What steps on NumPy's batches give."""
    gan = small(**settings)
    for x, y in batches:
        gan.partial_fit(x, y)
    return gan


PAIRS = [(X[i : i + 8], np.arange(i, i + 8) % 3) for i in range(0, 40, 8)]


class Loader:
    """Batches that can be gone through again, as a DataLoader's."""

    def __init__(self, items):
        self.items, self.passes = items, 0

    def __len__(self):
        return len(self.items)

    def __iter__(self):
        self.passes += 1
        return iter(self.items)


def test_batches():
    alone = [x for x, _ in PAIRS]
    expected = stepped([(x, None) for x in (alone * 3)[:12]])
    loader = Loader(alone)
    gan = small().fit(loader, steps=12, progress=False)
    assert loader.passes == 3 and gan.model.summary["step"] == 12
    np.testing.assert_array_equal(gan.sample(4), expected.sample(4))
    assert gan.history_["step"].tolist() == list(range(1, 13))
    # One pass without steps; an iterator ends with its last batch.
    np.testing.assert_array_equal(small().partial_fit(Loader(alone)).sample(4), stepped([(x, None) for x in alone]).sample(4))
    ended = small().fit(iter(alone), steps=100, progress=False)
    assert ended.model.summary["step"] == 5 and ended.history_["step"].tolist() == [1, 2, 3, 4, 5]
    singles = small().fit(([x] for x in alone), progress=False)
    np.testing.assert_array_equal(singles.sample(4), stepped([(x, None) for x in alone[:3]]).sample(4))


def test_batches_with_labels():
    expected = stepped(PAIRS, labels="conditional").sample(3, labels=[0, 1, 2])
    for items in (PAIRS, [list(pair) for pair in PAIRS]):
        gan = small(labels="conditional").fit(Loader(items), steps=5, progress=False)
        np.testing.assert_array_equal(gan.sample(3, labels=[0, 1, 2]), expected)
    passed_over = small(labels="none").fit(Loader(PAIRS), steps=5, progress=False)
    np.testing.assert_array_equal(passed_over.sample(4), stepped([(x, None) for x, _ in PAIRS]).sample(4))
    with pytest.raises(ValueError, match="y: this GAN makes no use of it"):
        small().fit(Loader(PAIRS), progress=False)


def test_callbacks_end_batches():
    seen = []
    gan = small().fit(
        Loader([x for x, _ in PAIRS]), steps=20, every=4, progress=False,
        callbacks=lambda gan, report: seen.append(report["step"]) or report["step"] < 8,
    )  # fmt: skip
    assert seen == [4, 8] and gan.model.summary["step"] == 8


def test_batches_that_are_none():
    with pytest.raises(ValueError, match="x: expected at least one batch"):
        small().fit(Loader([]), progress=False)
    with pytest.raises(ValueError, match=r"x: batch 0: expected an array or \(array, labels\), found 3 parts"):
        small().fit(Loader([(X, X, X)]), progress=False)
    with pytest.raises(ValueError, match=r"x: batch 1: .* found a dict"):
        small().fit(Loader([X, {"x": X}]), progress=False)
    for extra in ({"y": np.zeros(40, int)}, {"conditions": X}):
        with pytest.raises(ValueError, match="an iterable of batches has its own"):
            small(labels="conditional").fit(Loader(PAIRS), progress=False, **extra)
    with pytest.raises(ValueError, match="expecting 3 features"):
        small().fit(Loader([X, X[:, :2]]), progress=False)


def test_data_loader_of_torch():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    data = torch.utils.data.TensorDataset(torch.from_numpy(X), torch.arange(40) % 3)
    loader = torch.utils.data.DataLoader(data, batch_size=8)
    gan = small(labels="conditional").fit(loader, steps=5, progress=False)
    expected = stepped(PAIRS, labels="conditional")
    np.testing.assert_array_equal(gan.sample(3, labels=[0, 1, 2]), expected.sample(3, labels=[0, 1, 2]))
    images = torch.rand(24, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = small().fit(torch.utils.data.DataLoader(torch.utils.data.TensorDataset(images), 8), steps=3, progress=False)
    plain = small().fit(iter([images[i : i + 8].numpy() for i in (0, 8, 16)]), progress=False)
    np.testing.assert_array_equal(drawn.sample(4), plain.sample(4))
    assert drawn.model.sample_shape == (8, 8, 1)
