import json

import numpy as np
import pytest
from conftest import RING

import swiftgan


@pytest.mark.parametrize(
    ("config", "error", "message"),
    [
        ("{", swiftgan.FormatError, "line 1"),
        (RING | {"genrator": {}}, swiftgan.ConfigError, "generator"),
        (RING | {"data": {"shape": [0]}}, swiftgan.ConfigError, r"data\.shape"),
        (RING | {"optimizer": {"adam": {"learning_rate": -1}}}, swiftgan.ConfigError, "learning_rate"),
        (RING | {"data": {"shape": [2**31 - 1] * 3}, "generator": "mlp"}, swiftgan.LimitError, "shape"),
    ],
    ids=["json", "key", "zero", "rate", "limit"],
)
def test_configuration(config, error, message):
    with pytest.raises(error, match=message) as caught:
        swiftgan.Model(config)
    assert caught.value.status < 0 and caught.value.status_name.startswith("SWIFTGAN_ERROR_")


def test_nan_learning_rate():
    with pytest.raises(swiftgan.FormatError):
        swiftgan.Model(json.dumps(RING | {"optimizer": {"adam": {"learning_rate": float("nan")}}}))


def test_files(tmp_path, ring):
    with pytest.raises(swiftgan.IOFailure, match="nowhere") as caught:
        swiftgan.Model.load(tmp_path / "nowhere")
    assert isinstance(caught.value, OSError)
    path = tmp_path / "model.safetensors"
    ring.save(path)
    raw = path.read_bytes()
    path.write_bytes(raw[:-5])
    with pytest.raises(swiftgan.TruncatedError):
        swiftgan.Model.load(path)
    path.write_bytes(raw[:-5] + bytes([raw[-5] ^ 1]) + raw[-4:])
    with pytest.raises(swiftgan.ChecksumError):
        swiftgan.Model.load(path)
    with pytest.raises(swiftgan.IOFailure):
        ring.save(tmp_path / "no" / "such" / "folder")
    with pytest.raises(ValueError, match="NUL"):
        ring.save("a\0b")


def test_labels_without_classes(ring):
    with pytest.raises(swiftgan.UnsupportedError, match="labels"):
        ring.sample(1, labels=[1])


def test_divergence(points):
    config = RING | {"optimizer": {"sgd": {"learning_rate": 1e30}}}
    with swiftgan.Model(config) as model:
        with pytest.raises(swiftgan.DivergedError, match=r"step \d+: .*(generator|discriminator)"):
            model.train(points, 100)
        assert all(np.isfinite(t).all() for t in model.tensors.values())


def test_handle_error():
    from swiftgan._library import Handle, check, lib

    with pytest.raises(swiftgan.HandleError):
        check(lib.swiftgan_model_save(Handle(12345), b"x"))


def test_every_status_has_an_exception():
    from swiftgan._library import lib
    from swiftgan.errors import BY_STATUS

    for status, kind in BY_STATUS.items():
        name = lib.swiftgan_status_name(status).decode()
        assert name.startswith("SWIFTGAN_ERROR_"), status
        assert issubclass(kind, swiftgan.SwiftGANError)
    assert sorted(BY_STATUS) == list(range(-16, 0))


def test_log():
    said = []
    swiftgan.set_log(lambda level, message: said.append((level, message)))
    try:
        swiftgan.Model(RING | {"label_smoothing": {"fake": 0.1}}).close()
    finally:
        swiftgan.set_log(None)
    assert len(said) == 1 and said[0][0] == "warning" and "label_smoothing.fake" in said[0][1]
