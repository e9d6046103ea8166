"""TensorBoard's event files: their frame by a reader of our own, their contents by TensorBoard's where it is installed."""

import struct

import pytest
from conftest import lines, swiftgan


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(path):
    data, place = path.read_bytes(), 0
    while place < len(data):
        header = data[place : place + 8]
        (length,) = struct.unpack("<Q", header)
        body = data[place + 12 : place + 12 + length]
        assert struct.unpack("<I", data[place + 8 : place + 12])[0] == masked(header)
        assert struct.unpack("<I", data[place + 12 + length : place + 16 + length])[0] == masked(body)
        yield body
        place += 16 + length


def test_records(run):
    assert crc32c(b"123456789") == 0xE3069283
    (path,) = (run.parent / "events").glob("events.out.tfevents.*")
    found = list(records(path))
    assert b"brain.Event:2" in found[0]
    # The version, the session's start, 40 steps, pictures of steps 0, 10, 20, 30, 40.
    assert len(found) == 2 + 40 + 5
    pictures = [body for body in found if b"\x89PNG" in body]
    assert len(pictures) == 5
    last = pictures[-1]
    assert last[last.index(b"\x89PNG") :] == (run / "samples" / "0000040.png").read_bytes()


def test_tensorboard_reads_them(run, images, tmp_path):
    module = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")

    def read(folder):
        events = module.EventAccumulator(str(folder), size_guidance={"scalars": 0, "images": 0})
        events.Reload()
        return events

    events = read(run.parent / "events")
    tags = events.Tags()
    assert tags["images"] == ["samples"]
    assert {"generator_cost", "discriminator_cost", "frechet_distance"} <= set(tags["scalars"])
    for tag in ["generator_cost", "frechet_distance"]:
        written = [(line["step"], line[tag]) for line in lines(run / "metrics.jsonl") if tag in line]
        assert [(e.step, e.value) for e in events.Scalars(tag)] == [(s, pytest.approx(v)) for s, v in written]
    assert [(e.step, e.width, e.height) for e in events.Images("samples")] == [
        (step, 146, 146) for step in range(0, 41, 10)
    ]
    # A killed run's later steps are forgotten when it goes on from its checkpoint.
    out, folder = tmp_path / "run", tmp_path / "events"
    train = ["train", images, "--width", 8, "--batch", 16, "--steps", 5, "--tensorboard", folder, "--out", out]
    swiftgan(*train)
    before = (out / "model.safetensors").read_bytes()
    swiftgan("resume", out, "--steps", 5)
    (out / "model.safetensors").write_bytes(before)
    swiftgan("resume", out, "--steps", 3)
    assert [e.step for e in read(folder).Scalars("generator_cost")] == list(range(1, 9))
