"""The fitted model: a record. Each question asked of it is answered in a file of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, overload

import numpy as np

from nestling.arrays import FloatArray
from nestling.data.door import Frame
from nestling.fit.solve import Convergence, Solution
from nestling.model.formula import Formula
from nestling.model.matrices import ModelMatrices
from nestling.model.parameters import Parameters
from nestling.results import coefficients, likelihood, random_effects, row_values
from nestling.results.ask_bootstrap import BootstrapQuestions
from nestling.results.ask_comparison import ComparisonQuestions
from nestling.results.ask_diagnosis import DiagnosisQuestions
from nestling.results.ask_means import MeansQuestions
from nestling.results.ask_random import RandomQuestions
from nestling.results.ask_tests import InferenceQuestions
from nestling.results.drawn import Drawn
from nestling.results.estimates import Estimates, estimates, residual_sd
from nestling.statistics.basis import Basis
from nestling.statistics.sufficient import SufficientStatistics

if TYPE_CHECKING:
    import pandas as pd

    from nestling.results.contrast_tests import Ddf
    from nestling.results.refits import Refits
    from nestling.results.summary import Summary
    from nestling.simulate.population import Population


@dataclass(frozen=True, slots=True)
class Call:
    """How the model was asked for.

    Attributes
    ----------
    formula : Formula
    reml : bool
    weights, offset : str or None
        How the summary names them.
    data_name : str
    """

    formula: Formula
    reml: bool
    weights: str | None
    offset: str | None
    data_name: str


@dataclass(frozen=True, slots=True)
class LmerFit(
    InferenceQuestions,
    ComparisonQuestions,
    DiagnosisQuestions,
    MeansQuestions,
    BootstrapQuestions,
    RandomQuestions,
):
    """A linear mixed model fitted by `lmer`.

    Attributes
    ----------
    call : Call
    matrices : ModelMatrices
    basis : Basis
    statistics : SufficientStatistics
    solution : Solution
    frame : Frame
        The data.

    Examples
    --------
    >>> import nestling as nl
    >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
    ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
    >>> fit = nl.lmer("y ~ X + (1 | g)", truth.simulate(nl.nested(g=30, id=10), seed=1))
    >>> fit.fixef.index.tolist()
    ['(Intercept)', 'X']
    """

    call: Call
    matrices: ModelMatrices
    basis: Basis
    statistics: SufficientStatistics
    solution: Solution
    frame: Frame
    plot: ClassVar[Drawn] = Drawn("nestling.plots.fit_plots:FitPlots")

    @property
    def estimates(self) -> Estimates:
        """All parameters as arrays."""
        solution = self.solution
        return estimates(solution.problem, solution.layout, self.basis, solution.point)

    @property
    def formula(self) -> Formula:
        """The formula that was fitted."""
        return self.call.formula

    @property
    def coefficient_names(self) -> tuple[str, ...]:
        """Names of the estimated fixed effects, as R gives them."""
        return tuple(self.matrices.names[j] for j in self.basis.kept)

    @property
    def dropped(self) -> tuple[str, ...]:
        """Names of the columns that were dropped because others say the same."""
        return tuple(self.matrices.names[j] for j in self.basis.dropped)

    @property
    def fixef(self) -> pd.Series[float]:
        """Fixed effects, by coefficient name."""
        return coefficients.fixef(self)

    @property
    def se(self) -> pd.Series[float]:
        """Standard errors of the fixed effects, by coefficient name."""
        return coefficients.standard_errors(self)

    @property
    def vcov(self) -> pd.DataFrame:
        """Covariance matrix of the fixed effects."""
        return coefficients.vcov(self)

    @property
    def varcorr(self) -> pd.DataFrame:
        """Variances (`vcov`) and SDs or correlations (`sdcor`), with lme4's columns."""
        return self.parameters.varcorr()

    @property
    def parameters(self) -> Parameters:
        """All estimates, in the form in which a population holds its true values."""
        return coefficients.parameters(self)

    @property
    def theta(self) -> FloatArray:
        """Relative covariance parameters in lme4's order."""
        return self.estimates.theta

    @property
    def sigma(self) -> float:
        """Residual standard deviation."""
        return residual_sd(self.solution.problem, self.basis, self.solution.point)

    @property
    def reml(self) -> bool:
        """Whether the fit is by REML."""
        return self.call.reml

    @property
    def criterion(self) -> float:
        """REML criterion, or deviance by maximum likelihood, at the optimum."""
        return self.solution.point.criterion

    @property
    def loglik(self) -> float:
        """Log-likelihood (restricted, by REML)."""
        return -self.criterion / 2.0

    @property
    def n_parameters(self) -> int:
        """Fixed effects, covariance parameters and the residual variance."""
        return likelihood.n_parameters(self)

    @property
    def aic(self) -> float:
        """Akaike's information criterion."""
        return self.criterion + 2.0 * self.n_parameters

    @property
    def bic(self) -> float:
        """Bayesian information criterion, with the number of rows."""
        return self.criterion + float(np.log(self.nobs)) * self.n_parameters

    @property
    def df_residual(self) -> int:
        """Rows less parameters."""
        return self.nobs - self.n_parameters

    @property
    def nobs(self) -> int:
        """Rows that were used."""
        return self.statistics.n

    @property
    def n_omitted(self) -> int:
        """Rows that were dropped because a value was missing."""
        return self.matrices.n_omitted

    @property
    def n_groups(self) -> dict[str, int]:
        """Levels per grouping factor, most first."""
        return {term.group: len(term.levels) for term in self.matrices.random}

    @property
    def is_singular(self) -> bool:
        """Whether a variance is zero or a correlation is one (lme4's test, tolerance 1e-4)."""
        return likelihood.is_singular(self)

    @property
    def convergence(self) -> Convergence:
        """Status, gradient, evaluations and remedy."""
        return self.solution.convergence

    def ranef(self, cond_var: bool = False) -> dict[str, pd.DataFrame]:
        """Return the conditional modes of the random effects.

        Parameters
        ----------
        cond_var : bool
            Add to each frame's `attrs["cond_var"]` the conditional covariance matrices of its
            levels, (levels, effects, effects), given the estimates.

        Returns
        -------
        dict of DataFrame
            Per grouping factor, levels by effects.
        """
        return random_effects.ranef(self, cond_var=cond_var)

    def coef(self) -> dict[str, pd.DataFrame]:
        """Return fixed effects plus conditional modes, per grouping factor and level."""
        return random_effects.coef(self)

    @property
    def fitted(self) -> FloatArray:
        """Fitted values given the random effects, one per row used."""
        return row_values.fitted(self)

    def residuals(
        self,
        kind: Literal[
            "response", "pearson", "scaled", "studentised", "marginal", "normalised"
        ] = "response",
    ) -> FloatArray:
        """Return residuals, one per row used.

        Parameters
        ----------
        kind : str
            Given the random effects: "response" y less fitted; "pearson" that times the root of
            the prior weight; "scaled" that divided by sigma; "studentised" that divided by its
            own SD, sqrt(1 - h) (lme4's `rstudent`). Of the population: "marginal" y less
            X beta; "normalised" those of a cluster made independent with variance one.
        """
        return row_values.residuals(self, kind)

    @overload
    def predict(
        self,
        newdata: Any = None,
        random: bool | str | Sequence[str] = True,
        new_levels: Literal["error", "zero"] = "error",
        *,
        interval: None = None,
        se: Literal[False] = False,
    ) -> FloatArray: ...
    @overload
    def predict(
        self,
        newdata: Any = None,
        random: bool | str | Sequence[str] = True,
        new_levels: Literal["error", "zero"] = "error",
        interval: Literal["confidence", "prediction"] | None = None,
        level: float = 0.95,
        se: bool = False,
        method: Literal["formula", "boot"] = "formula",
        n_sims: int = 1000,
        seed: Any = None,
        ddf: Literal["satterthwaite", "kenward-roger", "asymptotic"] = "asymptotic",
    ) -> FloatArray | pd.DataFrame: ...
    def predict(
        self,
        newdata: Any = None,
        random: bool | str | Sequence[str] = True,
        new_levels: Literal["error", "zero"] = "error",
        interval: Literal["confidence", "prediction"] | None = None,
        level: float = 0.95,
        se: bool = False,
        method: Literal["formula", "boot"] = "formula",
        n_sims: int = 1000,
        seed: Any = None,
        ddf: Literal["satterthwaite", "kenward-roger", "asymptotic"] = "asymptotic",
    ) -> FloatArray | pd.DataFrame:
        """Predict the response.

        Parameters
        ----------
        newdata : frame, optional
            Rows to predict for; default the rows of the fit.
        random : bool or list of str
            Include all random effects, none, or those of the named grouping factors.
        new_levels : {"error", "zero"}
            What to do with levels the fit has not seen.
        interval : {"confidence", "prediction"}, optional
            Limits for what is predicted, x'beta + z'b, or for a new response. A new response
            varies by its residual (sigma^2 / w with the weights' column of `newdata`, or w = 1)
            and by the random effects that are not included: without its cluster's effect it is
            one of a cluster drawn anew.
        level : float
            Of the interval.
        se : bool
            Return standard errors too. Levels not seen have those of a level drawn anew.
        method : {"formula", "boot"}
            By Henderson's mixed-model equations, given the estimated variances, with normal
            limits; or by parametric bootstrap, which draws random effects and residuals anew,
            refits, and takes the errors of those fits' predictions: the uncertainty of the
            variances is part of it.
        n_sims : int
            Refits of the bootstrap.
        seed : optional
            Of the bootstrap.
        ddf : {"asymptotic", "satterthwaite", "kenward-roger"}
            Normal limits, or t limits for the population's mean (`random=False`, confidence);
            Kenward-Roger adjusts the standard errors too.

        Returns
        -------
        array, or DataFrame
            With `se` or `interval` a frame with the columns fit, se, and lower and upper if an
            interval is asked for.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
        ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
        >>> fit = nl.lmer("y ~ X + (1 | g)", truth.simulate(nl.nested(g=30, id=10), seed=1))
        >>> fit.predict({"X": [0.0]}, random=False, interval="prediction").columns.tolist()
        ['fit', 'se', 'lower', 'upper']
        """
        if interval is None and not se:
            from nestling.results.predict import predict

            return predict(self, newdata, random, new_levels)
        from nestling.results.predict_intervals import predict_intervals

        return predict_intervals(
            self, newdata, random, new_levels,
            interval=interval, level=level, method=method, n_sims=n_sims, seed=seed, ddf=ddf,
        )  # fmt: skip

    def confint(
        self,
        parm: str | Sequence[str] | None = None,
        level: float = 0.95,
        method: Literal["profile", "wald", "boot"] = "profile",
        *,
        n_sims: int = 500,
        seed: Any = None,
        boot: Literal["parametric", "residual", "cluster"] = "parametric",
        kind: Literal["percentile", "basic", "normal", "bca", "studentised"] = "percentile",
        n_jobs: int = 1,
    ) -> pd.DataFrame:
        """Return confidence limits.

        Parameters
        ----------
        parm : None, "theta_", "beta_" or names
            All parameters, the SDs and correlations, the fixed effects, or those named.
        level : float
            Confidence level.
        method : {"profile", "wald", "boot"}
            Profile likelihood (of the ML deviance, as lme4 does); estimate +- z SE, which
            exists for fixed effects only; or the bootstrap.
        n_sims, seed, n_jobs
            Of the bootstrap; see `bootstrap`.
        boot : {"parametric", "residual", "cluster"}
            How the bootstrap draws.
        kind : {"percentile", "basic", "normal", "bca", "studentised"}
            How its replicates become intervals.
        """
        from nestling.results.confint import confint

        return confint(
            self, parm, level, method, n_sims=n_sims, seed=seed, boot=boot, kind=kind, n_jobs=n_jobs
        )

    @overload
    def refit(self, y: Sequence[float]) -> LmerFit: ...
    @overload
    def refit(self, y: Any) -> LmerFit | Refits: ...
    def refit(self, y: Any) -> LmerFit | Refits:
        """Fit the same model to other responses.

        Parameters
        ----------
        y : (n,) or (n, R) array
            In the order of the rows used. R columns are fitted together, sharing all that does
            not depend on the response: thousands a second.

        Returns
        -------
        LmerFit or Refits
            For one response a fit, for columns the table of their estimates.
        """
        from nestling.results.refit import refit

        return refit(self, y)

    def simulate(self, n_sims: int = 1, seed: Any = None) -> FloatArray:
        """Draw responses from the fitted model, new random effects included: (rows, n_sims)."""
        from nestling.results.simulate import simulate

        return simulate(self, n_sims, seed)

    def population(self) -> Population:
        """Return the fitted parameters as a `Population`, to simulate new studies from."""
        from nestling.results.population import population

        return population(self)

    def summary(self, ddf: Ddf | None = None) -> Summary:
        """Return lme4's summary, or lmerTest's with degrees of freedom and p values; print it.

        Parameters
        ----------
        ddf : {"satterthwaite", "kenward-roger", "asymptotic"}, optional
            How the degrees of freedom of the t values are found. Kenward-Roger adjusts the
            standard errors too; it needs REML, so a fit by maximum likelihood is fitted again.
        """
        from nestling.results.summary_of import summary_of

        return summary_of(self, ddf)

    def tidy(self, conf_int: bool = False, level: float = 0.95) -> pd.DataFrame:
        """Return one row per estimate, with broom.mixed's columns."""
        from nestling.results.tidy import tidy

        return tidy(self, conf_int=conf_int, level=level)

    def glance(self) -> pd.DataFrame:
        """Return one row about the model, with broom.mixed's columns."""
        from nestling.results.tidy import glance

        return glance(self)

    def to_latex(self) -> str:
        """Return the table of estimates in LaTeX (booktabs)."""
        return self.summary().to_latex()

    def __str__(self) -> str:
        """Return lme4's short form."""
        from nestling.results.summary_text import short_lines

        return "\n".join(short_lines(self.summary()))

    def __repr__(self) -> str:
        """Return the short form, as R prints a model that is named."""
        return str(self)

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()

    def refitted(self, reml: bool) -> LmerFit:
        """Return the same model fitted by the other criterion, or this one if it is that."""
        from nestling.results.refit import with_criterion

        return with_criterion(self, reml=reml)
