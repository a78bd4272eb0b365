"""Marginal means, contrasts and predictions with their uncertainty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from nestling.results.asked import Asked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nestling.model.parameters import Parameters
    from nestling.results.derived import Derived
    from nestling.results.marginal_means import MarginalMeans

    Ddf = Literal["satterthwaite", "kenward-roger", "asymptotic"]


class MeansQuestions(Asked):
    """Marginal means, contrasts and predictions with their uncertainty."""

    __slots__ = ()

    def emmeans(
        self,
        specs: str | Sequence[str],
        by: str | Sequence[str] | None = None,
        at: Mapping[str, Any] | None = None,
        level: float = 0.95,
        ddf: Ddf = "satterthwaite",
        weights: Literal["equal", "proportional"] = "equal",
    ) -> MarginalMeans:
        """Return estimated marginal means, as R's emmeans.

        Predictions of the fixed effects on a reference grid, averaged over the predictors that
        are not asked for. The grid has all levels of factors, numeric predictors at their mean
        in the rows used, and both values of those that have only two.

        Parameters
        ----------
        specs : str or list of str
            Predictors whose levels get a mean each: "A", "A:B", ["A", "B"], "~ A | B"; "1" for
            the overall mean.
        by : str or list of str, optional
            Predictors that divide the means into groups; contrasts stay within them.
        at : dict, optional
            Values for some predictors: {"X": [0, 1], "B": "b1"}.
        level : float
            Of the intervals.
        ddf : {"satterthwaite", "kenward-roger", "asymptotic"}
            Degrees of freedom; Kenward-Roger adjusts the standard errors too.
        weights : {"equal", "proportional"}
            Average over other factors with equal weights, or by how often their combinations
            occur in the data.

        Returns
        -------
        MarginalMeans
            With `.table`, `.contrasts()` and `.joint_tests()`. Means that the data cannot tell
            are NaN, printed as nonEst.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ A + (1 | g)", fixed={"(Intercept)": 2, "Ab": 1},
        ...     random={"g": 1}, residual=1, predictors={"A": nl.categorical({"a": .5, "b": .5})})
        >>> fit = nl.lmer("y ~ A + (1 | g)", truth.simulate(nl.nested(g=30, id=10), seed=1))
        >>> fit.emmeans("A").table["A"].tolist()
        ['a', 'b']
        """
        from nestling.results.emmeans import emmeans

        return emmeans(self._fit, specs, by, at, level=level, ddf=ddf, weights=weights)

    def trends(
        self,
        variable: str,
        by: str | Sequence[str] | None = None,
        at: Mapping[str, Any] | None = None,
        level: float = 0.95,
        ddf: Ddf = "satterthwaite",
        weights: Literal["equal", "proportional"] = "equal",
    ) -> MarginalMeans:
        """Return slopes of a numeric predictor, as emmeans' emtrends.

        The derivative of the fixed part, on the reference grid of `emmeans`; exact up to
        fourth degree polynomials.

        Parameters
        ----------
        variable : str
            The numeric predictor.
        by : str or list of str, optional
            Predictors whose levels have a slope each; `.contrasts()` compares them, but after a
            bar, "A | B", within levels of B.
        at : dict, optional
            Values for some predictors; for `variable` where the slope is taken, by default at
            its mean.
        level, ddf, weights
            See `emmeans`.

        Returns
        -------
        MarginalMeans

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
        ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
        >>> fit = nl.lmer("y ~ X + (1 | g)", truth.simulate(nl.nested(g=30, id=10), seed=1))
        >>> bool(abs(fit.trends("X").table["X.trend"][0] - fit.fixef["X"]) < 1e-12)
        True
        """
        from nestling.results.emmeans import trends

        return trends(self._fit, variable, by, at, level=level, ddf=ddf, weights=weights)

    def delta(self, *expressions: str, level: float = 0.95) -> Derived:
        """Return quantities computed from the fixed effects, with the delta method's errors.

        Parameters
        ----------
        *expressions : str
            Over names of coefficients: "X / Z", "-X / (2 * `I(X^2)`)", "exp((Intercept))". Numbers,
            + - * / ^, exp, log, sqrt, abs, sin and cos are read, nothing else.
        level : float
            Of the intervals, which are normal.

        Returns
        -------
        Derived

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
        ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
        >>> fit = nl.lmer("y ~ X + (1 | g)", truth.simulate(nl.nested(g=30, id=10), seed=1))
        >>> fit.delta("(Intercept) / X").table.columns.tolist()
        ['estimate', 'se', 'lower', 'upper']
        """
        from nestling.results.derived import delta

        return delta(self._fit, expressions, level)

    def derive(
        self,
        function: Callable[[Parameters], Any],
        n_sims: int = 1000,
        seed: Any = None,
        level: float = 0.95,
    ) -> Derived:
        """Return quantities computed from all estimates, with parametric bootstrap intervals.

        Responses are simulated from the fit, new random effects included, and refitted; limits
        are percentiles of the function of each refit's estimates.

        Parameters
        ----------
        function : callable
            Of the estimates in the form of `fit.parameters`; returns a number, several, or a
            dict or series of them.
        n_sims : int
        seed : optional
        level : float

        Returns
        -------
        Derived

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
        ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
        >>> fit = nl.lmer("y ~ X + (1 | g)", truth.simulate(nl.nested(g=30, id=10), seed=1))
        >>> def icc(p):
        ...     tau2 = float(p.terms[0].covariance[0, 0])
        ...     return {"ICC": tau2 / (tau2 + p.residual)}
        >>> found = fit.derive(icc, n_sims=200, seed=1).table
        >>> bool(found.loc["ICC", "lower"] < 0.5 < found.loc["ICC", "upper"])
        True
        """
        from nestling.results.derived import derive

        return derive(self._fit, function, n_sims, seed, level)
