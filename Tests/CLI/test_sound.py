"""Sound as data, and as samples, from the command line."""

import base64
import json
import math
import wave

import pytest
from conftest import swiftgan


def write(path, frequency, count=2000, rate=8000):
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        samples = (round(20000 * math.sin(2 * math.pi * frequency * t / rate)) for t in range(count))
        file.writeframes(b"".join(x.to_bytes(2, "little", signed=True) for x in samples))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run on windows of two tones, a class each."""
    folder = tmp_path_factory.mktemp("sound")
    for name, frequency in (("high", 880), ("low", 440)):
        write(folder / "tones" / name / "a.wav", frequency)
    swiftgan(
        "train", folder / "tones", "--family", "wavenet", "--labels", "conditional", "--data-option", "window=200", "--set",
        "wavenet.layers=3", "--set", "wavenet.width=4", "--batch", 4, "--steps", 3, "--out", folder / "run",
    )
    return folder / "run"


def test_folders_of_sound(run):
    info = json.loads(swiftgan("info", run.parent / "tones", "--data-option", "window=200", "--json").stdout)
    assert (info["count"], info["shape"], info["sample_rate"], info["class_names"]) == (20, [200], 8000, ["high", "low"])


def test_samples_are_sound(run, tmp_path):
    swiftgan("sample", run, "--count", 3, "--out", tmp_path / "all.wav")
    with wave.open(str(tmp_path / "all.wav")) as file:
        assert (file.getnframes(), file.getframerate(), file.getnchannels(), file.getsampwidth()) == (600, 8000, 1, 2)
    swiftgan("sample", run, "--count", 2, "--label", "low", "--out", f"{tmp_path}/each/")
    assert sorted(p.name for p in (tmp_path / "each").iterdir()) == ["00000.wav", "00001.wav"]
    with wave.open(str(tmp_path / "each/00001.wav")) as file:
        assert file.getnframes() == 200
    swiftgan("sample", run, "--count", 2, "--out", tmp_path / "x.npz")
    assert "written to .wav" in swiftgan("sample", run, "--out", tmp_path / "x.png", status=1).stderr


def test_a_run_of_sound_is_seen_and_heard(run):
    """Spectrograms through time, and the last samples in the page's player."""
    assert (run / "samples.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n" and (run / "progress.png").exists()
    with wave.open(str(run / "samples.wav")) as file:
        assert (file.getnframes(), file.getframerate()) == (4 * 200, 8000)
    swiftgan("report", run)
    page = (run / "report.html").read_text()
    sound = "data:audio/wav;base64," + base64.b64encode((run / "samples.wav").read_bytes()).decode()
    assert json.dumps(sound) in page.replace("\\/", "/") and "Spectrograms" in page


def test_what_does_not_fit(run, tmp_path):
    write(tmp_path / "fast" / "high" / "a.wav", 440, rate=16000)
    options = ("--family", "wavenet", "--data-option", "window=200", "--batch", 2, "--steps", 1, "--out", tmp_path / "out")
    said = swiftgan("train", tmp_path / "fast", *options, "--set", "data.sample_rate=8000", status=1).stderr
    assert "16000 samples a second" in said and "data.sample_rate" in said
    (tmp_path / "mp3").mkdir()
    (tmp_path / "mp3" / "a.wav").write_bytes(b"ID3" + bytes(100))
    assert "does not begin as a WAV file" in swiftgan("info", tmp_path / "mp3", status=1).stderr
    assert "--labels" in swiftgan("train", tmp_path / "fast", "--family", "made", "--labels", "conditional", status=64).stderr
