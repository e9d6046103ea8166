"""PyTorch's layout without PyTorch; test_pytorch.py asks PyTorch itself."""

import json

import numpy as np
import pytest
from conftest import TINY

import swiftgan
from swiftgan import config, layers


def read(path):
    raw = path.read_bytes()
    n = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + n])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        kind = {"F32": np.float32, "I64": np.int64}[entry["dtype"]]
        tensors[name] = np.frombuffer(raw[8 + n + begin : 8 + n + end], kind).reshape(entry["shape"])
    return tensors


def write(path, tensors):
    header, body = {}, b""
    for name, value in tensors.items():
        kind = {"float32": "F32", "int64": "I64", "float16": "F16"}[value.dtype.name]
        offsets = [len(body), len(body) + value.nbytes]
        header[name] = {"dtype": kind, "shape": list(value.shape), "data_offsets": offsets}
        body += value.tobytes()
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + body)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "net.safetensors"


def test_axes_of_convolutions(tiny, path):
    tiny.export_pytorch(path)
    theirs = read(path)
    assert list(theirs) == [
        *("main.0.weight", "main.1.weight", "main.1.bias", "main.1.running_mean", "main.1.running_var"),
        *("main.3.weight", "main.4.weight", "main.4.bias", "main.4.running_mean", "main.4.running_var"),
        "main.6.weight",
    ]
    assert theirs["main.0.weight"].shape == (8, 8, 4, 4)
    np.testing.assert_array_equal(theirs["main.3.weight"], tiny.tensors["generator.4.weight"].transpose(3, 2, 0, 1))
    tiny.export_pytorch(path, "discriminator", prefix="netD.")
    theirs = read(path)["netD.2.weight"]
    np.testing.assert_array_equal(theirs, tiny.tensors["discriminator.2.weight"].transpose(3, 2, 0, 1))


def test_order_of_elements(path):
    generator = [layers.Dense(24), layers.BatchNorm(), layers.Reshape((2, 3, 4)), layers.Flatten(), layers.Dense(5)]
    with swiftgan.Model(config.Configuration(config.Data((5,)), config.Latent(3), generator=generator)) as model:
        for name in model.tensors:
            model.tensors[name] = np.random.default_rng(len(name)).normal(size=model.tensors[name].shape)
        model.export_pytorch(path)
        t, u = model.tensors, read(path)
        by_channel = np.arange(24).reshape(2, 3, 4).transpose(2, 0, 1).reshape(-1)
        np.testing.assert_array_equal(u["main.0.weight"], t["generator.0.weight"].T[by_channel])
        np.testing.assert_array_equal(u["main.0.bias"], t["generator.0.bias"][by_channel])
        np.testing.assert_array_equal(u["main.1.running_var"], t["generator.1.running_var"][by_channel])
        np.testing.assert_array_equal(u["main.4.weight"], t["generator.4.weight"][by_channel].T)
        np.testing.assert_array_equal(u["main.4.bias"], t["generator.4.bias"])


def test_comes_back(tiny, path):
    tiny.step(np.random.default_rng(0).uniform(-1, 1, (8, 16, 16, 1)))
    with swiftgan.Model(TINY | {"average": 0.9}) as other:
        for network in ("generator", "discriminator"):
            tiny.export_pytorch(path, network)
            tensors = {f"net.{k}": v for k, v in read(path).items()} | {"other.weight": np.zeros(3, np.float32)}
            # PyTorch's files have these, and their tensors in any order.
            tensors["net.main.1.num_batches_tracked"] = np.array(7)
            write(path, dict(reversed(list(tensors.items()))))
            other.load_pytorch(path, network, prefix="net.")
            for name in tiny.tensors:
                if name.startswith(network) and ".optimizer." not in name:
                    np.testing.assert_array_equal(other.tensors[name], tiny.tensors[name], err_msg=name)
        np.testing.assert_array_equal(other.sample(3), tiny.sample(3))


