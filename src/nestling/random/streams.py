"""numpy's generators from seeds, with child streams by name and by index.

A child is made from its parent and its own name or index alone, never from how many children
were made before it: a component added to a simulation, or a replicate added to a study, leaves
the random numbers of all others as they were.
"""

from hashlib import sha256
from typing import TypeAlias

import numpy as np

from nestling.errors import ArgumentError, ArgumentTypeError

Seed: TypeAlias = int | np.integer | np.random.SeedSequence | np.random.Generator | None
"""What a seed may be; None asks the operating system for a fresh one."""


def seed_sequence(seed: Seed) -> np.random.SeedSequence:
    """Return the SeedSequence of a seed.

    Parameters
    ----------
    seed : int, SeedSequence, Generator or None
        A whole number from 0 on, of any size. A SeedSequence is returned as it is. From a
        Generator four words are drawn, so that a second call gives another sequence. None gives
        an unpredictable one.

    Raises
    ------
    ArgumentError
        For a negative number.
    ArgumentTypeError
        For anything else: a float, a bool, text.

    Examples
    --------
    >>> seed_sequence(707).entropy
    707
    >>> seed_sequence(7.5)
    Traceback (most recent call last):
        ...
    nestling.errors.ArgumentTypeError: seed=7.5 is of type float; expected a whole number, ...
    """
    if seed is None:
        return np.random.SeedSequence()
    if isinstance(seed, np.random.SeedSequence):
        return seed
    if isinstance(seed, np.random.Generator):
        return np.random.SeedSequence(seed.integers(0, 1 << 32, size=4).tolist())
    # a bool is an int to Python, but a slip to a reader
    if isinstance(seed, bool | np.bool_) or not isinstance(seed, int | np.integer):
        raise ArgumentTypeError(
            f"seed={seed!r} is of type {type(seed).__name__}; expected a whole number, a numpy "
            "SeedSequence or Generator, or None for a fresh seed."
        )
    if seed < 0:
        raise ArgumentError(f"seed={seed} is negative; numpy's generators take seeds from 0 on.")
    return np.random.SeedSequence(int(seed))


def generator(seed: Seed) -> np.random.Generator:
    """Return a generator: the one given, or a new one started from the seed.

    Examples
    --------
    >>> float(generator(707).random()) == float(generator(707).random())
    True
    """
    if isinstance(seed, np.random.Generator):
        return seed
    return np.random.default_rng(seed_sequence(seed))


def named_child(seed: Seed, name: str) -> np.random.SeedSequence:
    """Return the child sequence that belongs to a name.

    The name enters by its SHA-256, which is the same in every process and on every machine.

    Examples
    --------
    >>> parent = seed_sequence(707)
    >>> named_child(parent, "Cluster").spawn_key == named_child(parent, "Cluster").spawn_key
    True
    >>> named_child(parent, "Cluster").spawn_key == named_child(parent, "residual").spawn_key
    False
    """
    if not isinstance(name, str):
        raise ArgumentTypeError(f"name={name!r} is of type {type(name).__name__}; expected text.")
    words = np.frombuffer(sha256(name.encode()).digest()[:16], dtype="<u4")
    return _child(seed_sequence(seed), *words.tolist())


def indexed_child(seed: Seed, index: int) -> np.random.SeedSequence:
    """Return the child sequence of an index from 0 on: a replicate, a chunk.

    Examples
    --------
    >>> indexed_child(707, 3).spawn_key
    (3,)
    """
    if isinstance(index, bool) or not isinstance(index, int | np.integer):
        raise ArgumentTypeError(
            f"index={index!r} is of type {type(index).__name__}; expected a whole number."
        )
    if index < 0:
        raise ArgumentError(f"index={index} is negative; children are counted from 0.")
    return _child(seed_sequence(seed), int(index))


def component_stream(seed: Seed, name: str) -> np.random.Generator:
    """Return the generator of one component of a simulation, by the component's name.

    Parameters
    ----------
    seed : int, SeedSequence, Generator or None
        As in `seed_sequence`. Turn a Generator or None into a sequence once, and pass that for
        each component: every call with a Generator draws from it anew.
    name : str
        The component: a predictor, a grouping factor, the residual.

    Examples
    --------
    >>> same = component_stream(707, "Cluster").standard_normal(2)
    >>> bool((component_stream(707, "Cluster").standard_normal(2) == same).all())
    True
    >>> bool((component_stream(707, "residual").standard_normal(2) == same).any())
    False
    """
    return np.random.default_rng(named_child(seed, name))


def _child(parent: np.random.SeedSequence, *key: int) -> np.random.SeedSequence:
    return np.random.SeedSequence(
        parent.entropy, spawn_key=(*parent.spawn_key, *key), pool_size=parent.pool_size
    )
