"""Planes through the space of all parameters, over which the cost is drawn as a surface."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ann_studio.analysis.losses import losses_on_grid
from ann_studio.learning.experiment import Landscape
from ann_studio.learning.path import Path
from ann_studio.learning.problem import Problem, Samples
from ann_studio.nn.architecture import views
from ann_studio.nn.landscapes import LANDSCAPES

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Extent = tuple[float, float, float, float]
PlaneKind = Literal["parameters", "points", "principal", "random"]

#: What of a direction must point away from the other axis for the two to span a plane, as a share of its length.
_INDEPENDENT = 1e-6
#: What is seen to each side of all paths, as a share of their width; and the least half width.
_MARGIN, _LEAST = 0.2, 1.0
#: Of a plane with axes of length 1, the lower side is at least this share of the longer.
_LEAST_SHARE = 0.4
#: Where minima of two parameters are looked for: points along each side, at most so many samples, and how far in units
#: of the parameters' scale.
_SURVEY_SIDE, _SURVEY_ROWS, _SURVEY_REACH = 61, 200, 10.0
#: Half of what is shown at least of a single neuron's weight and bias, in the same units; of one without bounds, whose
#: surface is a bowl, less.
_NEURON, _UNBOUNDED = np.array([7.0, 4.0]), np.array([3.0, 3.0])
_BOUNDED_OUTPUTS = ("sigmoid", "tanh", "softsign", "sin", "softmax")


@dataclass(frozen=True)
class PlaneChoice:
    """Which plane a person wants to see.

    Parameters
    ----------
    kind
        ``parameters``: any two parameters, the others as they are at present. ``points``: through three points of the
        run. ``principal``: the principal plane of the run's path. ``random``: two random directions around the present
        point, filter-normalised (Li et al. 2018).
    first, second
        Positions in ``theta`` of the two parameters.
    updates
        The three points, as numbers of updates.
    seed
        Of the random directions.
    """

    kind: PlaneKind = "parameters"
    first: int = 0
    second: int = 1
    updates: tuple[int, int, int] = (0, 0, 0)
    seed: int = 1


@dataclass(frozen=True, eq=False)
class Plane:
    """``theta(s, t) = origin + s·u + t·v``.

    Parameters
    ----------
    choice
        What it was made from.
    origin, u, v
        Shape ``(parameters,)``; `u` and `v` are linearly independent, but need be neither orthogonal nor of length 1.
        Of two parameters they are unit vectors, and the origin has 0 there: s and t are the parameters themselves.
    """

    choice: PlaneChoice
    origin: Vector
    u: Vector
    v: Vector

    def project(self, thetas: Matrix) -> Matrix:
        """Coordinates ``(n, 2)`` of the points of the plane that are nearest to `thetas` ``(n, parameters)``."""
        if self.choice.kind == "parameters":
            return np.asarray(thetas[:, [self.choice.first, self.choice.second]])
        axes = np.stack([self.u, self.v])
        with np.errstate(over="ignore", invalid="ignore"):  # of a run that diverged
            return np.asarray(np.linalg.solve(axes @ axes.T, axes @ (thetas - self.origin).T).T)

    def is_seen_as(self, other: Plane | None) -> bool:
        """Whether all points have the same coordinates in both planes."""
        if other is None or self is other:
            return other is not None
        both = self.choice.kind == other.choice.kind == "parameters"
        return both and (self.choice.first, self.choice.second) == (other.choice.first, other.choice.second)

    def lift(self, points: Matrix) -> Matrix:
        """The parameters ``(n, parameters)`` at coordinates ``(n, 2)``."""
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(self.origin + points @ np.stack([self.u, self.v]))


def is_exact(problem: Problem) -> bool:
    """Whether a plane is all there is: the problem has two parameters."""
    return problem.architecture.parameters == 2


# --- making one -----------------------------------------------------------------------------------------------------
def make(choice: PlaneChoice, problem: Problem, theta: Vector, path: Path) -> Plane:
    """The plane of a choice; its axes are always independent.

    Parameters
    ----------
    choice
        Positions that the network has not, or twice the same, are replaced by others, and `Plane.choice` says so. Where
        the points or the path span no plane, the missing axes are directions in which the path goes, else random ones.
    theta
        The present point.
    path
        Of the run; its points nearest to `PlaneChoice.updates` are taken, and `Plane.choice` says which these are.
    """
    theta = np.array(theta, dtype=np.float64)
    if choice.kind == "parameters":
        return _of_parameters(choice, theta)
    if choice.kind == "random":
        axes = [axis for axis in _random_axes(problem, theta, choice.seed) if axis.any()]
        if len(axes) == 2 and _across(axes[1], axes[0]) is not None:
            return Plane(choice, theta, axes[0], axes[1])
        u, v = _independent([*axes, *np.eye(2, len(theta))])
        return Plane(choice, theta, u, v)
    thetas = path.thetas[np.isfinite(path.thetas).all(axis=1)]
    if not len(thetas):
        thetas = theta[None]
    if choice.kind == "principal":
        middle = thetas.mean(axis=0)
        u, v = _independent(_directions(problem, thetas, choice.seed))
        first = thetas[0] - middle
        # the run begins at the top on the left, so that no sign changes while it goes on
        return Plane(choice, middle, _turned(u, -first), _turned(v, first))
    at = [_nearest(path, update) for update in choice.updates]
    first, second, third = path.thetas[at]
    choice = replace(choice, updates=tuple(path.updates[at].tolist()))
    u, v = _independent(_chain([second - first, third - first], _directions(problem, thetas, choice.seed)))
    return Plane(choice, np.array(first), u, v)


def _of_parameters(choice: PlaneChoice, theta: Vector) -> Plane:
    count = len(theta)
    first, second = min(max(choice.first, 0), count - 1), min(max(choice.second, 0), count - 1)
    if first == second:
        second = first + 1 if first + 1 < count else first - 1
    origin, u, v = theta.copy(), np.zeros(count), np.zeros(count)
    origin[[first, second]] = 0.0
    u[first] = v[second] = 1.0
    return Plane(replace(choice, first=first, second=second), origin, u, v)


def _nearest(path: Path, update: int) -> int:
    return int(np.abs(path.updates - update).argmin())


def _turned(axis: Vector, towards: Vector) -> Vector:
    """The axis or its opposite, whichever points that way; where neither does, that with a positive largest entry."""
    along = float(axis @ towards)
    if abs(along) <= 1e-9 * float(np.abs(towards).max()):
        along = float(axis[np.abs(axis).argmax()])
    return axis if along >= 0 else -axis


def _chain(*parts: Iterable[Vector]) -> Iterator[Vector]:
    for part in parts:
        yield from part


def _independent(candidates: Iterable[Vector]) -> tuple[Vector, Vector]:
    """Two axes of length 1 at right angles, from the first candidates that give them."""
    u: Vector | None = None
    for candidate in candidates:
        greatest = float(np.abs(candidate).max())
        if not math.isfinite(greatest) or greatest == 0:
            continue
        unit = candidate / greatest
        unit /= np.linalg.norm(unit)
        if u is None:
            u = unit
            continue
        v = _across(unit, u)
        if v is not None:
            return u, v
    raise ValueError("fewer than two independent directions")


def _across(direction: Vector, u: Vector) -> Vector | None:
    """What of `direction` is at right angles to `u`, at length 1; None if that is next to nothing."""
    v = direction / np.linalg.norm(direction)
    along = u / np.linalg.norm(u)
    for _ in range(2):  # once more for what rounding has left
        v = v - (v @ along) * along
        length = float(np.linalg.norm(v))
        if length < _INDEPENDENT:
            return None
        v = v / length
    return np.asarray(v)


def _directions(problem: Problem, thetas: Matrix, seed: int) -> Iterator[Vector]:
    """The two in which the points spread most, as far as they do, then random ones, then single parameters."""
    spread = thetas - thetas.mean(axis=0)
    size = float(np.abs(spread).max())
    if size > 1e-12 * max(1.0, float(np.abs(thetas).max())):
        spread = spread / size
        u = _widest(spread)
        yield u
        rest = spread - np.outer(spread @ u, u)
        if float(np.abs(rest).max()) > _INDEPENDENT:
            yield _widest(rest)
    yield from _random_axes(problem, thetas[-1], seed)
    for k in range(min(3, thetas.shape[1])):
        yield np.eye(1, thetas.shape[1], k)[0]


def _widest(spread: Matrix) -> Vector:
    """The direction of length 1 along which the rows of `spread` are longest: its first right singular vector.

    It comes from the smaller of the two matrices of inner products, and one step of power iteration mends what
    squaring has cost.
    """
    rows, columns = spread.shape
    if rows <= columns:
        axis = np.linalg.eigh(spread @ spread.T)[1][:, -1] @ spread
    else:
        axis = np.linalg.eigh(spread.T @ spread)[1][:, -1]
    axis = (spread @ axis) @ spread
    return np.asarray(axis / np.linalg.norm(axis))


def _random_axes(problem: Problem, theta: Vector, seed: int) -> list[Vector]:
    """Two random directions, the weights into each neuron as long as those in `theta`, biases 0.

    Filter normalisation as in Li, Xu, Taylor, Studer and Goldstein, *Visualizing the Loss Landscape of Neural Nets*,
    NeurIPS 2018, section 4; in a fully connected network a filter is what leads into one neuron.
    """
    random = np.random.default_rng(seed)
    axes = []
    for _ in range(2):
        axis = random.normal(size=len(theta))
        layers = zip(views(problem.architecture, axis), views(problem.architecture, theta), strict=True)
        for (weights, biases), (own, _) in layers:
            weights *= np.linalg.norm(own, axis=0) / np.linalg.norm(weights, axis=0)
            biases[:] = 0.0
        axes.append(axis)
    return axes


# --- what it shows --------------------------------------------------------------------------------------------------
def explained(plane: Plane, path: Path) -> float:
    """Share of the variance of the path's points about their mean that lies along the plane; NaN if there is none."""
    spread = path.thetas - path.thetas.mean(axis=0)
    size = float(np.abs(spread).max())
    if not math.isfinite(size) or size == 0:
        return math.nan
    spread = spread / size
    u, v = _independent([plane.u, plane.v])
    within = float(((spread @ u) ** 2).sum() + ((spread @ v) ** 2).sum())
    return min(1.0, within / float((spread**2).sum()))


