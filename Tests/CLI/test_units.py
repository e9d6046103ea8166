"""A table in units of its own, from the command."""

import json

import numpy
import pytest
from conftest import swiftgan


@pytest.fixture
def table(tmp_path):
    """Heights in mm, weights in g, ages in years, and where that is."""
    rng = numpy.random.default_rng(0)
    rows = numpy.c_[rng.normal(1700, 90, 500), rng.normal(70_000, 12_000, 500), rng.integers(18, 80, 500)].round()
    text = "height_mm,weight_g,age\n" + "".join(f"{a:.0f},{b:.0f},{c:.0f}\n" for a, b, c in rows)
    (tmp_path / "people.csv").write_text(text)
    return tmp_path / "people.csv", rows


def test_a_table_is_learned_as_it_is(table):
    path, rows = table
    run = path.parent / "run"
    said = swiftgan("train", path, "--width", 32, "--steps", 2000, "--out", run).stderr
    assert "samples standardized (--set standardize=false: not)" in said
    text = swiftgan("sample", run, "--count", 1000).stdout
    samples = numpy.array([[float(x) for x in line.split(",")] for line in text.splitlines()])
    gap = numpy.abs(samples.mean(0) - rows.mean(0)) / rows.std(0)
    spread = samples.std(0) / rows.std(0)
    assert gap.max() < 0.35, gap
    assert 0.6 < spread.min() and spread.max() < 1.5, spread
    told = swiftgan("info", run).stdout
    assert "Its networks see samples as columns of mean 0 and deviation 1" in told
    assert f"{rows.mean(0)[0]:.0f}"[:3] in told
    summary = json.loads(swiftgan("info", run, "--json").stdout)["summary"]
    assert summary["standardized"] == {"columns": 3, "conditions": 0}
    report = json.loads(swiftgan("evaluate", run, path, "--count", 400, "--json").stdout)
    assert report["features"]["standardized"] and report["frechet_distance"] < 2
    # Noise on what D sees is of standardized columns, too.
    configuration = json.loads((run / "configuration.json").read_text())
    assert configuration["instance_noise"]["deviation"] == pytest.approx(0.42)
    swiftgan("resume", run, "--steps", 1)
    swiftgan("report", run)


def test_it_can_be_turned_off(table):
    path, rows = table
    run = path.parent / "run"
    said = swiftgan("train", path, "--width", 8, "--steps", 4, "--out", run, "--set", "standardize=false").stderr
    assert "standardized" not in said
    configuration = json.loads((run / "configuration.json").read_text())
    assert configuration["standardize"] is False
    assert configuration["instance_noise"]["deviation"] > 1000
    assert json.loads(swiftgan("info", run, "--json").stdout)["summary"]["standardized"] is None


def test_the_ring_is_as_before(tmp_path):
    swiftgan("train", "ring", "--width", 8, "--steps", 4, "--out", tmp_path / "run")
    configuration = json.loads((tmp_path / "run" / "configuration.json").read_text())
    assert "standardize" not in configuration
    assert configuration["instance_noise"]["deviation"] == pytest.approx(0.297, abs=1e-3)
    assert b"standardize" not in (tmp_path / "run" / "model.safetensors").read_bytes()


def test_conditions_of_a_table(tmp_path):
    """A column that the samples depend on, in its own units."""
    rng = numpy.random.default_rng(1)
    year = rng.integers(1980, 2020, 500)
    price = 1000 * (year - 1970) + rng.normal(0, 500, 500)
    (tmp_path / "x.csv").write_text("year,price\n" + "".join(f"{a},{b:.0f}\n" for a, b in zip(year, price)))
    run = tmp_path / "run"
    said = swiftgan(
        "train", tmp_path / "x.csv", "--data-option", 'conditions=["year"]', "--labels", "conditional", "--width", 8,
        "--steps", 4, "--out", run,
    ).stderr
    assert "samples and conditions standardized" in said
    assert "conditions as columns of mean 0" in swiftgan("info", run).stdout


def test_pytorch_is_warned_about(table):
    path, _ = table
    run = path.parent / "run"
    swiftgan("train", path, "--width", 8, "--steps", 2, "--out", run)
    said = swiftgan("convert", run, path.parent / "g.safetensors", "--to", "pytorch").stderr
    assert "standardized" in said
