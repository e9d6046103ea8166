"""The JSON Schema of configurations: what it says is what the library does."""

import copy
import dataclasses
import json
import math
import typing

import pytest

import swiftgan
from swiftgan import config, layers

SCHEMA = swiftgan.config_schema()
DEFINITIONS = SCHEMA["$defs"]
FAMILIES = SCHEMA["properties"]["family"]["enum"]
IMAGES = {"lapgan", "pixelcnn", "pixelrnn"}


def smallest(family):
    """A configuration with what has no default."""
    return {"family": family, "data": {"shape": [16, 16, 1] if family in IMAGES else [4]}}


def leaves(form, path=()):
    """Every setting with a type of its own: (path, its schema)."""
    for key, value in form.get("properties", {}).items():
        objects = [value, *value.get("anyOf", [])]
        nested = [one for one in objects if "properties" in one]
        for one in nested:
            yield from leaves(one, (*path, key))
        if not nested and "$ref" not in value and "const" not in value:
            yield (*path, key), value


def placed(path, value, base):
    """A configuration with a value at a path."""
    whole = copy.deepcopy(base)
    at = whole
    for key in path[:-1]:
        at = at.setdefault(key, {})
    at[path[-1]] = value
    return whole


def outside(form):
    """Values that the schema refuses."""
    if "minimum" in form:
        low = form["minimum"]
        yield low - 1 if isinstance(low, int) else math.nextafter(low, -math.inf)
    if "maximum" in form:
        high = form["maximum"]
        yield high + 1 if isinstance(high, int) else math.nextafter(high, math.inf)
    if "enum" in form:
        yield "nonsense"
    yield {"no": "such value"}


def required_beside(path, family):
    """A configuration whose other required keys are given."""
    base = smallest(family)
    at = DEFINITIONS[family]
    for i, key in enumerate(path[:-1]):
        value = at["properties"][key]
        at = next(one for one in [value, *value.get("anyOf", [])] if path[i + 1] in one.get("properties", {}))
        for needed in at.get("required", []):
            form = at["properties"][needed]
            form = next((one for one in form.get("anyOf", []) if "minimum" in one), form)
            if "minimum" in form and needed != path[i + 1]:
                base = placed((*path[: i + 1], needed), form["minimum"], base)
    return base


CASES = [(family, path, form) for family in FAMILIES for path, form in leaves(DEFINITIONS[family])]


def test_every_family_and_layer_is_described():
    assert {"gan", "vae", "made"} <= set(FAMILIES)
    names = {key for form in DEFINITIONS["layer"]["anyOf"] for key in form.get("properties", {})}
    assert {"dense", "conv", "weight_norm", "residual", "relu"} <= names
    assert len(CASES) > 60


@pytest.mark.parametrize("family, path, form", CASES, ids=lambda x: ".".join(x) if isinstance(x, tuple) else None)
def test_values_beyond_a_setting_are_refused(family, path, form):
    base = required_beside(path, family)
    for value in outside(form):
        with pytest.raises(swiftgan.SwiftGANError) as error:
            swiftgan.Model(placed(path, value, base))
        assert path[-1] in str(error.value) or path[-2] in str(error.value), (value, str(error.value))


@pytest.mark.parametrize("family", FAMILIES)
def test_defaults_are_those_of_a_model(family):
    model = swiftgan.Model(smallest(family))
    for path, form in leaves(DEFINITIONS[family]):
        if "default" in form:
            at = model.config
            for key in path:
                at = at.get(key) if isinstance(at, dict) else None
            if at is not None:
                assert at == form["default"], path


LAYERS = [form for form in DEFINITIONS["layer"]["anyOf"] if "properties" in form]


@pytest.mark.parametrize("form", LAYERS, ids=lambda form: next(iter(form["properties"])))
def test_values_beyond_a_layers_settings_are_refused(form):
    ((name, value),) = form["properties"].items()
    whole = value["anyOf"][0] if "anyOf" in value else value
    given = {}
    for key in whole.get("required", []):
        values = {"integer": 1, "string": "condition", "array": ["flatten"] if key == "layers" else [1]}
        given[key] = values[whole["properties"][key]["type"]]
    if name in ("weight_norm", "spectral_norm"):
        given["dense"] = 1
    for key, setting in whole["properties"].items():
        for wrong in outside(setting) if "$ref" not in setting else [{"no": "such value"}]:
            with pytest.raises(swiftgan.ConfigError, match=name):
                swiftgan.Model({"data": {"shape": [4]}, "generator": {"layers": [{name: given | {key: wrong}}]}})


