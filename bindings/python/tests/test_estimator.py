"""GAN as an estimator: its parameters, its attributes after fit, and scikit-learn's checks."""

import dataclasses
import inspect
import pickle
import sys
import types
import typing
import warnings

import numpy as np
import pytest

import swiftgan
from swiftgan import config


def small(**settings):
    return swiftgan.GAN(width=4, latent=2, steps=2, batch=8, **settings)


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(30, 2)).astype(np.float32)


def members(annotation):
    """The members of a union; otherwise the type alone."""
    is_union = typing.get_origin(annotation) in (typing.Union, getattr(types, "UnionType", typing.Union))
    return {m for a in typing.get_args(annotation) for m in members(a)} if is_union else {annotation}


def test_parameters_are_the_keys_of_the_configuration():
    """By name, each with the type that the configuration has for it, and None for its default."""
    schema = swiftgan.config_schema()["$defs"]["gan"]["properties"]
    keys = [field.name for field in dataclasses.fields(config.Configuration)]
    parameters = inspect.signature(swiftgan.GAN).parameters
    assert set(keys) == set(schema)
    assert set(parameters) == set(schema) | {"preset", "width", "steps", "batch", "random_state"}
    assert all(parameters[key].default is None for key in keys)
    if sys.version_info < (3, 10):
        return  # which cannot evaluate the annotations
    theirs, ours = typing.get_type_hints(config.Configuration), typing.get_type_hints(swiftgan.GAN.__init__)
    for key in keys:
        assert members(theirs[key]) | {type(None)} <= members(ours[key]), key


def test_random_state(x):
    def made(**settings):
        return small(**settings).fit(x, progress=False).sample(3)

    np.testing.assert_array_equal(made(random_state=7), made(seed=7))
    np.testing.assert_array_equal(made(random_state=1), made())
    np.testing.assert_array_equal(made(), made())
    assert not np.array_equal(made(random_state=None), made(random_state=None))
    np.random.seed(4)
    first = made(random_state=None)
    np.random.seed(4)
    np.testing.assert_array_equal(made(random_state=None), first)
    for kind in (np.random.RandomState, np.random.default_rng):
        np.testing.assert_array_equal(made(random_state=kind(3)), made(random_state=kind(3)))
        state = kind(3)
        assert not np.array_equal(made(random_state=state), made(random_state=state)), "each model draws its own"
    with pytest.raises(ValueError, match="random_state: another name of seed"):
        made(random_state=7, seed=7)
    for wrong in (1.5, "a", -1, 2**64):
        with pytest.raises((TypeError, ValueError), match="random_state: expected"):
            made(random_state=wrong)


def test_attributes(x):
    y = np.array(["owl", "cat", "dog"])[np.arange(30) % 3]
    gan = small(labels="conditional")
    for name in ("n_features_in_", "classes_", "history_", "feature_names_in_"):
        assert not hasattr(gan, name)
    gan.fit(x, y, progress=False)
    assert gan.n_features_in_ == 2 and gan.classes_.tolist() == ["cat", "dog", "owl"]
    numbered = small(labels="conditional").fit(x, np.arange(30) % 3, progress=False)
    assert numbered.classes_.tolist() == [0, 1, 2]
    assert not hasattr(small().fit(x, progress=False), "classes_")
    images = small().fit(np.zeros((9, 8, 8, 3), np.uint8), progress=False)
    assert images.n_features_in_ == 192
    with pytest.raises(ValueError, match="X has 3 features, but GAN is expecting 2 features"):
        gan.discriminate(np.zeros((4, 3)))


def test_history(x):
    gan = small().fit(x, steps=12, progress=False).partial_fit(x, steps=3).partial_fit(x[:8])
    history = gan.history_
    assert history["step"].tolist() == list(range(1, 17)) and history["step"].dtype == np.int64
    assert {"discriminator_cost", "generator_cost", "real_output", "learning_rate"} <= set(history)
    assert all(column.shape == (16,) for column in history.values())
    assert np.isfinite(history["generator_cost"]).all() and "verdict" not in history
    reports = []
    same = small().fit(x, steps=12, callbacks=lambda gan, report: reports.append(report), every=4, progress=False)
    np.testing.assert_array_equal(same.history_["generator_cost"], history["generator_cost"][:12])
    assert [r["generator_cost"] for r in reports] == same.history_["generator_cost"][3::4].tolist()
    history["step"][:] = 0
    assert gan.history_["step"][0] == 1, "a copy"
    assert pickle.loads(pickle.dumps(gan)).history_["step"].tolist() == list(range(1, 17))
    assert gan.fit(x, steps=1, progress=False).history_["step"].tolist() == [1]


