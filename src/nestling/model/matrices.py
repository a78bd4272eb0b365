"""The matrices of a model, as columns and codes: what every later room works from."""

from dataclasses import dataclass

from nestling.arrays import AnyArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class RandomTerm:
    """One random-effects term: a few columns, each with its own effect in every group.

    Attributes
    ----------
    group : str
        Grouping factor as lme4 names it: 'Cluster', 'cask:batch'.
    names : tuple of str
        Names of the k effects: '(Intercept)', 'X'.
    columns : tuple of (n,) arrays
        The k columns; an intercept is one number seen n times (stride 0).
    codes : (n,) array
        0 .. J-1. Terms of one grouping factor share this array.
    levels : (J,) array
        Labels: integers stay integers, text is text.
    """

    group: str
    names: tuple[str, ...]
    columns: tuple[FloatArray, ...]
    codes: IntArray
    levels: AnyArray


@dataclass(frozen=True, slots=True, eq=False)
class ModelMatrices:
    """Response, fixed-effects columns and random-effects terms of the rows that are used.

    Attributes
    ----------
    response : (n,) array
    response_name : str
        As R writes it: 'log(Reaction)'.
    names : tuple of str
        Coefficient names of X as R gives them, before the check of its rank.
    columns : tuple of (n,) arrays
        Columns of X. They may be the user's own arrays: never write to them.
    assign : tuple of int
        Term of each column, 0 for the intercept.
    term_labels : tuple of str
    random : tuple of RandomTerm
        In lme4's order: most levels first.
    weights : (n,) array or None
        Prior weights.
    offset : (n,) array or None
        Sum of the offset() terms and the offset argument.
    row_index : array or None
        Rows of the user's frame that are used; None for all.
    n_omitted : int
        Rows left out because a value was missing.
    encoding : Encoding
        All that the data fixed: levels, contrasts, parameters of poly(), ns(), bs(), scale().
    """

    response: FloatArray
    response_name: str
    names: tuple[str, ...]
    columns: tuple[FloatArray, ...]
    assign: tuple[int, ...]
    term_labels: tuple[str, ...]
    random: tuple[RandomTerm, ...]
    weights: FloatArray | None
    offset: FloatArray | None
    row_index: IntArray | None
    n_omitted: int
    encoding: object
