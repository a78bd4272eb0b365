"""`study_toml`: a study file of the command line, from Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from nestling.data.toml_text import toml_text
from nestling.design.design import Design
from nestling.errors import ArgumentTypeError, did_you_mean
from nestling.simulate.design_text import design_text
from nestling.simulate.population import Population
from nestling.simulate.written import plain

SECTIONS: Final = ("simulate", "power", "recovery", "curve", "search")


def study_toml(
    truth: Population,
    design: Design,
    *,
    title: str | None = None,
    seed: int | None = None,
    **sections: Mapping[str, Any],
) -> str:
    """Write population and design as a study file, which the command line runs.

    Parameters
    ----------
    truth : Population
    design : Design
    title : str, optional
        Of reports.
    seed : int, optional
    **sections : mapping
        Arguments of `simulate`, `power`, `recovery`, `curve` and `search` by their names.

    Returns
    -------
    str
        Text in TOML. `nestling power study.toml` does with it what `nl.power` does here.

    Raises
    ------
    ArgumentTypeError
        For other sections, and for arguments that cannot be written, such as functions.

    Examples
    --------
    >>> import nestling as nl
    >>> truth = nl.Population("y ~ 1 + (1 | g)", {"(Intercept)": 2}, {"g": nl.icc(0.2)}, 1)
    >>> print(nl.study_toml(truth, nl.nested(g=20, id=5), seed=1, power={"n_sims": 500}))
    seed = 1
    design = "nested(g=20, id=5)"
    <BLANKLINE>
    [model]
    formula = "y ~ 1 + (1 | g)"
    residual = 1
    <BLANKLINE>
    [fixed]
    "(Intercept)" = 2.0
    <BLANKLINE>
    [random]
    g = "icc(0.2)"
    <BLANKLINE>
    [power]
    n_sims = 500
    <BLANKLINE>
    """
    for name, value, kind in (("truth", truth, Population), ("design", design, Design)):
        if not isinstance(value, kind):
            raise ArgumentTypeError(
                f"{name} is of type {type(value).__name__}; expected an nl.{kind.__name__}."
            )
    for name, section in sections.items():
        if name not in SECTIONS:
            raise ArgumentTypeError(
                f"study_toml() has no argument {name!r}. "
                f"{did_you_mean(name, ['title', 'seed', *SECTIONS])}"
            )
        if not isinstance(section, Mapping):
            raise ArgumentTypeError(
                f"{name}={section!r}; expected arguments with values, such as {{'n_sims': 1000}}."
            )
    alone = {"title": title, "seed": seed, "design": design_text(design)}
    made = {name: value for name, value in alone.items() if value is not None}
    said = {
        name: {key: plain(each) for key, each in section.items() if each is not None}
        for name, section in sections.items()
    }
    return toml_text({**made, **truth.to_dict(), **said})
