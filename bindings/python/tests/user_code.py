"""What a user's program looks like to type checkers: it misspells nothing. Never run; `test_typing.py` has it checked."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import swiftgan
from swiftgan import config, layers


def train(points: NDArray[np.float64], names: list[str], folder: Path) -> swiftgan.Samples:
    gan = swiftgan.GAN(
        "mlp",
        width=32,
        steps=100,
        batch=16,
        random_state=np.random.default_rng(0),
        latent=8,
        data={"range": "any"},
        labels="conditional",
        objective=config.LeastSquares(c=0.9),
        penalties=config.Penalties(r1=config.Penalty(0.1, every=16)),
        optimizer=config.Optimizers(config.Adam(0.0005), {"sgd": {"learning_rate": 0.1}}),
        learning_rate=config.Linear(100, to=0.02),
        discriminator=[layers.Dense(16), layers.ReLU(), layers.Dense(1)],
        instance_noise=0.3,
        average=0.99,
        standardize=False,
    )
    gan.fit(points, names, callbacks=lambda gan, report: print(gan.steps, report["step"]), progress=True)
    gan.set_params(average=0.5, random_state=None).partial_fit(points, names, steps=3)
    rate = gan.average if isinstance(gan.average, float) else 0.0
    scores: NDArray[np.float32] = gan.score_samples(points, labels=names)
    total: float = gan.score(points, names) + float(scores.mean()) + rate
    columns: int = gan.n_features_in_
    costs: NDArray[Any] = gan.history_["generator_cost"]
    print(total, columns, costs, gan.classes_, gan.get_params()["seed"])
    gan.plot_history(["generator_cost"])
    made = gan.sample(4, labels="cat", seed=1)
    made.save(folder / "made.npy", columns=4)
    print(made.range[0], made.mean(), made.to_pil(), made.plot())
    again: swiftgan.GAN = swiftgan.GAN.load(folder / "gan.safetensors")
    return again.sample(2)


class Tensor:
    """Of another program."""

    def __dlpack__(self, *, stream: int | None = None) -> object:
        raise NotImplementedError

    def __dlpack_device__(self) -> tuple[int, int]:
        raise NotImplementedError


class Table:
    """Of another program."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        raise NotImplementedError


def inputs(tensor: Tensor, table: Table, loader: list[tuple[NDArray[np.float32], NDArray[np.int64]]]) -> None:
    swiftgan.set_log(logging.getLogger("swiftgan"))
    swiftgan.set_log(lambda level, message: print(level, message))
    swiftgan.set_log(None)
    gan = swiftgan.GAN().fit(tensor).fit(table).fit(iter(loader)).fit("data.csv").fit(Path("data.npy"))
    gan.fit([[1.0, 2.0], [3.0, 4.0]])
    with swiftgan.Dataset.from_arrays(table) as data, swiftgan.Model({"data": {"shape": [2]}}) as model:
        model.train(data, 10, on_progress=lambda step, report: step < 5)
        print(model.step(tensor), model.discriminate(table), model.sample(2).shape, len(data))
