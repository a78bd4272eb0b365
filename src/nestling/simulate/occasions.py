"""Which period of its cluster each row is in: what sequences of treatments follow."""

import numpy as np

from nestling.arrays import AnyArray, IntArray
from nestling.errors import DesignError, did_you_mean
from nestling.simulate.assignment import Places
from nestling.simulate.given import Labels


def occasions(places: Places, cluster: str, period: str) -> IntArray:
    """Return the period of each row from 0, as its cluster goes through them.

    Periods that are crossed with the clusters count as they stand, within units that hold both;
    periods nested in clusters count anew in each; a predictor counts by its values, in order.

    Parameters
    ----------
    places : Places
    cluster, period : str
        The unit that has a sequence, and its periods: a unit or a predictor listed before.

    Raises
    ------
    DesignError
        When no cluster goes through several periods, or their order cannot be told.
    """
    clusters = places.rows(cluster)
    found = _counted(places, cluster, period)
    periods = int(found.max()) + 1
    what = f"The predictor {places.name!r}"
    if periods < 2:
        raise DesignError(
            f"{what}: there is only one period of {period!r}, so treatments cannot change. Give "
            "the design at least two periods, or use nl.assign()."
        )
    first = np.empty(int(clusters.max()) + 1, dtype=np.intp)
    first[clusters] = found
    if (first[clusters] == found).all():
        raise DesignError(
            f"{what}: each unit of {cluster!r} is in one period of {period!r} only, so its "
            f"treatment cannot change. Cross them, as in nl.crossed({cluster}=..., {period}=...), "
            f"or nest {period!r} in {cluster!r}."
        )
    return found


def _counted(places: Places, cluster: str, period: str) -> IntArray:
    if period not in places.codes:
        return _by_value(places, cluster, period)
    codes, inside = places.codes[period], places.design.inside
    between = [unit for unit in inside[period] if cluster in inside[unit]]
    if between:
        raise DesignError(
            f"The predictor {places.name!r}: {period!r} is nested in {between[0]!r}, which is "
            f"nested in {cluster!r}, so the periods of {cluster!r} are not told apart from its "
            f"units of {between[0]!r}. Number the periods by a predictor listed before, such as "
            f"nl.time(cluster={between[0]!r}), and name that."
        )
    if cluster in inside[period]:
        return _rank(codes, places.rows(cluster))
    # the same months in every region, whose clinics go through them
    shared = [unit for unit in inside[period] if unit in inside[cluster]]
    return _rank(codes, places.combined(shared)) if shared else codes


def _by_value(places: Places, cluster: str, period: str) -> IntArray:
    """Count periods by the values of a predictor."""
    if period not in places.columns:
        raise DesignError(
            f"The predictor {places.name!r} names the periods {period!r}, which is neither a unit "
            "of the design nor a predictor listed before it. "
            f"{did_you_mean(period, places.columns)}"
        )
    column = places.columns[period]
    values: AnyArray = column.codes if isinstance(column, Labels) else np.asarray(column)
    found = np.unique(values, return_inverse=True)[1].astype(np.intp)
    clusters = places.rows(cluster)
    n = int(clusters.max()) + 1
    owner = np.empty(int(found.max()) + 1, dtype=np.intp)
    owner[found] = clusters
    if n > 1 and (owner[found] == clusters).all():
        raise DesignError(
            f"The predictor {places.name!r}: no two units of {cluster!r} share a value of "
            f"{period!r}, so it does not count periods. Use values that are the same in every "
            "unit, such as nl.time() without jitter."
        )
    return found


def _rank(codes: IntArray, parents: IntArray) -> IntArray:
    """Place of each code among those of its parent, from 0.

    Examples
    --------
    >>> _rank(np.array([4, 7, 4, 9]), np.array([0, 0, 0, 1])).tolist()
    [0, 1, 0, 0]
    """
    width = int(codes.max()) + 1
    pairs, place = np.unique(parents * width + codes, return_inverse=True)
    starts = np.searchsorted(pairs // width, np.arange(int(parents.max()) + 1))
    return np.asarray(place - starts[parents], dtype=np.intp)
