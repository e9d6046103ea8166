"""A run's folder belongs to one training and to its data."""

import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import time
from fcntl import ioctl
from termios import TIOCSWINSZ

import numpy
import pytest
from conftest import COMMAND, png, swiftgan

QUICK = ["--width", 4, "--batch", 8, "--steps", 2]


def save(path, value, count=32):
    random = numpy.random.default_rng(count)
    path.parent.mkdir(parents=True, exist_ok=True)
    numpy.save(path, numpy.clip(random.normal(value, 9, (count, 16, 16)), 0, 255).astype(numpy.uint8))


def settings(run):
    return json.loads((run / "run.json").read_text())


def test_goes_on_from_every_folder(tmp_path):
    """`resume` finds the data of `train`, and not a file of that name where it is called."""
    save(tmp_path / "a" / "data.npy", 40)
    save(tmp_path / "b" / "data.npy", 220)
    swiftgan("train", "data.npy", *QUICK, "--out", "run", cwd=tmp_path / "a")
    swiftgan("resume", "../a/run", "--steps", 1, cwd=tmp_path / "b")
    assert settings(tmp_path / "a" / "run")["data"] == str(tmp_path / "a" / "data.npy")
    os.symlink(tmp_path / "a", tmp_path / "link")
    swiftgan("resume", "link/run", "--steps", 1, cwd=tmp_path)
    # The run and its data have moved together.
    shutil.move(tmp_path / "a", tmp_path / "c")
    swiftgan("resume", "c/run", "--steps", 1, cwd=tmp_path)
    assert settings(tmp_path / "c" / "run")["data"] == str(tmp_path / "c" / "data.npy")
    swiftgan("report", "c/run", cwd=tmp_path)
    os.remove(tmp_path / "c" / "data.npy")
    assert "No such file" in swiftgan("resume", "c/run", "--steps", 1, cwd=tmp_path, status=1).stderr


def test_labels_beside_an_array_are_found_again(tmp_path):
    save(tmp_path / "a" / "x.npy", 40)
    numpy.save(tmp_path / "a" / "y.npy", numpy.arange(32) % 3)
    swiftgan("train", "x.npy", "--data-option", "labels=y.npy", *QUICK, "--out", "run", cwd=tmp_path / "a")
    swiftgan("resume", "a/run", "--steps", 1, cwd=tmp_path)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda path: save(path, 40, 40), "40 samples instead of 32"),
        (lambda path: save(path, 90), "other values in its samples or labels"),
        (lambda path: numpy.save(path, numpy.zeros((32, 28, 28), numpy.uint8)), "instead of [16, 16, 1]"),
    ],
)
def test_other_data_is_refused(tmp_path, change, told):
    data = tmp_path / "data.npy"
    save(data, 40)
    swiftgan("train", data, *QUICK, "--out", tmp_path / "run")
    before = (tmp_path / "run" / "model.safetensors").read_bytes()
    change(data)
    said = swiftgan("resume", tmp_path / "run", "--steps", 1, status=1).stderr
    assert told in said and f"--data {data}" in said
    assert (tmp_path / "run" / "model.safetensors").read_bytes() == before
    if "shape" not in said:
        swiftgan("resume", tmp_path / "run", "--steps", 1, "--data", data)
        swiftgan("resume", tmp_path / "run", "--steps", 1)


def test_classes_keep_their_numbers(tmp_path):
    for split, names in (("train", "abc"), ("test", "ac"), ("more", "abc"), ("other", "ad")):
        for name in names:
            (tmp_path / split / name).mkdir(parents=True)
            for i in range(4):
                picture = numpy.full((16, 16), 40 * ord(name) % 251, numpy.uint8)
                (tmp_path / split / name / f"{i}.png").write_bytes(png(picture + (split == "more")))
    swiftgan("train", tmp_path / "train", "--labels", "conditional", *QUICK, "--out", tmp_path / "run")
    said = swiftgan("resume", tmp_path / "run", "--steps", 1, "--data", tmp_path / "other", status=1).stderr
    assert 'has the class "d", which is not one of "a", "b", "c"' in said
    # Of the model's classes there may be fewer: c is still its third.
    said = swiftgan("resume", tmp_path / "run", "--steps", 1, "--data", tmp_path / "test").stderr
    assert "3 classes (a, b, c)" in said
    assert settings(tmp_path / "run")["data_fingerprint"]["class_names"] == ["a", "b", "c"]
    swiftgan("resume", tmp_path / "run", "--steps", 1, "--data", tmp_path / "more")


def test_runs_of_earlier_versions_go_on(tmp_path):
    save(tmp_path / "data.npy", 40)
    swiftgan("train", "data.npy", *QUICK, "--out", "run", cwd=tmp_path)
    old = settings(tmp_path / "run")
    for key in ("data_fingerprint", "data_from_run"):
        del old[key]
    old["data"] = "data.npy"
    (tmp_path / "run" / "run.json").write_text(json.dumps(old))
    save(tmp_path / "data.npy", 90)
    swiftgan("resume", "run", "--steps", 1, cwd=tmp_path)
    assert settings(tmp_path / "run")["data_fingerprint"]["count"] == 32


