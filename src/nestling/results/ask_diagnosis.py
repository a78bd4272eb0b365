"""Residuals, influence and checks of the assumptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from nestling.results.asked import Asked

if TYPE_CHECKING:
    import pandas as pd

    from nestling.arrays import FloatArray
    from nestling.results.check import Check
    from nestling.results.influence import Influence
    from nestling.results.quantiles import Quantiles
    from nestling.results.simulated_residuals import SimulatedResiduals


class DiagnosisQuestions(Asked):
    """Residuals, influence and checks of the assumptions."""

    __slots__ = ()

    def hatvalues(self) -> FloatArray:
        """Return the leverages: what each row's response adds to its own fitted value.

        The diagonal of H where fitted = H y given the variances, random effects included, as
        lme4's `hatvalues()`.

        Returns
        -------
        (n,) array
            Between 0 and 1; their sum is the effective number of parameters.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
        ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
        >>> fit = nl.lmer("y ~ X + (1 | g)", truth.simulate(nl.nested(g=30, id=10), seed=1))
        >>> bool(2 < fit.hatvalues().sum() < 32)
        True
        """
        from nestling.results.hat_values import hat_values

        return hat_values(self._fit)

    def cooks_distance(self) -> FloatArray:
        """Return Cook's distance of each row, given the variances.

        (r / (1 - h))^2 h / (sigma^2 p) with Pearson residuals r and leverages h, as lme4's
        `cooks.distance()` of a fit. Rows with h = 1 have none: NaN. For distances with all
        parameters estimated anew, by row or by cluster, see `influence`.

        Returns
        -------
        (n,) array

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
        ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
        >>> fit = nl.lmer("y ~ X + (1 | g)", truth.simulate(nl.nested(g=30, id=10), seed=1))
        >>> bool(fit.cooks_distance().max() < 1)
        True
        """
        from nestling.results.hat_values import cooks_distance

        return cooks_distance(self._fit)

    def influence(self, group: str | None = None) -> Influence:
        """Return what the estimates would be without each cluster, or without each row.

        Every deletion is an exact refit, all variances estimated anew: the rows are subtracted
        from the sufficient statistics, and Newton goes on from the optimum of the full fit.

        Parameters
        ----------
        group : str, optional
            A grouping factor of the model or any column of the data, whose levels are left out
            one by one; "obs" for one row at a time. Default the grouping factor with the fewest
            levels.

        Returns
        -------
        Influence
            `dfbeta`, `dfbetas`, `cooks_distance` (lme4's definitions), `covariance_ratio`,
            `component_change`, `chance` (does the cluster disagree with the others by more than
            its own randomness explains?), and all of them as `table`.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
        ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
        >>> fit = nl.lmer("y ~ X + (1 | g)", truth.simulate(nl.nested(g=12, id=10), seed=1))
        >>> influence = fit.influence("g")
        >>> influence.dfbetas.shape
        (12, 2)
        """
        from nestling.results.influence import influence

        return influence(self._fit, group)

    def simulated_residuals(
        self,
        n_sims: int = 250,
        seed: Any = None,
        conditional: bool = False,
        refit: bool = False,
    ) -> SimulatedResiduals:
        """Return where each response stands among simulated ones, with three tests.

        Randomised quantile residuals by simulation (Dunn and Smyth 1996): (rank + U) /
        (n_sims + 1), uniform on (0, 1) when the model holds, whatever its distribution.

        Parameters
        ----------
        n_sims : int
            Responses to simulate, at least 19.
        seed : int, SeedSequence, Generator or None
        conditional : bool
            Hold the random effects at their conditional modes instead of drawing them anew.
            Then residuals are a little too small, since the modes follow the data, and the
            tests find less than they could.
        refit : bool
            Fit the model to every simulated response, and compare the response by its own fit
            with each of them by theirs. Without that the tests take the estimates for the
            truth: since they follow the data, the model is then rejected too seldom, if it
            holds and if it does not.

        Returns
        -------
        SimulatedResiduals
            `values`, and `table` with the tests: "uniformity" (Kolmogorov and Smirnov's
            distance), "dispersion" (variance about the prediction over that of the
            simulations) and "outliers" (share of rows beyond all their simulations). Their
            p values come from the simulations themselves, each taken for the response in turn,
            so that rows of one cluster may depend on one another. "outliers, rows apart" is the
            exact binomial test, which takes rows for independent.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
        ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
        >>> fit = nl.lmer("y ~ X + (1 | g)", truth.simulate(nl.nested(g=30, id=10), seed=1))
        >>> found = fit.simulated_residuals(n_sims=99, seed=1)
        >>> bool(((found.values > 0) & (found.values < 1)).all())
        True
        """
        from nestling.results.simulated_residuals import simulated_residuals

        return simulated_residuals(self._fit, n_sims, seed, conditional, refit)

    def vif(self) -> pd.DataFrame:
        """Return the variance inflation factors of the terms of the fixed effects.

        Generalised to terms of several columns (Fox and Monette 1992): by how much the terms'
        dependence enlarges the squared volume of the confidence region. The columns are those
        of car's `vif()`; GVIF^(1/(2*Df)) compares terms of different Df, and its square is
        read like a VIF: 5 is much, 10 very much. A product of predictors that are not centred
        inflates all three without harm.

        Returns
        -------
        DataFrame
            Per term `GVIF`, `Df`, `GVIF^(1/(2*Df))`.

        Raises
        ------
        ModelError
            When there is no fixed effect beside the intercept.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
        ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
        >>> fit = nl.lmer("y ~ X + (1 | g)", truth.simulate(nl.nested(g=30, id=10), seed=1))
        >>> float(fit.vif().loc["X", "GVIF"])
        1.0
        """
        from nestling.results.vif import vif

        return vif(self._fit)

    def qq(
        self,
        what: str = "residuals",
        level: float = 0.95,
        band: Literal["pointwise", "simultaneous"] = "simultaneous",
    ) -> Quantiles:
        """Return residuals or random effects in order, beside normal quantiles and a band.

        Parameters
        ----------
        what : str
            "residuals", the studentised ones given the random effects; or an effect and its
            grouping factor, "(Intercept)|Cluster": conditional modes over their own SDs.
        level : float
            Of the band.
        band : {"pointwise", "simultaneous"}
            Each point, or all points together, lie inside with this probability.

        Returns
        -------
        Quantiles
            `theoretical`, `sample`, `lower`, `upper`, and all four as `table`.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
        ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
        >>> fit = nl.lmer("y ~ X + (1 | g)", truth.simulate(nl.nested(g=30, id=10), seed=1))
        >>> len(fit.qq("(Intercept)|g").sample)
        30
        """
        from nestling.results.quantiles import qq

        return qq(self._fit, what, level, band)

    def check(self, influence: bool = True, alpha: float = 0.01) -> Check:
        """Look at everything that commonly goes wrong, and say in plain words what was found.

        Convergence, singularity, rank of X, collinearity (VIF), equal spread of the studentised
        residuals by cluster (Brown-Forsythe) and by fitted value (Breusch-Pagan in Koenker's
        form), normality of residuals and of the conditional modes (Shapiro-Wilk), their
        reliability, and influential clusters (exact refits without each).
        `nestling.plots.plot_check(fit)` draws the page that belongs to it.

        Parameters
        ----------
        influence : bool
            Leave out the levels of each grouping factor with up to 200 of them.
        alpha : float
            P value below which a test is worth a look.

        Returns
        -------
        Check
            `findings`, `table`, `influence`, and `fine`.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
        ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
        >>> fit = nl.lmer("y ~ X + (1 | g)", truth.simulate(nl.nested(g=30, id=10), seed=1))
        >>> fit.check(influence=False).table.loc["Convergence", "verdict"]
        'fine'
        """
        from nestling.results.check import check

        return check(self._fit, influence, alpha)

    def standardised_ranef(self) -> dict[str, pd.DataFrame]:
        """Return the residuals of the higher levels: conditional modes over their own SDs.

        A mode varies less than the effect it predicts, by what the data leave open. Divided by
        its own SD, with fixed effects and shrinkage accounted for, it is standard normal when
        the model holds. NaN where the variance is zero.

        Returns
        -------
        dict of DataFrame
            Per grouping factor, levels by effects, as `ranef`.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
        ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
        >>> fit = nl.lmer("y ~ X + (1 | g)", truth.simulate(nl.nested(g=30, id=10), seed=1))
        >>> bool(fit.standardised_ranef()["g"].abs().max().item() < 4)
        True
        """
        from nestling.results.quantiles import standardised_ranef

        return standardised_ranef(self._fit)
