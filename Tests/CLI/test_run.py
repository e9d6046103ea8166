"""The folder of a run: what it holds, how it goes on, what interrupts and full disks do to it."""

import csv
import json
import re
import resource
import signal
import subprocess
import time

import numpy
import pytest
from conftest import COMMAND, lines, png, swiftgan

# What depends on the clock.
TIMED = {"images_per_second"}


def figures(folder):
    return [{k: v for k, v in line.items() if k not in TIMED} for line in lines(folder / "metrics.jsonl")]


def table(folder):
    with open(folder / "metrics.csv", newline="") as file:
        return [{k: v for k, v in row.items() if k not in TIMED} for row in csv.DictReader(file)]


def files(folder):
    return {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}


def test_folder(run):
    assert set(files(run)) >= {
        "model.safetensors", "best.safetensors", "extractor.safetensors", "configuration.json", "run.json",
        "metrics.jsonl", "metrics.csv", "samples.png", "progress.png", "curve.png", "curve.svg", "distance.svg",
        "checkpoints/0000020.safetensors", "checkpoints/0000040.safetensors", "samples/0000000.png",
        "samples/0000010.png", "samples/0000040.png",
    }  # fmt: skip
    found = lines(run / "metrics.jsonl")
    assert [line["step"] for line in found] == list(range(1, 41))
    evaluated = {line["step"]: line["frechet_distance"] for line in found if "frechet_distance" in line}
    assert list(evaluated) == [20, 40]
    best = min(evaluated, key=evaluated.get)
    kept = run / "checkpoints" / f"{best:07}.safetensors"
    assert (run / "best.safetensors").read_bytes() == kept.read_bytes()
    assert (run / "model.safetensors").read_bytes() == (run / "checkpoints" / "0000040.safetensors").read_bytes()


def test_table_has_the_figures(run):
    for row, line in zip(table(run), lines(run / "metrics.jsonl"), strict=True):
        for name, text in row.items():
            if line.get(name) is None:
                assert text == ""
            else:
                assert float(text) == line[name]
        assert "generator_cost" in row and "frechet_distance" in row


def test_resume_is_exact(run, images, tmp_path):
    """Twice 20 steps give what 40 gave: weights, figures, table, pictures, kept and best checkpoints."""
    out = tmp_path / "run"
    first = ["train", images, "--width", 8, "--batch", 16, "--steps", 20, "--evaluate-every", 20]
    swiftgan(*first, "--evaluate-count", 150, "--keep-every", 20, "--out", out)
    swiftgan("resume", out, "--steps", 20)
    assert set(files(out)) == set(files(run))
    for name, path in files(run).items():
        if name.endswith((".safetensors", ".png")) and not name.startswith("curve"):
            assert (out / name).read_bytes() == path.read_bytes(), name
    assert figures(out) == figures(run)
    assert table(out) == table(run)
    sessions = json.loads((out / "run.json").read_text())["sessions"]
    assert [session["from_step"] for session in sessions] == [0, 20]


def test_evaluation_changes_nothing(run, images, tmp_path):
    out = tmp_path / "run"
    swiftgan("train", images, "--width", 8, "--batch", 16, "--steps", 40, "--out", out)
    # The configuration is the same, so the weights must be.
    assert (out / "model.safetensors").read_bytes() == (run / "model.safetensors").read_bytes()
    assert not (out / "best.safetensors").exists()


def test_classifier_of_another_run(run, images, tmp_path):
    """The features of a classifier that is there already: the same distances, and it is not trained again."""
    out, classifier = tmp_path / "run", run / "extractor.safetensors"
    before = classifier.read_bytes()
    swiftgan("train", images, "--width", 8, "--batch", 16, "--steps", 20, "--evaluate-every", 20, "--out", out,
             "--evaluate-count", 150, "--extractor", classifier)  # fmt: skip
    assert figures(out) == figures(run)[:20]
    assert classifier.read_bytes() == before and not (out / "extractor.safetensors").exists()


