"""The place of `fit.plot`: empty until something draws."""

from nestling.results.drawn import Drawn


class Record:
    plot = Drawn()


def test_the_record_is_handed_on():
    assert Record().plot is Record.plot
    Record.plot.by(lambda record: (type(record).__name__, "drawn"))
    assert Record().plot == ("Record", "drawn")
