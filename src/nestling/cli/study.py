"""The parts of a study as options say them: spreads, predictors, designs, seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from nestling.data.literal import named, read_literal
from nestling.design.design import Design
from nestling.errors import ArgumentError
from nestling.simulate.listed import DESIGNS, EFFECTS, PREDICTORS, SPREADS
from nestling.simulate.predictors import Predictor
from nestling.simulate.reading import SIZED


def fixed_effects(texts: Iterable[str]) -> dict[str, Any]:
    """Read `X=4` or `X=d(0.5)`, several times: coefficients by name.

    Examples
    --------
    >>> fixed_effects(["(Intercept)=2", "X=-4"])
    {'(Intercept)': 2, 'X': -4}
    """
    pairs = (named(text, "--fixed", last=True) for text in texts)
    return _unique(
        "--fixed", ((name, read_literal(value, "--fixed", EFFECTS)) for name, value in pairs)
    )


def spreads(texts: Iterable[str]) -> dict[str, Any]:
    """Read `Cluster=5` or `Cluster=cov([[5, 1], [1, 3]])`: spreads by grouping factor.

    Examples
    --------
    >>> print(spreads(["Cluster=sd(2)"])["Cluster"])
    nl.sd(2)
    """
    pairs = (named(text, "--random") for text in texts)
    return _unique(
        "--random", ((name, read_literal(value, "--random", SPREADS)) for name, value in pairs)
    )


def residual(text: str) -> Any:
    """Read a variance, or `sd(2)`.

    Examples
    --------
    >>> residual("3")
    3
    """
    return read_literal(text, "--residual", SPREADS)


def predictors(texts: Iterable[str]) -> dict[str, Predictor]:
    """Read `X=normal(0, 1)` or `Z=normal(0, 3)@Cluster`: predictors, by name.

    Examples
    --------
    >>> print(predictors(["Z=normal(0, 3)@Cluster"])["Z"])
    nl.normal(0, 3, level='Cluster')
    """
    return _unique("--predictor", (_predictor(text) for text in texts))


def _predictor(text: str) -> tuple[str, Predictor]:
    name, value = named(text, "--predictor")
    call, at, level = value.rpartition("@")
    if not at or ")" in level:  # an @ inside the brackets belongs to a category
        call, level = value, ""
    functions = PREDICTORS
    if level.strip():
        functions = {key: _at(make, level.strip()) for key, make in PREDICTORS.items()}
    made = read_literal(call, "--predictor", functions)
    if not isinstance(made, Predictor):
        raise ArgumentError(
            f"--predictor {text!r} says {made!r}; expected one of "
            f"{', '.join(f'{key}(...)' for key in PREDICTORS)}."
        )
    return name, made


def _at(make: Callable[..., Any], level: str) -> Callable[..., Any]:
    """Give a predictor the level that stands behind the @."""

    def made(*args: Any, **keywords: Any) -> Any:
        return make(*args, level=level, **keywords)

    return made


def design(text: str) -> Design:
    """Read `Cluster=20, ID=50` (nested, outermost first) or `crossed(subject=30, item=20)`.

    Examples
    --------
    >>> design("Cluster=20, ID=50").n, design("nested(crossed(s=3, i=2), trial=4)").n
    (1000, 24)
    """
    call = text if text.strip().startswith(tuple(f"{name}(" for name in DESIGNS)) else None
    made = read_literal(call or f"nested({text})", "--design", SIZED)
    if not isinstance(made, Design):
        raise ArgumentError(
            f"--design {text!r} is no design; write for example 'Cluster=20, ID=50'."
        )
    return made


def seed(text: str) -> int | dict[str, Any]:
    """Read one seed, or one per component: `Cluster=707, X=555, residual=777`.

    Examples
    --------
    >>> seed("1"), seed("Cluster=707, residual=777")
    (1, {'Cluster': 707, 'residual': 777})
    """
    if "=" not in text:
        found = read_literal(text, "--seed", {})
        if not isinstance(found, int):
            raise ArgumentError(f"--seed {text!r}: a seed is a whole number.")
        return found
    pairs = (named(part, "--seed", last=True) for part in text.split(","))
    return _unique("--seed", ((name, read_literal(value, "--seed", {})) for name, value in pairs))


def _unique(option: str, pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ArgumentError(f"{option} names {name!r} twice.")
        found[name] = value
    return found
