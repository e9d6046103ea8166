"""Options, errors, help, completions, manual pages."""

import json
import re
import subprocess

import numpy
import pytest
from conftest import COMMAND, ROOT, swiftgan


def test_set_changes_keys(tmp_path):
    out = tmp_path / "run"
    swiftgan(
        "train", "ring", "--steps", 2, "--out", out, "--set", "objective=minimax", "--set", "latent.size=5",
        "--set", 'generator.layers=[{"dense": 8}, "relu", {"dense": 2}]', "--set", "generator.preset=null",
        status=1,
    )  # fmt: skip
    swiftgan(
        "train", "ring", "--steps", 2, "--out", out, "--set", "objective=minimax", "--set", "latent.size=5",
        "--set", 'generator={"layers": [{"dense": 8}, "relu", {"dense": 2}]}', "--set", "generator.layers[0].dense=6",
        "--set", "schedule.update=simultaneous",
    )  # fmt: skip
    configuration = json.loads((out / "configuration.json").read_text())
    assert configuration["objective"] == "minimax"
    assert configuration["latent"]["size"] == 5
    assert configuration["schedule"]["update"] == "simultaneous"
    assert "6" in json.dumps(configuration["generator"]["layers"][0])
    # The file is a configuration itself, and keys over a file can be set.
    again = tmp_path / "again"
    config = out / "configuration.json"
    swiftgan("train", "ring", "--steps", 2, "--out", again, "--config", config, "--set", "latent.size=7")
    changed = json.loads((again / "configuration.json").read_text())
    assert changed.pop("latent")["size"] == 7
    configuration.pop("latent")
    assert changed == configuration


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("latnt.size=5", 'latnt: unknown key; did you mean "latent"?'),
        ("generator.widht=5", 'generator.widht: unknown key; did you mean "width"?'),
        ("latent.size=many", 'latent.size: expected an integer, found "many"'),
        ("generator.preset.width=5", 'generator.preset is "mlp", which has no members'),
        ("data.shape[3]=5", "data.shape has 1 elements, counted from 0"),
        ("latent..size=5", "expected a key such as"),
        ("latent", "expected key=value"),
        ("average=2", "average: expected 0.0...0.999999, found 2"),
    ],
)
def test_set_names_what_is_wrong(tmp_path, setting, message):
    result = swiftgan("train", "ring", "--steps", 1, "--out", tmp_path / "run", "--set", setting, status=1)
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("stak=3", 'stak: unknown key; did you mean "stack"?'),
        ("stack=7", "stack: expected 1...4, found 7"),
        ("stack", "--data-option stack: expected key=value"),
    ],
)
def test_data_option_names_what_is_wrong(images, option, message):
    assert message in swiftgan("info", images, "--data-option", option, status=1).stderr


def test_data_options_are_kept_with_the_run(tmp_path, images):
    out = tmp_path / "run"
    options = ["--data-option", "stack=3", "--data-option", "count=500"]
    info = json.loads(swiftgan("info", images, *options, "--json").stdout)
    assert (info["count"], info["shape"][2], info["stacked"]) == (500, 3, 3)
    swiftgan("train", images, *options, "--width", 2, "--batch", 8, "--steps", 2, "--out", out)
    assert json.loads((out / "run.json").read_text())["data_options"] == {"stack": 3, "count": 500}
    swiftgan("resume", out, "--data-option", "count=600", "--steps", 1)
    assert json.loads((out / "run.json").read_text())["data_options"] == {"stack": 3, "count": 600}
    judged = json.loads(
        swiftgan("evaluate", out, images, *options, "--epochs", 1, "--ridge", 0.1, "--count", 100, "--json").stdout
    )
    assert judged["n_fake"] == 100 and judged["modes"]["modes"] == info["classes"]
    assert judged["modes"]["count"] == 100


def test_table_with_conditions(tmp_path):
    """A table's columns as classes and conditions of a conditional model, and again when its training goes on."""
    table = tmp_path / "table.csv"
    rows = [f"{i / 100},{i % 3},{-i / 50},{i % 7 / 7}" for i in range(100)]
    table.write_text("\n".join(["x,kind,y,angle", *rows]))
    out = tmp_path / "run"
    options = ["--data-option", "labels=kind", "--data-option", 'conditions=["angle"]']
    swiftgan("train", table, "--labels", "conditional", *options, "--steps", 3, "--batch", 20, "--out", out)
    data = json.loads((out / "configuration.json").read_text())["data"]
    assert (data["shape"], data["classes"], data["conditions"]) == ([2], 3, 1)
    swiftgan("resume", out, "--steps", 2)
    said = swiftgan("info", table, "--data-option", "labels=kid", status=1)
    assert 'no column "kid"; did you mean "kind"' in said.stderr


