"""Sufficient statistics against products of whole matrices, and chunk by chunk."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brute_force import marginal
from builders import MODELS, matrices, ones, pose_model, take, term
from nestling.fit.solve import criterion_at, pose
from nestling.statistics.accumulate import accumulate, occupied_cells
from nestling.statistics.basis import choose_basis
from nestling.statistics.rows import BLOCK, Rows
from strategies import data_sets


@pytest.mark.parametrize("name", list(MODELS))
def test_cross_products(name):
    posed = pose_model(MODELS[name])
    statistics = posed.statistics
    whole = marginal(posed, np.zeros(len(posed.problem.parameters)))
    assert np.allclose(statistics.WW, whole.W.T @ whole.W, atol=1e-13)
    assert statistics.n == whole.n
    for factor, Z in zip(statistics.factors, whole.Z, strict=True):
        assert np.allclose(factor.ZZ, np.einsum("nja,njb->abj", Z, Z), rtol=1e-12, atol=1e-12)
        assert np.allclose(factor.ZW, np.einsum("nja,nc->acj", Z, whole.W), atol=1e-12)
        assert np.array_equal(factor.ZZ, factor.ZZ.transpose(1, 0, 2))
    for pair in statistics.pairs:
        together = np.einsum("nja,nlb->abjl", whole.Z[pair.first], whole.Z[pair.second])
        assert np.allclose(pair.ZZ, together[:, :, pair.rows, pair.columns], atol=1e-12)
        together[:, :, pair.rows, pair.columns] = 0.0
        assert not together.any()
        width = statistics.factors[pair.second].n_levels
        assert (np.diff(pair.rows * width + pair.columns) > 0).all()


def test_more_rows_than_a_block():
    rng = np.random.default_rng(101)
    n = 2 * BLOCK + 17
    g, h = rng.integers(0, 50, n), rng.integers(0, 7, n)
    x, w = rng.normal(size=n) + 3.0, rng.uniform(0.5, 2.0, n)
    given = matrices(
        rng.normal(size=n) + x, (ones(n), x), term("g", g, ones(n), x), term("h", h, ones(n)),
        weights=w,
    )  # fmt: skip
    rows = Rows.of(given)
    basis = choose_basis(rows)
    statistics = accumulate(rows, basis)
    root = np.sqrt(w)
    W = np.column_stack([ones(n), x, given.response]) * root[:, None] @ basis.transform
    Z = np.column_stack([ones(n), x]) * root[:, None] @ basis.rotations[0]
    assert np.allclose(statistics.WW, W.T @ W, atol=1e-11)
    assert statistics.log_weights == pytest.approx(np.log(w).sum(), rel=1e-12)
    for j in (0, 49):
        mine = g == j
        assert np.allclose(statistics.factors[0].ZZ[..., j], Z[mine].T @ Z[mine], rtol=1e-11)
        assert np.allclose(statistics.factors[0].ZW[..., j], Z[mine].T @ W[mine], atol=1e-11)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(data_sets(), st.integers(1, 5), st.integers(0, 2**32))
def test_chunks_add(data, chunks, seed):
    """Statistics of chunks in one basis add to those of the whole, however the rows fall."""
    whole = pose_model(data)
    owner = np.random.default_rng(seed).integers(0, chunks, len(data.response))
    parts = [
        accumulate(Rows.of(take(data, np.flatnonzero(owner == c))), whole.basis)
        for c in range(chunks)
        if (owner == c).any()
    ]
    total = sum(parts[1:], parts[0])
    assert np.allclose(total.WW, whole.statistics.WW, atol=1e-13)
    for one, two in zip(total.pairs, whole.statistics.pairs, strict=True):
        assert np.array_equal(one.rows, two.rows)
        assert np.array_equal(one.columns, two.columns)
    problem = pose(total, whole.basis, whole.layout, reml=True)
    theta = problem.parameters.theta(tuple(0.8 * np.eye(k) for k in problem.parameters.widths))
    expected = criterion_at(whole.problem, theta)
    assert criterion_at(problem, theta) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("first", "second", "sizes"),
    [
        ([0, 1, 1, 2], [1, 0, 0, 1], (3, 2)),  # nested
        ([0, 1, 1, 0], [1, 0, 1, 1], (2, 2)),  # crossed
        ([0, 2, 2], [0, 1, 1], (4, 2)),  # levels that do not occur
        ([5, 100_000, 5], [70_000, 3, 2], (200_000, 80_000)),  # too many cells to count
        ([3], [0], (4, 1)),
    ],
)
def test_occupied_cells(first, second, sizes):
    first, second = np.array(first), np.array(second)
    rows, columns, index = occupied_cells(first, second, *sizes)
    expected = sorted(set(zip(first.tolist(), second.tolist(), strict=True)))
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == expected
    assert np.array_equal(rows[index], first)
    assert np.array_equal(columns[index], second)
