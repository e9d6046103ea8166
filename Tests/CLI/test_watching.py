"""Runs that are under way, killed, stopped or diverged; data and settings that a run remembers."""

import json
import os
import re
import signal
import subprocess
import time

import numpy
import pytest
from conftest import COMMAND, chunks, lines, swiftgan

QUICK = ("--width", 4, "--batch", 8)


def wait_for(what, seconds=60):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "nothing came"
        time.sleep(0.05)


@pytest.fixture
def busy(tmp_path):
    """A training under way, with some steps behind it."""
    out = tmp_path / "the run"
    process = subprocess.Popen(
        [COMMAND, "train", "ring", "--steps", "100000000", "--out", str(out)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        metrics = out / "metrics.jsonl"
        wait_for(lambda: metrics.exists() and metrics.stat().st_size > 0)
        yield process, out
    finally:
        process.kill()
        process.wait()


def look(out):
    """The page's text; every other command that reads a run works, too."""
    assert len(swiftgan("sample", out, "--count", 3).stdout.splitlines()) == 3
    assert "gan" in swiftgan("info", out).stdout
    swiftgan("report", out)
    return (out / "report.html").read_text()


def test_under_way_and_killed(busy):
    process, out = busy
    assert "Training is under way, at step" in look(out)
    process.kill()
    process.wait()
    steps = lines(out / "metrics.jsonl")[-1]["step"]
    assert f"process was ended at step {steps:,}; the checkpoint is of step" in look(out)
    said = swiftgan("resume", out, "--steps", 1)
    assert "Training ended after step" in look(out) and said.returncode == 0


def last_of_film(out):
    """The pixels of the animation's last picture, compressed."""
    return [body[4:] for kind, body in chunks((out / "progress.png").read_bytes()) if kind == "fdAT"][-1]


def still(path):
    return b"".join(body for kind, body in chunks(path.read_bytes()) if kind == "IDAT")


def test_film_of_a_killed_run(tmp_path):
    """The film has the last samples that were written; resume goes on with those of its checkpoint."""
    out = tmp_path / "run"
    process = subprocess.Popen(
        [COMMAND, "train", "ring", "--steps", "100000000", "--samples-every", "500", "--out", str(out)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(lambda: (out / "samples" / "0001000.png").exists())
        # Until a film that was due is written.
        wait_for(lambda: (out / "progress.png").exists() and last_of_film(out) != still(out / "samples" / "0000000.png"))
        process.send_signal(signal.SIGSTOP)
        time.sleep(0.1)
    finally:
        process.kill()
        process.wait()
    pictures = sorted((out / "samples").iterdir())
    # At most the picture of the moment in which it was killed is missing.
    assert last_of_film(out) in [still(picture) for picture in pictures[-2:]]
    swiftgan("report", out)
    checkpoint = json.loads(swiftgan("info", out, "--json").stdout)["summary"]["step"]
    (out / "samples" / "9999999.png").write_bytes(pictures[-1].read_bytes())
    swiftgan("resume", out, "--steps", 7)
    steps = [int(picture.stem) for picture in sorted((out / "samples").iterdir())]
    assert steps[-1] == checkpoint + 7 and last_of_film(out) == still(out / "samples" / f"{checkpoint + 7:07}.png")
    swiftgan("report", out)
    data = json.loads(re.search(r'id="data">(.*?)</script>', (out / "report.html").read_text(), re.DOTALL)[1])
    assert data["frames"][-1]["step"] == checkpoint + 7


def test_film_of_a_diverged_run(tmp_path):
    out = tmp_path / "run"
    swiftgan("train", "ring", "--steps", 2000, "--set", "optimizer.sgd.learning_rate=1e6", "--out", out, status=1)
    assert last_of_film(out) == still(sorted((out / "samples").iterdir())[-1])


def test_watched(busy):
    process, out = busy
    watcher = subprocess.Popen(
        [COMMAND, "report", str(out), "--watch"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )

    def step():
        page = out / "report.html"
        return int(re.search(r"after ([\d,]+) steps", page.read_text())[1].replace(",", "")) if page.exists() else -1

    try:
        wait_for(lambda: step() >= 0)
        assert 'http-equiv="refresh"' in (out / "report.html").read_text()
        first, began = step(), time.monotonic()
        wait_for(lambda: step() > first)
        assert time.monotonic() - began < 20
        process.send_signal(signal.SIGTERM)
        process.wait()
        said = watcher.communicate(timeout=60)
    finally:
        watcher.kill()
        watcher.wait()
    assert watcher.returncode == 0 and said[0].split("\n")[0] == f"{out}/report.html"
    page = (out / "report.html").read_text()
    assert 'http-equiv="refresh"' not in page and "Training was stopped after step" in page


def test_diverged(tmp_path):
    said = swiftgan(
        "train", "ring", "--steps", 2000, "--set", "optimizer.sgd.learning_rate=1e6", "--out", tmp_path / "run", status=1
    ).stderr
    assert "stands: swiftgan resume" in said
    page = look(tmp_path / "run")
    assert "Training diverged: step" in page


def test_hints_are_quoted(tmp_path):
    out = tmp_path / "it's here"
    swiftgan("train", "ring", "--steps", 1, "--out", out)
    said = swiftgan("train", "ring", "--steps", 1, "--out", out, status=1).stderr
    command = re.search(r"\(swiftgan (resume .*?)\), choose", said)[1]
    subprocess.run(f"'{COMMAND}' {command} --steps 1", shell=True, check=True, capture_output=True)


def test_resume_finishes(tmp_path):
    out = tmp_path / "run"
    process = subprocess.Popen(
        [COMMAND, "train", "ring", "--steps", "3000", "--out", str(out)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    wait_for(lambda: (out / "metrics.jsonl").exists() and (out / "metrics.jsonl").stat().st_size > 0)
    process.send_signal(signal.SIGINT)
    assert process.wait() == 2
    process.stderr.close()
    assert lines(out / "metrics.jsonl")[-1]["step"] < 3000
    swiftgan("resume", out)
    assert lines(out / "metrics.jsonl")[-1]["step"] == 3000
    sessions = json.loads((out / "run.json").read_text())["sessions"]
    assert [session["outcome"] for session in sessions] == ["stopped", "finished"]
    assert sessions[0]["to_step"] == sessions[1]["from_step"]


def test_settings_change(tmp_path):
    out = tmp_path / "run"
    swiftgan("train", "ring", "--steps", 3, "--batch", 16, "--set", "learning_rate=constant", "--out", out)
    swiftgan("resume", out, "--steps", 2, "--set", "lr=0.00025", "--batch", 32)
    assert [line["learning_rate"] for line in lines(out / "metrics.jsonl")][3:] == pytest.approx([0.00025] * 2)
    configuration = json.loads((out / "configuration.json").read_text())
    assert {rule["adam"]["learning_rate"] for rule in configuration["optimizer"].values()} == {0.00025}
    assert json.loads((out / "run.json").read_text())["batch"] == 32
    swiftgan("resume", out, "--steps", 1)
    before = (out / "model.safetensors").read_bytes()
    for change, told in (
        ("latent.size=3", "latent: cannot change in a run; expected one of optimizer, learning_rate, average"),
        ("objective=hinge", "objective: cannot change in a run"),
        ("lr=-1", "learning_rate"),
        ("optimizer.sgd.momentum=0.9", "--set"),
        ("nothing=1", "nothing: cannot change in a run"),
    ):
        assert told in swiftgan("resume", out, "--steps", 1, "--set", change, status=1).stderr
    assert "--batch" in swiftgan("resume", out, "--steps", 1, "--batch", 0, status=64).stderr
    assert (out / "model.safetensors").read_bytes() == before


def test_data_is_remembered(tmp_path):
    rng = numpy.random.default_rng(0)
    numpy.save(tmp_path / "d.npy", rng.integers(0, 255, (40, 20, 20)).astype("uint8"))
    out = tmp_path / "run"
    swiftgan("train", "d.npy", "--size", 16, "--steps", 2, *QUICK, "--out", out, cwd=tmp_path)
    told = json.loads(swiftgan("evaluate", out, "--count", 30, "--json").stdout)
    same = json.loads(swiftgan("evaluate", out / "model.safetensors", tmp_path / "d.npy", "--count", 30, "--json").stdout)
    assert told["kernel_distance"] == same["kernel_distance"]
    swiftgan("complete", out, "--samples", "0,1", "--answers", 1, "--out", tmp_path / "c.png")
    os.rename(out / "model.safetensors", tmp_path / "alone.safetensors")
    assert "no run's folder" in swiftgan("evaluate", tmp_path / "alone.safetensors", status=1).stderr