def extent_of(plane: Plane, problem: Problem, thetas: Sequence[Matrix]) -> Extent:
    """What of the plane to show: all paths and some space around them, with borders at readable numbers.

    Of a landscape that is also its own extent; of a network with two parameters also where minima are, found on a
    coarse grid and some of the samples.

    Parameters
    ----------
    thetas
        The points of each run, each ``(n, parameters)``.
    """
    own = _own_corners(problem)
    everything = np.concatenate([*thetas, *([] if own is not None or not is_exact(problem) else [_minima(problem)])])
    points = plane.project(everything[np.isfinite(everything).all(axis=1)])
    if not len(points):
        points = np.zeros((1, 2))
    low, high = points.min(axis=0), points.max(axis=0)
    middle, half = (low + high) / 2, (high - low) * (0.5 + _MARGIN)
    half = np.maximum(half, _least_half(plane, problem, float(half.max())))
    half = np.maximum(half, 1e-9 * np.abs(middle))
    low, high = middle - half, middle + half
    if own is not None:
        corners = plane.project(own)
        low, high = np.minimum(low, corners.min(axis=0)), np.maximum(high, corners.max(axis=0))
    return (*_rounded_out(low[0], high[0]), *_rounded_out(low[1], high[1]))


def _least_half(plane: Plane, problem: Problem, longest: float) -> Vector:
    """Half the width and height that are shown even of a path that hardly moves."""
    if is_exact(problem):
        own = _own_corners(problem)
        share = _NEURON if _is_bounded(problem) else _UNBOUNDED
        size = share * _scales(problem) if own is None else 0.05 * np.ptp(own, axis=0)
        corners = size * np.array([[1, 1], [1, -1]])
        through = Plane(plane.choice, np.zeros(2), plane.u, plane.v).project(corners)
        return np.asarray(np.abs(through).max(axis=0))
    if plane.choice.kind == "parameters":
        return np.full(2, 2 * _LEAST)
    if plane.choice.kind == "random":
        return np.full(2, _LEAST)
    return np.full(2, max(_LEAST, _LEAST_SHARE * longest))


