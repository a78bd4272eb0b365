"""From the spreads a user states, by grouping factor and effect, to covariance matrices.

An ICC needs the other variances, so spreads are first put in place, effect by effect, and
then solved together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import ArgumentTypeError, PopulationError, did_you_mean
from nestling.model.parameters import TermParameters
from nestling.model.spreads import Corr, Cov, Icc, Sd, Spread, variance

INTERCEPT = "(Intercept)"

# What a term of k effects may be given: one matrix, or one spread per effect.
Stated: TypeAlias = Cov | Corr | tuple[float | Icc, ...]


@dataclass(frozen=True, slots=True)
class TermNames:
    """A random-effects term without values: its grouping factor and its effects' names."""

    group: str
    names: tuple[str, ...]


def residual_variance(value: object) -> float:
    """Read `residual=`: a variance, or a standard deviation as nl.sd().

    Examples
    --------
    >>> from nestling.model.spreads import sd
    >>> residual_variance(3), residual_variance(sd(2))
    (3.0, 4.0)
    """
    if value is None:
        raise PopulationError(
            "residual= is missing: give the residual variance, or its SD as nl.sd(...)."
        )
    if isinstance(value, Icc | Cov | Corr):
        raise PopulationError(
            f"residual={value}: the residual takes a variance or nl.sd(...); "
            "an ICC belongs to a grouping factor in random=."
        )
    return value.value**2 if isinstance(value, Sd) else variance(value, "residual=")


def covariances(
    random: Mapping[str, object], terms: Sequence[TermNames], residual: float
) -> tuple[TermParameters, ...]:
    """Give every random-effects term its covariance matrix.

    Parameters
    ----------
    random : mapping
        Grouping factor to spread: a number (variance), `nl.sd`, `nl.icc`, `nl.cov`, `nl.corr`,
        or one spread per effect as a mapping by effect name or a list.
    terms : sequence of TermNames
        What the formula asks for, in order.
    residual : float
        Residual variance.

    Raises
    ------
    PopulationError
        When a grouping factor or effect is missing or unknown, a dimension is wrong, scales
        are mixed, or ICCs leave nothing for the rest.

    Examples
    --------
    >>> from nestling.model.spreads import icc
    >>> term = TermNames("Cluster", ("(Intercept)",))
    >>> covariances({"Cluster": icc(0.25)}, [term], 3.0)[0].covariance
    array([[1.]])
    """
    _check_groups(random, terms)
    stated: list[Stated] = []
    for group in dict.fromkeys(term.group for term in terms):
        shared = [term for term in terms if term.group == group]
        stated += _stated(group, random[group], shared)
    order = sorted(range(len(terms)), key=lambda i: _first_seen(terms, i))
    placed = dict(zip(order, stated, strict=True))
    total = _total([(terms[i], placed[i]) for i in range(len(terms))], residual)
    return tuple(
        TermParameters(term.group, term.names, _covariance(placed[i], total))
        for i, term in enumerate(terms)
    )


def needs(terms: Sequence[TermNames]) -> str:
    """Say in one sentence what the formula's random part asks for."""
    if not terms:
        return "The formula has no random effects."
    shown = "; ".join(f"{term.group!r}: {', '.join(term.names)}" for term in terms)
    return f"The formula needs {shown}."


def _first_seen(terms: Sequence[TermNames], i: int) -> tuple[int, int]:
    groups = [term.group for term in terms]
    return groups.index(groups[i]), i


def _check_groups(random: Mapping[str, object], terms: Sequence[TermNames]) -> None:
    known = list(dict.fromkeys(term.group for term in terms))
    for group in random:
        if group not in known:
            same = [name for name in known if sorted(name.split(":")) == sorted(group.split(":"))]
            hint = f"Did you mean {same[0]!r}?" if same else did_you_mean(group, known)
            raise PopulationError(
                f"random= names {group!r}, which is not a grouping factor of the formula. "
                f"{hint if known else ''} {needs(terms)}".replace("  ", " ")
            )
    for group in known:
        if group not in random:
            raise PopulationError(f"random= has no value for {group!r}. {needs(terms)}")


def _stated(group: str, value: object, terms: list[TermNames]) -> list[Stated]:
    """One `Stated` per term of a grouping factor."""
    effects = [name for term in terms for name in term.names]
    if isinstance(value, Mapping):
        return _by_term(_named(group, value, effects), terms)
    if isinstance(value, Cov | Corr):
        return [_matrix(group, value, terms)]
    if isinstance(value, list | tuple | np.ndarray) and np.ndim(value) > 0:
        return _listed(group, value, terms)
    if len(effects) > 1:
        raise PopulationError(
            f"random= gives {group!r} one spread, {_shown(value)}, but it has {len(effects)} "
            f"random effects: {', '.join(effects)}. Give nl.cov(...) or nl.corr(...), "
            "or one spread per effect."
        )
    return [(_scalar(group, effects[0], value),)]


