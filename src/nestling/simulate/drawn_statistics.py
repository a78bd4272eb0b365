"""Studies drawn as sufficient statistics: their exact law, without a row of the response."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.data.door import read
from nestling.design.design import Design
from nestling.errors import ArgumentError, ArgumentTypeError, PopulationError, did_you_mean
from nestling.linalg.factor import lower_root, symmetric_root
from nestling.model.row_vectors import row_vector
from nestling.random.replicate_seed import ReplicateSeed, streams_of_replicates
from nestling.random.streams import named_child, seed_sequence
from nestling.simulate.columns import draw_columns, to_frame
from nestling.simulate.encode_rows import encode_rows
from nestling.simulate.predictors import is_random
from nestling.simulate.put_together import RowsOfTerm
from nestling.simulate.seeds import predictor_label
from nestling.simulate.stacked import units_of_terms
from nestling.statistics.accumulate import occupied_cells
from nestling.statistics.exact_draws import ErrorRoots, draw_responses, error_roots
from nestling.statistics.many_designs import Products, many_designs, total
from nestling.statistics.sufficient import FactorBlocks, PairBlocks, SufficientStatistics

if TYPE_CHECKING:
    from nestling.simulate.population import Population

LABEL = "statistics"


@dataclass(frozen=True, slots=True, eq=False)
class DrawnStatistics:
    """Sufficient statistics of many studies, on the columns as the formula makes them.

    Attributes
    ----------
    names : tuple of str
        Columns of X, p of them.
    groups : tuple of str
        Grouping factors, in the order of the blocks.
    effects : tuple of tuple of str
        Columns of Z per grouping factor.
    designs : tuple of SufficientStatistics
        What does not depend on the response: one for all studies when predictors are fixed, one
        for each when they are redrawn.
    Zy : tuple of (k, J, R) arrays
        Z'y per grouping factor: effects, levels, studies.
    Xy : (p, R) array
    yy : (R,) array
    """

    names: tuple[str, ...]
    groups: tuple[str, ...]
    effects: tuple[tuple[str, ...], ...]
    designs: tuple[SufficientStatistics, ...]
    Zy: tuple[FloatArray, ...]
    Xy: FloatArray
    yy: FloatArray

    def __len__(self) -> int:
        """Return the number of studies."""
        return len(self.yy)

    def __getitem__(self, study: int) -> SufficientStatistics:
        """Return the sufficient statistics of one study, counted from 0."""
        if not -len(self) <= study < len(self):
            raise IndexError(f"study {study} of {len(self)}")
        design = self.designs[study if len(self.designs) > 1 else 0]
        WW = design.WW.copy()
        WW[:-1, -1] = WW[-1, :-1] = self.Xy[:, study]
        WW[-1, -1] = self.yy[study]
        factors = []
        for factor, Zy in zip(design.factors, self.Zy, strict=True):
            ZW = factor.ZW.copy()
            ZW[:, -1] = Zy[:, :, study]
            factors.append(FactorBlocks(factor.ZZ, ZW))
        return replace(design, WW=WW, factors=tuple(factors))

    def __iter__(self) -> Iterator[SufficientStatistics]:
        """Visit the studies."""
        return (self[study] for study in range(len(self)))

    def __str__(self) -> str:
        design = self.designs[0]
        lines = [
            f"Sufficient statistics of {len(self):,} studies of {design.n:,} rows",
            f"  X: {', '.join(self.names)}",
        ]
        for group, names, factor in zip(self.groups, self.effects, design.factors, strict=True):
            lines.append(f"  Z: {', '.join(names)} | {group}, {factor.n_levels:,} levels")
        kind = "redrawn in every study" if len(self.designs) > 1 else "the same in all studies"
        return "\n".join([*lines, f"  predictors {kind}"])

    __repr__ = __str__


def draw_statistics(
    truth: "Population",
    design: Design,
    n_sims: Any,
    seed: Any,
    predictors: Literal["fixed", "redrawn"],
) -> DrawnStatistics:
    """Draw studies; see `Population.statistics`."""
    n = _checked(truth, design, n_sims, predictors)
    parent = seed_sequence(seed)
    groups = _groups(truth, design)
    if predictors == "fixed":
        made = [_design_of(truth, design, groups, named_child(parent, "predictors"))]
    else:
        made = [_design_of(truth, design, groups, ReplicateSeed(parent, i)) for i in range(n)]
    roots = tuple(_root(truth, group) for group in groups)
    beta, sigma = truth.parameters.beta, truth.sigma
    parts = []
    if predictors == "fixed":
        streams = streams_of_replicates(parent, LABEL, list(range(n)))
        errors: ErrorRoots = error_roots(made[0])
        parts.append(draw_responses(made[0], roots, beta, sigma, streams, errors=errors))
    else:
        for i, each in enumerate(made):
            streams = streams_of_replicates(parent, LABEL, [i])
            parts.append(draw_responses(each, roots, beta, sigma, streams))
    blocks = zip(*(part[0] for part in parts), strict=True)
    return DrawnStatistics(
        truth.parameters.names,
        groups,
        tuple(
            tuple(name for t in truth.parameters.terms if t.group == group for name in t.names)
            for group in groups
        ),
        tuple(made),
        tuple(np.concatenate(block, axis=-1) for block in blocks),
        np.concatenate([part[1] for part in parts], axis=-1),
        np.concatenate([part[2] for part in parts]),
    )


def _checked(truth: "Population", design: Any, n_sims: Any, predictors: Any) -> int:
    if not isinstance(design, Design):
        raise ArgumentTypeError(
            f"design is of type {type(design).__name__}; expected a design such as "
            "nl.nested(Cluster=20, ID=50)."
        )
    if isinstance(n_sims, bool) or not isinstance(n_sims, int | np.integer):
        raise ArgumentTypeError(f"n_sims={n_sims!r}; expected a whole number of studies.")
    if n_sims < 1:
        raise ArgumentError(f"n_sims={n_sims}; expected at least 1 study.")
    if predictors not in {"fixed", "redrawn"}:
        raise ArgumentError(
            f"predictors={predictors!r}. {did_you_mean(str(predictors), ['fixed', 'redrawn'])} "
            "'fixed' draws the predictors once for all studies, 'redrawn' for each."
        )
    if not truth.is_plain:
        raise PopulationError(
            "Sufficient statistics hold all there is to know of normal data alone; this "
            "population has departures or another family. Simulate rows with simulate()."
        )
    if truth.sigma == 0:
        raise PopulationError(
            "The residual variance is 0; sufficient statistics are drawn relative to it. "
            "Simulate rows with simulate()."
        )
    return int(n_sims)


def _groups(truth: "Population", design: Design) -> tuple[str, ...]:
    """Return the grouping factors, most levels first, as fits have them."""
    units = units_of_terms(design, truth.formula)
    if units is None:
        raise PopulationError(
            f"The grouping factors of {truth.formula.text!r} are not all units of the design, so "
            "studies would differ in their levels. Simulate rows with simulate()."
        )
    sizes = {
        term.group: design.sizes[unit]
        for term, unit in zip(truth.parameters.terms, units, strict=True)
    }
    return tuple(sorted(sizes, key=lambda group: -sizes[group]))


def _root(truth: "Population", group: str) -> FloatArray:
    """Return the relative covariance factor of all random effects of a grouping factor."""
    terms = [term for term in truth.parameters.terms if term.group == group]
    k = sum(len(term.names) for term in terms)
    whole, start = np.zeros((k, k)), 0
    for term in terms:
        stop = start + len(term.names)
        relative = term.covariance / truth.parameters.residual
        whole[start:stop, start:stop] = lower_root(symmetric_root(relative))
        start = stop
    return whole


def _design_of(
    truth: "Population",
    design: Design,
    order: tuple[str, ...],
    seed: ReplicateSeed | np.random.SeedSequence,
) -> SufficientStatistics:
    """Draw the predictors of one study and form the products of its columns."""
    drawn = [name for name, each in truth.predictors.items() if is_random(each)]
    streams = {name: _stream(seed, predictor_label(name)) for name in drawn}
    columns = draw_columns(design, truth.predictors, streams)
    frame = read(to_frame(columns))
    fixed, terms, _ = encode_rows(truth.formula, truth.needs.shown, frame, design, columns)
    weights = row_vector("weights", truth.weights, frame)
    groups: dict[str, list[RowsOfTerm]] = {group: [] for group in order}
    for stated, term in zip(truth.parameters.terms, terms, strict=True):
        groups[stated.group].append(term)
    codes = [members[0].codes for members in groups.values()]
    sizes = [members[0].n_levels for members in groups.values()]
    widths = [sum(len(term.columns) for term in members) for members in groups.values()]
    units, by_pair = _units(codes, sizes, widths, len(fixed), design.n)
    if weights is not None:
        units = replace(units, log_weights=float(np.log(weights).sum()))

    def weighted(column: FloatArray) -> FloatArray:
        return (column if weights is None else column * np.sqrt(weights))[None, :]

    X = [weighted(column) for column in fixed]
    Z = [[weighted(c) for term in members for c in term.columns] for members in groups.values()]
    by_level = [Products(code, J) for code, J in zip(codes, sizes, strict=True)]
    nothing = np.zeros((1, design.n))
    return many_designs(units, by_level, by_pair, total, Z, X, nothing).one(0)


def _stream(seed: ReplicateSeed | np.random.SeedSequence, label: str) -> np.random.Generator:
    if isinstance(seed, ReplicateSeed):
        return seed.stream(label)
    return np.random.default_rng(named_child(seed, label))


def _units(
    codes: list[IntArray], sizes: list[int], widths: list[int], p: int, n: int
) -> tuple[SufficientStatistics, list[Products]]:
    """Lay out the blocks of a study, all products zero, and the cells where factors meet."""
    factors = tuple(
        FactorBlocks(np.zeros((k, k, J)), np.zeros((k, p + 1, J)))
        for k, J in zip(widths, sizes, strict=True)
    )
    pairs, cells = [], []
    for i, j in combinations(range(len(codes)), 2):
        rows, columns, index = occupied_cells(codes[i], codes[j], sizes[i], sizes[j])
        ZZ = np.zeros((widths[i], widths[j], len(rows)))
        pairs.append(PairBlocks(i, j, rows, columns, ZZ))
        cells.append(Products(index, len(rows)))
    units = SufficientStatistics(np.zeros((p + 1, p + 1)), factors, tuple(pairs), n, 0.0)
    return units, cells
