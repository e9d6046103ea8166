"""Writes metrics.json: metrics of sets of features, computed by NumPy and SciPy in float64 from their definitions. See README.md."""

import itertools
import math

import numpy as np
from scipy.linalg import sqrtm
from scipy.spatial.distance import cdist
from values import values, write

tags = itertools.count(2000)


def tensor(shape, scale=2.0, offset=0.0):
    """A recipe for the JSON and the float64 array that it makes."""
    recipe = {"tag": next(tags), "shape": list(shape), "scale": scale, "offset": offset}
    return recipe, values(recipe["tag"], shape, scale, offset).astype(np.float64)


def two_sets(name, real, fake, fake_scale=2.5, fake_offset=0.2, offset=0.0):
    """A case's beginning, and its two sets."""
    (rx, x), (ry, y) = tensor(real, 2.0, offset), tensor(fake, fake_scale, offset + fake_offset)
    return {"name": name, "real": rx, "fake": ry}, x, y


def squared_distances(x, y):
    return cdist(x, y, "sqeuclidean")


def frechet(name, real, fake, ridge=0.0, **sets):
    case, x, y = two_sets(name, real, fake, **sets)
    a, b = (np.atleast_2d(np.cov(z, rowvar=False)) + ridge * np.eye(z.shape[1]) for z in (x, y))
    mean = ((x.mean(0) - y.mean(0)) ** 2).sum()
    covariance = np.trace(a) + np.trace(b) - 2 * np.trace(np.real(sqrtm(a @ b)))
    terms = {"distance": mean + covariance, "mean_term": mean, "covariance_term": covariance}
    return case | {"ridge": ridge} | {k: float(v) for k, v in terms.items()}


def kernel(name, real, fake, **sets):
    """Of whole sets, without subsets."""
    case, x, y = two_sets(name, real, fake, **sets)
    n, d = x.shape

    def k(a, b):
        return (a @ b.T / d + 1) ** 3

    within = sum(m.sum() - np.trace(m) for m in (k(x, x), k(y, y))) / (n * (n - 1))
    return case | {"distance": float(within - 2 * k(x, y).mean())}


def precision_recall(name, real, fake, neighbors, density_neighbors, **sets):
    case, x, y = two_sets(name, real, fake, **sets)

    def radii(a, k):
        return np.sort(squared_distances(a, a), axis=1)[:, k]

    d = squared_distances(x, y)
    closed, open_ = radii(x, neighbors), radii(x, density_neighbors)
    inside = d < open_[:, None]
    return case | {
        "neighbors": neighbors,
        "density_neighbors": density_neighbors,
        "precision": float((d <= closed[:, None]).any(0).mean()),
        "recall": float((d <= radii(y, neighbors)[None, :]).any(1).mean()),
        "density": float(inside.sum() / (density_neighbors * len(y))),
        "coverage": float(inside.any(1).mean()),
    }


def score(name, shape, splits, scale=8.0, offset=0.0):
    recipe, logits = tensor(shape, scale, offset)
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    scores = []
    for s in range(splits):
        part = p[s * len(p) // splits : (s + 1) * len(p) // splits]
        scores.append(np.exp((part * (np.log(part) - np.log(part.mean(0)))).sum(1).mean()))
    mean, deviation = float(np.mean(scores)), float(np.std(scores))
    return {"name": name, "logits": recipe, "splits": splits, "score": mean, "deviation": deviation}


def sliced(name, real, fake, projections, **sets):
    case, x, y = two_sets(name, real, fake, **sets)
    recipe, w = tensor((projections, x.shape[1]))
    w /= np.linalg.norm(w, axis=1, keepdims=True)
    n = math.lcm(len(x), len(y))
    a, b = (np.sort(np.repeat(z @ w.T, n // len(z), axis=0), axis=0) for z in (x, y))
    squares = ((a - b) ** 2).mean(0)
    return case | {
        "directions": recipe,
        "distance": float(np.sqrt(squares).mean()),
        "root_mean_square": float(np.sqrt(squares.mean())),
        "deviation": float(np.sqrt(squares).std()),
    }


def modes(name, shape, centers, deviation, scale, offset=0.0):
    recipe, x = tensor(shape, scale, offset)
    distance = np.sqrt(squared_distances(x, centers))
    good = distance.min(1) <= 3 * deviation
    histogram = np.bincount(distance.argmin(1)[good], minlength=len(centers))
    p = histogram[histogram > 0] / histogram.sum()
    return {
        "name": name,
        "samples": recipe,
        "centers": centers.ravel().tolist(),
        "deviation": deviation,
        "modes_found": int((distance <= 3 * deviation).any(0).sum()),
        "high_quality": float(good.mean()),
        "reverse_kl": float((p * np.log(p * len(centers))).sum()),
        "histogram": histogram.tolist(),
    }


def neighbors(name, real, fake, **sets):
    """The real sample nearest to each fake, and the ten closest pairs of fakes."""
    case, x, y = two_sets(name, real, fake, **sets)
    d = squared_distances(y, x)
    i, j = np.triu_indices(len(y), 1)
    within = squared_distances(y, y)[i, j]
    order = np.argsort(within)[:10]
    return case | {
        "indices": d.argmin(1).tolist(),
        "distances": np.sqrt(d.min(1)).tolist(),
        "pairs": [[int(i[o]), int(j[o])] for o in order],
        "pair_distances": np.sqrt(within[order]).tolist(),
    }


def main():
    angles = 2 * np.pi * np.arange(8) / 8
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    line = np.arange(6.0)[:, None] * np.ones((1, 3))
    write(
        "metrics.json",
        {
            "frechet": [
                frechet("eight_features", (40, 8), (60, 8)),
                frechet("mean_far_from_zero", (200, 24), (100, 24), offset=100.0),
                frechet("ridge", (10, 16), (12, 16), ridge=0.1),
                frechet("one_feature", (5, 1), (9, 1)),
            ],
            "kernel": [
                kernel("six_features", (50, 6), (50, 6)),
                kernel("forty_features", (120, 40), (120, 40), fake_offset=0.5),
            ],
            "precision_recall": [
                precision_recall("few_features", (90, 3), (70, 3), 3, 5),
                precision_recall("many_features", (300, 40), (200, 40), 3, 5, fake_scale=2.1, fake_offset=0.05),
                precision_recall("one_neighbor", (60, 20), (80, 20), 1, 2, fake_scale=1.5),
                precision_recall("mean_far_from_zero", (300, 24), (290, 24), 5, 3, offset=100.0, fake_scale=1.9),
                precision_recall("blocks", (600, 17), (4200, 17), 2, 4, fake_scale=2.2),
            ],
            "score": [
                score("equal_splits", (100, 7), 10),
                score("unequal_splits", (47, 5), 10),
                score("large_logits", (60, 4), 3, 400.0, 1000.0),
            ],
            "sliced": [
                sliced("equal_counts", (60, 5), (60, 5), 20),
                sliced("unequal_counts", (60, 12), (45, 12), 33),
                sliced("mean_far_from_zero", (50, 3), (70, 3), 16, offset=100.0),
            ],
            "modes": [
                modes("ring", (400, 2), ring, 0.1, 2.4),
                modes("overlapping_line", (300, 3), line, 0.5, 4.0, 2.0),
            ],
            "neighbors": [
                neighbors("few_features", (80, 4), (50, 4)),
                neighbors("many_features", (200, 64), (60, 64), offset=10.0),
            ],
        },
    )


if __name__ == "__main__":
    main()