def test_statuses(tmp_path):
    assert "0 done" in swiftgan("--help").stdout
    swiftgan("train", status=64)
    swiftgan("train", "ring", "--steps", 0, status=64)
    swiftgan("train", "ring", "--config", "x.json", "--width", 3, status=64)
    assert "No such file" in swiftgan("info", tmp_path / "none.safetensors", status=1).stderr


def test_json_for_programs(run, images, tmp_path):
    model = run / "model.safetensors"

    def written(*arguments):
        return json.loads(swiftgan(*arguments, "--json").stdout)["written"]

    picture = str(tmp_path / "x.png")
    assert written("sample", model, "--out", picture) == [picture]
    assert written("interpolate", model, "--rows", 2, "--out", picture) == [picture]
    assert written("arithmetic", model, "--plus", "1,2", "--minus", "3", "--out", picture) == [picture]
    assert written("complete", model, images, "--samples", "0", "--answers", 1, "--out", picture) == [picture]
    # A run's folder stands for its last checkpoint.
    assert swiftgan("info", model, "--json").stdout == swiftgan("info", run, "--json").stdout
    assert "summary" in json.loads(swiftgan("info", model, "--json").stdout)
    assert written("sample", run, "--out", picture) == [picture]
    assert json.loads(swiftgan("info", images, "--json").stdout)["classes"] == 2
    assert json.loads(swiftgan("compare-costs", "--out", tmp_path / "costs.png", "--json").stdout)
    evaluation = json.loads(swiftgan("evaluate", model, images, "--features", "pixels", "--ridge", 1, "--json").stdout)
    assert evaluation["frechet_distance"] > 0


def test_convert(run, tmp_path):
    """To PyTorch's layout and back; bindings/python/tests asks PyTorch and ONNX themselves."""
    g, d, again, onnx = (tmp_path / name for name in ("g.safetensors", "d.safetensors", "again.safetensors", "g.onnx"))
    swiftgan("convert", run, g, "--to", "pytorch")
    swiftgan("convert", run / "model.safetensors", d, "--to", "pytorch", "--network", "discriminator")
    swiftgan("convert", g, again, "--to", "swiftgan", "--discriminator", d, "--like", run)
    samples = [tmp_path / "a.png", tmp_path / "b.png"]
    for model, picture in zip((run, again), samples):
        swiftgan("sample", model, "--out", picture)
    assert samples[0].read_bytes() == samples[1].read_bytes()
    swiftgan("convert", run, onnx, "--to", "onnx")
    assert onnx.stat().st_size > g.stat().st_size * 0.9
    assert "generator" in swiftgan("convert", d, again, "--to", "swiftgan", "--like", run, status=1).stderr
    swiftgan("convert", run, g, "--to", "pytorch", "--like", run, status=64)


def test_samples_of_vectors(tmp_path):
    out = tmp_path / "ring"
    steps = swiftgan("train", "ring", "--steps", 3, "--json", "--out", out).stdout.splitlines()
    assert [json.loads(line)["step"] for line in steps] == [1, 2, 3, 3]
    assert str(out / "model.safetensors") in json.loads(steps[-1])["written"]
    model = out / "model.safetensors"
    samples = json.loads(swiftgan("sample", model, "--count", 3, "--json").stdout)["samples"]
    text = swiftgan("sample", model, "--count", 3).stdout
    assert numpy.array([line.split(",") for line in text.splitlines()], float) == pytest.approx(numpy.array(samples))


def test_numbers_below_zero_are_refused(tmp_path):
    """No option makes a command crash with -1, also where samples are counted and labelled."""
    run = tmp_path / "run"
    swiftgan("train", "ring", "--labels", "conditional", "--steps", 2, "--out", run)
    for arguments in [("--label", 1), ()]:
        assert "count: expected 1..." in swiftgan("sample", run, "--count=-1", *arguments, status=1).stderr
    assert len(swiftgan("sample", run, "--count", 3, "--label", 1).stdout.splitlines()) == 3
    top = json.loads(swiftgan("--experimental-dump-help").stdout)["command"]
    starts = {
        "sample": [run], "evaluate": [run, "--data", "ring"], "compare-costs": ["--model", run], "resume": [run, "--steps", 1],
        "train": ["ring", "--labels", "conditional", "--steps", 1, "--overwrite", "--out", tmp_path / "other"],
    }  # fmt: skip
    for names, command in commands(top):
        start = starts.get(names[-1])
        if start is None:
            continue
        for argument in command.get("arguments", []):
            if argument["kind"] != "option" or argument["valueName"] in ("minutes", "steps"):
                continue
            name = argument["preferredName"]["name"]
            result = subprocess.run(
                [COMMAND, names[-1], *map(str, start), f"--{name}=-1"],
                capture_output=True, text=True, timeout=100, cwd=tmp_path,
            )  # fmt: skip
            assert result.returncode >= 0, (names, name, result.stderr)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions_know_the_commands(shell):
    script = swiftgan("--generate-completion-script", shell).stdout
    for word in ["train", "resume", "evaluate", "tensorboard", "overwrite"]:
        assert word in script


