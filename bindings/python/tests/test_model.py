import threading

import numpy as np
import pytest
from conftest import RING, TINY

import swiftgan
from swiftgan import _tensors


def test_trains_and_samples(ring, points):
    reports = {}
    ring.train(points, 20, batch=32, report_every=5, on_progress=reports.__setitem__)
    assert list(reports) == [5, 10, 15, 20]
    assert set(reports[20]) >= {"discriminator_cost", "generator_cost", "real_output", "fake_accuracy"}
    samples = ring.sample(7, seed=3)
    assert samples.shape == (7, 2) and samples.dtype == np.float32 and np.isfinite(samples).all()


def test_samples_depend_on_seed_and_index_alone(tiny):
    whole = tiny.sample(5, seed=9)
    np.testing.assert_allclose(tiny.sample(3, seed=9), whole[:3], atol=1e-6)
    assert not np.array_equal(tiny.sample(5, seed=10), whole)
    out = np.zeros((5, 16, 16, 1), np.float32)
    assert tiny.sample(5, seed=9, out=out) is out
    np.testing.assert_array_equal(out, whole)


def test_samples_of_given_latents(tiny):
    z = np.random.default_rng(1).normal(size=(3, 8))
    a = tiny.sample(3, latents=z)
    np.testing.assert_allclose(tiny.sample(1, latents=z[1]), a[1:2], atol=1e-6)


@pytest.mark.parametrize(
    "out",
    [np.zeros((4, 2)), np.zeros((3, 2), np.float32), np.zeros((2, 4), np.float32).T],
    ids=["float64", "shape", "order"],
)
def test_unfit_out(ring, out):
    with pytest.raises(ValueError, match="out: expected float32 in C order"):
        ring.sample(4, out=out)


def test_resumes_bit_for_bit(tmp_path, points):
    config = RING | {"average": 0.9}
    with swiftgan.Model(config) as whole, swiftgan.Model(config) as half:
        whole.train(points, 20, batch=100)
        half.train(points, 9, batch=100)
        half.save(tmp_path / "half.safetensors")
        with swiftgan.Model.load(tmp_path / "half.safetensors") as again:
            again.train(points, 11, batch=100)
            assert again.config == whole.config
            for name, values in whole.tensors.items():
                np.testing.assert_array_equal(again.tensors[name], values, err_msg=name)


def test_step_takes_arrays_as_they_are(ring):
    x = np.random.default_rng(0).normal(size=(8, 2)).astype(np.float32)
    z = np.zeros((8, 4), np.float32)
    with swiftgan.Model(RING) as other:
        expected = other.step(x, latents=z)
    for form in (x.astype(np.float64), x.tolist(), np.asfortranarray(x), np.repeat(x, 2, axis=0)[::2]):
        with swiftgan.Model(RING) as other:
            report = other.step(form, latents=z)
        report["images_per_second"] = expected["images_per_second"]
        assert report == expected


def test_no_copy_of_what_fits():
    from swiftgan._library import floats

    x = np.zeros((3, 2), np.float32)
    assert floats(x, "x", (2,)) is x
    image = np.zeros((3, 16, 16), np.float32)
    assert np.shares_memory(floats(image, "x", (16, 16, 1)), image)


def test_unfit_samples(tiny):
    with pytest.raises(ValueError, match=r"samples: expected shape \(count, 16, 16, 1\)"):
        tiny.step(np.zeros((4, 16, 15, 1)))
    with pytest.raises(swiftgan.ArgumentError, match=r"real\[2\].*nan"):
        x = np.zeros((4, 16, 16, 1), np.float32)
        x[2, 3, 4] = np.nan
        tiny.step(x)


def test_discriminate(ring):
    x = np.random.default_rng(0).normal(size=(5, 2))
    logits = ring.discriminate(x)
    assert logits.shape == (5,)
    np.testing.assert_allclose(ring.discriminate(x[3]), logits[3:4], rtol=1e-5)


