"""Tests of contrasts of the fixed effects, one by one (t) and together (F)."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import (
    ArgumentError,
    ArgumentTypeError,
    ConvergenceWarning,
    did_you_mean,
)

if TYPE_CHECKING:
    from nestling.results.lmer_fit import LmerFit

Ddf = Literal["satterthwaite", "kenward-roger", "asymptotic"]

METHODS: dict[str, Ddf] = {
    "satterthwaite": "satterthwaite",
    "kenward-roger": "kenward-roger",
    "asymptotic": "asymptotic",
}

RANK = float(np.sqrt(np.finfo(float).eps))
"""Rows of L count as dependent when an eigenvalue of L V L' is below this share of the largest."""


@dataclass(frozen=True, slots=True, eq=False)
class ContrastTests:
    """Estimates l'beta and their t tests, one per row of L.

    Attributes
    ----------
    estimate, se, df, statistic, p_value : (m,) arrays
        Degrees of freedom are infinite where the test is asymptotic.
    method : str
        'satterthwaite', 'kenward-roger' or 'asymptotic'.
    note : str
        What limits the degrees of freedom; empty when nothing does.
    """

    estimate: FloatArray
    se: FloatArray
    df: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    method: Ddf
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class JointTest:
    """The F test that all rows of L are zero.

    Attributes
    ----------
    df_numerator : int
        Rank of L.
    df_denominator, statistic, p_value : float
    scaling : float
        Factor that turned the Wald statistic into F; 1 unless by Kenward-Roger.
    mean_square, sum_square : float
        F without its scaling times the residual variance, and that times the rank.
    method : str
    note : str
        What limits the degrees of freedom; empty when nothing does.
    """

    df_numerator: int
    df_denominator: float
    statistic: float
    p_value: float
    scaling: float
    mean_square: float
    sum_square: float
    method: Ddf
    note: str = ""


def contrast_tests(
    fit: LmerFit, L: Any, ddf: str = "satterthwaite", *, null: Any = 0.0
) -> ContrastTests:
    """Test each row of L.

    Parameters
    ----------
    fit : LmerFit
    L : (m, p) array
        Weights of the estimated coefficients.
    ddf : {"satterthwaite", "kenward-roger", "asymptotic"}
    null : number or (m,) array
        Values under the hypothesis.

    Examples
    --------
    >>> import nestling as nl
    >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
    ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
    >>> fit = nl.lmer("y ~ X + (1 | g)", truth.simulate(nl.nested(g=30, id=10), seed=1))
    >>> round(float(contrast_tests(fit, [[1, 0]]).df[0]), 1)
    29.0
    """
    matrix = weights_of(fit, L)
    return t_tests(uncertainty(fit, ddf), matrix, null)


def joint_test(fit: LmerFit, L: Any, ddf: str = "satterthwaite", *, null: Any = 0.0) -> JointTest:
    """Test all rows of L together; rows that depend on others do not count.

    Parameters
    ----------
    fit : LmerFit
    L : (m, p) array
        Weights of the estimated coefficients.
    ddf : {"satterthwaite", "kenward-roger", "asymptotic"}
    null : number or (m,) array
        Values under the hypothesis.
    """
    matrix = weights_of(fit, L)
    return f_test(uncertainty(fit, ddf), matrix, null)


class Uncertainty(Protocol):
    """What is known about the fixed effects; each method for degrees of freedom has its own."""

    method: ClassVar[Ddf]

    @property
    def note(self) -> str: ...  # noqa: D102  what limits it
    @property
    def beta(self) -> FloatArray: ...  # noqa: D102  fixed effects
    @property
    def sigma(self) -> float: ...  # noqa: D102  residual standard deviation
    @property
    def vcov(self) -> FloatArray: ...  # noqa: D102  gives the standard errors
    @property
    def unadjusted(self) -> FloatArray: ...  # noqa: D102  says which rows depend on others
    def df(self, L: FloatArray) -> FloatArray:
        """Return the degrees of freedom of each row's t."""
        ...

    def joint(self, L: FloatArray, target: FloatArray) -> tuple[float, float, float]:
        """Return F, its denominator degrees of freedom and its scaling, of uncorrelated rows."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Variances taken as known: infinitely many degrees of freedom."""

    beta: FloatArray
    sigma: float
    vcov: FloatArray
    note: str = ""
    method: ClassVar[Ddf] = "asymptotic"

    @property
    def unadjusted(self) -> FloatArray:
        """The same covariance matrix."""
        return self.vcov

    def df(self, L: FloatArray) -> FloatArray:
        """Return infinities."""
        return np.full(len(L), np.inf)

    def joint(self, L: FloatArray, target: FloatArray) -> tuple[float, float, float]:
        """Return chi-squared by its degrees of freedom, infinity and 1."""
        squares = (L @ self.beta - target) ** 2 / np.einsum("mi,ij,mj->m", L, self.vcov, L)
        return float(squares.mean()), np.inf, 1.0


ON_THE_BOUNDARY = (
    "A variance is zero or a correlation is one at the optimum, and the degrees of freedom take it "
    "as known: with few clusters they may be too many."
)


