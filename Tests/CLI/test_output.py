"""Standard output that cannot be written: a full disk, a reader that has gone, a closed descriptor. No command passes for done."""

import os
import signal
import subprocess

import pytest
from conftest import COMMAND


def commands(run, images, folder):
    model, out = str(run / "model.safetensors"), str(folder / "out.png")
    return [
        ["--help"], ["--version"], ["help", "train"], ["sample", "--help"], ["--generate-completion-script", "bash"],
        ["--experimental-dump-help"], ["info", model], ["info", model, "--json"], ["info", str(images)],
        ["sample", model, "--out", out], ["sample", model, "--out", out, "--json"], ["interpolate", model, "--out", out],
        ["arithmetic", model, "--plus", "1", "--out", out],
        ["complete", model, str(images), "--samples", "0", "--answers", "1", "--out", out],
        ["evaluate", model, str(images), "--features", "pixels", "--ridge", "1"], ["compare-costs", "--out", out], ["compare-costs", "--out", out, "--json"],
        ["convert", str(run), str(folder / "g.onnx"), "--to", "onnx"], ["report", str(run), "--out", str(folder / "report.html")],
        ["compare", "ring", "--families", "made", "--steps", "2", "--out", str(folder / "comparison")],
        ["train", "ring", "--steps", "2", "--out", str(folder / "run"), "--overwrite"],
    ]  # fmt: skip


def ends(arguments, stdout, **options):
    """The exit status and what the command said on standard error."""
    result = subprocess.run([COMMAND, *arguments], stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=100, **options)
    return result.returncode, result.stderr


def test_full(run, images, tmp_path):
    for arguments in commands(run, images, tmp_path):
        with open("/dev/full", "w") as full:
            status, said = ends(arguments, full)
        assert status in ((1, 2) if arguments[0] == "train" else (1,)), arguments
        assert "swiftgan: standard output: No space left on device" in said, arguments
        assert ends(arguments, subprocess.DEVNULL)[0] == 0, arguments


@pytest.mark.parametrize("handler", [signal.SIG_DFL, signal.SIG_IGN])
def test_reader_that_has_gone(run, images, tmp_path, handler):
    for arguments in commands(run, images, tmp_path)[:9]:
        reader, writer = os.pipe()
        os.close(reader)
        with open(writer, "w") as pipe:
            status, said = ends(arguments, pipe, preexec_fn=lambda: signal.signal(signal.SIGPIPE, handler))
        assert (status, "standard output: Broken pipe" in said) == (1, True), arguments


def test_closed(run, images, tmp_path):
    """What is said must not go into a file that was opened in the place of standard output."""
    before = (run / "model.safetensors").read_bytes()
    for arguments in commands(run, images, tmp_path):
        status, said = ends(arguments, None, preexec_fn=lambda: os.close(1))
        assert status in ((1, 2) if arguments[0] == "train" else (1,)), arguments
        assert "standard output" in said, arguments
    assert (run / "model.safetensors").read_bytes() == before
    assert (tmp_path / "out.png").read_bytes()[:4] == b"\x89PNG"
    assert (tmp_path / "g.onnx").stat().st_size > 1000
    # All three closed: nobody hears of it, but the status.
    closed = subprocess.Popen([COMMAND, "info", str(run)], preexec_fn=lambda: [os.close(i) for i in range(3)])
    assert closed.wait(timeout=60) == 1


def test_full_pipe_that_does_not_block(images):
    """A reader may have made the pipe non-blocking; then what does not fit yet waits."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    os.write(writer, b"x" * 65536)
    process = subprocess.Popen([COMMAND, "info", str(images), "--json"], stdout=writer)
    os.close(writer)
    with open(reader, "rb") as pipe:
        said = pipe.read()[65536:]
    assert process.wait(timeout=60) == 0 and said.endswith(b"}\n")
