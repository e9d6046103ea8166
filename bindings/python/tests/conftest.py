import signal

import pytest

import swiftgan

# A shell ignores SIGINT for what it starts in the background, and its children do so too; the tests send it.
signal.signal(signal.SIGINT, signal.default_int_handler)

RING = {"data": {"shape": [2]}, "latent": {"size": 4}, "generator": {"preset": "mlp", "width": 16}}
RING["discriminator"] = RING["generator"]
TINY = {
    "data": {"shape": [16, 16, 1]},
    "latent": {"size": 8},
    "generator": {"preset": "dcgan", "width": 4},
    "discriminator": {"preset": "dcgan", "width": 4},
}


@pytest.fixture
def ring():
    with swiftgan.Model(RING) as model:
        yield model


@pytest.fixture
def tiny():
    with swiftgan.Model(TINY) as model:
        yield model


@pytest.fixture
def points():
    with swiftgan.Dataset.open("ring", count=1000) as data:
        yield data
