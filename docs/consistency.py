"""Asymptotic consistency: how far models are from a known mixture as data and width grow.

    PYTHONPATH=bindings/python python3 docs/consistency.py --out consistency

Trains families on 10^2 … 10^5 samples of eight normal distributions on a ring, whose density is known, with networks of
growing width. Writes consistency.csv and consistency.svg into the folder. Two divergences from the data:

- KL(data | model) = E log p_data(x) - log p_model(x) over fresh samples, of families with a likelihood; of a VAE it is an
  upper bound, since its log p_model is a lower one (the integral over its two latent numbers comes near).
- Jensen-Shannon divergence of histograms, of every family, the GAN included; "data" is that of fresh samples of the mixture,
  which no finite histogram gets below.

Needs NumPy. Takes about half an hour on two cores; --steps, --sizes, --widths make it shorter.
"""

import argparse
import csv
import pathlib

import numpy as np
import swiftgan

MODES, RADIUS, DEVIATION = 8, 1.0, 0.1
ANGLES = 2 * np.pi * np.arange(MODES) / MODES
CENTERS = RADIUS * np.stack([np.cos(ANGLES), np.sin(ANGLES)], 1)


def log_density(x):
    """log p_data of points (count, 2), in nats."""
    squares = ((x[:, None].astype(np.float64) - CENTERS) ** 2).sum(2) / (2 * DEVIATION**2)
    least = squares.min(1)
    total = np.log(np.exp(least[:, None] - squares).sum(1)) - least
    return total - np.log(MODES * 2 * np.pi * DEVIATION**2)


def mlp(width):
    return {"preset": "mlp", "width": width}


def configuration(family, width):
    """A model of points in the plane whose networks have hidden layers of one width."""
    own = {
        "gan": {"latent": {"size": 2}, "generator": mlp(width), "discriminator": mlp(width)},
        "nade": {"nade": {"width": width, "output": "mixture"}},
        "realnvp": {"realnvp": {"width": width}},
        "vae": {
            "latent": {"size": 2},
            "vae": {
                "encoder_network": mlp(width),
                "decoder_network": mlp(width),
                "decoder": "gaussian",
                "deviation": None,
                "samples": "drawn",
            },
        },
    }[family]
    return {"family": family, "data": {"shape": [2]}, "average": 0.99} | own


def histogram(x):
    counts, _, _ = np.histogram2d(x[:, 0], x[:, 1], bins=40, range=[[-1.5, 1.5]] * 2)
    return counts.ravel() / len(x)


def jensen_shannon(p, q):
    """In nats, of two histograms; what lies outside them counts as one more cell."""
    p, q = np.append(p, 1 - p.sum()), np.append(q, 1 - q.sum())
    middle = (p + q) / 2

    def divergence(a):
        seen = a > 0
        return float((a[seen] * np.log(a[seen] / middle[seen])).sum())

    return (divergence(p) + divergence(q)) / 2


def draw(rows, title, key, path_rows, x0):
    """One panel of the picture: a line for each family and width, divergence against samples, both logarithmic."""
    colors = {"gan": "#d62728", "nade": "#1f77b4", "realnvp": "#2ca02c", "vae": "#9467bd", "data": "#777777"}
    values = [r[key] for r in rows if r[key] is not None and r[key] > 0]
    low, high = np.floor(np.log10(min(values))), np.ceil(np.log10(max(values)))
    sizes = sorted({r["samples"] for r in rows})
    first, last = np.log10(sizes[0]), max(np.log10(sizes[-1]), np.log10(sizes[0]) + 1)

    def at(n, v):
        x = x0 + 60 + 300 * (np.log10(n) - first) / (last - first)
        y = 260 - 220 * (np.log10(max(v, 10.0**low)) - low) / max(high - low, 1)
        return f"{x:.1f},{y:.1f}"

    out = [f'<text x="{x0 + 60}" y="22">{title}</text>']
    for e in range(int(low), int(high) + 1):
        y = 260 - 220 * (e - low) / max(high - low, 1)
        out.append(f'<path d="M{x0 + 60} {y:.1f}h300" stroke="#ddd"/><text x="{x0 + 8}" y="{y + 4:.1f}">1e{e}</text>')
    for n in sizes:
        out.append(f'<text x="{at(n, 10.0**low).split(",")[0]}" y="280" text-anchor="middle">{n}</text>')
    for (family, width), line in path_rows.items():
        points = " ".join(at(r["samples"], r[key]) for r in line if r[key] is not None)
        if points:
            wide = 1 + 0.6 * sorted({w for f, w in path_rows if f == family}).index(width)
            out.append(f'<polyline points="{points}" fill="none" stroke="{colors[family]}" stroke-width="{wide}"/>')
    return out, colors


