import copy
import os
import pickle
import signal
import threading

import numpy as np
import pytest
from conftest import RING, TINY

import swiftgan


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(300, 2)).astype(np.float32)


def small(**settings):
    return swiftgan.GAN("mlp", width=16, latent=4, batch=32, steps=20, **settings)


def images(count=40, dtype=np.uint8):
    return np.random.default_rng(1).integers(0, 256, (count, 16, 16)).astype(dtype)


def test_is_the_same_as_model(x):
    gan = small(seed=5).fit(x)
    network = {"preset": "mlp", "width": 16}
    config = {"data": {"shape": [2]}, "latent": {"size": 4}, "generator": network, "discriminator": network, "seed": 5}
    with swiftgan.Model(config) as model, swiftgan.Dataset.from_arrays(x) as data:
        model.train(data, 20, batch=32)
        assert model.config == gan.model.config
        np.testing.assert_array_equal(gan.sample(9, seed=2), model.sample(9, seed=2))
        np.testing.assert_array_equal(gan.discriminate(x[:5]), model.discriminate(x[:5]))
        np.testing.assert_array_equal(gan.density_ratio(x[:5]), model.density_ratio(x[:5]))
        assert gan.evaluate(x, features="pixels") == model.evaluate(data, features="pixels")
        assert dict(gan.tensors).keys() == dict(model.tensors).keys()


def test_fit_starts_anew_and_partial_fit_goes_on(x):
    whole = small().fit(x, steps=12)
    parts = small().fit(x, steps=5).partial_fit(x, steps=7)
    np.testing.assert_array_equal(parts.sample(3), whole.sample(3))
    np.testing.assert_array_equal(parts.fit(x, steps=12).sample(3), whole.sample(3))
    batch = small().partial_fit(x[:8]).partial_fit(x[8:16])
    assert batch.model.summary["step"] == 2


def test_callbacks_do_not_change_the_bits(x):
    seen = []

    def look(gan, report):
        seen.append((report["step"], gan.sample(2).shape))
        return report["step"] < 15

    gan = small().fit(x, callbacks=[look], every=5)
    assert seen == [(5, (2, 2)), (10, (2, 2)), (15, (2, 2))]
    np.testing.assert_array_equal(gan.sample(3), small().fit(x, steps=15).sample(3))


def test_interrupt_leaves_a_model_to_go_on_with(x):
    gan = small()
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        gan.fit(x, steps=10**9)
    step = gan.model.summary["step"]
    assert step > 0 and gan.partial_fit(x, steps=1).model.summary["step"] == step + 1


def test_images_of_bytes():
    settings = TINY | {"batch": 8, "steps": 2}
    del settings["data"]
    gan = swiftgan.GAN(**settings).fit(images())
    floats = images(dtype=np.float32) * np.float32(2 / 255) - 1
    np.testing.assert_allclose(swiftgan.GAN(**settings).fit(floats).sample(2), gan.sample(2), atol=1e-4)
    assert gan.model.config["data"]["range"] == [-1, 1]
    positive = swiftgan.GAN(**settings, data={"range": [0, 1]}).fit(images())
    assert positive.sample(8).min() >= 0
    np.testing.assert_allclose(
        positive.discriminate(images(3)), positive.discriminate(images(3, np.float32) / 255), atol=1e-5
    )


def test_labels(x):
    y = (x[:, 0] > 0).astype(int)
    gan = small(labels="conditional").fit(x, y)
    assert gan.model.config["data"]["classes"] == 2
    np.testing.assert_array_equal(gan.sample(3, labels=1), gan.sample(3, labels=[1, 1, 1]))
    classifier = small(labels="auxiliary").fit(x, y)
    assert classifier.classify(x).shape == (300, 2)


def test_datasets(x):
    with swiftgan.Dataset.from_arrays(x) as data:
        np.testing.assert_array_equal(small().fit(data).sample(3), small().fit(x).sample(3))
        assert len(data.read(0, 3)[0]) == 3, "a dataset of the caller's stays open"
        with pytest.raises(ValueError, match="its own"):
            small().fit(data, np.zeros(300, int))


def test_parameters():
    gan = small(average=0.9)
    assert gan.get_params()["average"] == 0.9 and gan.get_params()["objective"] is None
    assert gan.set_params(average=0.5, steps=3) is gan and gan.average == 0.5 and gan.steps == 3
    with pytest.raises(TypeError, match="avrage"):
        gan.set_params(avrage=0.5)
    with pytest.raises(TypeError, match="objektive"):
        swiftgan.GAN(objektive="minimax")
    assert eval(repr(gan), {"GAN": swiftgan.GAN}).get_params() == gan.get_params()


