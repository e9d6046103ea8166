"""The page of a run: one file that needs nothing else, whose data is what the run wrote."""

import base64
import html.parser
import json
import re
import shutil

from conftest import chunks, lines, swiftgan

VOID = {"meta", "link", "img", "input", "br"}


class Page(html.parser.HTMLParser):
    """The elements of a page, properly nested, and the text in scripts."""

    def __init__(self, text):
        super().__init__()
        self.open, self.found, self.texts = [], [], {}
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, text):
        if self.open:
            tag, attributes = self.open[-1]
            key = attributes.get("id") or tag
            self.texts[key] = self.texts.get(key, "") + text


def report(folder, *options):
    (path,) = json.loads(swiftgan("report", folder, *options, "--json").stdout)["written"]
    text = open(path, encoding="utf-8").read()
    page = Page(text)
    return text, page, json.loads(page.texts["data"])


def picture(address):
    kind, data = address.split(",")
    assert kind == "data:image/png;base64"
    return base64.b64decode(data, validate=True)


def test_page_is_whole(run, tmp_path):
    text, page, data = report(run, "--out", tmp_path / "page.html")
    tags = [tag for tag, _ in page.found]
    assert text.startswith("<!DOCTYPE html>") and tags.count("main") == 1 and tags.count("h1") == 1
    attributes = {a["name"]: a["content"] for t, a in page.found if t == "meta" and "name" in a}
    assert attributes["viewport"].startswith("width=device-width") and "dark" in attributes["color-scheme"]
    assert "prefers-color-scheme: dark" in text and dict(page.found[0][1])["lang"] == "en"
    # Nothing comes from elsewhere, and the page says so to the browser.
    policy = next(a["content"] for t, a in page.found if a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy
    assert not [a for _, a in page.found if "src" in a or "href" in a]
    assert set(re.findall(r"https?://[^\"\s]*", text)) == {"http://www.w3.org/2000/svg"}
    assert "@DATA@" not in text and "@TITLE@" not in text


def test_page_shows_the_run(run, tmp_path):
    _, _, data = report(run, "--out", tmp_path / "page.html")
    found = lines(run / "metrics.jsonl")
    distances = {line["step"]: line["frechet_distance"] for line in found if "frechet_distance" in line}
    least = min(distances, key=distances.get)
    where = "the last evaluation" if least == 40 else f"step {least}"
    assert data["verdict"].startswith(f"The last step: {found[-1]['verdict']}. The Fréchet distance was least at {where}")
    assert json.loads(data["configuration"]) == json.loads((run / "configuration.json").read_text())
    assert data["sessions"] == json.loads((run / "run.json").read_text())["sessions"]
    charts = {chart["title"]: chart for chart in data["charts"]}
    costs = charts["Costs"]
    assert costs["x"] == list(range(1, 41))
    for line, mean in zip(found, costs["series"][0]["mean"], strict=True):
        assert abs(mean - line["discriminator_cost"]) <= 1e-4 * abs(line["discriminator_cost"])
    assert charts["Fréchet distance"]["x"] == [20, 40]
    # What is in no chart of its own kind gets one.
    assert len(charts["Logit gap"]["series"][0]["mean"]) == 40
    assert [frame["step"] for frame in data["frames"]] == [0, 10, 20, 30, 40]
    for frame in data["frames"]:
        assert picture(frame["image"]) == (run / "samples" / f"{frame['step']:07}.png").read_bytes()
    assert chunks(picture(data["neighbors"]["image"]))[0][0] == "IHDR"


def test_page_without_the_data(run, images, tmp_path):
    """A run whose data has gone is shown without neighbors, and the page says why and what to do."""
    folder = tmp_path / "a<b>&'c"
    shutil.copytree(run, folder)
    settings = json.loads((folder / "run.json").read_text())
    settings["data"] = str(tmp_path / "gone</script><script>alert(1)")
    (folder / "run.json").write_text(json.dumps(settings))
    _, page, data = report(folder)
    assert "holds no" in data["neighbors"]["caption"] or "No such file" in data["neighbors"]["caption"]
    assert "image" not in data["neighbors"]
    assert str(folder) in page.texts["title"]
    assert [tag for tag, _ in page.found].count("script") == 2
    assert "image" in report(folder, "--data", images)[2]["neighbors"]


def test_long_runs_are_thinned(tmp_path):
    out = tmp_path / "run"
    swiftgan("train", "ring", "--steps", 3000, "--batch", 16, "--width", 16, "--out", out)
    text, _, data = report(out)
    found = lines(out / "metrics.jsonl")
    for chart in data["charts"]:
        assert len(chart["x"]) <= 600
        assert (chart["x"][0], chart["x"][-1]) == (1, 3000)
    # No spike is lost.
    cost = data["charts"][0]["series"][1]
    assert max(cost["greatest"]) >= max(line["generator_cost"] for line in found) * (1 - 1e-4)
    assert min(cost["least"]) <= min(line["generator_cost"] for line in found) * (1 + 1e-4)
    assert all(a <= b <= c for a, b, c in zip(cost["least"], cost["mean"], cost["greatest"], strict=True))
    assert len(data["frames"]) <= 40
    assert len(re.sub(r"data:image/png;base64,[^\"]*", "", text)) < 400_000
