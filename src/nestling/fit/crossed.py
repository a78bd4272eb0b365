"""Crossed grouping factors: a chain of nested ones eliminated without fill, the rest by LAPACK.

Given the effects of all other factors, those of the chain have the precision of a nested model.
Eliminating them leaves a dense Schur complement of the other factors' order, whose Cholesky
factor and inverse are the work of an evaluation.
"""

from dataclasses import dataclass

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.fit.average_information import average_information
from nestling.fit.join import Cells, Pairs, Table
from nestling.fit.nested import Nested, NestedFactorisation
from nestling.fit.rest import Rest
from nestling.fit.structure import Roots, Score
from nestling.linalg.stacked import crossproduct, multiply
from nestling.linalg.threads import one_blas_thread
from nestling.statistics.sufficient import PairBlocks, SufficientStatistics


@dataclass(frozen=True, slots=True)
class Crossed:
    """The chain as a nested structure, the others' Z'Z, and what joins them.

    Attributes
    ----------
    chain, others : tuple of int
        Which grouping factors are eliminated, from the leaves up, and which are not.
    nested : Nested
    rest : Rest
    cells : tuple of Cells
        Z_l'Z_rest per factor of the chain.
    leaf : Join
        The first of them again, in the form that evaluations use.
    """

    chain: tuple[int, ...]
    others: tuple[int, ...]
    nested: Nested
    rest: Rest
    cells: tuple[Cells, ...]
    leaf: Pairs | Table

    exact = False

    @classmethod
    def of(cls, statistics: SufficientStatistics, chain: tuple[int, ...] = (0,)) -> "Crossed":
        """Arrange statistics; the factors of the chain are nested in one another."""
        factors = statistics.factors
        others = tuple(f for f in range(len(factors)) if f not in chain)
        pairs = {(pair.first, pair.second): pair for pair in statistics.pairs}
        within = {
            (chain.index(f), chain.index(g)): pair
            for (f, g), pair in pairs.items()
            if f in chain and g in chain
        }
        nested = Nested(
            ZZ=tuple(factors[f].ZZ for f in chain),
            cross={key: pair.ZZ for key, pair in within.items()},
            ancestors={key: pair.columns for key, pair in within.items()},
            ZW=tuple(factors[f].ZW for f in chain),
            WW=statistics.WW,
        )
        rest = Rest.of(statistics, others)
        cells = tuple(
            _cells(
                [
                    pairs[f, g] if f < g else _turned(pairs[g, f])
                    for g in others
                ],
                rest.starts,
                factors[f].n_levels,
            )
            for f in chain
        )  # fmt: skip
        return cls(chain, others, nested, rest, cells, cells[0].arranged())

    def factorise(self, roots: Roots) -> "CrossedFactorisation":
        """Eliminate the chain, then factorise the dense Schur complement."""
        with one_blas_thread(self.rest.q, scipy=True):
            return CrossedFactorisation(self, roots)


def _turned(pair: PairBlocks) -> PairBlocks:
    """Return the pair with its factors exchanged."""
    return PairBlocks(
        pair.second, pair.first, pair.columns, pair.rows, pair.ZZ.transpose(1, 0, 2)
    )  # fmt: skip


def _cells(pairs: list[PairBlocks], starts: IntArray, n_levels: int) -> Cells:
    """Gather the cells of one factor with all others, columns numbered through."""
    rows, columns, values = [], [], []
    for pair, start in zip(pairs, starts, strict=False):
        k, r, _ = pair.ZZ.shape
        rows.append(np.repeat(pair.rows, r))
        columns.append((start + pair.columns[:, None] * r + np.arange(r)).ravel())
        values.append(pair.ZZ.transpose(0, 2, 1).reshape(k, -1))
    row, column, q = np.concatenate(rows), np.concatenate(columns), int(starts[-1])
    order = np.argsort(row * q + column, kind="stable")
    ends = np.cumsum(np.bincount(row, minlength=n_levels))
    return Cells(
        starts=np.concatenate([[0], ends]),
        columns=column[order],
        values=np.concatenate(values, axis=1)[:, order],
        q=q,
    )