def test_not_fitted():
    with pytest.raises(swiftgan.NotFittedError, match="fit"):
        small().sample(1)
    assert not hasattr(small(), "model")


def test_saves_and_loads(tmp_path, x):
    gan = small(average=0.9).fit(x)
    gan.save(tmp_path / "gan.safetensors")
    again = swiftgan.GAN.load(tmp_path / "gan.safetensors")
    np.testing.assert_array_equal(again.sample(4), gan.sample(4))
    assert again.average == np.float32(0.9) or again.average == 0.9
    a = again.set_params(steps=20, batch=32).fit(x).sample(4)
    np.testing.assert_array_equal(a, gan.fit(x).sample(4))


@pytest.mark.parametrize("way", [copy.deepcopy, lambda g: pickle.loads(pickle.dumps(g))], ids=["copy", "pickle"])
def test_copies(way, x):
    gan = small().fit(x)
    other = way(gan)
    assert other.get_params() == gan.get_params()
    np.testing.assert_array_equal(other.partial_fit(x, steps=3).sample(4), gan.partial_fit(x, steps=3).sample(4))


def test_copies_of_models():
    with swiftgan.Model(RING) as model, copy.copy(model) as other:
        name = "generator.0.weight"
        other.tensors[name] = other.tensors[name] + 1
        assert not np.array_equal(other.tensors[name], model.tensors[name])
        assert swiftgan.Model.from_bytes(model.to_bytes()).config == model.config
    with pytest.raises(swiftgan.TruncatedError):
        swiftgan.Model.from_bytes(b"no")


def test_samples_show_themselves(tmp_path):
    x = np.random.default_rng(0).uniform(-1, 1, (5, 16, 16, 1)).astype(np.float32)
    swiftgan.write_png(tmp_path / "grid.png", x)
    shown = swiftgan.Samples(x)
    assert shown._repr_png_() == (tmp_path / "grid.png").read_bytes()
    half = swiftgan.Samples(x / 2 + 0.5, range=(0, 1))
    assert half._repr_png_() == shown._repr_png_() and half[1:].range == (0, 1)
    assert shown[0]._repr_png_() == swiftgan.png(x[:1])
    assert swiftgan.Samples(np.zeros((3, 2)))._repr_png_() is None
    assert swiftgan.Samples(np.full((3, 4, 4), np.nan))._repr_png_() is None


def test_tqdm_shows_progress(x, capsys):
    pytest.importorskip("tqdm", reason="tqdm is not installed")
    small().fit(x, progress=True)
    assert "20/20" in capsys.readouterr().err
    small().fit(x)
    assert capsys.readouterr().err == ""


def test_scikit_learn(x):
    sklearn = pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.utils.validation import check_is_fitted

    gan = small(seed=4)
    clone = sklearn.clone(gan)
    assert clone is not gan and clone.get_params() == gan.get_params()
    pipeline = make_pipeline(StandardScaler(), gan).fit(3 * x)
    check_is_fitted(gan)
    check_is_fitted(pipeline)
    assert pipeline.set_params(gan__steps=7).named_steps["gan"].steps == 7
    standard = StandardScaler().fit_transform(3 * x)
    np.testing.assert_array_equal(clone.fit(standard).sample(4), small(seed=4).fit(standard).sample(4))


def test_search_of_scikit_learn(x):
    selection = pytest.importorskip("sklearn.model_selection", reason="scikit-learn is not installed")
    search = selection.GridSearchCV(small(random_state=2), {"average": [0, 0.9], "latent": [2, 4]}, cv=2).fit(x)
    assert search.best_score_ == max(search.cv_results_["mean_test_score"])
    assert search.best_estimator_.sample(2).shape == (2, 2)


def test_average_is_right_from_the_first_step():
    """An average of many steps is no gray fog while there are few."""
    x = np.full((64, 16, 16, 1), -1, np.float32)
    x[:, 4:12, 4:12] = 1
    settings = {"width": 8, "batch": 16, "seed": 1}
    for steps in (1, 30, 100):
        plain = swiftgan.GAN(steps=steps, **settings).fit(x, progress=False)
        for average in (0.99, 0.999):
            averaged = swiftgan.GAN(average=average, steps=steps, **settings).fit(x, progress=False)
            assert np.std(averaged.sample(16)) > 0.5 * np.std(plain.sample(16))
    again = swiftgan.GAN(average=0.99, **settings).fit(x, steps=30, progress=False).partial_fit(x, steps=70)
    whole = swiftgan.GAN(average=0.99, **settings).fit(x, steps=100, progress=False)
    np.testing.assert_array_equal(again.sample(3), whole.sample(3))