def _rounded_out(low: float, high: float) -> tuple[float, float]:
    """Both ends moved outwards to the next readable number."""
    step = nice_step((high - low) / 16)
    digits = -math.floor(math.log10(step) + 1e-9)
    return round(math.floor(low / step) * step, digits), round(math.ceil(high / step) * step, digits)


def nice_step(size: float) -> float:
    """The greatest of 1, 2 and 5 times a power of ten that is at most `size`, which is positive."""
    power = 10.0 ** math.floor(math.log10(size))
    return next(digit for digit in (5.0, 2.0, 1.0, 0.5) if digit * power <= size) * power


def _own_corners(problem: Problem) -> Matrix | None:
    """The corners of what is worth seeing of a landscape."""
    data = problem.experiment.data
    if not isinstance(data, Landscape):
        return None
    extent = LANDSCAPES[data.name].extent
    return np.array([[x, z] for x in extent[:2] for z in extent[2:]], dtype=np.float64)


def _minima(problem: Problem) -> Matrix:
    """About where a single neuron has minima."""
    some = np.linspace(0, len(problem.train) - 1, min(len(problem.train), _SURVEY_ROWS)).round().astype(int)
    train = problem.train
    samples = Samples(train.rows[some], train.inputs[some], train.targets[some])
    s, t = (scale * np.linspace(-_SURVEY_REACH, _SURVEY_REACH, _SURVEY_SIDE) for scale in _scales(problem))
    u, v = np.eye(2)
    rows, columns = lowest_points(losses_on_grid(problem, samples, np.zeros(2), u, v, s, t))
    return np.stack([s[columns], t[rows]], axis=1)


def _is_bounded(problem: Problem) -> bool:
    return problem.architecture.activations[-1] in _BOUNDED_OUTPUTS


def _scales(problem: Problem) -> Vector:
    """Of what order a single neuron's weight and bias are."""
    inputs, targets = problem.train.inputs, problem.train.targets
    spread = float(inputs.std()) or float(np.abs(inputs).max()) or 1.0
    height = 1.0 if _is_bounded(problem) else float(np.abs(targets).max()) or 1.0
    return height * np.array([1 / spread, max(1.0, abs(float(inputs.mean())) / spread)])


def lowest_points(values: Matrix) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of the inner points of a grid that are no higher than their neighbours and lower than one."""
    inner = values[1:-1, 1:-1]
    rows, columns = values.shape
    around = np.stack(
        [
            values[1 + down : rows - 1 + down, 1 + right : columns - 1 + right]
            for down in (-1, 0, 1)
            for right in (-1, 0, 1)
            if down or right
        ]
    )
    low = np.isfinite(inner) & ~(inner > around).any(axis=0) & (inner < around).any(axis=0)
    found = np.nonzero(low)
    return found[0] + 1, found[1] + 1
