import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nestling.design.design import Design, crossed, nested
from nestling.errors import ArgumentTypeError, DesignError


def test_article_design():
    frame = nested(Cluster=20, ID=50).to_frame()
    article = pd.read_csv(Path(__file__).parents[1] / "reference/data/seed_m0.csv")
    assert list(frame.columns) == ["Cluster", "ID"]
    assert np.array_equal(frame["Cluster"], article["Cluster"])
    assert np.array_equal(frame["ID"], article["ID"])


@pytest.mark.parametrize(
    ("design", "names", "sizes", "n"),
    [
        (nested(g=7), ("g",), {"g": 7}, 7),
        (nested(a=2, b=3, c=4), ("a", "b", "c"), {"a": 2, "b": 6, "c": 24}, 24),
        (nested(a=2, b=[1, 3], c=2), ("a", "b", "c"), {"a": 2, "b": 4, "c": 8}, 8),
        (nested(a=2, b=np.array([1, 3])), ("a", "b"), {"a": 2, "b": 4}, 4),
        (crossed(s=3, i=4), ("s", "i"), {"s": 3, "i": 4}, 12),
        (crossed(nested(g=2, p=5), i=4), ("g", "p", "i"), {"g": 2, "p": 10, "i": 4}, 40),
        (
            nested(crossed(s=3, i=2), t=[1, 1, 1, 1, 1, 5]),
            ("s", "i", "t"),
            {"s": 3, "i": 2, "t": 10},
            10,
        ),
        (nested(nested(g=2), crossed(p=3, r=2)), ("g", "p", "r"), {"g": 2, "p": 6, "r": 4}, 12),
        (nested(crossed(s=3)), ("s",), {"s": 3}, 3),
    ],
)
def test_designs(design, names, sizes, n):
    assert design.names == names
    assert dict(design.sizes) == sizes
    assert design.n == n == len(design.to_frame())
    assert list(design.to_frame().columns) == list(names)
    assert pickle.loads(pickle.dumps(design)) == design
    assert hash(design) == hash(Design(design.tree))


def test_nesting_relation():
    design = crossed(nested(school=10, pupil=20), item=8)
    assert dict(design.inside) == {"school": (), "pupil": ("school",), "item": ()}


def test_replace():
    assert nested(Cluster=20, ID=50).replace(Cluster=40) == nested(Cluster=40, ID=50)
    assert crossed(nested(g=2, p=5), i=4).replace(i=6, p=[1, 2]).n == 18
    with pytest.raises(DesignError, match=r"no unit 'Clutser'. Did you mean 'Cluster'"):
        nested(Cluster=20, ID=50).replace(Clutser=4)
    with pytest.raises(
        DesignError, match="2 sizes were given for 'ID', but there are 3 units of 'Cluster'"
    ):
        nested(Cluster=2, ID=[5, 6]).replace(Cluster=3)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: nested(Cluster=0, ID=5), DesignError, "size of 'Cluster' is 0"),
        (lambda: nested(Cluster=-3), DesignError, "size of 'Cluster' is -3"),
        (lambda: nested(Cluster=2.5), DesignError, "whole numbers"),
        (
            lambda: nested(Cluster=3, ID=[5, 6]),
            DesignError,
            "2 sizes were given for 'ID', but there are 3 units of 'Cluster' to hold them",
        ),
        (
            lambda: nested(crossed(s=2, i=2), t=[1, 2]),
            DesignError,
            "there are 4 units of 's' x 'i' to hold them",
        ),
        (
            lambda: nested(Cluster=[5, 6]),
            DesignError,
            "'Cluster' is outermost and takes one number",
        ),
        (lambda: crossed(nested(g=2, i=3), i=4), DesignError, "'i' is named 2 times"),
        (nested, DesignError, "called without units"),
        (crossed, DesignError, r"nl.crossed\(\) was called without units"),
        (lambda: nested(20, ID=5), ArgumentTypeError, "takes designs and named sizes"),
    ],
)
def test_bad_designs(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_text():
    assert str(nested(school=3, pupil=[20, 25, 18])) == (
        "Design of 63 rows\n  school   3 units\n  pupil   63 units, 18 to 25 in each school"
    )
    assert str(nested(nested(school=4), crossed(pupil=10, rater=3), time=2)).splitlines()[1:] == [
        "  school    4 units",
        "  pupil    40 units, 10 in each school",
        "  rater    12 units, 3 in each school, crossed with pupil",
        "  time    240 units, 2 in each pupil x rater",
    ]


def test_html_is_escaped():
    html = nested(**{"a<b": 2})._repr_html_()
    assert "a&lt;b" in html
    assert "Design of 2 rows" in html


@pytest.mark.parametrize(
    ("design", "call"),
    [
        (nested(plot=3, seed=4), lambda d: d.extend(plot=6)),
        (crossed(per=3, item=4), lambda d: d.sample(per="per", item=2, seed=1)),
    ],
    ids=["extend", "sample"],
)
def test_units_with_the_names_of_arguments_are_refused(design, call):
    with pytest.raises(DesignError, match="could mean either"):
        call(design)
