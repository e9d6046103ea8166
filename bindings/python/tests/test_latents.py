import numpy as np
import pytest

import swiftgan


def test_latents_and_paths(tiny):
    z = tiny.latents(4, seed=3)
    assert z.shape == (4, 8)
    np.testing.assert_array_equal(tiny.sample(4, latents=z), tiny.sample(4, seed=3))
    line = swiftgan.interpolate(z[0], z[1], 5, spherical=False)
    np.testing.assert_allclose(line, np.linspace(z[0], z[1], 5), atol=1e-6)
    a = 2 * z[0] / np.linalg.norm(z[0])
    b = 2 * z[1] / np.linalg.norm(z[1])
    np.testing.assert_allclose(np.linalg.norm(swiftgan.interpolate(a, b, 7), axis=1), 2, rtol=1e-5)
    with pytest.raises(ValueError, match="one size"):
        swiftgan.interpolate(z[0], z[1, :3], 5)


def test_completes(tiny):
    x = tiny.sample(2, seed=1)
    mask = np.zeros((16, 16, 1), bool)
    mask[:8] = True
    filled = tiny.complete(x, mask, answers=2, steps=20)
    assert filled.shape == (2, 2, 16, 16, 1)
    np.testing.assert_array_equal(filled[:, 0, :8], x[:, :8])
    latents, errors = tiny.find_latents(x, answers=2, tries=3, steps=20)
    assert latents.shape == (2, 2, 8) and errors.shape == (2, 2)
    assert (errors[:, 0] <= errors[:, 1]).all()
    with pytest.raises(swiftgan.ConfigError, match="steps"):
        tiny.find_latents(x, steps=0)
