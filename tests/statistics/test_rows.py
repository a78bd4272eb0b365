"""Rows of [X y] and Z, block by block."""

import numpy as np
import pytest

from builders import MODELS, matrices, ones, term
from nestling.statistics.rows import BLOCK, Rows


def _rows(n, weights=None, offset=None):
    rng = np.random.default_rng(111)
    x = rng.normal(size=n)
    given = matrices(
        rng.normal(size=n), (ones(n), x), term("g", np.arange(n) % 5, ones(n), x),
        weights=weights, offset=offset,
    )  # fmt: skip
    return Rows.of(given), x


@pytest.mark.parametrize("n", [1, 7, BLOCK, BLOCK + 1, 2 * BLOCK])
def test_blocks_cover_the_rows(n):
    rows, _ = _rows(n)
    covered = [i for block in rows.blocks() for i in (block.start, block.stop)]
    assert covered[0] == 0
    assert covered[-1] == n
    assert covered[1:-1:2] == covered[2::2]


def test_weights_and_offset():
    w, o = np.linspace(0.5, 2.0, 9), np.linspace(-1.0, 1.0, 9)
    rows, x = _rows(9, w, o)
    plain, _ = _rows(9)
    block = slice(2, 7)
    root = np.sqrt(w)[block]
    assert np.allclose(
        rows.fixed(block), [root, x[block] * root, (plain.response - o)[block] * root]
    )
    assert np.allclose(rows.random(0, block), [root, x[block] * root])
    G = np.array([[1.0, 2.0, 0.0], [0.0, 1.0, -1.0], [0.0, 0.0, 3.0]])
    W = rows.fixed(slice(0, 9)).T
    assert np.allclose(rows.fixed_gram(), W.T @ W)
    assert np.allclose(rows.fixed_gram(G), (W @ G).T @ W @ G)
    Z = rows.random(0, slice(0, 9)).T
    assert np.allclose(rows.random_gram(0), Z.T @ Z)


def test_another_response():
    given = MODELS["slope"]
    y = np.arange(float(len(given.response)))
    assert np.array_equal(Rows.of(given, y).response, y)


def test_where_the_intercept_stands():
    n = 6
    x = np.arange(float(n))
    given = matrices(x, (x, ones(n)), term("g", np.arange(n) % 2, x, ones(n)), term("h", x // 2, x))
    rows = Rows.of(given)
    assert rows.intercept == 1
    h, g = (rows.random_intercept(i) for i in range(2))
    assert (h, g) == (None, 1)
