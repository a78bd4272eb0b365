"""Degrees of freedom, tests of fixed effects and tables of tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nestling.results.asked import Asked

if TYPE_CHECKING:
    from nestling.results.anova import Anova
    from nestling.results.contrast_tests import Ddf
    from nestling.results.tested_hypotheses import HypothesisTest


class InferenceQuestions(Asked):
    """Degrees of freedom, tests of fixed effects and tables of tests."""

    __slots__ = ()

    def anova(self, type: int | str = 3, ddf: Ddf = "satterthwaite") -> Anova:  # noqa: A002
        """Test the terms of the fixed effects, as lmerTest's `anova()` does.

        Parameters
        ----------
        type : {3, 2, 1}
            III: effects averaged over the levels of factors in interactions, whatever the
            coding. II: each term after all that do not contain it. I: in the order of the
            formula.
        ddf : {"satterthwaite", "kenward-roger", "asymptotic"}
            How the denominator degrees of freedom are found. Kenward-Roger needs REML: a fit by
            maximum likelihood is fitted again.

        Returns
        -------
        Anova
            Prints lmerTest's table; `.table` is a data frame, `.contrasts` what was tested.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
        ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
        >>> fit = nl.lmer("y ~ X + (1 | g)", truth.simulate(nl.nested(g=30, id=10), seed=1))
        >>> fit.anova().table.index.tolist()
        ['X']
        """
        from nestling.results.anova import anova

        return anova(self._fit, type, ddf)

    def test(
        self,
        hypothesis: Any,
        ddf: Ddf = "satterthwaite",
    ) -> HypothesisTest:
        """Test any contrast of the fixed effects, or several together.

        Parameters
        ----------
        hypothesis : str, dict, list or array
            A coefficient's name; a statement such as "A2 - A3 = 0" or "2*X + Z = 1", several with
            commas between them; a mapping of names to weights; a list of these; or a matrix with
            a column per coefficient.
        ddf : {"satterthwaite", "kenward-roger", "asymptotic"}
            How the degrees of freedom are found.

        Returns
        -------
        HypothesisTest
            `.estimate`, `.se`, `.df`, `.statistic` (t for one row, F for several), `.p_value`.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
        ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
        >>> fit = nl.lmer("y ~ X + (1 | g)", truth.simulate(nl.nested(g=30, id=10), seed=1))
        >>> fit.test("2*X - (Intercept) = 0").labels
        ('-(Intercept) + 2*X',)
        """
        from nestling.results.tested_hypotheses import hypothesis_test

        return hypothesis_test(self._fit, hypothesis, ddf)
