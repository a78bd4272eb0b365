"""From a seed to one stream per component: each predictor, each grouping factor, the residual.

With numpy every component has a stream of its own, named after it: adding a predictor does not
change the random effects drawn. With R's generator one seed runs through all components in
order, as one set.seed() does, and one seed per component is one set.seed() before each.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import numpy as np

from nestling.design.design import Design
from nestling.errors import ArgumentError, ArgumentTypeError, did_you_mean
from nestling.random.replicate_seed import ReplicateSeed
from nestling.random.rrandom import RRandom
from nestling.random.streams import component_stream, seed_sequence
from nestling.simulate.predictors import Stream

RESIDUAL = "residual"
SIZES = "sizes"
PREDICTOR = "predictor"


@dataclass(frozen=True, slots=True)
class Components:
    """Names of what is drawn: predictors, grouping factors with their effects, departures."""

    predictors: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]
    departures: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All names, in the order in which one seed runs through them."""
        return (*self.predictors, *self.groups, RESIDUAL, *self.departures)


@dataclass(frozen=True, slots=True)
class Streams:
    """One stream per component; a grouping factor may have one per effect."""

    predictors: Mapping[str, Stream]
    groups: Mapping[str, Stream | Mapping[str, Stream]]
    residual: Stream
    departures: Mapping[str, np.random.Generator] = field(default_factory=dict)


def streams_of(seed: Any, rng: Literal["numpy", "R"], components: Components) -> Streams:
    """Make the streams of one simulation.

    Parameters
    ----------
    seed : None, int, SeedSequence, Generator, ReplicateSeed or mapping
        One seed for all, or one per component by name ('residual' for the residuals); a grouping
        factor takes one seed, or a mapping from effect to seed.
    rng : {"numpy", "R"}
        The generator.
    components : Components
        What is to be drawn.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        For an unknown generator, a component without a seed, or a seed for nothing.

    Examples
    --------
    >>> streams = streams_of(1, "numpy", Components(("X",), {"g": ("(Intercept)",)}))
    >>> streams.predictors["X"] is streams.residual
    False
    """
    if rng not in {"numpy", "R"}:
        raise ArgumentError(f"rng={rng!r} is not a generator; use 'numpy' or 'R'.")
    if rng == "R" and components.departures:
        raise ArgumentError(
            f"rng='R' cannot draw {', '.join(components.departures)}: R has no agreed order of "
            "random numbers for departures. Use rng='numpy'."
        )
    if isinstance(seed, Mapping):
        return _one_per_component(seed, rng, components)
    if rng == "R":
        stream = RRandom(_whole(seed, "seed"))
        return Streams(
            dict.fromkeys(components.predictors, stream),
            dict.fromkeys(components.groups, stream),
            stream,
        )
    named = _named(seed)
    return Streams(
        {name: named(predictor_label(name)) for name in components.predictors},
        {name: named(group_label(name)) for name in components.groups},
        named(RESIDUAL),
        {name: named(f"departure {name}") for name in components.departures},
    )


def settled(design: Design, seed: Any, rng: str) -> tuple[Design, Any]:
    """Draw the sizes that a study draws for itself; return the design and the seed of the rest.

    A mapping of seeds has one for 'sizes'.
    """
    if not design.is_open:
        return design, seed
    if rng == "R":
        raise ArgumentError(
            "rng='R' cannot draw the sizes of this design: R has no agreed order of random numbers "
            "for them. Draw them first, with design.draw(seed)."
        )
    if not isinstance(seed, Mapping):
        parent = seed if isinstance(seed, ReplicateSeed) else seed_sequence(seed)
        return design.drawn_by(_named(parent)), parent
    if SIZES not in seed:
        raise ArgumentError(
            f"seed= gives no seed for {SIZES!r}: this design draws sizes for every study. Add one, "
            "or draw them first, with design.draw(seed)."
        )
    rest = {name: each for name, each in seed.items() if name != SIZES}
    return design.draw(_not_negative(seed[SIZES], f"seed[{SIZES!r}]")), rest


def predictor_label(name: str) -> str:
    """Name the stream of a predictor."""
    return f"{PREDICTOR} {name}"


def group_label(group: str) -> str:
    """Name the stream of the random effects of a grouping factor."""
    return f"random {group}"


def _named(seed: Any) -> Callable[[str], np.random.Generator]:
    """Return what makes a component's stream from its name."""
    if isinstance(seed, ReplicateSeed):
        return seed.stream
    return partial(component_stream, seed_sequence(seed))


def _one_per_component(
    seeds: Mapping[Any, Any], rng: Literal["numpy", "R"], components: Components
) -> Streams:
    for name in seeds:
        if name not in components.names:
            raise ArgumentError(
                f"seed= names {name!r}, which is not drawn. "
                f"{did_you_mean(str(name), components.names)}"
            )
    missing = [name for name in components.names if name not in seeds]
    if missing:
        raise ArgumentError(
            f"seed= gives no seed for {', '.join(map(repr, missing))}; it needs one for each of "
            f"{', '.join(map(repr, components.names))}, or a single number for all."
        )
    doubled = [name for name in components.names if components.names.count(name) > 1]
    if doubled:
        raise ArgumentError(
            f"seed= gives one seed for {doubled[0]!r}, which names two components. "
            "Rename one of them, or give a single number for all."
        )

    def stream(seed: Any, what: str) -> Stream:
        if rng == "R":
            return RRandom(_whole(seed, what))
        return np.random.default_rng(_not_negative(seed, what))

    groups: dict[str, Stream | Mapping[str, Stream]] = {}
    for name, effects in components.groups.items():
        given = seeds[name]
        if isinstance(given, Mapping):
            _check_effects(name, given, effects)
            groups[name] = {
                effect: stream(given[effect], f"seed[{name!r}][{effect!r}]") for effect in effects
            }
        else:
            groups[name] = stream(given, f"seed[{name!r}]")
    return Streams(
        {name: stream(seeds[name], f"seed[{name!r}]") for name in components.predictors},
        groups,
        stream(seeds[RESIDUAL], f"seed[{RESIDUAL!r}]"),
        {
            name: np.random.default_rng(_not_negative(seeds[name], f"seed[{name!r}]"))
            for name in components.departures
        },
    )


def _check_effects(group: str, given: Mapping[Any, Any], effects: tuple[str, ...]) -> None:
    for effect in given:
        if effect not in effects:
            raise ArgumentError(
                f"seed[{group!r}] names {effect!r}, which is not a random effect of {group!r}. "
                f"{did_you_mean(str(effect), effects)}"
            )
    missing = [effect for effect in effects if effect not in given]
    if missing:
        raise ArgumentError(
            f"seed[{group!r}] gives no seed for {', '.join(map(repr, missing))}; it needs one for "
            f"each of {', '.join(map(repr, effects))}, or one number for all."
        )


def _whole(seed: Any, what: str) -> int:
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
        raise ArgumentTypeError(f"{what}={seed!r}; expected a whole number.")
    return int(seed)


def _not_negative(seed: Any, what: str) -> int:
    found = _whole(seed, what)
    if found < 0:
        raise ArgumentError(f"{what}={seed!r}; numpy's generator takes seeds from 0 on.")
    return found