def test_history_stays_small(x, monkeypatch):
    monkeypatch.setattr("swiftgan._history.MOST", 6)
    gan = small()
    for _ in range(20):
        gan.partial_fit(x[:8])
    history = gan.history_
    assert len(history["step"]) <= 6 and history["step"][-1] == 20
    long = small().fit(x, steps=2500, progress=False)
    assert len(long.history_["step"]) <= 6 and long.history_["step"][-1] == 2500


def test_scores(x):
    gan = small().fit(x, progress=False)
    np.testing.assert_array_equal(gan.score_samples(x), gan.model.log_density_ratio(x))
    np.testing.assert_allclose(gan.score_samples(x), np.log(gan.density_ratio(x)), atol=1e-5)
    assert gan.score(x) == pytest.approx(-gan.score_samples(x).mean()) and isinstance(gan.score(x), float)
    y = np.arange(30) % 3
    labeled = small(labels="conditional").fit(x, y, progress=False)
    assert labeled.score(x, y) == pytest.approx(-labeled.score_samples(x, labels=y).mean())
    wasserstein = small(objective="wasserstein").fit(x, progress=False)
    for call in (wasserstein.score_samples, wasserstein.score):
        with pytest.raises(swiftgan.UnsupportedError, match="ratio"):
            call(x)


WRONG = {
    "a text": lambda x: np.full(x.shape, "a"),
    "complex": lambda x: x + 1j,
    "NaN": lambda x: np.where(x > 1, np.nan, x),
    "no samples": lambda x: x[:0],
    "no columns": lambda x: x[:, :0],
    "a path": lambda x: "nowhere.npy",
    "batches": lambda x: iter([(x, x, x)]),
    "a batch of NaN": lambda x: iter([x * np.nan]),
}


@pytest.mark.parametrize("name", WRONG)
def test_an_error_changes_nothing(name, x):
    gan = small().fit(x, progress=False)
    before = gan.sample(3), gan.history_["generator_cost"]
    model = gan.model
    for call in (gan.fit, lambda x, **options: gan.partial_fit(x)):
        with pytest.raises((ValueError, OSError)):
            call(WRONG[name](x), progress=False)
        assert gan.model is model
        np.testing.assert_array_equal(gan.sample(3), before[0])
        np.testing.assert_array_equal(gan.history_["generator_cost"], before[1])
    for call in (small().fit, small().partial_fit):
        with pytest.raises((ValueError, OSError)):
            call(WRONG[name](x), progress=False)
        assert not hasattr(call.__self__, "model") and not hasattr(call.__self__, "history_")
    wrong = small(average=3)
    with pytest.raises(swiftgan.ConfigError, match="average"):
        wrong.fit(x, progress=False)
    assert not hasattr(wrong, "model")


# The checks of scikit-learn that do not apply, and why.
EXPECTED = {
    "check_dtype_object": "arrays of objects are refused everywhere in this package, even where the objects are numbers",
}
EXPECTED_WITH_LABELS = {
    "check_estimators_nan_inf": "its labels are floats, which are refused before the samples are read; it passes without",
}

@pytest.mark.parametrize("labels", ["none", "auxiliary", "semi_supervised"])
def test_checks_of_scikit_learn(labels):
    checks = pytest.importorskip("sklearn.utils.estimator_checks", reason="scikit-learn is not installed")
    if "expected_failed_checks" not in inspect.signature(checks.check_estimator).parameters:
        pytest.skip("scikit-learn is older than 1.6")
    expected = EXPECTED if labels == "none" else EXPECTED | EXPECTED_WITH_LABELS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it does not inherit from BaseEstimator
        results = checks.check_estimator(
            small(labels=labels), expected_failed_checks=expected, on_fail=None, on_skip=None
        )
    found = {result["check_name"]: (result["status"], result["exception"]) for result in results}
    assert len(found) > 35
    failed = {name: exception for name, (status, exception) in found.items() if status == "failed"}
    assert not failed
    assert {name for name, (status, _) in found.items() if status == "xfail"} == set(expected)
    # It runs where the environment has SCIPY_ARRAY_API.
    assert {name for name, (status, _) in found.items() if status == "skipped"} <= {"check_array_api_input"}