def test_a_tensor_is_read_without_listing_all(monkeypatch):
    """A copy of all tensors asks for each one twice, not for all of them each time."""
    model = swiftgan.Model({"data": {"shape": [2]}, "replay": {"capacity": 10}})
    asked = 0
    info = _tensors.lib.swiftgan_model_tensor_info

    def counted(*arguments):
        nonlocal asked
        asked += 1
        return info(*arguments)

    monkeypatch.setattr(_tensors.lib, "swiftgan_model_tensor_info", counted)
    copies = dict(model.tensors)
    assert asked <= 2 * len(copies)
    model.step(np.zeros((4, 2), np.float32))
    grown = dict(model.tensors)
    assert set(copies) < set(grown) and grown["replay"].shape[0] > 0
    asked = 0
    model.tensors["generator.0.weight"] = model.tensors["generator.0.weight"] * 2
    assert asked == 2
    np.testing.assert_array_equal(model.tensors["generator.0.weight"], grown["generator.0.weight"] * 2)
    with pytest.raises(KeyError):
        model.tensors["generator.0.wait"]


def test_tensors(ring):
    tensors = ring.tensors
    assert len(tensors) == len(list(tensors)) > 0
    weight = tensors["generator.0.weight"]
    assert weight.shape == (4, 16)
    tensors["generator.0.weight"] = weight * 2
    np.testing.assert_array_equal(ring.tensors["generator.0.weight"], weight * 2)
    with pytest.raises(KeyError):
        tensors["generator.0.wieght"]
    with pytest.raises(ValueError, match=r"expected shape \(4, 16\)"):
        tensors["generator.0.weight"] = weight.T
    with pytest.raises(swiftgan.ArgumentError):
        tensors["generator.0.weight"] = np.full((4, 16), np.inf)
    with pytest.raises(TypeError):
        del tensors["generator.0.weight"]


def test_callback_ends_training(ring, points):
    seen = []
    ring.train(points, 100, on_progress=lambda step, report: seen.append(step) or step < 3)
    assert seen == [1, 2, 3]


def test_exception_in_callback_comes_out(ring, points):
    def fail(step, report):
        raise LookupError(f"at {step}")

    with pytest.raises(LookupError, match="at 1"):
        ring.train(points, 100, on_progress=fail)
    ring.train(points, 1)


def test_interrupt_stops_training(points):
    import os
    import signal

    with swiftgan.Model(RING) as model:
        timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            model.train(points, 10**9, report_every=10**9)
        assert np.isfinite(model.sample(2)).all()


def test_callback_cannot_use_its_model(ring, points):
    def use(step, report):
        with pytest.raises(swiftgan.BusyError):
            ring.sample(1)

    ring.train(points, 1, on_progress=use)


def test_two_models_in_two_threads(points):
    def train(results, i):
        with swiftgan.Model(TINY) as model:
            x = np.random.default_rng(0).uniform(-1, 1, (8, 16, 16, 1))
            for _ in range(5):
                model.step(x)
            results[i] = model.sample(4, seed=1)

    results = [None, None, None]
    train(results, 2)
    threads = [threading.Thread(target=train, args=(results, i)) for i in range(2)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    np.testing.assert_array_equal(results[0], results[2])
    np.testing.assert_array_equal(results[1], results[2])


def test_any_number_of_threads(tiny):
    samples = []
    try:
        for n in (1, 2, 4):
            swiftgan.set_threads(n)
            with swiftgan.Model(TINY) as model:
                model.step(np.zeros((8, 16, 16, 1)))
                samples.append(model.sample(4))
    finally:
        swiftgan.set_threads(0)
    np.testing.assert_array_equal(samples[0], samples[1])
    np.testing.assert_array_equal(samples[0], samples[2])


def test_close(ring, points):
    ring.close()
    ring.close()
    assert ring.closed and "closed" in repr(ring)
    with pytest.raises(swiftgan.SwiftGANError, match="model"):
        ring.sample(1)
    points.close()
    with swiftgan.Model(RING) as model, pytest.raises(swiftgan.SwiftGANError, match="data"):
        model.train(points, 1)


def test_summary(tiny):
    summary = tiny.summary
    generator = summary["generator"]
    assert generator["output"] == [16, 16, 1]
    assert sum(layer["parameters"] for layer in generator["layers"]) == generator["parameters"]
    assert sum(layer["multiply_adds"] for layer in generator["layers"]) == generator["multiply_adds"]
    assert summary["discriminator"]["layers"][0]["layer"] == "conv"
