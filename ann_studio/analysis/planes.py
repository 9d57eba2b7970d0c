"""Planes through the space of all parameters, over which the cost is drawn as a surface."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ann_studio.analysis.losses import losses_on_grid
from ann_studio.learning.path import Path
from ann_studio.learning.problem import Problem, Samples
from ann_studio.nn.architecture import Architecture, views

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
        axes = np.stack([self.u, self.v])
        return np.asarray(np.linalg.solve(axes @ axes.T, axes @ (thetas - self.origin).T).T)

    def lift(self, points: Matrix) -> Matrix:
        """The parameters ``(n, parameters)`` at coordinates ``(n, 2)``."""
        return self.origin + points @ np.stack([self.u, self.v])


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
        Of the run; its points nearest to `PlaneChoice.updates` are taken.
    """
    theta = np.array(theta, dtype=np.float64)
    if choice.kind == "parameters":
        return _of_parameters(choice, theta)
    if choice.kind == "random":
        axes = [axis for axis in _random_axes(problem, theta, choice.seed) if axis.any()]
        if len(axes) == 2 and _across(axes[1], axes[0]) is not None:
            return Plane(choice, theta, axes[0], axes[1])
        u, v = _independent([*axes, *np.eye(len(theta))[:2]])
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
    first, second, third = (path.thetas[_nearest(path, update)] for update in choice.updates)
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

    For two parameters that is also where minima are, found on a coarse grid and some of the samples.

    Parameters
    ----------
    thetas
        The points of each run, each ``(n, parameters)``.
    """
    everything = np.concatenate([*thetas, *_interesting(problem)])
    points = plane.project(everything[np.isfinite(everything).all(axis=1)])
    if not len(points):
        points = np.zeros((1, 2))
    low, high = points.min(axis=0), points.max(axis=0)
    half = (high - low) * (0.5 + _MARGIN)
    middle = (low + high) / 2
    half = np.maximum(half, _least_half(plane, problem, float(half.max())))
    half = np.maximum(half, 1e-9 * np.abs(middle))
    s_min, s_max = _rounded_out(middle[0] - half[0], middle[0] + half[0])
    t_min, t_max = _rounded_out(middle[1] - half[1], middle[1] + half[1])
    return (s_min, s_max, t_min, t_max)


def _least_half(plane: Plane, problem: Problem, longest: float) -> Vector:
    """Half the width and height that are shown even of a path that hardly moves."""
    if plane.choice.kind == "random":
        return np.full(2, _LEAST)
    if plane.choice.kind == "parameters":
        if is_exact(problem) and not _own_extent(problem):
            scale = 0.3 * _SURVEY_REACH * _scales(problem)
            return np.abs(np.stack([plane.u, plane.v]) @ scale)
        return np.full(2, 2 * _LEAST)
    return np.full(2, max(_LEAST, _LEAST_SHARE * longest))


def _rounded_out(low: float, high: float) -> tuple[float, float]:
    """Both ends moved outwards to the next readable number."""
    step = nice_step((high - low) / 16)
    return math.floor(low / step) * step, math.ceil(high / step) * step


def nice_step(size: float) -> float:
    """The greatest of 1, 2 and 5 times a power of ten that is at most `size`, which is positive."""
    power = 10.0 ** math.floor(math.log10(size))
    return next(digit for digit in (5.0, 2.0, 1.0, 0.5) if digit * power <= size) * power


def _own_extent(problem: Problem) -> Extent | None:
    """The region for which a problem is known, if its data name one."""
    extent: Extent | None = getattr(problem.experiment.data, "extent", None)
    return extent


def _interesting(problem: Problem) -> list[Matrix]:
    """Points of a problem of two parameters that should be seen."""
    if not is_exact(problem):
        return []
    own = _own_extent(problem)
    if own:
        return [np.array([[s, t] for s in own[:2] for t in own[2:]])]
    some = np.linspace(0, len(problem.train) - 1, min(len(problem.train), _SURVEY_ROWS)).round().astype(int)
    train = problem.train
    samples = Samples(train.rows[some], train.inputs[some], train.targets[some])
    s, t = (scale * np.linspace(-_SURVEY_REACH, _SURVEY_REACH, _SURVEY_SIDE) for scale in _scales(problem))
    u, v = np.eye(2)
    rows, columns = lowest_points(losses_on_grid(problem, samples, np.zeros(2), u, v, s, t))
    return [np.stack([s[columns], t[rows]], axis=1)]


def _scales(problem: Problem) -> Vector:
    """Of what order a single neuron's weight and bias are."""
    inputs, targets = problem.train.inputs, problem.train.targets
    spread = float(inputs.std()) or float(np.abs(inputs).max()) or 1.0
    height = 1.0
    if problem.architecture.activations[-1] in ("linear", "relu", "leaky_relu", "elu", "softplus", "silu", "gelu"):
        height = float(np.abs(targets).max()) or 1.0
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


# --- names ----------------------------------------------------------------------------------------------------------
def axis_names(choice: PlaneChoice, architecture: Architecture) -> tuple[str, str]:
    """What stands at the two axes: ``("weight w", "bias b")``, ``("w hidden 1·2 → output", "b output")``."""
    if choice.kind == "parameters":
        return parameter_name(choice.first, architecture), parameter_name(choice.second, architecture)
    if choice.kind == "points":
        one, two, three = (f"{update:,}" for update in choice.updates)
        return f"from update {one} towards {two}", f"across, towards {three}"
    if choice.kind == "principal":
        return "1st principal direction", "2nd principal direction"
    return "1st random direction", "2nd random direction"


def parameter_name(position: int, architecture: Architecture) -> str:
    """What the entry of ``theta`` at a position is: ``w hidden 1·2 → output``, ``b hidden 2·3``."""
    if architecture.parameters == 2:
        return ("weight w", "bias b")[position]
    layer = sum(position >= architecture.offset(k) for k in range(1, architecture.layers))
    n_in, n_out = architecture.sizes[layer : layer + 2]
    place = position - architecture.offset(layer)
    if place >= n_in * n_out:
        return f"b {_unit_name(layer + 1, place - n_in * n_out, architecture)}"
    target, source = divmod(place, n_in)
    return f"w {_unit_name(layer, source, architecture)} → {_unit_name(layer + 1, target, architecture)}"


def _unit_name(layer: int, unit: int, architecture: Architecture) -> str:
    """``input 2``, ``hidden 1·2``, ``output``; layer 0 is the input."""
    if layer not in (0, architecture.layers):
        return f"hidden {layer}·{unit + 1}"
    name = "input" if layer == 0 else "output"
    return name if architecture.sizes[layer] == 1 else f"{name} {unit + 1}"
