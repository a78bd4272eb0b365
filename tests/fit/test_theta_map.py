"""Where each element of theta stands."""

import numpy as np
import pytest

from builders import MODELS, pose_model
from nestling.fit.theta_map import ThetaMap
from nestling.statistics.layout import Layout, Place

LAYOUTS = [
    (Layout((Place(0, 0, 1),), (1,), ((0,),)), [[[1]]]),
    (Layout((Place(0, 0, 2),), (2,), ((0,),)), [[[1, 0], [2, 3]]]),
    (
        Layout((Place(0, 0, 3),), (3,), ((0,),)),
        [[[1, 0, 0], [2, 4, 0], [3, 5, 6]]],  # column by column, as lme4
    ),
    (
        Layout((Place(0, 0, 1), Place(0, 1, 1)), (2,), ((0, 1),)),
        [[[1, 0], [0, 2]]],  # (1 | g) + (0 + x | g)
    ),
    (
        Layout((Place(0, 0, 2), Place(1, 0, 1), Place(0, 2, 1)), (3, 1), ((0, 2), (1,))),
        [[[1, 0, 0], [2, 3, 0], [0, 0, 5]], [[4]]],
    ),
]


@pytest.mark.parametrize(("layout", "roots"), LAYOUTS)
def test_places(layout, roots):
    parameters = ThetaMap.of(layout)
    theta = np.arange(1.0, len(parameters) + 1.0)
    found = parameters.roots(theta)
    assert [T.tolist() for T in found] == roots
    assert parameters.theta(found).tolist() == theta.tolist()
    assert parameters.widths == layout.widths


@pytest.mark.parametrize("name", list(MODELS))
def test_directions_are_derivatives_of_the_covariances(name):
    parameters = pose_model(MODELS[name]).problem.parameters
    rng = np.random.default_rng(61)
    theta, step = rng.normal(size=(2, len(parameters)))

    def Sigma(at):
        return [T @ T.T for T in parameters.roots(at)]

    for E, ahead, behind in zip(
        parameters.directions(parameters.roots(theta)),
        Sigma(theta + 0.5 * step),
        Sigma(theta - 0.5 * step),
        strict=True,
    ):
        # Sigma is quadratic: central differences are exact
        assert np.allclose(np.einsum("m,mab->ab", step, E), ahead - behind, atol=1e-13)
    for unit, k in zip(parameters.units(), parameters.widths, strict=True):
        assert unit.shape == (len(parameters), k, k)
        assert np.array_equal(unit, unit.transpose(0, 2, 1))
