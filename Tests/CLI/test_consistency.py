"""docs/consistency.py: divergences to a known mixture over samples and width."""

import csv
import math
import os
import pathlib
import subprocess
import sys
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).parents[2]


def test_consistency(tmp_path):
    arguments = ["--sizes", "50,200", "--widths", "8", "--steps", "5", "--fresh", "100", "--out", tmp_path]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "bindings" / "python")}
    subprocess.run([sys.executable, ROOT / "docs" / "consistency.py", *arguments], check=True, env=environment)
    rows = list(csv.DictReader((tmp_path / "consistency.csv").open()))
    assert [r["family"] for r in rows[::2]] == ["data", "gan", "nade", "realnvp", "vae"] and len(rows) == 10
    floor = float(rows[0]["js"])
    for row in rows[2:]:
        assert floor < float(row["js"]) <= math.log(2) + 1e-9
        assert (row["kl"] == "") == (row["family"] == "gan")
    # Hardly trained models are far from the data.
    assert all(float(r["kl"]) > 0.5 for r in rows if r["kl"])
    assert xml.etree.ElementTree.parse(tmp_path / "consistency.svg").getroot().tag.endswith("svg")