def test_documents_satisfy_the_schema():
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    validator = jsonschema.Draft202012Validator(SCHEMA)
    for document in (
        {"data": {"shape": [2]}, "feature_matching": 0.5, "instance_noise": 0.1},
        {"data": {"shape": [28, 28, 1], "classes": 10}, "generator": "dcgan", "labels": {"mode": "conditional"}},
        {
            "data": {"shape": [8, 8, 1]},
            "generator": {"layers": [{"dense": 64}, "relu", {"reshape": [8, 8, 1]}, "tanh"]},
            "discriminator": {"layers": ["flatten", {"leaky_relu": 0.1}, {"weight_norm": {"dense": 1}}]},
            "optimizer": {"generator": {"sgd": {"momentum": 0.9}}, "discriminator": {"adam": {}}},
            "learning_rate": {"cosine": {"steps": 10}},
        },
        *map(smallest, FAMILIES),
    ):
        assert not list(validator.iter_errors(document)), document
        validator.validate(swiftgan.Model(document).config)
    for wrong in ({}, {"data": {"shape": [2]}, "averge": 1}, {"family": "made", "data": {"shape": [2]}, "vae": {}}):
        assert list(validator.iter_errors(wrong)), wrong


def test_the_schema_refuses_what_models_refuse():
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft202012Validator(SCHEMA)

    def network(*layers):
        return {"generator": {"layers": [*layers, {"dense": 4}]}}

    clipped = {"adam": {"clip_norm": 1, "clip_value": 1}}
    for wrong in (
        network("weight_norm"),
        network({"weight_norm": {}}),
        network("spectral_norm"),
        network({"spectral_norm": {"conv": 2, "dense": 2}}),
        network({"weight_norm": {"dense": 2, "conv": 2}}),
        {"optimizer": {}},
        {"optimizer": clipped},
        {"optimizer": {"generator": clipped}},
        *({"discriminators": {name: "mlp"}} for name in ("", "Patches", "x.y", "é", "generator", "replay", "a" * 65)),
        {"data": {"shape": [4], "classes": 2, "class_names": ["cat", "cat"]}},
        *({"augment": {"policy": policy}} for policy in ("colour", "color,", "flip, color")),
    ):
        document = {"data": {"shape": [4]}} | wrong
        with pytest.raises(swiftgan.ConfigError):
            swiftgan.Model(document)
        assert list(validator.iter_errors(document)), document
    for right in (
        network({"weight_norm": {"dense": 2}}),
        network({"spectral_norm": {"dense": 2}}),
        {"optimizer": {"adam": {"clip_norm": 1, "clip_value": None}}},
        {"optimizer": {"generator": {"adam": {}}}},
        {"discriminators": {"patches_2": "mlp"}},
        {"augment": {"policy": ""}},
        {"data": {"shape": [4], "classes": 2, "class_names": ["cat", "dog"]}},
    ):
        document = {"data": {"shape": [4]}} | right
        validator.validate(document)
        validator.validate(swiftgan.Model(document).config)


@pytest.mark.parametrize(
    "given, path",
    [
        ('{"data": {"shape": [4.0]}}', ("data", "shape", 0)),
        ('{"data": {"shape": [4]}, "latent": {"size": 1e1}}', ("latent", "size")),
        ('{"data": {"shape": [4]}, "seed": 3.0}', ("seed",)),
        ('{"data": {"shape": [4]}, "learning_rate": {"linear": {"steps": 1e15}}}', ("learning_rate", "linear", "steps")),
        ('{"data": {"shape": [4]}, "generator": {"layers": [{"dense": 4.0}]}}', ("generator", "layers", 0, "dense", "units")),
        ('{"family": "nade", "data": {"shape": [2]}, "nade": {"output": "mixture", "order": [1.0, 0]}}', ("nade", "order", 0)),
    ],
)
def test_whole_numbers_may_have_a_point(given, path):
    """In JSON Schema 4.0 is an integer, and programs that have one kind of number write it."""
    at = swiftgan.Model(given).config
    for key in path:
        at = at[key]
    assert isinstance(at, int)
    with pytest.raises(swiftgan.ConfigError, match="expected an integer|expected null, .reversed"):
        swiftgan.Model(given.replace("1e15", "1e300").replace("1e1}", "10.5}").replace(".0", ".5"))


