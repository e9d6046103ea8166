"""Makes docs/configuration.md, the reference of every key of a configuration, of the JSON Schema that `swiftgan schema` prints (standard input)."""

import json
import sys

schema = json.load(sys.stdin)
definitions = schema["$defs"]
shared = ("network", "layer", "initializer")


def plain(value):
    """Whole numbers without a point."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e16 else value


def code(value):
    text = json.dumps(plain(value), ensure_ascii=False)
    if len(text) > 60:
        text = "{" + ", ".join(f'"{key}": …' for key in value) + "}"
    return f"`{text}`"


def number(value):
    return f"{value:g}".replace("e+0", "e").replace("e-0", "e-") if isinstance(value, float) else str(value)


def bounds(form):
    low, high = form.get("minimum"), form.get("maximum")
    if high is not None:
        return f" {number(low)}…{number(high)}"
    return "" if low is None else f", at least {number(low)}"


def kind(form):
    """A value's type and range in words."""
    if "$ref" in form:
        name = form["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name}s)"
    if "anyOf" in form:
        return " or ".join(dict.fromkeys(kind(one) for one in form["anyOf"]))
    if "enum" in form:
        return ", ".join(code(one) for one in form["enum"])
    if "const" in form:
        return code(form["const"])
    types = form.get("type", [])
    types = [types] if isinstance(types, str) else types
    words = []
    for one in types:
        if one == "array":
            low, high = form.get("minItems"), form.get("maxItems")
            count = "" if high is None else f"{high} " if low == high else f"{low} to {high} "
            words.append(f"list of {count}{kind(form['items'])}")
        elif one == "integer":
            words.append("integer" + bounds(form))
        elif one == "number":
            words.append("number" + bounds(form))
        elif one == "object":
            if isinstance(others := form.get("additionalProperties"), dict):
                words.append(f"object of names, each with {kind(others)}")
                continue
            keys = list(form.get("properties", {}))
            if len(keys) > 8:
                words.append("object")
                continue
            words.append("`{" + ", ".join(f'"{key}": …' for key in keys) + "}`")
        else:
            words.append({"boolean": "`true`, `false`", "null": "`null`", "string": "string"}[one])
    return " or ".join(words)


def text(form):
    return form.get("description", "").replace("|", "\\|")


def rows(properties, required, prefix=""):
    """A table's rows: nested objects come as keys with dots."""
    for key, form in properties.items():
        name = prefix + key
        if key == "family" and not prefix:
            continue
        nested = form if "properties" in form else next((f for f in form.get("anyOf", []) if "properties" in f and "anyOf" in form and "default" in form["anyOf"][0]), None)
        if nested is not None:
            yield f"| `{name}` | | object | {text(form)} |"
            yield from rows(nested["properties"], nested.get("required", []), name + ".")
            continue
        default = "required" if key in required else code(form["default"]) if "default" in form else ""
        yield f"| `{name}` | {default} | {kind(form)} | {text(form)} |"
        for choice in form.get("anyOf", []):
            for inner, value in choice.get("properties", {}).items():
                if inner in choice.get("required", []) and "properties" in value:
                    yield f"| `{name}.{inner}` | | object | {text(value)} |"
                    yield from rows(value["properties"], value.get("required", []), f"{name}.{inner}.")


def table(properties, required=()):
    yield "| key | default | values | meaning |"
    yield "|---|---|---|---|"
    yield from rows(properties, required)


out = [
    "# The configuration, key by key",
    "",
    "<!-- Made by `make reference` of `swiftgan schema`. -->",
    "",
    "A model's configuration is one JSON object. Keys that are left out take their defaults; an unknown key or a value out of its range is an error that names the key.",
    "`swiftgan schema` and `swiftgan_config_schema` give the same as a JSON Schema, by which editors complete and check a configuration.",
    "",
    f'`"family"` names the family of generative models: {kind(schema["properties"]["family"])}; by default {code(schema["properties"]["family"]["default"])}.',
]
for name, form in definitions.items():
    if name not in shared:
        out += ["", f"## Family `{name}`", "", form.get("description", ""), ""]
        out += table(form.get("properties", {}), form.get("required", []))
out += ["", "## Networks", "", "A preset's name, a preset with its numbers, or `{\"layers\": [layer, …]}`, the first layer applied first.", ""]
for form in definitions["network"]["anyOf"]:
    preset = form.get("properties", {}).get("preset")
    if preset:
        properties = {key: value for key, value in form["properties"].items() if key != "preset"}
        out += [f"### `{{\"preset\": \"{preset['const']}\"}}`", "", form.get("description", ""), "", *table(properties), ""]
out += ["## Layers", "", "A layer is a name, where nothing is required, or an object with one key, its name: `\"relu\"`, `{\"dense\": {\"units\": 128}}`.", ""]
for form in definitions["layer"]["anyOf"]:
    if "properties" not in form:
        continue
    (name, value), = form["properties"].items()
    whole, bare = (value["anyOf"] + [None])[:2] if "anyOf" in value else (value, None)
    short = "" if bare is None else next(f"`{{\"{name}\": {k}}}` is short for `{{\"{name}\": {{\"{k}\": {k}}}}}`." for k, v in whole["properties"].items() if v == bare)
    out += [f"### `{name}`", "", f"{form['description']} {short}".strip(), ""]
    if whole["properties"]:
        out += [*table(whole["properties"], whole.get("required", [])), ""]
out += ["## Initializers", "", definitions["initializer"]["description"] + " " + kind(definitions["initializer"]) + "."]
print("\n".join(out).replace("  ", " ").rstrip())
