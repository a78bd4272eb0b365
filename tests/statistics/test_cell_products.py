"""Sums and products of normal scores against those of rows."""

import numpy as np
import pytest

from nestling.statistics.cell_products import CellProducts, ScoreDraws, combined, draw_scores

R = 6000


def streams(seed):
    return [np.random.default_rng([seed, r]) for r in range(R)]


@pytest.mark.parametrize("counts", [(1, 2), (3, 40), (4, 0)])
def test_products_have_the_law_of_those_of_rows(counts):
    m = 3
    drawn = draw_scores(streams(1), m, [np.array(counts)] * R).products
    rng = np.random.default_rng(2)
    for k, n in enumerate(counts):
        rows = np.concatenate([np.ones((R, n, 1)), rng.standard_normal((R, n, m))], axis=2)
        want = np.einsum("rna,rnb->rab", rows, rows)
        got = np.moveaxis(drawn[..., k], -1, 0)
        mean, spread = want.mean(axis=0), want.std(axis=0)
        # a difference of two means of R; five standard errors
        assert (np.abs(got.mean(axis=0) - mean) <= 5 * spread * np.sqrt(2 / R) + 1e-12).all()
        # of two SDs; fourth moments of products of few normals are up to 15 times those of a normal
        assert (np.abs(got.std(axis=0) - spread) <= 5 * 4 * spread / np.sqrt(R) + 1e-12).all()
        if n == 0:
            continue
        upper = tuple(index[1:] for index in np.triu_indices(m + 1))  # all but the count
        both = [x[:, upper[0], upper[1]] for x in (got, want)]
        # bounded, so that correlations have the usual standard error; five of their difference
        ranks = [np.corrcoef((x / (1 + np.abs(x))).T) for x in both]
        assert np.abs(ranks[0] - ranks[1]).max() < 5 * np.sqrt(2 / R)


def test_studies_may_differ_in_their_counts():
    counts = [np.array([5, 2]), np.array([1, 6])]
    drawn = draw_scores(streams(3)[:2], 2, counts)
    assert drawn.products[0, 0].tolist() == [[5, 2], [1, 6]]
    assert (drawn.root[:, :, 1, 0] == 0).all()  # one row has no products around its mean


def columns():
    """Two columns in three cells of two studies, one of them without the second score."""
    rng = np.random.default_rng(4)
    a = (rng.random((2, 3)), rng.random((2, 3)), None)
    return a, (rng.random((2, 3)), rng.random((2, 3)), rng.random((2, 3)))


def by_hand(rows, a, b, r, k):
    """Sum of products over the rows of a cell, from scores."""
    left, right = (
        sum(
            part[r, k] * score for part, score in zip(column, rows, strict=True) if part is not None
        )
        for column in (a, b)
    )
    return float((left * right).sum())


@pytest.mark.parametrize("codes", [(0, 1, 2), (0, 0, 1), (1, 0, 1), (2, 2, 2)])
def test_products_are_summed_over_levels(codes):
    a, b = columns()
    rng = np.random.default_rng(5)
    table, want = np.empty((3, 3, 2, 3)), np.zeros((3, 2))
    for r in range(2):
        for k, level in enumerate(codes):
            rows = np.concatenate([np.ones((1, 4)), rng.standard_normal((2, 4))])
            table[..., r, k] = rows @ rows.T
            want[level, r] += by_hand(rows, a, b, r, k)
    products = CellProducts.by_level(table, np.array(codes), 3)
    # sums of twelve products of numbers near one
    assert np.allclose(products(a, b), want, rtol=0, atol=1e-13)
    assert np.allclose(products.total(b, a), want.sum(axis=0), rtol=0, atol=1e-13)


def test_columns_are_combined_score_by_score():
    a, b = columns()
    first, second, third = combined([a, b], [2.0, 0.5], 3.0)
    assert np.allclose(first, 2 * a[0] + b[0] / 2 + 3)
    assert np.allclose(second, 2 * a[1] + b[1] / 2)
    assert np.allclose(third, b[2] / 2)
    alone = combined([a], [0.0], 1.0)
    assert alone[0].tolist() == [[1.0] * 3] * 2
    assert alone[1:] == (None, None)


def test_products_of_given_draws():
    one = np.ones((1, 1))
    drawn = ScoreDraws(4 * one, np.full((1, 1, 1), 0.5), np.full((1, 1, 1, 1), 2.0))
    # sum = 0.5 * 2; product = 2^2 + sum^2 / 4
    assert drawn.products[:, :, 0, 0].tolist() == [[4.0, 1.0], [1.0, 4.25]]
