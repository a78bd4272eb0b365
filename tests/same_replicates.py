"""Equality of replicates to the last bit."""

import numpy as np


def same(one, other):
    assert one.index.tolist() == other.index.tolist()
    assert one.outcomes == other.outcomes
    assert list(one.se) == list(other.se)
    assert one.extra.tobytes() == other.extra.tobytes()
    tables = [(one.fixed, other.fixed), (one.spreads, other.spreads)]
    tables += [(one.se[test], other.se[test]) for test in one.se]
    tables += [(one.df[test], other.df[test]) for test in one.df]
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in tables)
