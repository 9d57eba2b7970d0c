"""When which survey is asked for: at once for what the hand does, again and again where the surface moves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ann_studio.analysis.planes import Extent, Plane, PlaneChoice, is_exact
from ann_studio.engine.messages import Frame, Status, Survey, Surveyed
from ann_studio.learning.supervised import same_cost

#: Grid points along each side: at rest, and while the surface moves with the training.
FULL, COARSE = 201, 61


class Asking:
    """Knows what is wanted, what was asked last, and what came of it.

    Attributes
    ----------
    choice, log, size
        As in `Survey`; without a size nothing is asked.
    frame
        The last frame.
    answer
        The last answer taken; None if what it showed is no longer there.
    """

    def __init__(self) -> None:
        self.choice = PlaneChoice()
        self.log = False
        self.size: tuple[int, int] | None = None
        self.frame: Frame | None = None
        self.answer: Surveyed | None = None
        #: The update and the epoch from which the plane was made.
        self.made_at: tuple[int, int] = (0, 0)
        self._extent: Extent | None = None
        self._home: Extent | None = None  #: what is seen of the plane where no hand has chosen
        self._by_hand = False
        self._plane: Plane | None = None
        self._wants_plane = False  #: another one, which is not asked for yet
        self._asked: Survey | None = None
        self._request = 0
        self._answered = self._final = True
        self._changed = False

    @property
    def moves(self) -> bool:
        """Whether the surface changes as the run goes on: through two of more than two parameters."""
        frame = self.frame
        problem = frame.problem if frame is not None else None
        return self.choice.kind == "parameters" and problem is not None and problem.architecture.parameters > 2

    @property
    def is_stale(self) -> bool:
        """Whether the plane was made at another moment than is shown."""
        if self.answer is None or self.choice.kind not in ("principal", "random"):
            return False
        return self._update() != self.made_at[0]

    @property
    def extent(self) -> Extent | None:
        """What is to be seen; None: all there is."""
        return self._extent

    @property
    def is_waiting(self) -> bool:
        """Whether the last answer is still to come."""
        return not self._final

    # --- what changes -----------------------------------------------------------------------------------------------
    def follow(self, frame: Frame) -> None:
        """Take note of a frame."""
        old = self.frame
        self.frame = frame
        problem = frame.problem
        if problem is None or (old is not None and problem is old.problem):
            return
        parameters = problem.architecture.parameters
        if max(self.choice.first, self.choice.second) >= parameters:
            self.choice = PlaneChoice()
        before = old.problem if old is not None else None
        if before is None or not same_cost(before, problem):
            self.answer, self._asked = None, None
            self._answered = self._final = True
            self._by_hand = False
            # Of two parameters there is one plane that shows all; no other is carried over to it.
            self.choose(PlaneChoice() if is_exact(problem) else self.choice)
        elif not np.array_equal(before.first_theta, problem.first_theta):
            self._plane, self._wants_plane, self._changed = None, True, True
            self._extent, self._home = self._extent if self._by_hand else None, None

    def choose(self, choice: PlaneChoice) -> None:
        """Want another plane, made of the present frame."""
        self.choice, self._plane, self._extent, self._home = choice, None, None, None
        self._by_hand, self._wants_plane, self._changed = False, True, True

    def move(self, extent: Extent | None) -> None:
        """Want another part of the plane; None: all there is to be seen."""
        self._extent, self._by_hand, self._changed = extent, extent is not None, True

    def fit(self, points: NDArray[np.float64]) -> Extent | None:
        """Want what was seen before a hand chose; where these points ``(n, 2)`` have left that, all there is.

        Returns
        -------
        extent
            What will be seen; None where it is still to be found.
        """
        self.move(self._home if self._home is not None and _holds(self._home, points) else None)
        self._by_hand = False
        return self._extent

    def set_log(self, on: bool) -> None:
        """Want colours and levels by the logarithm of the cost, or by the cost."""
        if on != self.log:
            self.log, self._changed = on, True

    def set_size(self, size: tuple[int, int]) -> None:
        """Want a picture of another size in pixels."""
        if size != self.size:
            self.size, self._changed = size, True

    def see(self, points: NDArray[np.float64]) -> None:
        """Want these points ``(n, 2)`` of the plane to be seen, unless a hand has chosen what is."""
        if self.answer is None or self._by_hand or self._changed or not self._final or not len(points):
            return
        if not _holds(self.answer.surface.extent, points):
            self._extent, self._changed = None, True

    # --- asking and being answered ----------------------------------------------------------------------------------
    def due(self, *, impatient: bool = False) -> Survey | None:
        """What is to be asked now, if anything; then it has been asked.

        Parameters
        ----------
        impatient
            Ask even though there is no answer to the last question yet.
        """
        frame = self.frame
        if frame is None or frame.problem is None or not frame.snapshots or self.size is None:
            return None
        if frame.status is Status.PREPARING:
            return None
        side = COARSE if self.moves and frame.status is Status.TRAINING else FULL
        may = self._answered or impatient
        if not ((self._changed and may) or (self.moves and self._moved(side))):
            return None
        self._request += 1
        plane = None if self.choice.kind == "parameters" else self._plane
        self._asked = Survey(self._request, frame, self.choice, plane, self._extent, side, self.log, self.size)
        self._answered = self._final = self._changed = self._wants_plane = False
        return self._asked

    @property
    def is_owed(self) -> bool:
        """Whether something is to be asked as soon as the last question has an answer, or patience ends."""
        return self._changed and not self._answered and self.size is not None

    def _moved(self, side: int) -> bool:
        """Whether the surface is another one by now, or too coarse for a picture at rest."""
        asked, frame = self._asked, self.frame
        if asked is None or frame is None:
            return False
        elsewhere = not np.array_equal(asked.frame.snapshots[0].state.theta, frame.snapshots[0].state.theta)
        if side == COARSE:
            return elsewhere and (self._final or (self._answered and asked.side == FULL))
        return asked.side < FULL or (elsewhere and self._answered)

    def forget(self, wanted: object) -> None:
        """Nothing will come of this question; another may be asked."""
        if wanted is self._asked:
            self._answered = self._final = True

    def take(self, surveyed: Surveyed) -> bool:
        """Whether this answers the last question; if so it is kept."""
        if self._asked is None or surveyed.survey.request != self._request:
            return False
        survey, surface = surveyed.survey, surveyed.surface
        if not self._wants_plane:
            self._plane = surface.plane
            if survey.extent is None:
                self._home = surface.extent
            if survey.plane is None:
                state = survey.frame.snapshots[0].state
                self.made_at = (state.update, state.epoch)
        self.answer, self._answered, self._final = surveyed, True, surveyed.final
        if self._extent is None and not self._changed:
            self._extent = surface.extent
        return True

    def _update(self) -> int:
        assert self.frame is not None
        return self.frame.snapshots[0].state.update


def _holds(extent: Extent, points: NDArray[np.float64]) -> bool:
    """Whether all of these points ``(n, 2)`` are seen."""
    s0, s1, t0, t1 = extent
    inside = (s0 <= points[:, 0]) & (points[:, 0] <= s1) & (t0 <= points[:, 1]) & (points[:, 1] <= t1)
    return bool(inside.all())