def commands(command, above=()):
    yield [*above, command["commandName"]], command
    for inner in command.get("subcommands", []):
        if inner["commandName"] != "help" and inner.get("shouldDisplay", True):
            yield from commands(inner, (*above, command["commandName"]))


def test_manual_pages_are_current():
    """Every page has just the options and the words that the command's own help has; `make man` writes them anew."""
    pages = ROOT / "Sources" / "swiftgan-cli" / "man"
    top = json.loads(swiftgan("--experimental-dump-help").stdout)["command"]
    known = set()

    def plain(text):
        # Without mdoc's escapes and line breaks.
        return re.sub(r"\s+", " ", text.replace("\\('e", "é").replace("\\&", "").replace("\\-", "-").replace("\\e", "\\")).strip()

    for names, command in commands(top):
        page = pages / ("-".join(names) + ".1")
        known.add(page.name)
        text = page.read_text()
        spoken = plain(text)
        assert plain(command["abstract"]) in spoken, page.name
        documented = set(re.findall(r"^\.It (?:Fl \w , -|Fl -)([a-z-]+)", text, re.M))
        options = set()
        for argument in command.get("arguments", []):
            if argument["kind"] != "positional":
                options.add(argument["preferredName"]["name"])
            if argument.get("abstract") and argument.get("shouldDisplay", True):
                assert plain(argument["abstract"]) in spoken, (page.name, argument["valueName"])
        assert documented == options, page.name
    assert known == {page.name for page in pages.glob("*.1")}


def test_info_of_data(tmp_path):
    values = numpy.random.default_rng(0).integers(0, 256, (30, 8, 6, 1)).astype(numpy.uint8)
    numpy.save(tmp_path / "x.npy", values)
    picture = tmp_path / "x.png"
    info = json.loads(swiftgan("info", tmp_path / "x.npy", "--json", "--out", picture).stdout)
    scaled = values / 127.5 - 1
    assert info["count"] == 30 and info["class_counts"] == []
    for key, expected in (
        ("lowest", scaled.min()), ("highest", scaled.max()), ("mean", scaled.mean()), ("deviation", scaled.std()),
    ):  # fmt: skip
        assert info[key] == pytest.approx(expected, abs=1e-6), key
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert json.loads(swiftgan("info", "grid", "--json").stdout)["class_counts"] == [4000] * 25
    assert "--out" in swiftgan("info", "ring", "--out", picture, status=1).stderr


def test_data_that_does_not_vary(tmp_path):
    """One image 256 times leaves nothing to learn, which is said before the first step; one pixel more is not."""
    pixels = numpy.full((256, 16, 16), 40, dtype=numpy.uint8)
    pixels[:, 4:8] = 200
    numpy.save(tmp_path / "same.npy", pixels)
    pixels[255, 0, 0] += 1
    numpy.save(tmp_path / "other.npy", pixels[[0, 255]])
    options = ("--width", 4, "--batch", 2, "--steps", 1)
    said = swiftgan("train", tmp_path / "same.npy", *options, "--out", tmp_path / "a").stderr
    assert "warning: the data does not vary: 64 samples, evenly over all 256, are the same" in said
    assert "does not vary" not in swiftgan("train", tmp_path / "other.npy", *options, "--out", tmp_path / "b").stderr
    # Said at the beginning of a training only.
    assert "does not vary" not in swiftgan("resume", tmp_path / "a", "--steps", 1).stderr


def test_info_lists_what_the_model_can_do(run, tmp_path):
    capabilities = json.loads(swiftgan("info", run, "--json").stdout)["summary"]["capabilities"]
    assert "sample" in capabilities and "density_ratio" in capabilities
    assert not {"translate", "classify"} & set(capabilities)
    swiftgan("train", "ring", "--steps", 1, "--set", "objective=hinge", "--out", tmp_path / "run")
    said = swiftgan("info", tmp_path / "run").stdout
    assert "discriminate" in said and "density_ratio" not in said.split("\n\n")[0]