def test_overwrite_leaves_nothing_old(run, images, tmp_path):
    out = tmp_path / "run"
    swiftgan("train", images, "--width", 8, "--batch", 16, "--steps", 20, "--keep-every", 10, "--out", out)
    assert "holds a model already" in swiftgan("train", images, "--out", out, status=1).stderr
    swiftgan("train", images, "--width", 8, "--batch", 16, "--steps", 3, "--overwrite", "--out", out)
    assert [line["step"] for line in lines(out / "metrics.jsonl")] == [1, 2, 3]
    assert sorted(path.name for path in (out / "samples").iterdir()) == ["0000000.png", "0000003.png"]
    assert not list((out / "checkpoints").iterdir())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupts_write_a_checkpoint(tmp_path, number):
    out = tmp_path / "run"
    process = subprocess.Popen(
        [COMMAND, "train", "ring", "--batch", "16", "--steps", "100000000", "--json", "--out", str(out)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
    )  # fmt: skip
    for _ in range(50):
        process.stdout.readline()
    process.send_signal(number)
    said, complaint = process.communicate(timeout=60)
    assert process.returncode == 2, complaint
    assert f"swiftgan resume {out}" in complaint
    step = json.loads(said.splitlines()[-1])["step"]
    assert len(lines(out / "metrics.jsonl")) == step
    swiftgan("resume", out, "--steps", 3)
    assert [line["step"] for line in lines(out / "metrics.jsonl")] == list(range(1, step + 4))


def test_reader_that_goes_stops_a_run(tmp_path):
    """As in `swiftgan train --json | head`: a checkpoint is written, nothing is lost."""
    out = tmp_path / "run"
    process = subprocess.Popen(
        [COMMAND, "train", "ring", "--batch", "16", "--steps", "100000000", "--json", "--out", str(out)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_DFL),
    )  # fmt: skip
    process.stdout.readline()
    process.stdout.close()
    complaint = process.stderr.read()
    assert process.wait(timeout=60) == 2
    step = int(re.search(r"Stopped at step (\d+)", complaint)[1])
    assert len(lines(out / "metrics.jsonl")) == step
    swiftgan("resume", out, "--steps", 1)


def test_nohup_keeps_a_run_going(tmp_path):
    process = subprocess.Popen(
        [COMMAND, "train", "ring", "--batch", "16", "--steps", "100000000", "--json", "--out", str(tmp_path / "run")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )  # fmt: skip
    process.stdout.readline()
    process.send_signal(signal.SIGHUP)
    for _ in range(500):
        assert process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 2


def test_killed_run_resumes(run, images, tmp_path):
    """After kill -9 the figures after the last checkpoint are made again, the same."""
    out = tmp_path / "run"
    swiftgan("train", images, "--width", 8, "--batch", 16, "--steps", 20, "--evaluate-every", 20, "--out", out,
             "--evaluate-count", 150, "--keep-every", 20)  # fmt: skip
    process = subprocess.Popen(
        [COMMAND, "resume", str(out), "--steps", "100000", "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    for _ in range(8):
        process.stdout.readline()
    process.kill()
    process.communicate()
    # A line that was cut off by the end.
    with open(out / "metrics.jsonl", "a") as file:
        file.write('{"step": 21, "discrim')
    swiftgan("resume", out, "--steps", 20)
    assert figures(out) == figures(run)
    assert (out / "model.safetensors").read_bytes() == (run / "model.safetensors").read_bytes()


def test_killed_run_that_reads_files_resumes(tmp_path):
    """Samples that are read from their files, ahead of training: killed between two checkpoints and gone on with by another process, a run
    ends with the bytes of one that nobody disturbed."""
    pictures, out, whole = tmp_path / "pictures", tmp_path / "run", tmp_path / "whole"
    pictures.mkdir()
    random = numpy.random.default_rng(1)
    for i in range(72):
        (pictures / f"{i}.png").write_bytes(png(random.integers(0, 256, (16, 16), dtype=numpy.uint8)))
    train = ["train", pictures, "--data-option", "memory=0", "--width", 8, "--batch", 16, "--checkpoint-every", 7]
    process = subprocess.Popen(
        [COMMAND, *map(str, train), "--steps", "100000", "--json", "--out", str(out)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    for _ in range(17):
        assert process.stdout.readline()
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    reached = json.loads(swiftgan("info", out, "--json").stdout)["summary"]["step"]
    assert reached >= 14 and reached % 7 == 0
    swiftgan("resume", out, "--steps", 11)
    swiftgan(*train, "--steps", reached + 11, "--out", whole)
    assert (out / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()
    assert figures(out) == figures(whole)


def test_full_disk_is_one_error_and_the_run_goes_on(tmp_path):
    """A limit on the size of files stands for a full disk: the metrics outgrow it."""
    out, whole = tmp_path / "run", tmp_path / "whole"
    train = ["train", "ring", "--batch", 8, "--set", "seed=3", "--minutes", 5, "--checkpoint-every", 50, "--width", 8]

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    result = swiftgan(*train, "--steps", 1000, "--samples-every", 1000, "--out", out, status=1, preexec_fn=limited)
    errors = [line for line in result.stderr.splitlines() if line.startswith("swiftgan:")]
    assert len(errors) == 1 and "metrics.jsonl: File too large" in errors[0]
    saved = re.search(rf"the checkpoint of step (\d+) stands: swiftgan resume {re.escape(str(out))}", errors[0])
    reached = int(saved[1])
    assert 50 <= reached < 1000 and reached % 50 == 0 and len(lines(out / "metrics.jsonl")) >= reached
    swiftgan("resume", out, "--steps", 1000 - reached)
    swiftgan(*train, "--steps", 1000, "--samples-every", 1000, "--out", whole)
    assert (out / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()
    assert figures(out) == figures(whole)


def test_no_room_for_a_checkpoint(tmp_path):
    """Nothing half-written is left, and what was there before stays."""

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    out = tmp_path / "run"
    train = ["train", "ring", "--batch", 8, "--steps", 100, "--checkpoint-every", 20, "--out", out]
    result = swiftgan(*train, status=1, preexec_fn=limited)
    assert result.stderr.splitlines()[-1] == f"swiftgan: {out}/model.safetensors: File too large"
    assert not (out / "model.safetensors").exists() and not [name for name in files(out) if name.endswith(".tmp")]
    swiftgan(*train)
    before = (out / "model.safetensors").read_bytes()
    error = swiftgan("resume", out, "--steps", 100, status=1, preexec_fn=limited).stderr.splitlines()[-1]
    assert error.endswith(f"(the checkpoint of step 100 stands: swiftgan resume {out})")
    assert (out / "model.safetensors").read_bytes() == before


def test_progress_is_plain_lines_where_nobody_watches(tmp_path):
    start = time.monotonic()
    result = swiftgan("train", "ring", "--steps", 200, "--batch", 16, "--out", tmp_path / "run")
    assert "\r" not in result.stderr and "\x1b" not in result.stderr
    said = result.stderr.splitlines()
    assert said[0].startswith("data: 100000 samples of 2 numbers") and said[1].startswith("model: mlp of width 128")
    assert said[2].startswith("first samples: after step 10") and said[3].startswith("step 1 ")
    assert result.stderr.count("\nstep") <= 1 + (time.monotonic() - start) / 10
    assert (tmp_path / "run" / "curve.svg").read_text().startswith("<svg")


@pytest.mark.parametrize(
    ("family", "setting", "lacks"),
    [
        ("vae", "vae.beta=0.5", "complete"),
        ("made", "data.binarize=dynamic", "interpolate"),
        ("nade", "data.binarize=dynamic", "complete"),
        ("realnvp", "realnvp.width=4", "complete"),
        ("nice", "nice.width=8", "complete"),
        ("ica", "ica.dequantize=256", "complete"),
        ("rbm", "data.binarize=dynamic", "interpolate"),
        ("dbm", "data.binarize=dynamic", "interpolate"),
        ("gsn", "data.binarize=dynamic", "interpolate"),
    ],
)
def test_families(tmp_path, family, setting, lacks):
    """Other families train, resume, are described and draw samples by the same commands."""
    gray, folder = tmp_path / "gray.npy", tmp_path / "run"
    numpy.save(gray, (numpy.random.default_rng(0).random((60, 8, 8, 1)) * 255).astype(numpy.uint8))
    swiftgan("train", gray, "--family", family, "--set", setting, "--steps", 4, "--batch", 20, "--out", folder)
    swiftgan("resume", folder, "--steps", 2)
    info = swiftgan("info", folder).stdout
    assert f'family "{family}" after 6 steps' in info and ("log_likelihood" in info) == (family != "gsn")
    swiftgan("sample", folder, "--out", tmp_path / "samples.png")
    assert "cost" in (folder / "metrics.csv").read_text().splitlines()[0]
    swiftgan("report", folder)
    arguments = [lacks, folder] + ([gray] if lacks == "complete" else [])
    refused = swiftgan(*arguments, "--out", tmp_path / "x.png", status=1)
    assert f'"{family}" has no' in refused.stderr
    if family in ("rbm", "dbm", "gsn"):
        swiftgan("complete", folder, gray, "--samples", "0,1", "--answers", 2, "--out", tmp_path / "completed.png")
        assert (tmp_path / "completed.png").exists()


def test_the_family_as_a_key(tmp_path):
    """`--set family=` is `--family`: the preset does not keep keys that only GANs have."""
    for i, given in enumerate((["--family", "ica"], ["--set", "family=ica"], ["--set", 'family="ica"'])):
        swiftgan("train", "ring", *given, "--set", "ica.prior=normal", "--steps", 1, "--out", tmp_path / f"{i}")
        assert 'family "ica"' in swiftgan("info", tmp_path / f"{i}").stdout
    refused = swiftgan("train", "ring", "--set", "family=icq", "--out", tmp_path / "x", status=1)
    assert 'did you mean "ica"' in refused.stderr
    refused = swiftgan("train", "ring", "--set", "family=ica", "--width", 8, "--out", tmp_path / "x", status=64)
    assert "--width: is for the family gan" in refused.stderr


def test_unknown_family(tmp_path):
    refused = swiftgan("train", "ring", "--family", "vea", "--out", tmp_path / "run", status=1)
    assert 'did you mean "vae"' in refused.stderr


@pytest.mark.parametrize(
    "family, setting",
    [("vae", "vae.decoder=gaussian"), ("made", "made.output=gaussian"), ("nade", "nade.output=mixture"),
     ("rbm", "rbm.visible=gaussian"), ("gsn", "gsn.output=gaussian")],
)  # fmt: skip
def test_families_of_values_from_0_to_1_say_what_takes_a_table(tmp_path, family, setting):
    (tmp_path / "table.csv").write_text("mm,g\n100,2\n200,3\n150,2.5\n300,1\n")
    asked = ["train", tmp_path / "table.csv", "--family", family, "--steps", 2, "--out", tmp_path / "run"]
    said = swiftgan(*asked, status=1).stderr
    key, value = setting.split("=")
    assert f'{key} "{value}" takes any values' in said
    swiftgan(*asked, "--set", setting)
