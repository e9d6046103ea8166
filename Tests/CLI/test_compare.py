"""swiftgan compare: families of models side by side."""

import json
import re
import time

from conftest import chunks, swiftgan


def test_ring(tmp_path):
    out = tmp_path / "comparison"
    start = time.monotonic()
    result = swiftgan("compare", "ring", "--minutes", "0.05", "--out", out)
    assert time.monotonic() - start < 3 * 1.2 + 10
    report = json.loads((out / "comparison.json").read_text())
    families = [row["family"] for row in report["families"]]
    table = result.stdout.splitlines()
    assert table[0].split()[:3] == ["family", "steps", "nats"]
    listed = [line.split()[0] for line in table[1 : table.index("")]]
    assert listed == [row["family"] for row in report["families"] if row["refusal"] is None]
    assert {"gan", "vae", "made", "nade", "realnvp", "nice", "ica", "rbm", "gsn"} <= set(listed)
    refused = set(families) - set(listed)
    assert {"lapgan", "dbm", "pixelcnn", "pixelrnn"} <= refused
    assert all(f"{family} cannot take the data" in result.stdout for family in refused)
    assert result.stdout.splitlines()[-3:] == [f"{out}/{name}" for name in ("index.html", "comparison.json", "samples.png")]
    assert chunks((out / "samples.png").read_bytes())[0][0] == "IHDR"
    page = (out / "index.html").read_text()
    # Nothing of the page comes from elsewhere, and all of its parts are in it.
    assert not re.search(r"""(?:src|href)=["'](?!data:)""", page) and "url(" not in page and "<script" not in page
    assert "§" not in page and page.count("<img src=\"data:image/png;base64,") == len(listed)
    assert all(f"<th scope=\"row\">{family}</th>" in page for family in listed)


def test_images(images, tmp_path):
    out = tmp_path / "comparison"
    arguments = ["compare", images, "--families", "gan,vae,made", "--steps", "2", "--set", "vae.latent.size=3", "--out", out, "--json"]
    result = json.loads(swiftgan(*arguments).stdout)
    rows = {row["family"]: row for row in result["comparison"]["families"]}
    assert list(rows) == ["gan", "vae", "made"] and all(row["steps"] == 2 for row in rows.values())
    assert rows["vae"]["latent_size"] == 3 and rows["vae"]["full_support"] is False
    assert rows["vae"]["likelihood"]["binarization"] == "fixed"
    assert rows["made"]["sampling"] == "sequential" and rows["gan"]["sampling"] == "parallel"
    assert result["written"] == [f"{out}/{name}" for name in ("index.html", "comparison.json", "samples.png")]
    assert json.loads((out / "comparison.json").read_text()) == result["comparison"]


def test_vectors_and_text_that_html_would_take_for_its_own(tmp_path):
    folder = tmp_path / "a <b> & §ROWS§"
    folder.mkdir()
    table = folder / "table.csv"
    table.write_text("x,y,z\n" + "".join(f"{i % 7},{i % 5 * 100},{i / 9}\n" for i in range(100)))
    out = tmp_path / "comparison"
    swiftgan("compare", table, "--families", "gan,nice", "--steps", "3", "--out", out)
    page = (out / "index.html").read_text()
    assert "a &lt;b> &amp; §ROWS§/table.csv" in page and page.count("<tr>") == 3
    assert (out / "samples.png").exists()


def test_mistakes(tmp_path):
    out = tmp_path / "comparison"

    def said(*arguments, status=1):
        result = swiftgan("compare", "ring", *arguments, "--out", out, status=status)
        assert not out.exists()
        return result.stderr

    assert 'unknown family "vea"' in said("--families", "gan,vea") and 'did you mean "vae"' in said("--families", "vea")
    assert "unknown family" in said("--families", "gan,")
    assert "--minutes: expected a time above 0" in said("--minutes", "0", status=64)
    assert "--minutes: expected a time above 0" in said("--minutes=-1", status=64)
    assert "--minutes: not together with --steps" in said("--minutes", "1", "--steps", "1", status=64)
    assert "held_out" in said("--held-out", "3")
    assert 'did you mean "vae"' in said("--set", "vaee.latent.size=3")
    assert "swiftgan: nowhere" in swiftgan("compare", "nowhere", "--out", out, status=1).stderr
    few = swiftgan("compare", "ring", "--data-option", "count=20", "--out", out, status=1)
    assert "at least 42 samples; the data has 20" in few.stderr
