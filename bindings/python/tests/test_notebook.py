"""The example notebook, where nbclient and a kernel are installed."""

import json
import pathlib

import pytest

nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
pytest.importorskip("ipykernel", reason="ipykernel is not installed")

FOLDER = pathlib.Path(__file__).parents[1]


def test_example_notebook(monkeypatch):
    import nbformat

    monkeypatch.setenv("PYTHONPATH", str(FOLDER))
    notebook = nbformat.read(FOLDER / "example.ipynb", as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells), "kept without outputs"
    nbclient.NotebookClient(notebook, timeout=300).execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", []) if "data" in output]
    texts = [output["data"]["text/plain"] for output in shown]
    assert sum("image/png" in output["data"] for output in shown) == 3
    real, noise = next(json.loads(text) for text in texts if text[:1] == "[" and text[1:2] != "'")
    assert real > noise + 1, "the discriminator tells discs from noise"
    assert "True" in texts, "what was loaded trained on with the same bits"
    assert "['discs.safetensors', 'generator.onnx', 'generator.safetensors']" in texts
