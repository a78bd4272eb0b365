"""Residuals, influence and checks of the assumptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nestling.results.asked import Asked

if TYPE_CHECKING:
    from nestling.arrays import FloatArray
    from nestling.results.influence import Influence


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
            `component_change`, and all of them as `table`.

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
