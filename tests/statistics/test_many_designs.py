"""Sums of products of many studies against plain matrix products of each."""

import numpy as np
import pytest

from nestling.statistics.many_designs import Products, joined, many_designs, total
from nestling.statistics.sufficient import FactorBlocks, PairBlocks, SufficientStatistics

R, N = 5, 24
PUPIL = np.repeat(np.arange(8), 3)
SCHOOL = np.array([0, 0, 0, 1, 1, 2, 2, 2])[PUPIL]


def units(p):
    factors = tuple(
        FactorBlocks(np.zeros((k, k, J)), np.zeros((k, p + 1, J))) for k, J in ((1, 8), (2, 3))
    )
    pair = PairBlocks(0, 1, np.arange(8), SCHOOL[::3], np.zeros((1, 2, 8)))
    return SufficientStatistics(np.zeros((p + 1, p + 1)), factors, (pair,), N, 0.0)


def drawn(order):
    rng = np.random.default_rng(3)
    one = np.broadcast_to(np.array([[1.0]]), (R, N))
    x, z, y = rng.standard_normal((3, R, N))
    return [PUPIL[order], SCHOOL[order]], [[one], [one, x]], [one, x, z], y


def incidence(codes, columns, r):
    """Z of one study, effect by effect and level by level."""
    J = codes.max() + 1
    return np.concatenate([np.eye(J)[codes] * column[r][:, None] for column in columns], axis=1)


@pytest.mark.parametrize("order", [np.arange(N), np.random.default_rng(1).permutation(N)])
def test_products_are_those_of_the_rows(order):
    codes, Z, X, y = drawn(order)
    by_level = [Products(code, f.n_levels) for code, f in zip(codes, units(3).factors, strict=True)]
    found = many_designs(units(3), by_level, by_level[:1], total, Z, X, y)
    for r in range(R):
        statistics = found.one(r)
        W = np.column_stack([*(column[r] for column in X), y[r]])
        # sums of 24 products of numbers near 1
        assert np.allclose(statistics.WW, W.T @ W, rtol=0, atol=1e-13)
        dense = [incidence(code, columns, r) for code, columns in zip(codes, Z, strict=True)]
        for factor, own in zip(statistics.factors, dense, strict=True):
            k, J = factor.width, factor.n_levels
            whole = (own.T @ own).reshape(k, J, k, J)
            level = np.arange(J)
            assert np.allclose(factor.ZZ, whole[:, level, :, level].transpose(1, 2, 0), atol=1e-13)
            assert np.allclose(factor.ZW, (own.T @ W).reshape(k, J, 4).transpose(0, 2, 1))
        (pair,) = statistics.pairs
        whole = (dense[0].T @ dense[1]).reshape(8, 2, 3)
        assert np.allclose(pair.ZZ[0], whole[pair.rows, :, pair.columns].T, atol=1e-13)


def test_parts_are_joined_in_order():
    codes, Z, X, y = drawn(np.arange(N))

    def part(rows):
        by_level = [
            Products(code, f.n_levels) for code, f in zip(codes, units(3).factors, strict=True)
        ]
        some = [[column[rows] for column in columns] for columns in Z]
        return many_designs(
            units(3), by_level, by_level[:1], total, some, [column[rows] for column in X], y[rows]
        )

    whole, parts = part(slice(0, R)), joined([part(slice(0, 2)), part(slice(2, R))])
    assert len(parts) == R
    assert np.array_equal(whole.XX, parts.XX)
    assert np.array_equal(whole.cross[0], parts.cross[0])


def test_other_columns_are_products_with_them():
    codes, Z, X, y = drawn(np.arange(N))
    by_level = [Products(code, f.n_levels) for code, f in zip(codes, units(3).factors, strict=True)]
    change = np.array([[1.0, 2.0], [0.0, 1.0], [3.0, 0.5]])
    combined = [sum(w * c for w, c in zip(column, X, strict=True)) for column in change.T]
    got = many_designs(units(3), by_level, by_level[:1], total, Z, X, y).recombined(change)
    want = many_designs(units(2), by_level, by_level[:1], total, Z, combined, y)
    for a, b in ((got.XX, want.XX), (got.Xy, want.Xy), (got.ZX[1], want.ZX[1])):
        assert np.allclose(a, b, atol=1e-12)


def test_a_level_without_rows_has_no_products():
    codes = np.array([0, 0, 2, 2, 2])
    values = np.arange(5.0)[None]
    assert Products(codes, 4)(values, values).ravel().tolist() == [1.0, 0.0, 29.0, 0.0]
