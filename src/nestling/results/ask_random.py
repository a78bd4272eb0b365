"""The random effects of single clusters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from nestling.results.asked import Asked

if TYPE_CHECKING:
    import pandas as pd

    from nestling.results.cluster_comparisons import ClusterComparison
    from nestling.results.reliability import Reliability


class RandomQuestions(Asked):
    """The random effects of single clusters."""

    __slots__ = ()

    def caterpillar_data(self, group: str | None = None, level: float = 0.95) -> pd.DataFrame:
        """Return conditional modes with their intervals, in order of the modes.

        Parameters
        ----------
        group : str, optional
            A grouping factor; default all.
        level : float
            Of the intervals mode -+ z SD, given the estimates.

        Returns
        -------
        DataFrame
            Per group and effect: `group`, `level`, `effect`, `mode`, `sd`, `lower`, `upper`,
            and `ordered`, the rank of the mode from 1.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
        ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
        >>> fit = nl.lmer("y ~ X + (1 | g)", truth.simulate(nl.nested(g=30, id=10), seed=1))
        >>> data = fit.caterpillar_data()
        >>> bool(data["mode"].is_monotonic_increasing), len(data)
        (True, 30)
        """
        from nestling.results.random_effects import caterpillar_data

        return caterpillar_data(self._fit, group, level)

    def compare_clusters(
        self,
        group: str | None = None,
        effect: str = "(Intercept)",
        adjust: str = "none",
        pairs: Iterable[tuple[Any, Any]] | None = None,
        level: float = 0.95,
        *,
        beta_known: bool = True,
    ) -> ClusterComparison:
        """Return differences between clusters, by their conditional modes.

        Parameters
        ----------
        group : str, optional
            The grouping factor; may be left out when there is one.
        effect : str
            The random effect.
        adjust : {"none", "tukey", "bonferroni", "holm", "sidak", "fdr"}
            Shrinkage already guards against chance differences, so by default nothing more.
        pairs : iterable of pairs of levels, optional
            Default all.
        level : float
            Of the intervals.
        beta_known : bool
            Standard errors given the fixed effects, as lme4's conditional variances; levels of
            the only grouping factor are then independent. False adds that the fixed effects
            are estimated (Henderson's variance of the error of prediction), which makes levels
            covary.

        Returns
        -------
        ClusterComparison
            `.table` of differences; `.intervals` whose overlap compares clusters by eye
            (Goldstein and Healy 1995).

        Notes
        -----
        Covariances between levels that share another grouping factor are counted. The variance
        components are taken as known.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
        ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
        >>> fit = nl.lmer("y ~ X + (1 | g)", truth.simulate(nl.nested(g=30, id=10), seed=1))
        >>> compared = fit.compare_clusters("g")
        >>> len(compared.table), round(compared.factor, 2)
        (435, 1.39)
        """
        from nestling.results.cluster_comparisons import compare_clusters

        return compare_clusters(
            self._fit,
            group,
            effect,
            adjust=adjust,
            pairs=pairs,
            level=level,
            beta_known=beta_known,
        )

    def reliability(self) -> Reliability:
        """Return how reliably the data tell clusters apart, per grouping factor and effect.

        One less the ratio of the mean conditional variance to the variance; for a random
        intercept alone, the mean of tau^2 / (tau^2 + sigma^2 / n_j).

        Returns
        -------
        Reliability
            `.table` per effect, `.clusters` per level.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
        ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
        >>> fit = nl.lmer("y ~ X + (1 | g)", truth.simulate(nl.nested(g=30, id=10), seed=1))
        >>> tau2, sigma2 = fit.varcorr["vcov"]
        >>> (found,) = fit.reliability().table["reliability"]
        >>> bool(abs(found - tau2 / (tau2 + sigma2 / 10)) < 1e-9)
        True
        """
        from nestling.results.reliability import reliability

        return reliability(self._fit)
