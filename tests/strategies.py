"""Hypothesis strategies: small multilevel data sets of any structure."""

import numpy as np
from hypothesis import strategies as st

from builders import matrices, ones, term

KINDS = ("none", "rank one", "nearly rank one", "weak", "strong")


def covariance(rng, k, kind):
    """Return a relative covariance matrix of the named kind."""
    if kind == "none":
        return np.zeros((k, k))
    one = rng.normal(size=(k, 1))
    if kind == "rank one":
        return one @ one.T
    root = rng.normal(size=(k, k)) / np.sqrt(k)
    if kind == "nearly rank one":
        return one @ one.T + 1e-4 * root @ root.T
    return {"weak": 0.01, "strong": 30.0}[kind] * root @ root.T


def random_data(seed):
    """Return model matrices: one to three effects, one or two factors, often singular."""
    rng = np.random.default_rng([81, seed])
    structure = rng.choice(["one factor", "uncorrelated", "nested", "crossed"])
    k = int(rng.integers(1, 4))
    J, m = int(rng.integers(8, 25)), int(rng.integers(4, 9))
    n = J * m
    g = np.append(np.arange(J), rng.integers(0, J, n - J))
    z = [ones(n), *(rng.normal(size=n) + rng.integers(0, 3) for _ in range(k - 1))]
    if structure == "one factor":
        terms = [term("g", g, *z)]
    elif structure == "uncorrelated":
        terms = [term("g", g, column) for column in z]
    else:
        h = g // 4 if structure == "nested" else rng.permutation(np.arange(n) % 6)
        terms = [term("g", g, *z[:2]), term("h", h, ones(n))]
    y = rng.normal(size=n)
    for each in terms:
        kind = str(rng.choice(KINDS))
        values, vectors = np.linalg.eigh(covariance(rng, len(each.columns), kind))
        b = (vectors * np.sqrt(np.maximum(values, 0.0))) @ rng.normal(
            size=(len(values), len(each.levels))
        )
        for column, effects in zip(each.columns, b, strict=True):
            y = y + column * effects[each.codes]
    return matrices(y, tuple(z) if rng.uniform() < 0.7 else (ones(n),), *terms)


def data_sets():
    """Small data sets of every structure."""
    return st.integers(0, 10_000).map(random_data)
