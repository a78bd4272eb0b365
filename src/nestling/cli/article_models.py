"""The four models of the article: what is true of them, how R drew them, how it prints them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from nestling.design.design import Design, nested
from nestling.model.equations import Equations
from nestling.model.levels import levels
from nestling.model.spreads import cov
from nestling.simulate.describe import normal
from nestling.simulate.population import Population
from nestling.simulate.predictors import Predictor

if TYPE_CHECKING:
    import pandas as pd

DESIGN: Final[Design] = nested(Cluster=20, ID=50)


@dataclass(frozen=True, slots=True)
class ArticleModel:
    """One section of the article.

    Attributes
    ----------
    key : str
        The article's name for the fit: m0 to m3.
    title, words : str
        Heading and what the model says.
    equations : Equations
        By level.
    fixed : mapping of str to float
        True fixed effects by symbol.
    random : mapping
        True variances or covariance matrix by symbol or grouping factor.
    predictors : mapping
    seeds : mapping
        The seed R was given before each component.
    columns : mapping of str to str or float
        The article's columns: each is a column of ours, or one number for all rows.
    formula : str
        As the article fits it.
    limits : str or None
        Which profile limits the article prints.
    notes : tuple of str
        Where our digits and the article's are not the same, and why.
    """

    key: str
    title: str
    words: str
    equations: Equations
    fixed: Mapping[str, float]
    random: Mapping[str, Any]
    predictors: Mapping[str, Predictor]
    seeds: Mapping[str, Any]
    columns: Mapping[str, str | float]
    formula: str
    limits: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def truth(self) -> Population:
        """The population with the article's true values."""
        return Population(
            self.equations, self.fixed, self.random, residual=3, predictors=self.predictors
        )

    def data(self) -> pd.DataFrame:
        """Draw the article's data with R's random numbers; columns as the article has them."""
        import pandas as pd

        drawn = self.truth.simulate(DESIGN, rng="R", seed=self.seeds, components=True)
        frame = pd.DataFrame(
            {
                name: drawn[source] if isinstance(source, str) else source
                for name, source in self.columns.items()
            }
        )
        frame.attrs["name"] = "df"
        return frame


_SLOPES: Final = """
    Level 1 (ID):      y  = b0 + b1*X + e
    Level 2 (Cluster): b0 = g00 + u0
                       b1 = g01 + u1
"""

_SLOPE_COLUMNS: Final[Mapping[str, str | float]] = {
    "y": "y", "ID": "ID", "Cluster": "Cluster", "eij": "e", "u0j": "u0", "g00": 2.0,
    "u1j": "u1", "g01": 5.0, "b0j": "b0", "b1j": "b1", "X": "X",
}  # fmt: skip

M0: Final = ArticleModel(
    key="m0",
    title="Variance components",
    words=(
        "Every cluster has a mean of its own, and rows scatter around the mean of their cluster. "
        "The model splits the variance into a part between clusters and a part inside them."
    ),
    equations=levels(
        """
        Level 1 (ID):      y  = b0 + e
        Level 2 (Cluster): b0 = g00 + u0
        """
    ),
    fixed={"g00": 2},
    random={"u0": 5},
    predictors={},
    seeds={"Cluster": 707, "residual": 777},
    columns={
        "y": "y",
        "ID": "ID",
        "Cluster": "Cluster",
        "eij": "e",
        "u0j": "u0",
        "g00": 2.0,
    },
    formula="y ~ 1 + (1 | Cluster)",
)

M1: Final = ArticleModel(
    key="m1",
    title="A predictor at each level",
    words=(
        "X differs from row to row, Z from cluster to cluster. Both shift the response by the "
        "same amount everywhere; what is left between clusters stays random."
    ),
    equations=levels(
        """
        Level 1 (ID):      y  = b0 + b1*X + e
        Level 2 (Cluster): b0 = g00 + g01*Z + u0
                           b1 = g10
        """
    ),
    fixed={"g00": 2, "g01": 3, "g10": 4},
    random={"u0": 5},
    predictors={"Z": normal(0, 3, level="Cluster"), "X": normal(0, 1)},
    seeds={"Z": 111, "X": 555, "Cluster": 707, "residual": 111},
    columns={
        "y": "y",
        "ID": "ID",
        "Cluster": "Cluster",
        "g00": 2.0,
        "g01": 3.0,
        "Z": "Z",
        "u0j": "u0",
        "B1": "b1",
        "X": "X",
        "eij": "e",
    },
    formula="y ~ 1 + Z + X + (1 | Cluster)",
)

M2: Final = ArticleModel(
    key="m2",
    title="A random slope",
    words=(
        "The effect of X itself differs between clusters. Intercepts and slopes are drawn one "
        "after the other, so their true correlation is zero; the fitted model estimates it. In the "
        "formula of its fit the article calls the response yij: it is the column y."
    ),
    equations=levels(_SLOPES),
    fixed={"g00": 2, "g01": 5},
    random={"u0": 5, "u1": 3},
    predictors={"X": normal(0, 1)},
    seeds={"X": 555, "Cluster": {"(Intercept)": 707, "X": 5707}, "residual": 111},
    columns=_SLOPE_COLUMNS,
    formula="yij ~ X + (1 + X | Cluster)",  # yij is the column y
    limits="theta_",
    notes=(
        (
            "The article prints 5.631 for the variance of the intercepts and 4.424 for the first t "
            "value: lme4's optimiser stopped just before the optimum, which is shown here."
        ),
        (
            "The article's limits differ from these by up to 5e-4: lme4 interpolates between a few "
            "points of the profile, and here the profile is solved for the limits themselves."
        ),
    ),
)

M3: Final = ArticleModel(
    key="m3",
    title="Correlated random effects",
    words=(
        "Intercepts and slopes are drawn together from a bivariate normal distribution: clusters "
        "with a high intercept tend to have a steep slope."
    ),
    equations=levels(_SLOPES),
    fixed={"g00": 2, "g01": 5},
    random={"Cluster": cov([[5, 1], [1, 3]])},
    predictors={"X": normal(0, 1)},
    seeds={"X": 555, "Cluster": 609, "residual": 111},
    columns=_SLOPE_COLUMNS,
    formula="yij ~ X + (1 + X | Cluster)",
)

MODELS: Final = (M0, M1, M2, M3)
