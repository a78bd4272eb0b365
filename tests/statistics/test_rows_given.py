"""Rows with given statistics: they have them, and are distributed as normal rows are."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.stats import kstest

from nestling.statistics.rows_given import rows_given


def columns(kind):
    rng = np.random.default_rng(2)
    g, h = np.repeat(np.arange(6), 8), np.tile(np.arange(8), 6)
    x = rng.standard_normal(48)
    if kind == "one factor":
        return np.column_stack([np.eye(6)[g], np.eye(6)[g] * x[:, None], np.ones(48), x])
    if kind == "crossed":
        return np.column_stack([np.eye(6)[g], np.eye(8)[h], np.ones(48), x])
    return np.column_stack([1e5 * np.ones(48), x + 100, np.zeros(48)])


@pytest.mark.parametrize("kind", ["one factor", "crossed", "badly scaled"])
def test_rows_have_the_statistics_asked_for(kind):
    A, rng = columns(kind), np.random.default_rng(1)
    y = rng.standard_normal(48)
    got = rows_given(csr_array(A), A.T @ y, y @ y, rng.standard_normal(48))
    size = np.linalg.norm(A, axis=0) * np.linalg.norm(y) + 1e-300
    # an iteration to rounding on columns of unit length
    assert (np.abs(A.T @ got - A.T @ y) <= 1e-9 * size).all()
    assert got @ got == pytest.approx(y @ y, rel=1e-12)
    assert np.abs(got - y).max() > 0.1


def test_rows_of_normal_statistics_are_normal():
    A, rng = columns("one factor"), np.random.default_rng(4)
    drawn = []
    for _ in range(200):
        y = rng.standard_normal(48)
        drawn.append(rows_given(csr_array(A), A.T @ y, y @ y, rng.standard_normal(48)))
    drawn = np.array(drawn)
    # each row over 200 draws; 48 tests, a chance of about 1e-5 each
    assert min(kstest(row, "norm").pvalue for row in drawn.T) > 1e-5
    # neighbours stay uncorrelated: a mean of 200 products of variance 1
    assert np.abs((drawn[:, :-1] * drawn[:, 1:]).mean(axis=0)).max() < 5 / np.sqrt(200)
