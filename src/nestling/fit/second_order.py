"""How X'V^-1 X and the traces of the criterion change with the covariance parameters.

What tests of fixed effects need: with P = V^-1 - V^-1 X N X'V^-1, N = (X'V^-1 X)^-1 = R R', and
V_E = Z E Z' for a direction E of Sigma, everything comes from Z'V^-1 [X y] and from products of
Z'V^-1 Z with a few columns; nothing has the order of the rows.
"""

from dataclasses import dataclass

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.fit.criterion import Evaluation, Problem, profile
from nestling.fit.crossed_traces import crossed_traces
from nestling.fit.largest import Largest
from nestling.fit.nested import Nested
from nestling.fit.structure import Factorisation, Roots, Score, Structure
from nestling.statistics.sufficient import SufficientStatistics

Directions = tuple[FloatArray, ...]

DEARER = 5_000
"""What an element of a column of Z'V^-1 Z costs, in multiplications of dense matrices."""

CHUNK = 2_000_000
"""Numbers held at once while columns of Z'V^-1 Z are looked at: 16 MB."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """The optimum in the form that derivatives of X'V^-1 X need.

    Attributes
    ----------
    factorisation : Factorisation
    residuals : tuple of (k, J) arrays
        e = Z'V^-1 (y - X beta).
    fixed : tuple of (k, p, J) arrays
        B = Z'V^-1 X R.
    root : (p, p) array
        R.
    roots : tuple of (k, k) arrays
        Relative covariance factors T.
    rate, square : float
        nu / r^2 and r^2.
    """

    factorisation: Factorisation
    residuals: tuple[FloatArray, ...]
    fixed: tuple[FloatArray, ...]
    root: FloatArray
    roots: Roots
    rate: float
    square: float

    def score(self, *, reml: bool) -> Score:
        """Return what second derivatives of the criterion need."""
        return Score(self.residuals, self.fixed, self.rate, self.square, reml)

    @property
    def silent(self) -> Score:
        """The score of residuals that are zero: it leaves the traces alone."""
        nothing = tuple(np.zeros_like(e) for e in self.residuals)
        return Score(nothing, self.fixed, 0.0, 1.0, reml=True)


def blocks_at(problem: Problem, point: Evaluation) -> Blocks:
    """Gather the blocks at a point."""
    factorisation = point.factorisation
    beta, square, root, _ = profile(problem, factorisation)
    contrast = np.append(-beta, 1.0)
    return Blocks(
        factorisation=factorisation,
        residuals=tuple(np.einsum("kcj,c->kj", H, contrast) for H in factorisation.ZVW),
        fixed=tuple(np.einsum("kij,il->klj", H[:, :-1], root) for H in factorisation.ZVW),
        root=root,
        roots=problem.parameters.roots(point.theta),
        rate=problem.nu / square,
        square=square,
    )


def grams(blocks: Blocks, directions: Directions) -> FloatArray:
    """Return the (m, p, p) matrices R'X'V^-1 V_E V^-1 X R."""
    return np.asarray(
        sum(
            np.einsum("aij,mab,blj->mil", B, E, B, optimize=True)
            for B, E in zip(blocks.fixed, directions, strict=True)
        )
    )


def forms(blocks: Blocks, directions: Directions) -> FloatArray:
    """Return the (m,) quadratic forms e'E e."""
    return np.asarray(
        sum(
            np.einsum("mab,ab->m", E, e @ e.T)
            for e, E in zip(blocks.residuals, directions, strict=True)
        )
    )


def squares(blocks: Blocks, directions: Directions) -> FloatArray:
    """Return the (m, m, p, p) matrices R'X'V^-1 V_E V^-1 V_F V^-1 X R."""
    m, p = len(directions[0]), blocks.root.shape[0]
    if p == 0:
        return np.zeros((m, m, 0, 0))
    weighted = tuple(
        np.einsum("mab,bij->amij", E, B).reshape(E.shape[1], m * p, B.shape[2])
        for B, E in zip(blocks.fixed, directions, strict=True)
    )
    image = blocks.factorisation.apply(weighted)
    total = sum(
        np.einsum("acj,adj->cd", left, right) for left, right in zip(weighted, image, strict=True)
    )
    return np.asarray(total).reshape(m, p, m, p).transpose(0, 2, 1, 3)


