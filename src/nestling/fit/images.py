"""Z'V^-1 Z times columns, whatever the structure."""

import numpy as np

from nestling.arrays import FloatArray
from nestling.fit.crossed import CrossedFactorisation
from nestling.fit.dense import DenseFactorisation
from nestling.fit.nested import NestedFactorisation
from nestling.fit.one_factor import OneFactorFactorisation
from nestling.fit.structure import Factorisation


def image_of(factorisation: Factorisation, h: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
    """From h per factor (k, m, J) to Z'V^-1 Z h per factor."""
    if isinstance(factorisation, OneFactorFactorisation):
        K, (first,) = factorisation.K, h
        k, m = first.shape[:2]
        levels = first.reshape(k, m, K.shape[2], -1)
        return (np.einsum("abu,bmur->amur", K, levels).reshape(k, m, -1),)
    if isinstance(factorisation, DenseFactorisation):
        m = h[0].shape[1]
        stacked = np.concatenate([part.transpose(2, 0, 1).reshape(-1, m) for part in h])
        product = factorisation.K @ stacked
        structure = factorisation.structure
        return tuple(
            product[part].reshape(J, k, m).transpose(1, 2, 0)
            for part, (J, k) in zip(structure.slices(), structure.shapes, strict=True)
        )
    if isinstance(factorisation, NestedFactorisation):
        return factorisation.solve(factorisation._structure_product(h))[0]  # noqa: SLF001  the same room
    assert isinstance(factorisation, CrossedFactorisation)
    return factorisation._apply(h)  # noqa: SLF001  the same room
