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
    assert data["status"].startswith(f"Training ended after step 40. The Fréchet distance was least at {where}")
    assert data["configuration"] == json.loads((run / "configuration.json").read_text())
    assert data["sessions"] == json.loads((run / "run.json").read_text())["sessions"]
    charts = {chart["title"]: chart for chart in data["charts"]}
    assert {title: charts[title]["axis"] for title in ("Costs", "Discriminator output", "Discriminator accuracy", "Speed")} == {
        "Costs": "cost", "Discriminator output": "mean output (probability)", "Discriminator accuracy": "share",
        "Speed": "samples per second",
    }  # fmt: skip
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


def test_verdict_is_of_the_last_steps_and_explained(run, tmp_path):
    _, page, data = report(run, "--out", tmp_path / "page.html")
    verdicts = [line["verdict"] for line in lines(run / "metrics.jsonl")]
    assert data["judged"] == len(verdicts) == 40
    assert sum(word["count"] for word in data["words"]) == 40
    for word in data["words"]:
        assert f"{word['words']} in {word['count']}" in data["verdict"]
        assert word["count"] == sum(verdict.startswith(word["words"]) for verdict in verdicts)
        # Whole sentences, and the figures of the last such step.
        assert word["meaning"].count(". ") >= 1
        last = max(step for step, verdict in enumerate(verdicts, 1) if verdict.startswith(word["words"]))
        assert verdicts[last - 1] == word["words"] or f"At step {last}: “{verdicts[last - 1]}”." in word["meaning"]


def test_verdict_of_a_cost(images, tmp_path):
    """Where steps have no verdict the page compares the costs of the last 200 steps with those before."""
    out = tmp_path / "run"
    swiftgan("train", "ring", "--family", "vae", "--set", "vae.decoder=gaussian", "--steps", 450, "--batch", 16, "--out", out)
    _, _, data = report(out)
    costs = [line["cost"] for line in lines(out / "metrics.jsonl")]
    found = re.search(r"last 200 steps is ([-\d.,]+), that of the 200 before is ([-\d.,]+): ", data["verdict"])
    for text, part in zip(found.groups(), (costs[250:], costs[50:250]), strict=True):
        assert abs(float(text.replace(",", "")) - sum(part) / 200) <= 1e-3 * abs(sum(part) / 200)
    assert data["words"] == [] and data["defaults"]["vae"]


def test_settings_beside_their_defaults(run, tmp_path):
    _, _, data = report(run, "--out", tmp_path / "page.html")
    assert data["configuration"]["generator"]["width"] == 8 and data["defaults"]["generator"]["width"] == 64
    assert data["configuration"]["objective"] == data["defaults"]["objective"]
    assert list(data["configuration"]) == list(data["defaults"])


def test_thousands_are_separated(run, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(run, folder)
    rows = [json.dumps(line | {"step": line["step"] + 12000}) for line in lines(folder / "metrics.jsonl")]
    (folder / "metrics.jsonl").write_text("\n".join(rows) + "\n")
    _, page, data = report(folder)
    assert "after 12,040 steps" in page.texts["title"] and "Training ended after step 12,040." in data["status"]
    assert dict(data["facts"])["Steps"] == "12,040"


def test_samples_follow_the_verdict_and_print_needs_no_pointer(run, tmp_path):
    text, _, _ = report(run, "--out", tmp_path / "page.html")
    order = [text.index(part) for part in ("data.verdict)", "data.status)", "data.frames.length", 'section("Curves"')]
    assert order == sorted(order)
    style = text[text.index("@media print") : text.index("</style>")]
    assert "break-inside: avoid" in style and "break-after: avoid" in style and ".strip { display: block" in style
    assert text.count('"beforeprint"') == 2


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
