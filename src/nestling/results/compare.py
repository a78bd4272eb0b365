"""What was put in beside what came back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nestling.errors import ArgumentError, ArgumentTypeError
from nestling.model.parameters import Parameters

if TYPE_CHECKING:
    import pandas as pd

    from nestling.results.lmer_fit import LmerFit
    from nestling.simulate.population import Population


def compare(
    truth: Population,
    fit: LmerFit,
    level: float = 0.95,
    method: str = "profile",
) -> pd.DataFrame:
    """Set the true values of a population beside the estimates of a fit.

    Parameters
    ----------
    truth : Population
    fit : LmerFit
        Of the same model: the same coefficients and random effects.
    level : float
        Confidence level of the interval.
    method : {"profile", "wald"}
        See `LmerFit.confint`. Wald intervals exist for fixed effects only.

    Returns
    -------
    DataFrame
        One row per parameter, named as in `confint`: `truth`, `estimate`, `se` (fixed effects),
        `lower`, `upper` and `inside`. Spreads are SDs and correlations.

    Raises
    ------
    ArgumentError
        When a parameter of the fit has no true value, or the truth is on the scale of a link.

    Examples
    --------
    >>> import nestling as nl
    >>> truth = nl.Population("y ~ 1 + (1 | g)", fixed={"(Intercept)": 2}, random={"g": 1},
    ...                       residual=1)
    >>> fit = nl.lmer("y ~ 1 + (1 | g)", truth.simulate(nl.nested(g=40, id=5), seed=1))
    >>> nl.compare(truth, fit).index.tolist()
    ['sd_(Intercept)|g', 'sigma', '(Intercept)']
    """
    import pandas as pd

    if not hasattr(truth, "parameters") or not hasattr(fit, "confint"):
        raise ArgumentTypeError(
            f"nl.compare() was given {type(truth).__name__} and {type(fit).__name__}; expected "
            "the nl.Population first and the fit of nl.lmer() second."
        )
    if truth.family.link != "identity":
        raise ArgumentError(
            f"The population's values are on the scale of the {truth.family.link} link of "
            f"{truth.family}, those of nl.lmer() on the scale of y; the two do not compare."
        )
    limits = fit.confint(level=level, method=method)  # type: ignore[arg-type]  # checked there
    true = named_values(truth.parameters)
    found = named_values(fit.parameters)
    missing = [name for name in limits.index if name not in true]
    if missing:
        raise ArgumentError(
            f"The population has no true value for {', '.join(map(repr, missing))}. Compare a "
            f"fit of the population's own model, {truth.formula!s}."
        )
    table = pd.DataFrame(index=limits.index)
    table["truth"] = [true[name] for name in limits.index]
    table["estimate"] = [found[name] for name in limits.index]
    table["se"] = fit.se.reindex(limits.index)
    table["lower"], table["upper"] = limits.iloc[:, 0], limits.iloc[:, 1]
    inside = (table["lower"] <= table["truth"]) & (table["truth"] <= table["upper"])
    known = ~(table["lower"].isna() | table["truth"].isna())
    table["inside"] = inside.astype(object).where(known, None)
    return table


def named_values(parameters: Parameters) -> dict[str, float]:
    """Return SDs, correlations, sigma and fixed effects by the names `confint` gives them."""
    values: dict[str, float] = {}
    for term in parameters.terms:
        sd = np.sqrt(np.diag(term.covariance))
        for j, name in enumerate(term.names):
            values[f"sd_{name}|{term.group}"] = float(sd[j])
            for i in range(j + 1, len(sd)):
                product = sd[i] * sd[j]
                correlation = term.covariance[i, j] / product if product > 0 else np.nan
                values[f"cor_{term.names[i]}.{name}|{term.group}"] = float(correlation)
    values["sigma"] = parameters.sigma
    values.update(zip(parameters.names, map(float, parameters.beta), strict=True))
    return values