class CrossedFactorisation:
    """See `nestling.fit.structure.Factorisation`."""

    __slots__ = (
        "WVW", "ZVW", "_joins", "_rest", "_structure", "log_determinant", "nested",
    )  # fmt: skip

    def __init__(self, structure: Crossed, roots: Roots) -> None:
        self._structure = structure
        self.nested: NestedFactorisation = structure.nested.factorise(
            tuple(roots[f] for f in structure.chain)
        )
        self._joins = self._joined()
        schur = self._joins[0].square(self.nested.V[0])
        for join, V in zip(self._joins[1:], self.nested.V[1:], strict=True):
            schur += join.square(V)
        self._rest = structure.rest.factorise(schur, tuple(roots[f] for f in structure.others))
        self.log_determinant = self.nested.log_determinant + self._rest.log_determinant
        self.ZVW, absorbed = self._solve(structure.nested.ZW, structure.rest.ZW)
        self.WVW = self.nested.WVW - absorbed

    def _joined(self) -> list[Pairs | Table]:
        """Z_l'Z_rest of each factor of the chain, the factors below it eliminated."""
        structure, nested = self._structure, self.nested
        joins: list[Pairs | Table] = [structure.leaf]
        for level in range(1, len(structure.chain)):
            z = structure.cells[level].table().z
            for below, join in enumerate(joins):
                weights = crossproduct(nested.VX[below][level], nested.V[below])
                parents = structure.nested.ancestors[below, level]
                z -= join.gathered(weights, parents, z.shape[1])
            joins.append(Table(z))
        return joins

    def _solve(
        self, right: tuple[FloatArray, ...], right_rest: FloatArray
    ) -> tuple[tuple[FloatArray, ...], FloatArray]:
        """From Z'R to Z'V^-1 R, and what the rest takes of R'V_c^-1 R, V_c being the chain's V."""
        structure = self._structure
        reduced = right_rest - self._adjoint(self.nested.solve(right)[1])
        effects, spherical, absorbed = self._rest.solve(reduced)
        left = tuple(
            part - cells.times(effects)
            for part, cells in zip(right, structure.cells, strict=True)
        )  # fmt: skip
        solved, inner, _ = self.nested.solve(left)
        rest = right_rest - structure.rest.matrix @ effects - self._adjoint(inner)
        self._rest.correct(rest, spherical)
        return self._by_factor(solved, structure.rest.split(rest)), absorbed

    def _adjoint(self, effects: tuple[FloatArray, ...]) -> FloatArray:
        return np.asarray(
            sum(
                cells.adjoint(part)
                for cells, part in zip(self._structure.cells, effects, strict=True)
            )
        )

    def _by_factor(
        self, chain: tuple[FloatArray, ...], rest: tuple[FloatArray, ...]
    ) -> tuple[FloatArray, ...]:
        """Put what belongs to the chain and to the others in the order of the factors."""
        structure = self._structure
        order = dict(zip((*structure.chain, *structure.others), (*chain, *rest), strict=True))
        return tuple(order[f] for f in range(len(order)))

    def _conditional(self, C: FloatArray) -> tuple[tuple[FloatArray, ...], tuple[FloatArray, ...]]:
        """Conditional covariances of the chain's effects, and N = z_j C_above z_j' of each unit.

        C_above is the conditional covariance of all that a unit meets: its ancestors and the rest.
        """
        structure, nested = self._structure, self.nested
        depth = len(structure.chain)
        covariances: list[FloatArray] = [np.empty(0)] * depth
        explained: list[FloatArray] = [np.empty(0)] * depth
        joint = np.empty((0, 0, 0))  # of a unit's own and its ancestors' effects
        M: dict[int, FloatArray] = {}  # of its own with the rest's
        for level in reversed(range(depth)):
            W, join = nested.W[level], self._joins[level]
            N = join.quadratic(C)
            if level + 1 < depth:
                upper = range(level + 1, depth)
                parents = [structure.nested.ancestors[level, m] for m in upper]
                X = np.concatenate([nested.cross[level, m] for m in upper], axis=1)
                above = joint[..., parents[0]]
                mixed = np.concatenate(
                    [
                        join.contracted(M[m], parent)
                        for m, parent in enumerate(parents, start=level + 1)
                    ]
                )
                XC = multiply(X, above)
                Xz = multiply(X, mixed)
                N = N + np.einsum("aij,bij->abj", XC, X) + Xz + Xz.transpose(1, 0, 2)
                corner = -multiply(W, XC + mixed.transpose(1, 0, 2))
            explained[level] = N
            covariances[level] = own = W + multiply(multiply(W, N), W)
            if level == 0:
                break
            image = join.image(C) if isinstance(join, Table) else None
            assert image is not None
            if level + 1 < depth:
                for m, parent in enumerate(parents, start=level + 1):
                    image += np.einsum("abj,bjq->ajq", nested.cross[level, m], M[m][:, parent])
                joint = np.concatenate(
                    [
                        np.concatenate([own, corner], axis=1),
                        np.concatenate([corner.transpose(1, 0, 2), above], axis=1),
                    ]
                )
            else:
                joint = own
            M[level] = -np.einsum("abj,bjq->ajq", W, image)
        return tuple(covariances), tuple(explained)

    def traces(self) -> tuple[FloatArray, ...]:
        """Return the sums over levels of Z_j'V^-1 Z_j."""
        structure, nested = self._structure, self.nested
        with one_blas_thread(structure.rest.q, scipy=True):
            inverse = self._rest.inverse()
            rest = self._rest.traces(inverse)
            explained = self._conditional(self._covariance(inverse))[1]
        chain = []
        for A, W, N in zip(nested.A, nested.W, explained, strict=True):
            AW = multiply(A, W)
            R = -AW
            R[np.arange(len(A)), np.arange(len(A))] += 1.0
            K = A - multiply(AW, A) - np.einsum("abj,bcj,dcj->adj", R, N, R)
            chain.append(K.sum(axis=2))
        return self._by_factor(tuple(chain), rest)

    def _covariance(self, inverse: FloatArray) -> FloatArray:
        """Conditional covariance of the rest; by the lower triangle where that is enough."""
        whole = any(isinstance(join, Table) for join in self._joins)
        return self._rest.covariance(inverse, whole=whole)

    def curvature(self, directions: tuple[FloatArray, ...], score: Score) -> FloatArray:
        """Return the average information."""
        with one_blas_thread(self._structure.rest.q, scipy=True):
            return average_information(directions, score, self._apply)

    def apply(self, h: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
        """Return Z'V^-1 Z h per factor."""
        with one_blas_thread(self._structure.rest.q, scipy=True):
            return self._apply(h)

    def _apply(self, h: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
        structure = self._structure
        chain = tuple(h[f] for f in structure.chain)
        rest = structure.rest.stacked(tuple(h[f] for f in structure.others))
        right = tuple(
            part + cells.times(rest)
            for part, cells in zip(structure.nested.product(chain), structure.cells, strict=True)
        )
        right_rest = structure.rest.matrix @ rest + self._adjoint(chain)
        return self._solve(right, right_rest)[0]

    def rest_covariance(self) -> FloatArray:
        """Return the relative conditional covariance of all that is not eliminated, (q, q)."""
        with one_blas_thread(self._structure.rest.q, scipy=True):
            return self._rest.covariance(self._rest.inverse(), whole=True)

    def conditional_covariances(self) -> tuple[FloatArray, ...]:
        """Return the relative conditional covariance of each level's effects."""
        with one_blas_thread(self._structure.rest.q, scipy=True):
            C = self._covariance(self._rest.inverse())
            return self._by_factor(self._conditional(C)[0], self._rest.blocks(C))
