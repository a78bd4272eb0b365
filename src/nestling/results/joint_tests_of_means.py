"""F tests among marginal means: each factor, each interaction."""

from __future__ import annotations

from functools import reduce
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.results.contrast_tests import joint_test
from nestling.results.estimability import TOLERANCE, null_directions

if TYPE_CHECKING:
    import pandas as pd

    from nestling.arrays import FloatArray
    from nestling.results.marginal_means import MarginalMeans


def joint_tests(means: MarginalMeans) -> pd.DataFrame:
    """Test every subset of the specs; see `MarginalMeans.joint_tests`."""
    import pandas as pd

    N, kept = null_directions(means.fit), means.fit.basis.kept
    sizes = [
        len(dict.fromkeys(cell.specs[i] for cell in means.cells)) for i in range(len(means.specs))
    ]
    rows: list[dict[str, Any]] = []
    for labels, members in means.groups():
        for order in range(1, len(sizes) + 1):
            for subset in combinations(range(len(sizes)), order):
                if any(sizes[i] < 2 for i in subset):
                    continue
                L = _interaction(sizes, subset) @ means.weights[members]
                L = _estimable_part(L, N)[:, kept]
                row: dict[str, Any] = dict(zip(means.by, labels, strict=True))
                row["model term"] = ":".join(means.specs[i] for i in subset)
                rows.append(row | _tested(means, L))
    order_of = [*means.by, "model term", "df1", "df2", "F.ratio", "p.value"]
    return pd.DataFrame(rows, columns=order_of)


def _tested(means: MarginalMeans, L: FloatArray) -> dict[str, Any]:
    size = np.abs(means.weights).max(initial=1.0)
    if not len(L) or np.abs(L).max() <= 1e-12 * size:
        return {"df1": 0, "df2": np.nan, "F.ratio": np.nan, "p.value": np.nan}
    test = joint_test(means.fit, L, means.tests.method)
    return {
        "df1": test.df_numerator,
        "df2": test.df_denominator,
        "F.ratio": test.statistic,
        "p.value": test.p_value,
    }


def _interaction(sizes: list[int], subset: tuple[int, ...]) -> FloatArray:
    """Differences within the factors of a subset, averages over the others; first fastest."""
    parts = [
        np.diff(np.eye(k), axis=0) if i in subset else np.full((1, k), 1.0 / k)
        for i, k in enumerate(sizes)
    ]
    return np.asarray(reduce(np.kron, parts[::-1]))


def _estimable_part(L: FloatArray, N: FloatArray) -> FloatArray:
    """Return combinations of the rows of L that span all those the data can tell."""
    outside = L @ N
    if not outside.size or np.abs(outside).max() <= TOLERANCE:
        return L
    left, values, _ = np.linalg.svd(outside)
    rank = int((values > TOLERANCE * max(1.0, float(values[0]))).sum())
    return np.asarray(left[:, rank:].T @ L)