# Python's typed classes.


def fields(kind):
    return {f.name: f for f in dataclasses.fields(kind)}


def literals(kind, name):
    """The words of a field's type, if it is one of words."""
    hint = typing.get_type_hints(kind)[name]
    return set(typing.get_args(hint)) if typing.get_origin(hint) is typing.Literal else None


def expect_same(kind, form):
    """A class has a schema's keys, defaults and words."""
    assert set(fields(kind)) - {"family"} == set(form["properties"]) - {"family", "preset"}, kind
    for name, setting in form["properties"].items():
        field = fields(kind).get(name)
        if field is None or name == "family":
            continue
        needed = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        assert needed == (name in form.get("required", [])), (kind, name)
        if "default" in setting and not needed and not isinstance(setting["default"], dict) and field.default is not None:
            default = field.default
            assert json.loads(json.dumps(default)) == setting["default"], (kind, name)
        if "enum" in setting and (words := literals(kind, name)):
            assert words == set(setting["enum"]), (kind, name)


def test_the_typed_configuration_has_every_key():
    expect_same(config.Configuration, DEFINITIONS["gan"])
    parts = DEFINITIONS["gan"]["properties"]
    for name, kind in {
        "data": config.Data, "latent": config.Latent, "labels": config.Labels, "label_smoothing": config.LabelSmoothing,
        "schedule": config.UpdateSchedule, "replay": config.Replay, "feature_matching": config.FeatureMatching,
        "instance_noise": config.InstanceNoise, "augment": config.Augment, "content": config.Content,
    }.items():  # fmt: skip
        form = parts[name]
        expect_same(kind, form if "properties" in form else form["anyOf"][1])
    choices = [(key, value) for name in ("optimizer", "learning_rate") for one in parts[name]["anyOf"]
               for key, value in one.get("properties", {}).items() if key in one.get("required", [])]  # fmt: skip
    kinds = {"adam": config.Adam, "sgd": config.SGD, "rmsprop": config.RMSprop, "linear": config.Linear,
             "cosine": config.Cosine, "step": config.Step}  # fmt: skip
    assert {key for key, _ in choices} == set(kinds)
    for key, form in choices:
        expect_same(kinds[key], form)
    courses = {key: value for one in parts["augment"]["properties"]["probability"]["anyOf"]
               for key, value in one.get("properties", {}).items()}  # fmt: skip
    assert set(courses) == {"linear", "cosine"}
    for key, kind in {"linear": config.LinearValue, "cosine": config.CosineValue}.items():
        expect_same(kind, courses[key])
    presets = {form["properties"]["preset"]["const"]: form for form in DEFINITIONS["network"]["anyOf"]
               if "preset" in form.get("properties", {})}  # fmt: skip
    kinds = (
        config.MLP, config.DCGAN, config.ResNet, config.R3GAN, config.UNet, config.SuperResolution, config.Patch
    )  # fmt: skip
    assert set(presets) == {kind.name for kind in kinds}
    for kind in kinds:
        expect_same(kind, presets[kind.name])


def test_typed_layers_have_every_key():
    classes = [k for k in vars(layers).values() if isinstance(k, type) and issubclass(k, layers.Layer)]
    kinds = {k.key: k for k in classes if k is not layers.Layer}
    forms = {}
    for form in DEFINITIONS["layer"]["anyOf"]:
        for name, value in form.get("properties", {}).items():
            forms[name] = value["anyOf"][0] if "anyOf" in value else value
    assert set(kinds) == set(forms)
    for name, form in forms.items():
        if name not in ("weight_norm", "spectral_norm"):  # whose layer is a key of its own in JSON
            expect_same(kinds[name], form)