def trace_products(
    structure: Structure,
    statistics: SufficientStatistics,
    blocks: Blocks,
    directions: Directions,
    *,
    reml: bool = True,
) -> FloatArray:
    """Return tr(P V_E P V_F) for all pairs of directions, or tr(V^-1 V_E V^-1 V_F) by ML."""
    if structure.exact:
        if reml:
            return -blocks.factorisation.curvature(directions, blocks.silent)
        without = tuple(B[:, :0] for B in blocks.fixed)
        nothing = tuple(np.zeros_like(e) for e in blocks.residuals)
        return -blocks.factorisation.curvature(
            directions, Score(nothing, without, 0.0, 1.0, reml=False)
        )
    total = _trace_products(structure, statistics, blocks.factorisation, blocks.roots, directions)
    if reml and blocks.root.size:
        G = grams(blocks, directions)
        mixed = np.einsum("mnii->mn", squares(blocks, directions))
        total += np.einsum("mij,nji->mn", G, G) - mixed - mixed.T
    return total


def _trace_products(
    structure: Structure,
    statistics: SufficientStatistics,
    factorisation: Factorisation,
    roots: Roots,
    directions: Directions,
) -> FloatArray:
    """Return tr(K E K F), K = Z'V^-1 Z, the cheaper way: unit by unit, or with dense matrices."""
    if isinstance(structure, Nested):
        slots = _slots(structure)
        sizes = [(len(E[0]), len(slot)) for E, slot in zip(directions, slots, strict=True)]
        probes = sum(k * (int(slot.max()) + 1) for (k, _), slot in zip(sizes, slots, strict=True))
        effects = sum(k * J for k, J in sizes)
        rest = effects - sizes[0][0] * sizes[0][1]
        if DEARER * probes * effects <= len(directions[0]) * rest**3:
            return _probed(factorisation, slots, sizes, directions)
    return crossed_traces(Largest.of(statistics), roots, directions)


def _probed(
    factorisation: Factorisation,
    slots: list[IntArray],
    sizes: list[tuple[int, int]],
    directions: Directions,
) -> FloatArray:
    """Probe the columns of K that belong to different units at the top together: their rows differ.

    K has a diagonal block per unit at the top, so one column with a one in each unit shows them
    all.
    """
    m = len(directions[0])
    total = np.zeros((m, m))
    effects = sum(k * J for k, J in sizes)
    for f, slot in enumerate(slots):
        k = sizes[f][0]
        count = int(slot.max()) + 1
        step = max(1, CHUNK // (effects * k))
        for start in range(0, count, step):
            width = min(step, count - start)
            inside = np.flatnonzero((slot >= start) & (slot < start + width))
            h = [np.zeros((r, k * width, J)) for r, J in sizes]
            for a in range(k):
                h[f][a, a * width + slot[inside] - start, inside] = 1.0
            for E, image in zip(directions, factorisation.apply(tuple(h)), strict=True):
                r, J = image.shape[0], image.shape[2]
                # K_(lb)(ja) E_bd K_(ld)(jc) F_ac, summed over levels l and j
                flat = image.reshape(r * k, width * J)
                pairs = (flat @ flat.T).reshape(r, k, r, k)
                total += np.einsum("badc,mbd,nac->mn", pairs, E, directions[f], optimize=True)
    return total


def _slots(structure: Nested) -> list[IntArray]:
    """Return the rank of each factor's levels within their unit at the top."""
    top = structure.depth - 1
    found = []
    for level in range(structure.depth):
        size = structure.ZZ[level].shape[2]
        unit = structure.ancestors[level, top] if level < top else np.arange(size)
        order = np.argsort(unit, kind="stable")
        starts = np.searchsorted(unit[order], unit[order], side="left")
        slot = np.empty(size, dtype=np.intp)
        slot[order] = np.arange(size) - starts
        found.append(slot)
    return found
