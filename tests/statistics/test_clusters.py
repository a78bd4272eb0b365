"""Statistics gathered by cluster against those of the rows themselves."""

from dataclasses import replace

import numpy as np
import pytest

from builders import matrices, ones, term
from nestling.statistics.accumulate import accumulate
from nestling.statistics.basis import choose_basis
from nestling.statistics.clusters import clusters_of
from nestling.statistics.rows import Rows


def three_levels(levels):
    rng = np.random.default_rng(1)
    n = 72
    x, w = rng.normal(size=n), rng.uniform(0.5, 2, n)
    leaf = np.repeat(rng.permutation(18), 4)
    middle, top = leaf % 9, leaf % 3
    terms = [
        term("leaf", leaf, ones(n), x),
        term("middle", middle, ones(n)),
        term("top", top, ones(n), x),
    ]
    return matrices(rng.normal(size=n), (ones(n), x), *terms[-levels:], weights=w)


@pytest.mark.parametrize("levels", [1, 2, 3])
@pytest.mark.parametrize("drawn", [[0, 1, 2], [2, 2, 0], [1, 1, 1, 1], [2, 0]])
def test_gathered_statistics_are_those_of_the_rows(levels, drawn):
    given = three_levels(levels)
    rows = Rows.of(given)
    basis = choose_basis(rows)
    clusters = clusters_of(rows, basis, accumulate(rows, basis))
    found = clusters.gathered(np.array(drawn))
    top = given.random[-1].codes
    index = np.concatenate([np.flatnonzero(top == d) for d in drawn])
    draw = np.repeat(np.arange(len(drawn)), [(top == d).sum() for d in drawn])
    terms = []
    for each in given.random:
        # sorted by draw and old label, as the gathered levels are
        _, codes = np.unique(draw * 100 + each.codes[index], return_inverse=True)
        terms.append(
            replace(
                each,
                codes=codes,
                levels=np.arange(codes.max() + 1),
                columns=tuple(np.asarray(c)[index] for c in each.columns),
            )
        )
    same = replace(
        given,
        response=given.response[index],
        columns=tuple(np.asarray(c)[index] for c in given.columns),
        weights=given.weights[index],
        random=tuple(terms),
    )
    expected = accumulate(Rows.of(same), basis)
    np.testing.assert_allclose(found.WW, expected.WW, rtol=1e-10, atol=1e-13)
    assert found.n == expected.n
    assert found.log_weights == pytest.approx(expected.log_weights, abs=1e-12)
    for a, b in zip(found.factors, expected.factors, strict=True):
        np.testing.assert_allclose(a.ZZ, b.ZZ, rtol=1e-10, atol=1e-13)
        np.testing.assert_allclose(a.ZW, b.ZW, rtol=1e-10, atol=1e-13)
    for a, b in zip(found.pairs, expected.pairs, strict=True):
        np.testing.assert_array_equal(a.rows, b.rows)
        np.testing.assert_array_equal(a.columns, b.columns)
        np.testing.assert_allclose(a.ZZ, b.ZZ, rtol=1e-10, atol=1e-13)
