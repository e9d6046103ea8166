"""Checkpoints through the official package `safetensors`, which writes tensors and metadata in an order of its own."""

import numpy as np
import pytest

import swiftgan

safetensors = pytest.importorskip("safetensors")
safetensors_numpy = pytest.importorskip("safetensors.numpy")


def rewritten(source, target, change=lambda tensors, metadata: None):
    with safetensors.safe_open(source, "np") as file:
        metadata = file.metadata()
    tensors = safetensors_numpy.load_file(source)
    change(tensors, metadata)
    safetensors_numpy.save_file(tensors, target, metadata)


def test_rewritten_checkpoint_trains_on_with_the_same_bits(ring, points, tmp_path):
    ring.train(points, 3, batch=16)
    original, copy = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    ring.save(original)
    # The package's maps are in another order each time.
    for _ in range(5):
        rewritten(original, copy)
        again = swiftgan.Model.load(copy)
        again.save(copy)
        assert copy.read_bytes() == original.read_bytes()
    again.train(points, 2, batch=16)
    ring.train(points, 2, batch=16)
    assert all(np.array_equal(again.tensors[name], ring.tensors[name]) for name in ring.tensors)


def test_what_was_changed_on_the_way_is_found(ring, tmp_path):
    original, copy = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    ring.save(original)

    def a_weight(tensors, metadata):
        tensors["generator.0.weight"][0, 0] += 1

    def a_number(tensors, metadata):
        metadata["step"] = "7"

    def a_tensor(tensors, metadata):
        del tensors["generator.0.bias"]

    for change in (a_weight, a_number, a_tensor):
        rewritten(original, copy, change)
        with pytest.raises(swiftgan.ChecksumError):
            swiftgan.Model.load(copy)
