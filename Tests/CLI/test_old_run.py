"""A run's folder that version 0.1.0 wrote before models had families (November 2026)."""

import pathlib
import shutil

from conftest import lines, swiftgan

OLD = pathlib.Path(__file__).parent / "old_run"


def test_resumes(tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(OLD, folder)
    before = (folder / "metrics.jsonl").read_text()
    swiftgan("resume", folder, "--steps", 3)
    after = lines(folder / "metrics.jsonl")
    assert (folder / "metrics.jsonl").read_text().startswith(before)
    assert [line["step"] for line in after] == list(range(1, 16))
    # The keys of a report stay.
    assert list(after[-1]) == list(after[0])
    assert (folder / "samples.png").exists()
    swiftgan("report", folder)


def test_is_read():
    assert 'family "gan" after 12 steps' in swiftgan("info", OLD).stdout
    assert len(swiftgan("sample", OLD, "--count", 5).stdout.splitlines()) == 5
