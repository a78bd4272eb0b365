"""Statistics of [X y] recombined are those of the recombined columns."""

import numpy as np
import pytest

from builders import MODELS, pose_model


@pytest.mark.parametrize("name", ["three effects", "crossed slopes"])
def test_recombined(name):
    statistics = pose_model(MODELS[name]).statistics
    p = statistics.n_fixed
    columns = np.eye(p + 1)[:, 1:]
    columns[0, -1] = -2.0  # the first coefficient fixed at two
    found = statistics.recombined(columns)
    assert found.n_fixed == p - 1
    assert np.allclose(found.WW, columns.T @ statistics.WW @ columns)
    for factor, whole in zip(found.factors, statistics.factors, strict=True):
        assert factor.ZZ is whole.ZZ
        for j in range(whole.n_levels):
            assert np.allclose(factor.ZW[..., j], whole.ZW[..., j] @ columns)
    assert found.pairs is statistics.pairs
    assert (found.n, found.log_weights) == (statistics.n, statistics.log_weights)


def test_sizes():
    statistics = pose_model(MODELS["crossed and nested"]).statistics
    assert [(f.width, f.n_levels) for f in statistics.factors] == [(2, 14), (1, 8), (2, 2)]
    assert [(p.first, p.second) for p in statistics.pairs] == [(0, 1), (0, 2), (1, 2)]
    assert statistics.n_fixed == 2
