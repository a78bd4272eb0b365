"""Simulated residuals: where each response stands among responses drawn from the fitted model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.errors import ArgumentError, ArgumentTypeError
from nestling.random.streams import seed_sequence
from nestling.report.cells import frame_lines
from nestling.report.numbers import format_one
from nestling.report.p_values import format_p_values
from nestling.report.table import Table
from nestling.results.simulated_refits import standardised_by_own_fit
from nestling.simulate.draw import scale_residuals

if TYPE_CHECKING:
    import pandas as pd

    from nestling.arrays import AnyArray, FloatArray, IntArray
    from nestling.results.lmer_fit import LmerFit

CHUNK = 1 << 14
"""Rows ranked at a time."""


@dataclass(frozen=True, slots=True)
class SimulationTest:
    """One test of simulated residuals: its statistic, p value, and where the p value is from."""

    name: str
    statistic: float
    p_value: float
    method: str


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedResiduals:
    """Randomised quantile residuals by simulation.

    Attributes
    ----------
    values : (n,) array
        Between 0 and 1, uniform when the model holds.
    predicted : (n,) array
        What the simulated responses scatter around.
    tests : tuple of SimulationTest
        Uniformity, dispersion, outliers.
    n_sims : int
    conditional : bool
        Whether the random effects were held at their conditional modes.
    """

    values: FloatArray
    predicted: FloatArray
    tests: tuple[SimulationTest, ...]
    n_sims: int
    conditional: bool

    @property
    def table(self) -> pd.DataFrame:
        """One row per test: `statistic`, `p_value` and `method`."""
        import pandas as pd

        rows = [(test.statistic, test.p_value, test.method) for test in self.tests]
        index = pd.Index([test.name for test in self.tests], name="test")
        return pd.DataFrame(rows, columns=["statistic", "p_value", "method"], index=index)

    def _columns(self) -> list[list[str]]:
        return [
            [format_one(test.statistic, 4) for test in self.tests],
            format_p_values([test.p_value for test in self.tests], 3),
            [test.method for test in self.tests],
        ]

    @property
    def _caption(self) -> str:
        how = "given the random effects" if self.conditional else "random effects drawn anew"
        return f"Simulated residuals, {len(self.values)} rows, {self.n_sims} simulations, {how}"

    def __str__(self) -> str:
        rows = [test.name for test in self.tests]
        columns: list[list[object]] = [list(column) for column in self._columns()]
        return "\n".join([self._caption, *frame_lines(rows, ["Statistic", "p", "by"], columns)])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        cells = zip([test.name for test in self.tests], *self._columns(), strict=True)
        return Table(
            ("Test", "Statistic", "p", "by"),
            tuple(cells),
            ("left", "right", "right", "left"),
            self._caption,
        ).to_html()


def simulated_residuals(
    fit: LmerFit, n_sims: Any, seed: Any, conditional: Any, refit: Any
) -> SimulatedResiduals:
    """Rank the response among simulated ones; see `LmerFit.simulated_residuals`.

    Response and simulations are exchangeable when the model holds, whatever the dependence
    between rows. Each data set gets the residuals that it would have if it were the response;
    the statistics of all of them are the reference of the observed one.
    """
    if isinstance(n_sims, bool) or not isinstance(n_sims, int | np.integer) or n_sims < 19:
        raise ArgumentError(
            f"n_sims={n_sims!r} must be a whole number of at least 19: with fewer no p value "
            "can reach 0.05."
        )
    for name, value in (("conditional", conditional), ("refit", refit)):
        if not isinstance(value, bool | np.bool_):
            raise ArgumentTypeError(f"{name}={value!r} must be True or False.")
    if conditional and refit:
        raise ArgumentError(
            "conditional=True with refit=True: a refit has random effects of its own, which "
            "cannot be held. Give one of the two."
        )
    draws, ties = seed_sequence(seed).spawn(2)
    n, sets = fit.nobs, int(n_sims) + 1
    predicted = fit.fitted if conditional else fit.predict(random=False)
    Y = np.empty((n, sets))
    Y[:, 0] = fit.matrices.response
    Y[:, 1:] = (
        _given_modes(fit, predicted, sets - 1, draws)
        if conditional
        else fit.simulate(int(n_sims), seed=draws)
    )
    jitter = _open_uniform(np.random.default_rng(ties), n)
    ranks = _ranks(Y)
    values = (ranks[:, 0] + jitter) / sets
    extreme = ((ranks == 0) | (ranks == sets - 1)).sum(axis=0)
    outliers = int(extreme[0])
    binomial = SimulationTest(
        "outliers, rows apart", outliers / n, _binomial(outliers, n, 2 / sets), "exact binomial"
    )
    if refit:
        tests = _after_refits(standardised_by_own_fit(fit, Y), 1 / sets)
    else:
        tests = _against_simulations(ranks, jitter, Y, predicted, extreme)
    return SimulatedResiduals(values, predicted, (*tests, binomial), sets - 1, bool(conditional))


def _against_simulations(
    ranks: AnyArray, jitter: FloatArray, Y: FloatArray, predicted: FloatArray, extreme: IntArray
) -> tuple[SimulationTest, ...]:
    sets = Y.shape[1]
    distance = np.array([_distance((column + jitter) / sets) for column in ranks.T])
    spread = np.array([np.var(y - predicted, ddof=1) for y in Y.T])
    ratio = float(spread[0] / spread[1:].mean())
    share = float(extreme[0] / len(Y))
    return (
        SimulationTest("uniformity", float(distance[0]), _upper(distance), "simulation"),
        SimulationTest("dispersion", ratio, _two_sided(spread), "simulation"),
        SimulationTest("outliers", share, _two_sided(extreme), "simulation"),
    )


def _after_refits(z: FloatArray, tail: float) -> tuple[SimulationTest, ...]:
    """Test standard normal numbers, those of each data set by its own fit."""
    from scipy.special import ndtr, ndtri

    distance = np.array([_distance(ndtr(column)) for column in z.T])
    spread = np.mean(z**2, axis=0)
    far = np.mean(np.abs(z) > -ndtri(tail), axis=0)
    return (
        SimulationTest("uniformity", float(distance[0]), _upper(distance), "refits"),
        SimulationTest("dispersion", float(spread[0]), _two_sided(spread), "refits"),
        SimulationTest("outliers", float(far[0]), _two_sided(far), "refits"),
    )


def _given_modes(
    fit: LmerFit, predicted: FloatArray, n_sims: int, seed: np.random.SeedSequence
) -> FloatArray:
    """Draw responses with the random effects at their conditional modes."""
    drawn = np.empty((fit.nobs, n_sims))
    for column, stream in enumerate(seed.spawn(n_sims)):
        e = np.random.default_rng(stream).standard_normal(fit.nobs)
        drawn[:, column] = predicted + scale_residuals(e, fit.sigma, fit.matrices.weights)
    return drawn


def _ranks(Y: FloatArray) -> AnyArray:
    """Return how many of a row's other values lie below each, (n, sets)."""
    ranks = np.empty(Y.shape, dtype=np.int32)
    for start in range(0, len(Y), CHUNK):
        order = np.argsort(Y[start : start + CHUNK], axis=1)
        places = np.broadcast_to(np.arange(Y.shape[1], dtype=np.int32), order.shape)
        np.put_along_axis(ranks[start : start + CHUNK], order, places, axis=1)
    return ranks


def _open_uniform(rng: np.random.Generator, n: int) -> FloatArray:
    """Uniform numbers that are neither 0 nor 1."""
    return np.asarray((rng.integers(0, 1 << 52, n) + 0.5) / float(1 << 52))


def _distance(values: FloatArray) -> float:
    """Kolmogorov and Smirnov's distance from the uniform distribution."""
    n = len(values)
    upper, ordered = np.arange(1, n + 1) / n, np.sort(values)
    return float(max((upper - ordered).max(), (ordered - upper + 1.0 / n).max()))


def _upper(statistics: AnyArray) -> float:
    """P value of the first among all: the share of them that is at least as large."""
    return float((statistics >= statistics[0]).mean())


def _two_sided(statistics: AnyArray) -> float:
    """Twice the smaller of the two one-sided p values of the first among all."""
    above, below = (statistics >= statistics[0]).mean(), (statistics <= statistics[0]).mean()
    return float(min(1.0, 2.0 * min(above, below)))


def _binomial(count: int, n: int, share: float) -> float:
    from scipy.stats import binomtest

    return float(binomtest(count, n, share).pvalue)