def note_of(fit: LmerFit) -> str:
    """Say what a singular fit means for degrees of freedom; warn where none can be right."""
    from nestling.results.confounded import confounded

    groups = confounded(fit)
    if groups:
        warnings.warn(
            f"The fixed effects leave nothing of a random effect of {', '.join(groups)}: its "
            "variance cannot be estimated, and standard errors, degrees of freedom and p values "
            "that depend on it mean nothing. Leave out the fixed effects that tell all the "
            "clusters apart, or the random effect.",
            ConvergenceWarning,
            stacklevel=2,
        )
    return ON_THE_BOUNDARY if fit.is_singular else ""


def fit_to_test(fit: LmerFit, ddf: str) -> LmerFit:
    """Return the fit that a method tests: Kenward-Roger's is by REML."""
    if method_of(ddf) == "kenward-roger" and not fit.reml:
        from nestling.results.refit import with_criterion

        return with_criterion(fit, reml=True)
    return fit


def uncertainty(fit: LmerFit, ddf: str) -> Uncertainty:
    """Do once what all tests by a method share."""
    match method_of(ddf):
        case "satterthwaite":
            from nestling.results.satterthwaite import sensitivity

            return sensitivity(fit)
        case "kenward-roger":
            from nestling.results.kenward_roger import kenward_roger

            return kenward_roger(fit)
        case _:
            estimates = fit.estimates
            return Known(estimates.beta, estimates.sigma, estimates.vcov)


def t_tests(given: Uncertainty, L: FloatArray, null: Any = 0.0) -> ContrastTests:
    """Test each row of L."""
    estimate, df = L @ given.beta, given.df(L)
    se = np.sqrt(np.einsum("mi,ij,mj->m", L, given.vcov, L))
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = (estimate - null) / se
    return ContrastTests(
        estimate, se, df, statistic, two_sided(statistic, df), given.method, given.note
    )


def f_test(given: Uncertainty, L: FloatArray, null: Any = 0.0) -> JointTest:
    """Test all rows of L together."""
    target = np.broadcast_to(np.asarray(null, dtype=float), len(L))
    axes = independent_rows(L, given.unadjusted, target)
    q = len(axes)
    F = df = scaling = np.nan
    if q:
        F, df, scaling = given.joint(axes @ L, axes @ target)
    mean = F / scaling * given.sigma**2
    p = upper_tail(F, q, df)
    return JointTest(q, df, F, p, scaling, mean, mean * q, given.method, given.note)


def independent_rows(L: FloatArray, vcov: FloatArray, target: FloatArray) -> FloatArray:
    """Return orthogonal combinations (q, m) of the rows of L whose estimates are uncorrelated."""
    values, vectors = np.linalg.eigh(L @ vcov @ L.T)
    values, vectors = values[::-1], vectors[:, ::-1]
    known = values > max(RANK * values[0], 0.0) if len(values) else values > 0.0
    # what the other combinations should be, apart from rounding
    lost = vectors[:, ~known].T @ target
    if np.abs(lost).max(initial=0.0) > 1e-8 * max(1.0, np.abs(target).max(initial=0.0)):
        raise ArgumentError(
            "Rows of the hypothesis depend on one another and contradict each other: the same "
            "combination of coefficients is said to have two values. Leave one of them out."
        )
    return np.asarray(vectors[:, known].T)


def method_of(ddf: str) -> Ddf:
    """Read the name of a method; capital letters do not matter."""
    if not isinstance(ddf, str):
        raise ArgumentTypeError(
            f"ddf is of type {type(ddf).__name__}; expected one of {', '.join(METHODS)}."
        )
    name = ddf.lower().replace("_", "-").replace(" ", "-")
    if name not in METHODS:
        raise ArgumentError(
            f"ddf is {ddf!r}; expected one of {', '.join(METHODS)}. {did_you_mean(name, METHODS)}"
        )
    return METHODS[name]


def weights_of(fit: LmerFit, L: Any) -> FloatArray:
    """Read L as an (m, p) array of finite numbers."""
    names = fit.coefficient_names
    try:
        matrix = np.asarray(L, dtype=float)
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError(
            f"L is of type {type(L).__name__}, which does not read as numbers. Give one row of "
            f"weights per contrast, one column per coefficient: {', '.join(names)}."
        ) from error
    if matrix.ndim == 1:
        matrix = matrix[None]
    if matrix.ndim != 2 or matrix.shape[1] != len(names) or not len(matrix):
        raise ArgumentError(
            f"L has shape {np.shape(L)}; expected one or more rows of {len(names)} weights, one "
            f"per coefficient: {', '.join(names) or 'there are none'}."
        )
    if not np.isfinite(matrix).all():
        raise ArgumentError("L has weights that are not finite. Give numbers.")
    return matrix


def two_sided(statistic: FloatArray, df: FloatArray) -> FloatArray:
    """Return two-sided p values of t statistics; normal where df is infinite."""
    from scipy.special import ndtr, stdtr

    lower = -np.abs(statistic)
    finite = np.isfinite(df)
    t = stdtr(np.where(finite, df, 1.0), lower)
    p = 2.0 * np.where(np.isinf(df), ndtr(lower), t)
    return np.asarray(np.where(np.isnan(df), np.nan, p))


def upper_tail(F: float, q: int, df: float) -> float:
    """Return the p value of an F statistic; chi-squared where df is infinite."""
    from scipy.special import chdtrc, fdtrc

    if np.isnan(F) or np.isnan(df) or q == 0:
        return float("nan")
    return float(chdtrc(q, q * F) if np.isinf(df) else fdtrc(q, df, F))
