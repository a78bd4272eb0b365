"""Variances and ICCs of replicates, from their SDs."""

from __future__ import annotations

import numpy as np

from nestling.arrays import FloatArray

INTERCEPT = "(Intercept)"


def variance_names(spreads: tuple[str, ...]) -> tuple[str, ...]:
    """Name the variances and ICCs that follow from SDs: those of random effects, sigma^2, ICCs.

    Examples
    --------
    >>> variance_names(("sd_(Intercept)|g", "cor_X.(Intercept)|g", "sd_X|g", "sigma"))
    ('var_(Intercept)|g', 'var_X|g', 'sigma^2', 'icc_g')
    """
    sds = [name for name in spreads if name.startswith("sd_")]
    squares = [f"var_{name.removeprefix('sd_')}" for name in sds]
    rest = ["sigma^2"] if "sigma" in spreads else []
    return (*squares, *rest, *(f"icc_{group}" for group in _intercepts(spreads)))


def variances(values: FloatArray, spreads: tuple[str, ...]) -> FloatArray:
    """Return what `variance_names` names, from SDs, correlations and sigma (R, s).

    An ICC is the intercepts' variance of its grouping factor over the sum of all intercepts'
    variances and the residual variance.

    Examples
    --------
    >>> variances(np.array([[1.0, 3.0]]), ("sd_(Intercept)|g", "sigma")).round(12).tolist()
    [[1.0, 9.0, 0.1]]
    """
    sds = [j for j, name in enumerate(spreads) if name.startswith("sd_")]
    columns = [values[:, j] ** 2 for j in sds]
    intercepts = {g: values[:, j] ** 2 for g, j in _intercepts(spreads).items()}
    if "sigma" in spreads:
        residual = values[:, spreads.index("sigma")] ** 2
        columns.append(residual)
        total = residual + sum(intercepts.values())
        columns += [each / total for each in intercepts.values()]
    return np.stack(columns, axis=1) if columns else np.empty((len(values), 0))


def _intercepts(spreads: tuple[str, ...]) -> dict[str, int]:
    """Return the place of the intercepts' SD of each grouping factor, where there is a sigma."""
    start = f"sd_{INTERCEPT}|"
    if "sigma" not in spreads:
        return {}
    return {name[len(start) :]: j for j, name in enumerate(spreads) if name.startswith(start)}
