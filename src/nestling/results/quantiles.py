"""Quantile-quantile data with bands that say how far points may stray by chance."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.errors import ArgumentError, did_you_mean
from nestling.results.conditional_modes import by_level

if TYPE_CHECKING:
    import pandas as pd

    from nestling.arrays import AnyArray, FloatArray
    from nestling.results.lmer_fit import LmerFit

POSITIONS = 600
"""Order statistics at which the simultaneous level is found; their neighbours follow them."""
DRAWS = 4000


@dataclass(frozen=True, slots=True, eq=False)
class Quantiles:
    """Standardised values in order beside the quantiles expected of normal ones.

    Attributes
    ----------
    what : str
        'residuals', or effect and grouping factor: '(Intercept)|Cluster'.
    labels : (n,) array
        Numbers of the rows used, or levels, in the order of the values.
    theoretical, sample : (n,) arrays
    lower, upper : (n,) arrays
        Bounds of each order statistic of n independent standard normal numbers.
    level : float
    band : str
        'simultaneous': all points lie inside with probability `level`; 'pointwise': each.
    """

    what: str
    labels: AnyArray
    theoretical: FloatArray
    sample: FloatArray
    lower: FloatArray
    upper: FloatArray
    level: float
    band: str

    @property
    def outside(self) -> int:
        """Number of points outside the band."""
        return int(((self.sample < self.lower) | (self.sample > self.upper)).sum())

    @property
    def correlation(self) -> float:
        """Correlation of sample and theoretical quantiles: one for a straight line."""
        return float(np.corrcoef(self.theoretical, self.sample)[0, 1])

    @property
    def table(self) -> pd.DataFrame:
        """One row per point: `theoretical`, `sample`, `lower`, `upper`."""
        import pandas as pd

        columns = ("theoretical", "sample", "lower", "upper")
        data = {name: getattr(self, name) for name in columns}
        return pd.DataFrame(data, index=pd.Index(self.labels, name="label"))

    def __str__(self) -> str:
        n = len(self.sample)
        return (
            f"Normal quantiles of {n} {self.what}: correlation {self.correlation:.4f}, "
            f"{self.outside} outside the {self.band} {100 * self.level:g} % band"
        )

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        from html import escape

        return f"<p>{escape(str(self))}</p>"


def qq(fit: LmerFit, what: str, level: Any, band: str) -> Quantiles:
    """Return the quantiles of residuals or of random effects; see `LmerFit.qq`."""
    if not isinstance(level, float | int) or not 0.0 < level < 1.0:
        raise ArgumentError(f"level={level!r}; a confidence level is between 0 and 1, as 0.95.")
    if band not in {"pointwise", "simultaneous"}:
        raise ArgumentError(
            f"band={band!r} is not a kind of band. "
            f"{did_you_mean(str(band), ['pointwise', 'simultaneous'])}"
        )
    if what == "residuals":
        values = fit.residuals("studentised")
        labels = np.arange(fit.nobs)
    else:
        effects = standardised_modes(fit)
        if what not in effects:
            known = ["residuals", *effects]
            raise ArgumentError(
                f"what={what!r} is not something to compare. {did_you_mean(str(what), known)}"
            )
        values, labels = effects[what]
    usable = np.isfinite(values)
    if usable.sum() < 3:
        raise ArgumentError(
            f"what={what!r} has {int(usable.sum())} values that vary: its variance is estimated "
            "as zero, or there are too few levels. There is nothing to compare."
        )
    values, labels = values[usable], labels[usable]
    order = np.argsort(values, kind="stable")
    n = len(order)
    lower, upper = bands(n, float(level), simultaneous=band == "simultaneous")
    theoretical = _normal_quantiles((np.arange(1, n + 1) - 0.375) / (n + 0.25))
    return Quantiles(
        what, labels[order], theoretical, values[order], lower, upper, float(level), band
    )


def standardised_modes(fit: LmerFit) -> dict[str, tuple[FloatArray, AnyArray]]:
    """Return conditional modes over their own SDs with the levels, by effect and factor.

    The modes are Sigma Z'P y: their covariance matrix is sigma^2 Sigma Z'PZ Sigma, less than
    Sigma by what the data leave open, and by what the fixed effects took up. NaN where that
    is zero.
    """
    from nestling.results.random_effects import term_modes

    solution, basis = fit.solution, fit.basis
    point, layout = solution.point, solution.layout
    factorisation = by_level(solution.problem, fit.statistics, point)
    conditional = factorisation.conditional_covariances()
    roots = solution.problem.parameters.roots(point.theta)
    modes = term_modes(fit)
    found = {}
    for term, (place, G) in enumerate(zip(layout.places, basis.rotations, strict=True)):
        T, H = roots[place.factor], factorisation.ZVW[place.factor][:, :-1]
        Sigma = T @ T.T
        SH = np.einsum("ab,bpj->apj", Sigma, H)
        fixed = np.einsum("apj,pq,bqj->abj", SH, point.unscaled, SH)
        covariance = Sigma[:, :, None] - conditional[place.factor] - fixed
        part = slice(place.start, place.start + place.width)
        own = np.einsum("ab,bcj,ac->aj", G, covariance[part, part], G)
        prior = np.einsum("ab,bc,ac->a", G, Sigma[part, part], G)[:, None]
        # what rounding leaves of a variance is no variance
        share = np.where(own > 1e-10 * np.maximum(prior, 1e-10), own, np.nan)
        described = fit.matrices.random[term]
        for j, name in enumerate(described.names):
            label = f"{name}|{described.group}"
            values = modes[term][:, j] / (fit.sigma * np.sqrt(share[j]))
            found[label] = (values, np.asarray(described.levels))
    return found


@lru_cache(maxsize=32)
def bands(n: int, level: float, *, simultaneous: bool) -> tuple[FloatArray, FloatArray]:
    """Return bounds of the order statistics of n standard normal numbers.

    The i-th of n uniform numbers is Beta(i, n + 1 - i): the pointwise bounds are its quantiles.
    The simultaneous ones are too, at the local level at which all order statistics together
    stay inside with probability `level` (Aldor-Noiman et al. 2013), found by simulation with a
    fixed seed.
    """
    from scipy.special import betaincinv

    alpha = 1.0 - level
    if simultaneous:
        alpha = _local_level(n, alpha)
    i = np.arange(1, n + 1)
    lower = _normal_quantiles(betaincinv(i, n + 1 - i, alpha / 2.0))
    # by symmetry the upper tail has the digits of the lower one
    upper = -lower[::-1]
    lower.flags.writeable = upper.flags.writeable = False
    return lower, upper


def _local_level(n: int, alpha: float) -> float:
    """Return the level of each point at which all are inside with probability 1 - alpha."""
    from scipy.special import betaincinv

    rng = np.random.default_rng(20130501)
    i = np.unique(np.round(_spread_out(n)).astype(int))
    steps = np.diff(np.r_[0, i, n + 1]).astype(float)
    sums = np.cumsum(rng.standard_gamma(steps, size=(DRAWS, len(steps))), axis=1)
    U = sums[:, :-1] / sums[:, -1:]
    low, high = np.log(alpha / n), np.log(alpha)
    for _ in range(14):
        middle = 0.5 * (low + high)
        lower = betaincinv(i, n + 1 - i, 0.5 * np.exp(middle))
        upper = 1.0 - lower[::-1]
        outside = ((lower > U) | (upper < U)).any(axis=1).mean()
        low, high = (low, middle) if outside > alpha else (middle, high)
    return float(np.exp(0.5 * (low + high)))


def _spread_out(n: int) -> FloatArray:
    """Return positions that are dense where order statistics are little alike: at the ends."""
    if n <= POSITIONS:
        return np.arange(1.0, n + 1.0)
    edge = np.geomspace(1.0, (n + 1) / 2, POSITIONS // 2)
    return np.concatenate([edge, n + 1 - edge])


def _normal_quantiles(p: Any) -> FloatArray:
    from scipy.special import ndtri

    return np.asarray(ndtri(p), dtype=float)


def standardised_ranef(fit: LmerFit) -> dict[str, pd.DataFrame]:
    """Return standardised modes as frames; see `LmerFit.standardised_ranef`."""
    frames = fit.ranef()
    found = standardised_modes(fit)
    for group, frame in frames.items():
        for name in frame.columns:
            frame[name] = found[f"{name}|{group}"][0]
    return frames