@pytest.fixture
def busy(tmp_path):
    """A training under way, and its folder."""
    out = tmp_path / "run"
    process = subprocess.Popen(
        [COMMAND, "train", "ring", "--steps", "1000000", "--out", str(out)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 60
        while not (out / "metrics.jsonl").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        yield process, out
    finally:
        process.kill()
        process.wait()


def test_a_folder_has_one_training(busy):
    process, out = busy
    for command in (["train", "ring", "--steps", 5, "--out", out, "--overwrite"], ["train", "ring", "--steps", 5, "--out", out]):
        said = swiftgan(*command, status=1).stderr
        assert f"another training writes to this folder (process {process.pid} on {os.uname().nodename}: " in said
        assert "train ring --steps 1000000" in said
    assert "another training writes" in swiftgan("resume", out, "--steps", 5, status=1).stderr
    assert process.poll() is None
    # The lock ends with its holder, even a killed one.
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 2 and not (out / "run.lock").exists()
    again = subprocess.Popen([COMMAND, "resume", str(out), "--steps", "1000000"], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (out / "run.lock").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)
    again.kill()
    again.wait()
    assert (out / "run.lock").exists()
    swiftgan("resume", out, "--steps", 1)
    assert not (out / "run.lock").exists()


def watched(columns, *arguments, resize=None, **environment):
    """What the command writes to a terminal of so many columns."""
    main, end = pty.openpty()
    ioctl(end, TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))
    variables = {k: v for k, v in os.environ.items() if k != "NO_COLOR"} | {"TERM": "xterm"} | environment
    process = subprocess.Popen([COMMAND, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=end, env=variables)
    os.close(end)
    said, resized = b"", False
    while select.select([main], [], [], 60)[0]:
        try:
            part = os.read(main, 1 << 16)
        except OSError:
            break
        if not part:
            break
        said += part
        if resize and not resized and said.count(b"\r\x1b[K") > 3:
            ioctl(main, TIOCSWINSZ, struct.pack("4H", 24, resize, 0, 0))
            resized = True
    os.close(main)
    assert process.wait(60) == 0, said
    return said.decode()


def replaced(said):
    return [re.split(r"[\r\n]", part)[0] for part in said.split("\r\x1b[K")[1:]]


def test_progress_is_cut_to_the_terminal(tmp_path):
    train = ["train", "ring", "--minutes", 0.03, "--out", tmp_path / "run", "--overwrite"]
    for columns in (30, 60):
        found = replaced(watched(columns, *train))
        assert len(found) > 3 and all(len(line) < columns for line in found)
        assert any(line.endswith("…") for line in found)
    wide = replaced(watched(200, *train))
    assert len(wide) > 3 and all(line.endswith("left") for line in wide)
    narrowed = replaced(watched(200, *train, resize=40))
    assert max(map(len, narrowed)) > 60 and all(len(line) < 40 for line in narrowed[-3:])


@pytest.mark.parametrize("terminal", ["dumb", ""])
def test_plain_lines_on_a_terminal_that_cannot_replace_them(tmp_path, terminal):
    said = watched(80, "train", "ring", "--steps", 50, "--out", tmp_path / "run", TERM=terminal)
    assert "\x1b" not in said and "\r\x1b" not in said and "step 1 " in said


def test_no_color(tmp_path):
    said = watched(80, "train", "ring", "--steps", 50, "--out", tmp_path / "run", NO_COLOR="1")
    assert not re.search(r"\x1b\[[0-9;]*m", said)


def test_opening_lines(tmp_path):
    for name in ("dark", "light"):
        (tmp_path / "data" / name).mkdir(parents=True)
        for i in range(6):
            picture = numpy.full((16, 16), 30 if name == "dark" else 220, numpy.uint8)
            (tmp_path / "data" / name / f"{i}.png").write_bytes(png(picture))
    (tmp_path / "data" / "dark" / "6.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    said = swiftgan(
        "train", tmp_path / "data", "--data-option", "skip_corrupt=true", "--width", 4, "--steps", 12, "--out", tmp_path / "run"
    ).stderr.splitlines()
    said = [line for line in said if not line.startswith("swiftgan: ")]
    assert said[0].startswith("data: 12 images of 16 x 16 pixels in gray, 2 classes (dark, light), of which no use is made")
    assert "files left out: 1 damaged (such as " in said[0] and "6.png" in said[0]
    summary = json.loads(swiftgan("info", tmp_path / "run", "--json").stdout)["summary"]
    weights = [summary[p]["parameters"] for p in ("generator", "discriminator")]
    assert said[1] == f"model: dcgan of width 4; generator {weights[0]:,} weights, discriminator {weights[1]:,}; batch 12"
    assert re.fullmatch(r"first samples: after step 10, in about \d+ s", said[2])
    for line in swiftgan("train", "ring", "--steps", 2, "--json", "--out", tmp_path / "json").stderr.splitlines():
        assert not line.startswith(("data:", "model:", "first"))