def test_autoencoder_comes_back(path):
    configuration = {"family": "vae", "data": {"shape": [8, 8, 1]}, "latent": {"size": 2}, "average": 0.5}
    data = np.random.default_rng(0).uniform(0, 1, (16, 8, 8, 1)).astype(np.float32)
    with swiftgan.Model(configuration) as model, swiftgan.Model(configuration) as other:
        model.step(data)
        for network in ("encoder", "decoder"):
            model.export_pytorch(path, network)
            other.load_pytorch(path, network, prefix="main.")
        np.testing.assert_array_equal(other.reconstruct(data), model.reconstruct(data))


def test_numbers_are_ordered_as_numbers(path):
    generator = [layers.Dense(3) for _ in range(12)] + [layers.Dense(2)]
    configuration = config.Configuration(config.Data((2,)), config.Latent(3), generator=generator)
    with swiftgan.Model(configuration) as model, swiftgan.Model(configuration) as other:
        for name in model.tensors:
            model.tensors[name] = model.tensors[name] + 1
        model.export_pytorch(path)
        other.load_pytorch(path)
        np.testing.assert_array_equal(other.sample(3), model.sample(3))


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"main.0.weight": np.zeros((8, 8, 4, 3), np.float32)},
            swiftgan.MismatchError,
            r"main\.0\.weight: expected shape.*generator\.1",
        ),
        ({"main.4.running_var": None}, swiftgan.MismatchError, r"main\.4, taken for generator\.5, has no running_var"),
        ({"main.6.weight": None}, swiftgan.MismatchError, "none for generator.7"),
        ({"main.6.bias": np.zeros(1, np.float32)}, swiftgan.MismatchError, r"no place for the tensor main\.6\.bias"),
        ({"main.7.weight": np.zeros(1, np.float32)}, swiftgan.MismatchError, r"no place for the tensor main\.7\.weight"),
        ({"main.1.bias": np.zeros(8, np.float16)}, swiftgan.UnsupportedError, "expected dtype F32, found F16"),
        ({"main.1.bias": np.full(8, np.nan, np.float32)}, swiftgan.FormatError, "main.1.bias holds NaN"),
    ],
    ids=["shape", "missing", "module missing", "extra", "module extra", "type", "NaN"],
)
def test_unfit_files_change_nothing(tiny, path, change, error, message):
    tiny.export_pytorch(path)
    write(path, {k: v for k, v in (read(path) | change).items() if v is not None})
    before = tiny.to_bytes()
    with pytest.raises(error, match=message):
        tiny.load_pytorch(path)
    assert tiny.to_bytes() == before


def test_layers_that_pytorch_lacks_are_named(path):
    discriminator = [layers.Flatten(), layers.MinibatchDiscrimination(3, 2), layers.Dense(1)]
    with swiftgan.Model(config.Configuration(config.Data((16, 16, 1)), discriminator=discriminator)) as model:
        with pytest.raises(swiftgan.UnsupportedError, match=r"discriminator\.1: .*minibatch_discrimination"):
            model.export_pytorch(path, "discriminator")
    generator = [layers.Reshape((2, 2, 25)), layers.Flatten(), layers.Dense(2)]
    with swiftgan.Model(config.Configuration(config.Data((2,)), generator=generator)) as model:
        with pytest.raises(swiftgan.UnsupportedError, match=r"generator\.0: .*order"):
            model.export_pytorch(path)
    assert not path.exists()


def test_two_orders_in_one_residual_block_are_refused(path):
    block = layers.Residual([layers.Dense(24), layers.ReLU()])
    discriminator = [layers.Flatten(), block, layers.Dense(1)]
    with swiftgan.Model(config.Configuration(config.Data((2, 3, 4)), generator="mlp", discriminator=discriminator)) as model:
        with pytest.raises(swiftgan.UnsupportedError, match=r"discriminator\.1: .*order"):
            model.export_pytorch(path, "discriminator")


def test_weight_normalization_is_exported_as_plain_weights(path):
    def network(dense):
        return config.Configuration(config.Data((2,)), config.Latent(3), generator=[dense, layers.Tanh(), layers.Dense(2)])

    normal = layers.WeightNorm(layers.Dense(5), first_batch=False)
    with swiftgan.Model(network(normal)) as model, swiftgan.Model(network(layers.Dense(5))) as plain:
        model.tensors["generator.0.gain"] = [1, 2, 3, 4, 5]
        model.export_pytorch(path)
        plain.load_pytorch(path)
        np.testing.assert_allclose(plain.sample(4), model.sample(4), atol=1e-6)
        with pytest.raises(swiftgan.MismatchError, match=r"main\.0, taken for generator\.0, has no weight_v"):
            model.load_pytorch(path)


