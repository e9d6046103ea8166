"""The pictures that a run leaves, read by somebody else's eyes: Python's zlib and XML parser."""

import struct
import xml.etree.ElementTree
import zlib

import numpy
import pytest
from conftest import chunks, swiftgan


def pixels(header, data):
    """The rows of a PNG without filters undone: only their number and length are looked at."""
    width, height, depth, kind = struct.unpack(">2I2B", header[:10])
    channels = {0: 1, 2: 3, 6: 4}[kind]
    raw = zlib.decompress(data)
    assert depth == 8 and len(raw) == height * (1 + width * channels)
    return raw


def test_progress_is_an_animation(run):
    found = chunks((run / "progress.png").read_bytes())
    kinds = [kind for kind, _ in found]
    header = found[0][1]
    frames, plays = struct.unpack(">2I", dict(found)["acTL"])
    assert kinds[:2] == ["IHDR", "acTL"] and kinds[-1] == "IEND" and plays == 0
    assert kinds.count("fcTL") == kinds.count("fdAT") == frames == len(list((run / "samples").iterdir()))
    # Numbered without a gap over both kinds; every picture is the file of its step.
    pictures = sorted((run / "samples").iterdir())
    numbers, place = [], 0
    for kind, body in found:
        if kind == "fcTL":
            number, width, height, x, y = struct.unpack(">5I", body[:20])
            assert (width, height) == struct.unpack(">2I", header[:8]) and (x, y) == (0, 0)
            numbers.append(number)
        elif kind == "fdAT":
            numbers.append(struct.unpack(">I", body[:4])[0])
            alone = chunks(pictures[place].read_bytes())
            data = b"".join(body for kind, body in alone if kind == "IDAT")
            assert pixels(header, body[4:]) == pixels(alone[0][1], data)
            place += 1
    assert numbers == list(range(2 * frames))
    # Whoever knows no animations sees the end.
    still = b"".join(body for kind, body in found if kind == "IDAT")
    assert pixels(header, still) == pixels(header, found[-2][1][4:])


def test_film_as_gif(run, tmp_path):
    """The same pictures as the run's, by Pillow's decoder; gray ones to the bit."""
    image = pytest.importorskip("PIL.Image")
    film = tmp_path / "film.gif"
    swiftgan("report", run, "--out", tmp_path / "page.html", "--film", film)
    pictures = sorted((run / "samples").iterdir())
    with image.open(film) as gif:
        assert gif.n_frames == len(pictures) == 5 and gif.info["loop"] == 0
        for i, path in enumerate(pictures):
            gif.seek(i)
            assert gif.info["duration"] == (2000 if i == 4 else 250)
            with image.open(path) as still:
                assert still.mode == "L" and gif.convert("L").tobytes() == still.tobytes()
    swiftgan("report", run, "--out", tmp_path / "page.html", "--film", tmp_path / "film.png")
    assert (tmp_path / "film.png").read_bytes() == (run / "progress.png").read_bytes()
    said = swiftgan("report", run, "--out", tmp_path / "page.html", "--film", tmp_path / "film.wav", status=1).stderr
    assert "expected the ending .gif" in said and not (tmp_path / "film.wav").exists()


def test_film_in_colors(tmp_path):
    """Of colors a picture has 256, near to its own."""
    image = pytest.importorskip("PIL.Image")
    out = tmp_path / "run"
    swiftgan("train", "ring", "--steps", 20, "--out", out)
    swiftgan("report", out, "--film", tmp_path / "film.gif")
    with image.open(tmp_path / "film.gif") as gif, image.open(out / "samples" / "0000020.png") as still:
        gif.seek(gif.n_frames - 1)
        found = numpy.asarray(gif.convert("RGB")).astype(int)
        wanted = numpy.asarray(still.convert("RGB")).astype(int)
        assert found.shape == wanted.shape and abs(found - wanted).mean() < 3
        assert (found[wanted.min(2) == 255] == 255).all()
    numpy.savetxt(tmp_path / "table.csv", numpy.random.default_rng(0).normal(size=(50, 3)), delimiter=",", header="a,b,c", comments="")
    swiftgan("train", tmp_path / "table.csv", "--steps", 1, "--out", tmp_path / "none")
    said = swiftgan("report", tmp_path / "none", "--film", tmp_path / "none.gif", status=1).stderr
    assert "--film: the samples of this run are no pictures" in said


def test_curves_are_xml(run):
    for name in ["curve.svg", "distance.svg"]:
        root = xml.etree.ElementTree.parse(run / name).getroot()
        assert root.tag == "{http://www.w3.org/2000/svg}svg" and root.get("viewBox")
        assert len(root.findall(".//{*}path")) > 10
        assert "step" in [text.text for text in root.findall(".//{*}text")]
    assert (run / "curve.svg").stat().st_size < 100_000


def test_plane_shows_data_samples_and_opinion(tmp_path):
    swiftgan("train", "ring", "--steps", 300, "--batch", 64, "--out", tmp_path / "run")
    found = chunks((tmp_path / "run" / "samples.png").read_bytes())
    width, height, depth, kind = struct.unpack(">2I2B", found[0][1][:10])
    assert (width, height, depth, kind) == (480, 480, 8, 2)
    raw = zlib.decompress(b"".join(body for name, body in found if name == "IDAT"))
    seen = set(unfiltered(raw, width * 3, 3))
    assert (0, 0, 0) in seen and (120, 120, 120) in seen
    assert len(seen) > 20


def unfiltered(raw, size, step):
    """The pixels of a PNG, its five filters undone."""
    before = bytearray(size)
    for start in range(0, len(raw), size + 1):
        how, row = raw[start], bytearray(raw[start + 1 : start + 1 + size])
        for i in range(size):
            a, b = row[i - step] if i >= step else 0, before[i]
            c = before[i - step] if i >= step else 0
            paeth = min((a, b, c), key=lambda x: abs(a + b - c - x))
            row[i] = (row[i] + [0, a, b, (a + b) // 2, paeth][how]) & 255
        before = row
        for i in range(0, size, step):
            yield tuple(row[i : i + step])