def picture(rows):
    lines = {}
    for r in rows:
        lines.setdefault((r["family"], r["width"]), []).append(r)
    left, colors = draw(rows, "KL(data | model), nats", "kl", lines, 0)
    right, _ = draw(rows, "Jensen-Shannon divergence of histograms, nats", "js", lines, 390)
    legend = []
    for i, family in enumerate(dict.fromkeys(r["family"] for r in rows)):
        legend.append(
            f'<path d="M{60 + 120 * i} 306h24" stroke="{colors[family]}" stroke-width="3"/>'
            f'<text x="{90 + 120 * i}" y="310">{family}</text>'
        )
    legend.append('<text x="60" y="332">Horizontal: training samples. The wider the line, the wider the networks.</text>')
    body = "\n".join(left + right + legend)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="770" height="345" font-family="sans-serif" font-size="12">\n'
        f'<rect width="100%" height="100%" fill="white"/>\n{body}\n</svg>\n'
    )


def measure(model, family, fresh, reference):
    kl = None
    if family != "gan":
        options = {"quadrature": 200} if family == "vae" else {}
        kl = float((log_density(fresh) - model.log_likelihood(fresh, **options)).mean())
    return kl, jensen_shannon(reference, histogram(model.sample(20_000, seed=7)))


def main():
    def numbers(text):
        return [int(x) for x in text.split(",")]

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--families", default="gan,nade,realnvp,vae", help="some of gan, nade, realnvp, vae")
    parser.add_argument("--sizes", type=numbers, default=[100, 1000, 10_000, 100_000], help="training samples")
    parser.add_argument("--widths", type=numbers, default=[16, 64, 256], help="units of hidden layers")
    parser.add_argument("--steps", type=int, default=3000, help="of each training")
    parser.add_argument("--fresh", type=int, default=4000, help="samples of the Kullback-Leibler divergence")
    parser.add_argument("--out", default="consistency", help="the folder to write")
    options = parser.parse_args()

    ring = {"deviation": DEVIATION, "modes": MODES, "radius": RADIUS}
    with swiftgan.Dataset.open("ring", count=max(400_000, options.fresh), seed=1000, **ring) as data:
        fresh = data.read(0, options.fresh)[0]
        reference = histogram(data.read(0, len(data))[0])
    with swiftgan.Dataset.open("ring", count=20_000, seed=2000, **ring) as data:
        floor = jensen_shannon(reference, histogram(data.read(0, len(data))[0]))
    rows = [{"family": "data", "width": 0, "samples": n, "kl": None, "js": floor} for n in options.sizes]
    for family in options.families.split(","):
        for width in options.widths:
            for n in options.sizes:
                with swiftgan.Dataset.open("ring", count=n, seed=1, **ring) as data:
                    model = swiftgan.Model(configuration(family, width))
                    model.train(data, options.steps, batch=min(256, n))
                    kl, js = measure(model, family, fresh, reference)
                rows.append({"family": family, "width": width, "samples": n, "kl": kl, "js": js})
                print(f"{family:8} width {width:4} on {n:6} samples: KL {'-' if kl is None else f'{kl:.3f}':>7}, JS {js:.4f}", flush=True)
    folder = pathlib.Path(options.out)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "consistency.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    (folder / "consistency.svg").write_text(picture(rows))


if __name__ == "__main__":
    main()
