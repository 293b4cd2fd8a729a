"""The likelihood of a covariance with its exact gradient and Hessian: minus twice the log, REML or ML.

With W the inverse of a subject's covariance, z = [x | y], r = y - x beta, V = (sum x' W x)^-1 = T T' and
u = W [x T | r]: the sums over subjects of u u' hold all that derivatives, Satterthwaite and Kenward–Roger need.
Constants that do not depend on the covariance are left to the caller.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from charcot.statistics.mixed.patterns import Patterns
from charcot.statistics.mixed.structures import SpatialExponential, Structure
from charcot.statistics.mixed.structures.structure import Array, duplicate


@dataclass(frozen=True)
class Point:
    """The likelihood at one value of the parameters; `value` is -2 log likelihood without constants.

    `inverse` (P x m x m) is W of each pattern, 0 where a visit is missing; `weighted` (R x m x q) is W z;
    `beta` and `root` (T) are the coefficients and the root of their covariance.
    """

    theta: Array
    value: float
    inverse: Array
    weighted: Array
    beta: Array
    root: Array


@dataclass(frozen=True)
class Derivatives:
    """Derivatives of -2 log likelihood at a point, and the sums from which inference is made.

    `basis` (B x (p + 1) x (p + 1)) are the sums u' A u for each direction A of the covariance; `jacobian` (B x t)
    takes parameters to these directions. `fisher` is an always positive semi-definite stand-in for `hessian`.
    """

    gradient: Array
    hessian: Array
    fisher: Array
    basis: Array
    jacobian: Array


def _pad(sigma: Array, patterns: Patterns) -> Array:
    return np.where(patterns.both_seen, sigma, np.eye(patterns.m))


@dataclass(frozen=True)
class Likelihood:
    """What the data say of a covariance structure; `reml` chooses restricted likelihood."""

    patterns: Patterns
    structure: Structure | SpatialExponential
    reml: bool

    @cached_property
    def per_group(self) -> int:
        """The number of covariance parameters of one group."""
        return self.structure.count(self.patterns.m)

    @cached_property
    def _duplication(self) -> Array:
        return duplicate(self.patterns.m)

    @cached_property
    def _rows_of_group(self) -> list[slice]:
        """Rows of each group: patterns are sorted by group first."""
        group = self.patterns.group[self.patterns.of_row]
        edges = np.searchsorted(group, np.arange(self.patterns.n_groups + 1))
        return [slice(int(low), int(high)) for low, high in pairwise(edges)]

    def split(self, theta: Array) -> Array:
        """Parameters by group (groups x t)."""
        return theta.reshape(self.patterns.n_groups, -1)

    def covariances(self, theta: Array) -> Array:
        """The covariance matrix of each pattern (P x m x m), 1 on the diagonal of a missing visit."""
        parts, patterns = self.split(theta), self.patterns
        if isinstance(self.structure, SpatialExponential):
            assert patterns.distances is not None
            sigma = np.empty_like(patterns.distances)
            for number, part in enumerate(parts):
                mine = patterns.group == number
                sigma[mine] = self.structure.build(part, patterns.distances[mine])
            return _pad(sigma, patterns)
        matrices = np.stack([self.structure.build(part, patterns.m) for part in parts])
        return _pad(matrices[patterns.group], patterns)

    def evaluate(self, theta: Array) -> Point | None:
        """The likelihood at theta; None where the covariance or the coefficients' is not positive definite."""
        patterns = self.patterns
        with np.errstate(all="ignore"):
            sigma = self.covariances(theta)
            if not np.isfinite(sigma).all():
                return None
            try:
                factor = np.linalg.cholesky(sigma)
                inverse = np.where(patterns.both_seen, np.linalg.inv(sigma), 0.0)
                logs = np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(axis=1)
                weighted = inverse[patterns.of_row] @ patterns.z
                q = patterns.z.shape[2]
                products = patterns.z.reshape(-1, q).T @ weighted.reshape(-1, q)
                lower = np.linalg.cholesky(products[:-1, :-1])
                root = np.linalg.inv(lower).T
            except np.linalg.LinAlgError:
                return None
        half = root.T @ products[:-1, -1]
        value = 2 * float(patterns.counts @ logs) + float(products[-1, -1] - half @ half)
        if self.reml:
            value += 2 * float(np.log(np.diag(lower)).sum())
        if not np.isfinite(value):
            return None
        return Point(theta, value, inverse, weighted, root @ half, root)

    def spread(self, point: Point) -> Array:
        """u of each row (R x m x q), the last column that of the residual."""
        q = self.patterns.z.shape[2]
        turn = np.zeros((q, q))
        turn[:-1, :-1] = point.root
        turn[:-1, -1] = -point.beta
        turn[-1, -1] = 1.0
        return (point.weighted.reshape(-1, q) @ turn).reshape(point.weighted.shape)

    def _balance(self, u: Array) -> Array:
        """The sum of u u' of each pattern (P x m x m): all columns for REML, the residual's for ML."""
        kept = u if self.reml else u[:, :, -1:]
        return np.add.reduceat(kept @ kept.swapaxes(1, 2), self.patterns.starts)

    def derive(self, point: Point) -> Derivatives:
        """Gradient, Hessian and sums at a point."""
        u = self.spread(point)
        if isinstance(self.structure, SpatialExponential):
            return self._derive_by_pattern(point, u)
        patterns, m = self.patterns, self.patterns.m
        q, v, groups = u.shape[2], m * (m + 1) // 2, patterns.n_groups
        balance = self._balance(u)
        basis = np.empty((groups * v, q, q))
        pull = np.empty((groups, m, m))  # the derivative by the covariance matrix
        jacobian = np.zeros((groups * v, groups * self.per_group))
        within = np.zeros((groups * v, groups * v))
        expected = np.zeros_like(within)
        curved = np.zeros((jacobian.shape[1],) * 2)
        for number, part in enumerate(self.split(point.theta)):
            mine = patterns.group == number
            inverse, counts = point.inverse[mine], patterns.counts[mine]
            place = slice(number * v, (number + 1) * v)
            own = slice(number * self.per_group, (number + 1) * self.per_group)
            pull[number] = np.tensordot(counts, inverse, 1) - balance[mine].sum(axis=0)
            flat = u[self._rows_of_group[number]].reshape(-1, m * q)
            sums = (flat.T @ flat).reshape(m, q, m, q).transpose(0, 2, 1, 3).reshape(m * m, q * q)
            basis[place] = (self._duplication.T @ sums).reshape(v, q, q)
            flat_inverse = inverse.reshape(-1, m * m)
            surplus = balance[mine].reshape(-1, m * m) - 0.5 * counts[:, None] * flat_inverse
            within[place, place] = self._cross(flat_inverse, surplus)
            expected[place, place] = self._cross(flat_inverse, 0.5 * counts[:, None] * flat_inverse)
            curve = self.structure.derive(part, m)
            jacobian[place, own] = self._vech(curve.first)
            if curve.second is not None:
                curved[own, own] = np.einsum("ij,abij->ab", pull[number], curve.second)
        gradient = jacobian.T @ (pull.reshape(groups, -1) @ self._duplication).reshape(-1)
        hessian = jacobian.T @ (within - self._mix(basis)) @ jacobian + curved
        return Derivatives(gradient, hessian, jacobian.T @ expected @ jacobian, basis, jacobian)

    def _mix(self, basis: Array) -> Array:
        """What the estimation of the coefficients adds to the Hessian, for each two directions."""
        if self.reml:
            flat = basis.copy()
            flat[:, -1, -1] = 0.0
            flat = flat.reshape(flat.shape[0], -1)
            return np.asarray(flat @ flat.T)
        return np.asarray(2 * basis[:, :-1, -1] @ basis[:, :-1, -1].T)

    def _vech(self, matrices: Array) -> Array:
        rows, columns = np.tril_indices(self.patterns.m)
        return np.asarray(matrices[:, rows, columns].T)

    def _cross(self, left: Array, right: Array) -> Array:
        """tr(A L B R) + tr(B L A R) summed over patterns, for each two elements A, B of the lower triangle."""
        m = self.patterns.m
        tensor = (left.T @ right).reshape(m, m, m, m)  # [k, l, n, j]: sum of L_kl R_nj
        square = tensor.transpose(3, 0, 1, 2) + tensor.transpose(1, 2, 3, 0)  # [j, k, l, n]
        return np.asarray(self._duplication.T @ square.reshape(m * m, m * m) @ self._duplication)

    def _directions(self, point: Point) -> tuple[Array, Array]:
        """First (t x P x m x m) and second derivatives of each pattern's covariance, within its group."""
        assert isinstance(self.structure, SpatialExponential)
        patterns, size = self.patterns, self.per_group
        assert patterns.distances is not None
        total = size * patterns.n_groups
        first = np.zeros((total, *patterns.distances.shape))
        second = np.zeros((total, *first.shape))
        for number, part in enumerate(self.split(point.theta)):
            mine = patterns.group == number
            own = slice(number * size, (number + 1) * size)
            _, slopes, curves = self.structure.derive(part, patterns.distances[mine])
            first[own, mine] = np.where(patterns.both_seen[mine], slopes, 0.0)
            second[own, own, mine] = np.where(patterns.both_seen[mine], curves, 0.0)
        return first, second

    def _derive_by_pattern(self, point: Point, u: Array) -> Derivatives:
        patterns, q = self.patterns, u.shape[2]
        first, second = self._directions(point)
        balance = self._balance(u)
        flat = u.reshape(-1, q)
        basis = np.stack([flat.T @ (slope[patterns.of_row] @ u).reshape(-1, q) for slope in first])
        pull = patterns.counts[:, None, None] * point.inverse - balance
        moved = point.inverse @ first  # W A, t x P x m x m
        lifted = first @ balance  # A C
        counted = moved * patterns.counts[:, None, None]
        expected = np.einsum("apij,bpji->ab", counted, moved)
        within = np.einsum("apij,bpij->ab", moved, lifted)
        within = within + within.T - expected
        hessian = within - self._mix(basis) + np.einsum("pij,abpij->ab", pull, second)
        gradient = np.einsum("pij,apij->a", pull, first)
        return Derivatives(gradient, hessian, expected, basis, np.eye(gradient.size))

    def bend(self, point: Point, covariance: Array) -> Array:
        """The sum of u' A u over second derivatives A times the covariance of their parameters (p x p)."""
        u, patterns = self.spread(point)[:, :, :-1], self.patterns
        if isinstance(self.structure, SpatialExponential):
            matrices = np.einsum("ab,abpij->pij", covariance, self._directions(point)[1])
        else:
            size = self.per_group
            by_group = [
                self.structure.bend(
                    part,
                    patterns.m,
                    covariance[number * size : (number + 1) * size, number * size : (number + 1) * size],
                )
                for number, part in enumerate(self.split(point.theta))
            ]
            matrices = np.stack(by_group)[patterns.group]
        return self._sandwich(u, matrices)

    def quadratic(self, point: Point, covariance: Array) -> Array:
        """The sum of u' A W B u times the covariance of directions A and B (p x p)."""
        u, patterns, m = self.spread(point)[:, :, :-1], self.patterns, self.patterns.m
        if isinstance(self.structure, SpatialExponential):
            first, _ = self._directions(point)
            moved = np.einsum("ab,bpij->apij", covariance, first)
            matrices = np.einsum("apij,pjk,apkl->pil", first, point.inverse, moved, optimize=True)
            return self._sandwich(u, matrices)
        v = m * (m + 1) // 2
        matrices = np.empty_like(point.inverse)
        for number in range(patterns.n_groups):
            mine = patterns.group == number
            place = slice(number * v, (number + 1) * v)
            spread = self._duplication @ covariance[place, place] @ self._duplication.T
            tensor = spread.reshape(m, m, m, m).transpose(0, 3, 1, 2).reshape(m * m, m * m)  # [i, l, j, k]
            flat = point.inverse[mine].reshape(-1, m * m)
            matrices[mine] = (flat @ tensor.T).reshape(-1, m, m)
        return self._sandwich(u, matrices)

    def _sandwich(self, u: Array, matrices: Array) -> Array:
        width = u.shape[2]
        moved = (matrices[self.patterns.of_row] @ u).reshape(-1, width)
        return np.asarray(u.reshape(-1, width).T @ moved)
