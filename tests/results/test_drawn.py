"""The place of `fit.plot`: nothing is loaded before it is asked for."""

import pytest

from nestling.results.drawn import Drawn


class Record:
    plot = Drawn("builtins:type")
    lost = Drawn("nestling.plots.fit_plots:NoSuchName")


def test_the_record_is_handed_on():
    assert Record().plot is Record
    assert isinstance(Record.plot, Drawn)


def test_a_place_without_what_it_names():
    with pytest.raises(AttributeError, match="NoSuchName"):
        Record().lost  # noqa: B018  asking is the test
