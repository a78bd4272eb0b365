"""What gradients teach about second derivatives."""

import numpy as np
import pytest

from nestling.fit.profile_secant import Secant

RNG = np.random.default_rng(2)
ROOT = RNG.normal(size=(4, 4))
TRUE = ROOT @ ROOT.T + np.eye(4)
ERROR = RNG.normal(size=(4, 4))
GUESS = TRUE + 0.2 * (ERROR + ERROR.T)


def shown(secant, z):
    """Show the gradient of a quadratic function at z."""
    return secant.corrected(z, TRUE @ z, GUESS)


def test_nothing_is_known_at_first():
    assert np.array_equal(shown(Secant(), np.zeros(4)), GUESS)


def test_the_last_step_is_explained_and_symmetry_kept():
    secant, z = Secant(), np.zeros(4)
    shown(secant, z)
    for _ in range(3):
        step = 0.1 * RNG.normal(size=4)
        z = z + step
        found = shown(secant, z)
        assert np.allclose(found @ step, TRUE @ step, rtol=1e-10, atol=1e-12)
        assert np.allclose(found, found.T, rtol=0.0, atol=1e-12)


def test_many_steps_teach_everything():
    secant, z = Secant(), np.zeros(4)
    shown(secant, z)
    for _ in range(60):
        z = z + 0.1 * RNG.normal(size=4)
        found = shown(secant, z)
    assert np.allclose(found, TRUE, rtol=0.0, atol=1e-3)


@pytest.mark.parametrize("length", [1e-7, 2.0])
def test_steps_too_short_or_too_long_teach_nothing(length):
    secant = Secant()
    shown(secant, np.zeros(4))
    assert np.array_equal(shown(secant, np.array([length, 0.0, 0.0, 0.0])), GUESS)


def test_a_contradiction_makes_it_forget():
    secant = Secant()
    shown(secant, np.zeros(4))
    assert not np.array_equal(shown(secant, np.full(4, 0.1)), GUESS)
    against = secant.corrected(np.full(4, 0.2), np.full(4, 1e3), GUESS)
    assert np.array_equal(against, GUESS)


def test_at_rest_it_neither_corrects_nor_learns():
    secant = Secant()
    shown(secant, np.zeros(4))
    secant.rest()
    assert np.array_equal(shown(secant, np.full(4, 0.1)), GUESS)
    secant.resume()
    assert np.array_equal(shown(secant, np.full(4, 0.2)), GUESS)
    assert not np.array_equal(shown(secant, np.full(4, 0.3)), GUESS)
