import subprocess
import sys

import numpy as np
import pytest

from nestling.errors import ArgumentError, ArgumentTypeError
from nestling.random.streams import (
    component_stream,
    generator,
    indexed_child,
    named_child,
    seed_sequence,
)


def first(sequence):
    return sequence.generate_state(4).tolist()


@pytest.mark.parametrize("seed", [0, 707, np.int64(707), np.uint8(7), 2**200])
def test_a_number_is_numpys_own_seed(seed):
    assert first(seed_sequence(seed)) == first(np.random.SeedSequence(int(seed)))


def test_a_sequence_passes_unchanged():
    parent = np.random.SeedSequence(5, spawn_key=(1,))
    assert seed_sequence(parent) is parent


def test_a_generator_passes_or_is_drawn_from():
    given = np.random.default_rng(3)
    assert generator(given) is given
    one, two = seed_sequence(given), seed_sequence(given)
    assert first(one) != first(two)
    assert first(one) == first(seed_sequence(np.random.default_rng(3)))


def test_none_is_fresh_each_time():
    assert first(seed_sequence(None)) != first(seed_sequence(None))


def test_the_generator_of_a_number_is_numpys():
    assert generator(9).random() == np.random.default_rng(9).random()


def test_children_do_not_depend_on_siblings():
    parent = seed_sequence(1)
    before = first(named_child(parent, "Cluster"))
    named_child(parent, "X")
    parent.spawn(3)
    assert first(named_child(parent, "Cluster")) == before


def test_names_are_the_same_in_every_process():
    # Python's own hash of text changes from process to process
    script = (
        "from nestling.random.streams import component_stream;"
        "print(component_stream(707, 'Cluster').integers(1 << 62))"
    )
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout
    assert int(found) == component_stream(707, "Cluster").integers(1 << 62)


def test_the_words_of_a_name_stay_as_they_are():
    # a change here would change every simulated data set
    assert named_child(707, "Cluster").spawn_key == (4104599489, 4294386494, 1372082530, 2241981027)


def test_children_differ_by_name_index_and_parent():
    children = [
        named_child(1, "a"),
        named_child(1, "b"),
        named_child(1, ""),
        named_child(2, "a"),
        named_child(indexed_child(1, 0), "a"),
        indexed_child(named_child(1, "a"), 0),
        indexed_child(1, 0),
        indexed_child(1, 1),
        seed_sequence(1),
    ]
    assert len({tuple(first(child)) for child in children}) == len(children)


def test_an_indexed_child_is_what_spawn_gives():
    assert first(indexed_child(4, 2)) == first(np.random.SeedSequence(4).spawn(3)[2])


@pytest.mark.parametrize(
    ("seed", "error", "message"),
    [
        (1.0, ArgumentTypeError, "seed=1.0 is of type float"),
        (True, ArgumentTypeError, "seed=True is of type bool"),
        (np.True_, ArgumentTypeError, "is of type bool"),
        ("7", ArgumentTypeError, "seed='7' is of type str"),
        ([1, 2], ArgumentTypeError, "of type list"),
        (-1, ArgumentError, "seed=-1 is negative"),
    ],
)
@pytest.mark.parametrize("call", [seed_sequence, generator, lambda s: component_stream(s, "a")])
def test_refused_seeds(call, seed, error, message):
    with pytest.raises(error, match=message):
        call(seed)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: named_child(1, 2), ArgumentTypeError, "name=2 is of type int"),
        (lambda: indexed_child(1, -1), ArgumentError, "index=-1 is negative"),
        (lambda: indexed_child(1, 1.0), ArgumentTypeError, "index=1.0 is of type float"),
        (lambda: indexed_child(1, True), ArgumentTypeError, "index=True is of type bool"),
    ],
)
def test_refused_names_and_indices(call, error, message):
    with pytest.raises(error, match=message):
        call()
