"""Confidence intervals: which parameters, by which method, under which names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.errors import ArgumentError, ArgumentTypeError, did_you_mean
from nestling.results.profile_limits import profile_limits
from nestling.results.profile_parameters import ParameterName, chosen

if TYPE_CHECKING:
    import pandas as pd

    from nestling.results.bootstrap import BootstrapKind
    from nestling.results.bootstrap_intervals import IntervalKind
    from nestling.results.lmer_fit import LmerFit

METHODS = ("profile", "wald", "boot")


def confint(
    fit: LmerFit,
    parm: str | Sequence[str] | None = None,
    level: float = 0.95,
    method: str = "profile",
    *,
    n_sims: int = 500,
    seed: Any = None,
    boot: BootstrapKind = "parametric",
    kind: IntervalKind = "percentile",
    n_jobs: int = 1,
) -> pd.DataFrame:
    """Return confidence limits of SDs, correlations, sigma and fixed effects.

    Parameters
    ----------
    fit : LmerFit
    parm : None, "theta_", "beta_" or names
        All parameters; SDs, correlations and sigma; the fixed effects; or those named, in the
        model's order whatever the order of the names.
    level : float
        Confidence level, between 0 and 1.
    method : {"profile", "wald", "boot"}
        "profile": the values at which the ML deviance, minimised over all other parameters,
        exceeds its minimum by the quantile of chi-squared on one degree of freedom. A fit by
        REML is fitted by maximum likelihood first, as lme4 does, so its estimates need not lie
        in the middle. An SD has the limit 0, a correlation -1 or 1, where the deviance does not
        rise that far before the parameter's range ends.
        "wald": estimate +- z standard errors for the fixed effects, by the criterion of the fit;
        NaN for the others.
        "boot": from bootstrap replicates.
    n_sims, seed, boot, kind, n_jobs
        Replicates of the bootstrap, its seed, how it draws ("parametric", "residual",
        "cluster"), what interval ("percentile", "basic", "normal", "bca", "studentised"), and
        processes.

    Returns
    -------
    DataFrame
        One row per parameter under lme4's name (`oldNames = FALSE`), the columns named by the
        percentages: '2.5 %' and '97.5 %'. SDs, sigma and coefficients in the user's units.

    Raises
    ------
    ArgumentError
        For an unknown name or method, or a level outside (0, 1).

    Warns
    -----
    ProfileWarning
        Where a limit could not be found and is NaN.

    Notes
    -----
    Limits are exact to about 1e-9 of the interval's width. lme4 interpolates between a few
    points of the profile and differs by up to 1e-3.

    Examples
    --------
    >>> import numpy as np
    >>> import nestling as nl
    >>> rng = np.random.default_rng(1)
    >>> g = np.repeat(np.arange(20), 8)
    >>> y = 2.0 + rng.normal(size=20)[g] + rng.normal(size=160)
    >>> fit = nl.lmer("y ~ 1 + (1 | g)", {"y": y, "g": g})
    >>> fit.confint(parm="theta_").round(2)
                      2.5 %  97.5 %
    sd_(Intercept)|g   0.37    0.88
    sigma              0.82    1.04
    """
    import pandas as pd

    names = chosen(fit, parm)
    z = normal_quantile(level)
    way = str(method).lower()
    if way == "profile":
        values = profile_limits(fit, names, z)
    elif way == "wald":
        values = _wald(fit, names, z)
    elif way == "boot":
        made = fit.bootstrap(n_sims, seed, boot, n_jobs=n_jobs)
        return made.confint([each.name for each in names], level, kind)
    else:
        raise ArgumentError(
            f"method={method!r} is not a way to find confidence limits. "
            f"{did_you_mean(way, METHODS)}"
        )
    index = [each.name for each in names]
    table = np.asarray(values, dtype=float).reshape(len(names), 2)
    return pd.DataFrame(table, index=index, columns=list(percentages(level)))


def _wald(fit: LmerFit, names: tuple[ParameterName, ...], z: float) -> list[tuple[float, float]]:
    """Return estimate -+ z SE for coefficients, NaN for the rest."""
    estimates = fit.estimates
    se = np.sqrt(np.diag(estimates.vcov))
    found = []
    for each in names:
        if each.kind != "coefficient":
            found.append((np.nan, np.nan))
            continue
        (j,) = each.effects
        found.append((float(estimates.beta[j] - z * se[j]), float(estimates.beta[j] + z * se[j])))
    return found


def normal_quantile(level: float) -> float:
    """Return z with P(|Z| < z) = level for a standard normal Z."""
    from statistics import NormalDist

    if isinstance(level, bool) or not isinstance(level, (int, float, np.number)):
        raise ArgumentTypeError(
            f"level is of type {type(level).__name__}. Give a number between 0 and 1, as 0.95."
        )
    if not 0.0 < level < 1.0:
        raise ArgumentError(
            f"level={level!r} is not between 0 and 1. Give the confidence level as a "
            "proportion, as 0.95."
        )
    return NormalDist().inv_cdf(0.5 + 0.5 * float(level))


def percentages(level: float) -> tuple[str, str]:
    """Return the names of the limits as R prints them: three significant digits at most.

    Examples
    --------
    >>> percentages(0.95), percentages(0.9), percentages(0.999)
    (('2.5 %', '97.5 %'), ('5 %', '95 %'), ('0.05 %', '99.95 %'))
    """
    values = (50.0 * (1.0 - level), 50.0 * (1.0 + level))
    # R's format() gives both numbers the decimals that the one in more need of them needs
    decimals = max(_decimals(f"{value:.2e}") for value in values)
    return f"{values[0]:.{decimals}f} %", f"{values[1]:.{decimals}f} %"


def _decimals(scientific: str) -> int:
    mantissa, exponent = scientific.split("e")
    return max(0, len(mantissa.replace(".", "").rstrip("0")) - 1 - int(exponent))
