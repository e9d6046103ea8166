"""What a training says while it runs: the library's log, and progress."""

import io
import logging
import sys

import numpy as np
import pytest

import swiftgan
from swiftgan._progress import Line


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(30, 2)).astype(np.float32)


@pytest.fixture
def quiet():
    yield
    swiftgan.set_log(None)


def folder_with_text(path):
    """Data that the library has a notice about."""
    folder = path / "pictures"
    folder.mkdir()
    swiftgan.write_png(folder / "a.png", np.zeros((1, 8, 8)), 1)
    (folder / "notes %d %s.txt").write_text("no picture")
    return folder


@pytest.mark.usefixtures("quiet")
def test_a_logger(tmp_path, caplog):
    logger = logging.getLogger("swiftgan.test")
    swiftgan.set_log(logger)
    with caplog.at_level(logging.DEBUG, "swiftgan.test"):
        swiftgan.Dataset.open(folder_with_text(tmp_path)).close()
    (record,) = caplog.records
    assert record.name == "swiftgan.test" and record.levelno == logging.INFO
    seen = []
    swiftgan.set_log(lambda level, message: seen.append((level, message)))
    swiftgan.Dataset.open(tmp_path / "pictures").close()
    assert seen == [("notice", record.getMessage())]
    swiftgan.set_log(None)
    swiftgan.Dataset.open(tmp_path / "pictures").close()
    assert len(caplog.records) == len(seen) == 1
    with pytest.raises(TypeError, match="receiver: expected a function, a logging.Logger or None, found str"):
        swiftgan.set_log("swiftgan")


def test_levels(caplog):
    from swiftgan.library import _to_logger

    adapter = logging.LoggerAdapter(logging.getLogger("swiftgan.levels"), {})
    with caplog.at_level(logging.DEBUG, "swiftgan.levels"):
        _to_logger(adapter, "warning", "50% of %s")
        _to_logger(adapter, "notice", "fine")
    assert [(r.levelno, r.getMessage()) for r in caplog.records] == [(logging.WARNING, "50% of %s"), (logging.INFO, "fine")]


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_line_without_tqdm(x, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    gan = swiftgan.GAN(width=4, steps=25, batch=8)
    for stream, progress, is_shown in (
        (Terminal(), None, True), (Terminal(), False, False), (io.StringIO(), None, False), (io.StringIO(), True, True),
    ):  # fmt: skip
        monkeypatch.setattr(sys, "stderr", stream)
        gan.fit(x, progress=progress)
        text = stream.getvalue()
        assert bool(text) == is_shown
        if is_shown:
            last = text.rstrip("\n").split("\r")[-1]
            assert last.startswith("25/25 steps in 0:0") and text.endswith("\n") and text.count("\n") == 1


def test_the_line_itself(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("swiftgan._progress.time.monotonic", lambda: now[0])
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr(sys, "stderr", Terminal())
    with Line(8000) as line:
        now[0] += 0.05
        line.update(10)
        assert sys.stderr.getvalue() == "", "not more often than somebody can read"
        now[0] += 1.95
        line.update(190)
        assert sys.stderr.getvalue() == "\r200/8000 steps in 0:02, 100 a second, 1:18 left"
        now[0] += 7498
        line.update(7800)
    lines = sys.stderr.getvalue().split("\r")
    assert lines[2].rstrip() == "8000/8000 steps in 2:05:00, 1.067 a second" and len(lines[2]) >= len(lines[1])
    monkeypatch.setattr(sys, "stderr", Terminal())
    with Line(5) as line:
        pass
    assert sys.stderr.getvalue() == "", "nothing was done"


def test_a_stop_ends_the_line(x, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    monkeypatch.setattr(sys, "stderr", Terminal())
    gan = swiftgan.GAN(width=4, steps=25, batch=8)
    gan.fit(x, progress=True, callbacks=lambda gan, report: False, every=10)
    assert "\r10/25 steps" in sys.stderr.getvalue() and sys.stderr.getvalue().endswith("\n")