def test_spectral_normalization_is_exported_as_plain_weights(path):
    def network(normal):
        layer = [normal(layers.Conv(4)), layers.Tanh(), normal(layers.ConvTranspose(2)), layers.Tanh(), layers.Flatten()]
        return config.Configuration(config.Data((8, 8, 2)), discriminator=[*layer, normal(layers.Dense(1))])

    x = np.random.default_rng(1).uniform(-1, 1, (4, 8, 8, 2)).astype(np.float32)
    with swiftgan.Model(network(layers.SpectralNorm)) as model, swiftgan.Model(network(lambda x: x)) as plain:
        for _ in range(5):
            model.step(x)
        model.export_pytorch(path, "discriminator")
        plain.load_pytorch(path, "discriminator")
        np.testing.assert_allclose(plain.discriminate(x), model.discriminate(x), atol=1e-5)
        weight = plain.tensors["discriminator.0.weight"].reshape(-1, 4)
        assert abs(np.linalg.svd(weight, compute_uv=False)[0] - 1) < 0.01
        # A plain weight is read, and normalized from then on.
        model.load_pytorch(path, "discriminator")
        np.testing.assert_allclose(plain.discriminate(x), model.discriminate(x), atol=0.01)


# Module, shape of its weight in PyTorch, the axis of its outputs.
NORMALIZED = [(0, (24, 3), 0), (2, (4, 3, 3, 3), 1), (3, (2, 3, 3, 3), 0)]


def normalized(normal):
    """Weights of each kind, normalized or plain; the vector becomes an image, which changes the order of its gains."""
    generator = [
        normal(layers.Dense(24)), layers.Reshape((2, 3, 4)), normal(layers.ConvTranspose(3, kernel=3, stride=1, padding=1)),
        normal(layers.Conv(2, kernel=3, padding=1)),
    ]  # fmt: skip
    return swiftgan.Model(config.Configuration(config.Data((2, 3, 2), range="any"), config.Latent(3), generator, "mlp"))


@pytest.mark.parametrize(
    "names", [("weight_g", "weight_v"), ("parametrizations.weight.original0", "parametrizations.weight.original1")]
)
def test_weight_normalization_is_imported(path, names):
    rng = np.random.default_rng(2)
    theirs, plain = {}, {}
    for module, shape, axis in NORMALIZED:
        others = tuple(i for i in range(len(shape)) if i != axis)
        v = rng.normal(size=shape).astype(np.float32)
        g = rng.uniform(0.5, 2, [n if i == axis else 1 for i, n in enumerate(shape)]).astype(np.float32)
        bias = rng.normal(size=shape[axis]).astype(np.float32)
        theirs |= {f"{module}.bias": bias, f"{module}.{names[0]}": g, f"{module}.{names[1]}": v}
        length = np.sqrt((v**2).sum(axis=others, keepdims=True))
        plain |= {f"{module}.bias": bias, f"{module}.weight": g * v / length}
    with normalized(lambda x: layers.WeightNorm(x, first_batch=False)) as model, normalized(lambda x: x) as other:
        write(path, plain)
        other.load_pytorch(path)
        write(path, theirs)
        model.load_pytorch(path)
        np.testing.assert_allclose(model.sample(4), other.sample(4), rtol=1e-4, atol=1e-5)
        before = model.tensors["generator.2.gain"]
        # PyTorch's default for transposed convolutions normalizes over the inputs.
        theirs[f"2.{names[0]}"] = np.ones((4, 1, 1, 1), np.float32)
        write(path, theirs)
        with pytest.raises(swiftgan.MismatchError, match=rf"2\.{names[0]}: expected shape \[1, 3, 1, 1\]"):
            model.load_pytorch(path)
        np.testing.assert_array_equal(model.tensors["generator.2.gain"], before)
    with normalized(layers.WeightNorm) as model:
        with pytest.raises(swiftgan.UnsupportedError, match=r"generator\.0: .*first_batch false"):
            model.load_pytorch(path)