def _named(group: str, value: Mapping[Any, object], effects: list[str]) -> list[float | Icc]:
    for name in value:
        if name not in effects:
            raise PopulationError(
                f"random= names the effect {name!r} of {group!r}, which the formula does not have. "
                f"{did_you_mean(str(name), effects)}"
            )
    missing = [name for name in effects if name not in value]
    if missing:
        raise PopulationError(
            f"random= has no spread for {', '.join(missing)} of {group!r}; "
            f"it needs {', '.join(effects)}."
        )
    return [_scalar(group, name, value[name]) for name in effects]


def _listed(group: str, value: Any, terms: list[TermNames]) -> list[Stated]:
    """Read a list by effect, a list by term, or a plain matrix of covariances."""
    items = value.tolist() if isinstance(value, np.ndarray) else list(value)
    if any(isinstance(item, list | tuple | np.ndarray) for item in items):
        return [_matrix(group, Cov(tuple(tuple(row) for row in items)), terms)]
    effects = [name for term in terms for name in term.names]
    if any(isinstance(item, Cov | Corr) for item in items):
        if len(items) != len(terms):
            raise PopulationError(
                f"random= gives {group!r} {len(items)} spreads with a matrix among them, but the "
                f"formula has {len(terms)} term(s) of {group!r}: give one spread per term, "
                "or one matrix for a single term."
            )
        return [
            made
            for item, term in zip(items, terms, strict=True)
            for made in _stated(group, item, [term])
        ]
    if len(items) != len(effects):
        raise PopulationError(
            f"random= gives {group!r} {len(items)} variances, but it has {len(effects)} "
            f"random effects: {', '.join(effects)}."
        )
    pairs = zip(effects, items, strict=True)
    return _by_term([_scalar(group, name, item) for name, item in pairs], terms)


def _by_term(spreads: list[float | Icc], terms: list[TermNames]) -> list[Stated]:
    made: list[Stated] = []
    for term in terms:
        made.append(tuple(spreads[: len(term.names)]))
        spreads = spreads[len(term.names) :]
    return made


def _matrix(group: str, value: Cov | Corr, terms: list[TermNames]) -> Cov | Corr:
    if len(terms) > 1:
        raise PopulationError(
            f"random= gives {group!r} the matrix {value}, but the formula has {len(terms)} "
            f"uncorrelated terms of {group!r}: give one spread per effect "
            f"({', '.join(name for term in terms for name in term.names)})."
        )
    k = value.covariance.shape[0]
    if k != len(terms[0].names):
        raise PopulationError(
            f"random= gives {group!r} a {k} x {k} matrix, but it has {len(terms[0].names)} "
            f"random effect(s): {', '.join(terms[0].names)}."
        )
    return value


def _scalar(group: str, effect: str, value: object) -> float | Icc:
    """One spread of one effect: its variance, or an ICC to be solved."""
    if isinstance(value, Sd):
        return value.value**2
    if isinstance(value, Icc):
        if effect != INTERCEPT:
            raise PopulationError(
                f"random= gives {effect!r} of {group!r} as {value}; an intraclass correlation "
                "belongs to a random intercept. State the slope's variance or nl.sd(...)."
            )
        return value
    if isinstance(value, Cov | Corr):
        if value.covariance.shape == (1, 1):
            return float(value.covariance[0, 0])
        raise PopulationError(
            f"random= gives the single effect {effect!r} of {group!r} a matrix, {value}. Give "
            "one matrix for the whole term, or one variance per effect; not both mixed."
        )
    if isinstance(value, str | Mapping) or value is None:
        raise ArgumentTypeError(
            f"random= gives {effect!r} of {group!r} as {value!r}; expected a variance, "
            "nl.sd(...), nl.icc(...), nl.cov(...) or nl.corr(...)."
        )
    return variance(value, f"the variance of {effect} of {group}")


def _total(placed: list[tuple[TermNames, Stated]], residual: float) -> float:
    """Sum of all random-intercept variances and the residual variance, ICCs solved for."""
    known, shares, words = residual, 0.0, []
    for term, stated in placed:
        if INTERCEPT not in term.names:
            continue
        at = term.names.index(INTERCEPT)
        spread = float(stated.covariance[at, at]) if isinstance(stated, Cov | Corr) else stated[at]
        if isinstance(spread, Icc):
            shares += spread.value
            words.append(f"{spread.value:g} for {term.group}")
        else:
            known += spread
    if shares >= 1:
        raise PopulationError(
            f"The ICCs are {', '.join(words)}: together {shares:g}, which leaves nothing for the "
            "residual variance. ICCs are shares of one total and stay below 1 together."
        )
    if shares > 0 and known == 0:
        raise PopulationError(
            f"The ICCs are {', '.join(words)}, shares of a total whose other variances, the "
            "residual among them, are all 0. Give the residual a variance above 0."
        )
    return known / (1 - shares)


def _covariance(stated: Stated, total: float) -> FloatArray:
    if isinstance(stated, Cov | Corr):
        return stated.covariance
    diagonal = [s.value * total if isinstance(s, Icc) else s for s in stated]
    return np.diag(np.array(diagonal, dtype=np.float64))


def _shown(value: object) -> str:
    return str(value) if isinstance(value, Sd | Icc | Cov | Corr) else repr(value)


__all__ = ["INTERCEPT", "Spread", "TermNames", "covariances", "needs", "residual_variance"]
