"""Steps of many replicates against the step of one."""

import numpy as np
import pytest

from nestling.fit.batch_newton import bounded_steps
from nestling.fit.newton import trust_region_step


def test_bounded_steps_are_those_of_each_alone():
    rng = np.random.default_rng(4)
    H = rng.normal(size=(3, 3, 60))
    H = H + H.transpose(1, 0, 2)
    H[:, :, :20] = np.einsum("abr,cbr->acr", H[:, :, :20], H[:, :, :20])
    g = rng.normal(size=(3, 60))
    radius = rng.uniform(0.05, 3.0, size=60)
    H[:, :, 50], g[:, 50] = np.diag([-1.0, 2.0, 3.0]), [0.0, 0.1, 0.1]  # the hard case
    H[:, :, 51], g[:, 51] = np.diag([0.0, 2.0, 3.0]), [0.0, 0.1, 0.1]  # flat
    steps, promise = bounded_steps(H, g, radius)
    for r in range(60):
        step, promised = trust_region_step(H[:, :, r], g[:, r], radius[r])
        # the length is found to a part in a thousand
        assert promise[r] == pytest.approx(promised, rel=5e-3)
        if r != 50:
            assert steps[:, r] == pytest.approx(step, abs=5e-3 * np.linalg.norm(step))


def test_a_saddle_is_left_along_negative_curvature():
    H = np.diag([-1.0, 2.0])[:, :, None]
    steps, promise = bounded_steps(H, np.zeros((2, 1)), np.array([0.5]))
    assert np.abs(steps[:, 0]) == pytest.approx([0.5, 0.0], rel=1e-3)
    assert promise[0] == pytest.approx(0.125, rel=5e-3)
