"""Likelihood-ratio tables within one model, information criteria, sizes of effects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from nestling.results.asked import Asked

if TYPE_CHECKING:
    import pandas as pd

    from nestling.results.deletions import Deletions
    from nestling.results.information import ConditionalAIC
    from nestling.results.lmer_fit import LmerFit


class ComparisonQuestions(Asked):
    """Likelihood-ratio tables within one model, information criteria, sizes of effects."""

    __slots__ = ()

    def ranova(self, *, reduce_terms: bool = True, boundary: bool = False) -> Deletions:
        """Test the random effects by likelihood ratios, as lmerTest's `ranova()` does.

        The criterion is that of the fit, REML or ML. Each term is reduced by one effect in turn,
        `(x | g)` to `(1 | g)`, as far as marginality allows, and `(1 | g)` is removed.

        Parameters
        ----------
        reduce_terms : bool
            Otherwise whole terms are removed.
        boundary : bool
            Add p values from the mixture of chi-squares that a variance at its boundary calls
            for; see `nestling.anova`.

        Returns
        -------
        Deletions
            With `.table`: `npar`, `logLik`, `AIC`, `LRT`, `Df`, `Pr(>Chisq)`.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
        ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
        >>> fit = nl.lmer("y ~ X + (X | g)", truth.simulate(nl.nested(g=30, id=10), seed=1))
        >>> fit.ranova().table["npar"].tolist()
        [6, 4]
        """
        from nestling.results.ranova import ranova

        return ranova(self._fit, reduce_terms=reduce_terms, boundary=boundary)

    def drop1(
        self,
        test: Literal["Chisq", "F"] | None = "Chisq",
        *,
        ddf: Literal["satterthwaite", "kenward-roger", "asymptotic"] = "satterthwaite",
    ) -> Deletions:
        """Leave out single terms of the fixed effects, as far as marginality allows.

        Parameters
        ----------
        test : {"Chisq", "F"} or None
            Likelihood-ratio tests between fits by ML, as lme4's `drop1()`; F tests of the terms
            as lmerTest's; or AIC alone.
        ddf : {"satterthwaite", "kenward-roger", "asymptotic"}
            Denominator degrees of freedom of the F tests.

        Returns
        -------
        Deletions
            With `.table`.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
        ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
        >>> fit = nl.lmer("y ~ X + (1 | g)", truth.simulate(nl.nested(g=30, id=10), seed=1))
        >>> fit.drop1().table.index.tolist()
        ['<none>', 'X']
        """
        from nestling.results.drop1 import drop1

        return drop1(self._fit, test, ddf)

    @property
    def aicc(self) -> float:
        """AIC corrected for small samples: plus 2k(k + 1) / (n - k - 1) for k parameters."""
        from nestling.results.information import aicc

        return aicc(self._fit)

    def caic(
        self, method: Literal["greven-kneib", "vaida-blanchard"] = "greven-kneib"
    ) -> ConditionalAIC:
        """Return the conditional AIC, for models that shall predict for the same clusters.

        Its log-likelihood is that of the responses given the random effects, its degrees of
        freedom are the trace of the derivatives of the fitted values to the responses, and one
        for the residual variance.

        Parameters
        ----------
        method : {"greven-kneib", "vaida-blanchard"}
            Count that the variances are estimated from the same responses (Greven and Kneib
            2010, exact derivatives), or hold them (Vaida and Blanchard 2005), which favours the
            model with more random effects.

        Returns
        -------
        ConditionalAIC
            With `value`, `loglik` and `df`.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ 1 + (1 | g)", fixed={"(Intercept)": 2}, random={"g": 1},
        ...                       residual=1)
        >>> fit = nl.lmer("y ~ 1 + (1 | g)", truth.simulate(nl.nested(g=20, id=10), seed=1))
        >>> 15 < fit.caic().df < 22
        True
        """
        from nestling.results.information import conditional_aic

        return conditional_aic(self._fit, method)

    def icc(self, *, by_group: bool = False) -> pd.Series[float]:
        """Return intraclass correlations.

        The random effects' variance is averaged over the rows where slopes vary (Johnson 2014,
        as the R package performance has it). Where rows have prior weights the residual variance
        is that of a row of weight one.

        Parameters
        ----------
        by_group : bool
            The share of each grouping factor in the adjusted ICC.

        Returns
        -------
        Series
            `adjusted`: random variance by random and residual variance; `unadjusted`, also called
            conditional: by the fixed effects' variance too. Or a value per grouping factor.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
        ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
        >>> data = truth.simulate(nl.nested(g=200, id=10), seed=1)
        >>> fit = nl.lmer("y ~ X + (1 | g)", data)
        >>> fit.icc().round(1).to_dict()
        {'adjusted': 0.5, 'unadjusted': 0.4}
        """
        from nestling.results.variance_parts import icc

        return icc(self._fit, by_group=by_group)

    def r2(self) -> pd.Series[float]:
        """Return R-squared after Nakagawa, Johnson and Schielzeth (2017).

        Returns
        -------
        Series
            `conditional`: the share of fixed and random effects; `marginal`: of fixed effects.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
        ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
        >>> data = truth.simulate(nl.nested(g=200, id=10), seed=1)
        >>> fit = nl.lmer("y ~ X + (1 | g)", data)
        >>> fit.r2().round(1).to_dict()
        {'conditional': 0.7, 'marginal': 0.3}
        """
        from nestling.results.variance_parts import r2

        return r2(self._fit)

    def r2_parts(self) -> pd.DataFrame:
        """Return the shares of the variance by source and level (Rights and Sterba 2019).

        Predictors are parted into cluster means and deviations from them, so they need not be
        centred. With predictors centred within clusters all measures are those of the authors'
        R package r2mlm; without, the total ones are, f1 + f2 being its f.

        Returns
        -------
        DataFrame
            Rows `f1`, `f2` (fixed effects within and between clusters), `v` (slopes that vary),
            `m` (cluster means, given the predictors), `e` (residual); columns `variance`, and the
            shares of the `total`, `within` and `between` variance, which sum to one.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
        ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
        >>> data = truth.simulate(nl.nested(g=200, id=10), seed=1)
        >>> fit = nl.lmer("y ~ X + (1 | g)", data)
        >>> parts = fit.r2_parts()
        >>> bool(abs(parts["total"].sum() - 1) < 1e-12), parts.index.tolist()
        (True, ['f1', 'f2', 'v', 'm', 'e'])
        """
        from nestling.results.r2_parts import r2_parts

        return r2_parts(self._fit)

    def variance_explained(self, null: LmerFit) -> pd.DataFrame:
        """Return the proportional reduction of variance against a smaller model, by level.

        Parameters
        ----------
        null : LmerFit
            Of the same rows and grouping factors, without the predictors in question.

        Returns
        -------
        DataFrame
            `null` and `model`: variances of residual and random intercepts; `raudenbush_bryk`:
            the reduction of each, which can be negative; and with one grouping factor
            `snijders_bosker`: the reduction of the error of predicting a row, and of predicting
            the mean of a cluster of the harmonic mean's size.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
        ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
        >>> data = truth.simulate(nl.nested(g=200, id=10), seed=1)
        >>> fit = nl.lmer("y ~ X + (1 | g)", data)
        >>> null = nl.lmer("y ~ 1 + (1 | g)", data)
        >>> fit.variance_explained(null)["raudenbush_bryk"].round(1).to_dict()["Residual"]
        0.5
        """
        from nestling.results.variance_explained import variance_explained

        return variance_explained(self._fit, null)

    def design_effect(self) -> pd.DataFrame:
        """Return by how much clustering inflates the variance of a mean.

        1 + (size - 1) ICC, with the size averaged over the rows (Kish 1965: the sum of squared
        sizes by the sum of sizes), and with the adjusted ICC of this model: for the design effect
        of the response itself ask a model without predictors.

        Returns
        -------
        DataFrame
            Per grouping factor `icc`, `size`, `design_effect`, `effective_n`.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
        ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
        >>> data = truth.simulate(nl.nested(g=200, id=10), seed=1)
        >>> fit = nl.lmer("y ~ X + (1 | g)", data)
        >>> fit.design_effect().columns.tolist()
        ['icc', 'size', 'design_effect', 'effective_n']
        """
        from nestling.results.variance_parts import design_effect

        return design_effect(self._fit)

    def standardised(self, method: Literal["refit", "posthoc", "basic"] = "refit") -> pd.DataFrame:
        """Return the fixed effects in units of standard deviations over the rows.

        Parameters
        ----------
        method : {"refit", "posthoc", "basic"}
            As the R package effectsize names them. "refit" fits again with the response and every
            numeric variable of the formula at mean 0 and SD 1, so that main effects are those at
            the mean of what they interact with; factors keep their contrasts. "posthoc" scales
            the estimates instead, by the SDs of the numeric variables in a term; "basic" by the
            SD of each column of X, those of factors too.

        Returns
        -------
        DataFrame
            `estimate` and `se` by coefficient.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
        ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
        >>> fit = nl.lmer("y ~ X + (1 | g)", truth.simulate(nl.nested(g=200, id=10), seed=1))
        >>> fit.standardised().loc["X", "estimate"].round(1).item()
        0.6
        """
        from nestling.results.standardised import standardised

        return standardised(self._fit, method)
