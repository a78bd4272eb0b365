"""Likelihood-ratio tables within one model, information criteria, sizes of effects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from nestling.results.asked import Asked

if TYPE_CHECKING:
    from nestling.results.deletions import Deletions
    from nestling.results.information import ConditionalAIC


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
