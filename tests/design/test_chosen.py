"""Empty cells and sampled items."""

import numpy as np
import pytest

import nestling as nl
from nestling.errors import ArgumentTypeError, DesignError

GRID = nl.crossed(subject=12, item=20)


@pytest.mark.parametrize("balanced", [True, False])
def test_each_subject_sees_so_many_items(balanced):
    design = GRID.sample(per="subject", item=10, seed=1, balanced=balanced)
    codes = design.codes()
    assert np.bincount(codes["subject"]).tolist() == [10] * 12
    pairs = codes["subject"] * 20 + codes["item"]
    assert len(set(pairs.tolist())) == 120
    counts = np.bincount(codes["item"], minlength=20)
    assert (counts.tolist() == [6] * 20) == balanced
    assert design == GRID.sample(per="subject", item=10, seed=1, balanced=balanced)
    assert design != GRID.sample(per="subject", item=10, seed=2, balanced=balanced)


def test_trials_of_a_sampled_pair_stay_together():
    design = nl.nested(GRID.sample(per="subject", item=4, seed=1), trial=3)
    assert design.n == 12 * 4 * 3
    below = nl.nested(GRID, trial=3).sample(per="subject", item=4, seed=1)
    assert below.n == 12 * 4 * 3


def test_a_share_of_the_rows_is_left_out():
    design = GRID.drop(0.25, seed=1)
    codes = design.codes()
    assert design.n == 180
    assert len(set((codes["subject"] * 20 + codes["item"]).tolist())) == 180
    assert design.sizes == {"subject": 12, "item": 20}
    assert "25% of the rows left out" in str(design)


def test_cells_of_crossed_units_may_be_empty_in_a_list():
    design = nl.nested(nl.crossed(subject=2, item=2), trial=[1, 0, 2, 1])
    assert design.n == 4
    assert design.sizes["item"] == 2


def test_they_simulate_and_fit():
    truth = nl.Population(
        "y ~ 1 + (1 | subject) + (1 | item)", {"(Intercept)": 1}, {"subject": 1, "item": 1}, 1
    )
    data = truth.simulate(GRID.sample(per="subject", item=10, seed=1), seed=2)
    assert nl.lmer("y ~ 1 + (1 | subject) + (1 | item)", data).n_groups == {
        "item": 20,
        "subject": 12,
    }


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: GRID.sample(per="subjects", item=3, seed=1), DesignError, "Did you mean"),
        (lambda: GRID.sample(per="subject", item=30, seed=1), DesignError, "Sample fewer"),
        (lambda: GRID.sample(per="subject", subject=3, seed=1), DesignError, "of one kind"),
        (lambda: GRID.sample(per="subject", seed=1), DesignError, "one kind at a time"),
        (lambda: GRID.sample(per="subject", item=3, seed=1.5), ArgumentTypeError, "seed=1.5"),
        (lambda: GRID.drop(1.0, seed=1), DesignError, "share of the rows"),
        (lambda: GRID.drop("0.1", seed=1), DesignError, "share of the rows"),
        (lambda: nl.crossed(s=2, i=2).drop(0.7, seed=1), DesignError, "left without rows"),
    ],
)
def test_impossible_choices_are_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()
