"""`swiftgan schema`, and the reference that is made of it."""

import json
import pathlib
import subprocess
import sys

from conftest import swiftgan

ROOT = pathlib.Path(__file__).parents[2]


def test_schema_is_printed_and_the_reference_is_made_of_it():
    text = swiftgan("schema").stdout
    assert json.loads(text)["properties"]["family"]["default"] == "gan"
    made = subprocess.run(
        [sys.executable, ROOT / "docs/configuration.py"], input=text, capture_output=True, text=True, check=True
    ).stdout
    assert made == (ROOT / "docs/configuration.md").read_text(), "docs/configuration.md is old: make reference"
