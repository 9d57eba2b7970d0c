"""The drive: moves a race at a speed or to the goal of a step, a short piece at a time."""

from __future__ import annotations

from ann_studio.engine.messages import Speed, Unit
from ann_studio.engine.pace import Chunk, Meter, Pace
from ann_studio.engine.race import Race
from ann_studio.learning.problem import Problem
from ann_studio.learning.supervised import UNLIMITED, samples_of
from ann_studio.learning.trainer import Landing, Outcome, Trainer

#: The speed of a new window.
FULL_SPEED = Speed(float("inf"), Unit.EPOCH)
#: Epochs for which Play goes on after a stop rule where the experiment does not say how many it wants.
_ONCE_MORE = 500


class Drive:
    """Moves one race, by its main run.

    Between two commands it either runs (at the speed, to the stop rules) or steps (as fast as it goes, to a goal,
    whatever the stop rules say). A goal is so many units still to be gone; when running, it is what is due by now.
    """

    def __init__(self) -> None:
        self._pace = Pace(FULL_SPEED)
        self._meter = Meter()
        self._goal: tuple[Unit, int] | None = None
        self._stepping = False
        #: Where inside an update a step ends, and units that are to be stepped back still.
        self._landing: Landing = ""
        self._back: tuple[Unit, int] | None = None
        self.is_seeking = False  #: whether a step leads to a moment that was asked for, from wherever it had to begin
        #: The epoch to which Play goes on after a stop rule was met.
        self.beyond: int | None = None
        self._chunk: tuple[object, Chunk] | None = None

    @property
    def speed(self) -> Speed:
        """The chosen speed."""
        return self._pace.speed

    @property
    def epoch_rate(self) -> float:
        """Measured epochs a second."""
        return self._meter.rate

    def change_speed(self, speed: Speed) -> None:
        """Run at another speed from now on; a step goes on to its goal."""
        self._pace.change(speed)
        if not self._stepping:
            self._goal = None

    def run(self, race: Race, *, again: bool) -> None:
        """Run until a stop rule is met; if `again`, or if one is met already, go on for as many epochs once more."""
        main = race.main
        if again or (main.state.update > 0 and self._stopped(race) is not Outcome.LIMIT):
            self.beyond = main.state.epoch + (main.experiment.stop.epochs or _ONCE_MORE)
        self._goal, self._stepping = None, False
        self._landing, self._back, self.is_seeking = "", None, False
        self._pace.restart()

    def step(self, unit: Unit, count: int) -> None:
        """Step to the `count`-th next boundary of `unit`; quick clicks add up."""
        if self._stepping and self._goal is not None and self._goal[0] is unit:
            count += self._goal[1]
        self._goal, self._stepping = (unit, count), True
        self._landing, self._back, self.is_seeking = "", None, False

    def seek(self, race: Race, update: int) -> None:
        """Step to an update, past or future."""
        race.main.rewind(update)
        self._goal, self._stepping = (Unit.UPDATE, max(0, update - race.main.state.update)), True
        self._landing, self._back, self.is_seeking = "", None, True

    def step_back(self, race: Race, unit: Unit, count: int) -> None:
        """Step to the `count`-th last boundary of `unit`."""
        update, landing = race.main.target_of_step_back(unit.value)
        if update != race.main.state.update:
            self.seek(race, update)
        else:
            self._goal, self._stepping, self.is_seeking = (Unit.UPDATE, 0), True, True
        self._landing = landing
        self._back = (unit, count - 1) if count > 1 else None

    def halt(self) -> None:
        """Neither run nor step."""
        self._goal, self._stepping, self.is_seeking = None, False, False
        self._landing, self._back = "", None
        self._meter.reset()

    def wait(self) -> float:
        """Seconds until there is something to do."""
        busy = self._stepping or self._goal is not None or self._pace.unlimited
        return 0.0 if busy else self._pace.wait()

    def work(self, race: Race) -> Outcome | None:
        """Move one piece on.

        Returns
        -------
        Outcome or None
            Why this is the end: `Outcome.LIMIT` where a step has reached its goal. None while there is more to do.

        Raises
        ------
        Interrupted
            As the methods of `Trainer`; to be called again, there is still to do what there was.
        """
        if not self._stepping:
            return self._go_on(race)
        if self._goal is not None and self._pursue(race, *self._goal) is Outcome.DIVERGED:
            return Outcome.DIVERGED
        if self._goal is None and self._back is not None:
            race.main.land(self._landing)
            self.step_back(race, *self._back)
        if self._goal is not None:
            return None
        outcome = race.main.check()
        if outcome is Outcome.LIMIT:
            race.main.land(self._landing)
        self._landing = ""
        return outcome

    def _go_on(self, race: Race) -> Outcome | None:
        """One piece of a run."""
        if self._goal is None and not self._pace.unlimited:
            count = self._pace.due()
            if not count:
                return None
            self._goal = (self._pace.speed.unit, count)
        outcome = self._chunked(race) if self._goal is None else self._pursue(race, *self._goal)
        if outcome is Outcome.LIMIT:
            outcome = self._stopped(race)
        return None if outcome is Outcome.LIMIT else outcome

    def _pursue(self, race: Race, unit: Unit, count: int) -> Outcome:
        """One piece on the way to a goal of `count` units."""
        main, outcome = race.main, Outcome.LIMIT
        state = main.state
        if count <= 0:
            pass
        elif unit is Unit.PHASE or unit is Unit.SAMPLE:
            outcome = race.step_phase() if unit is Unit.PHASE else race.step_sample()
            self._meter.note(_epochs(race.main))
            count -= 1
        elif unit is Unit.UPDATE:
            outcome = self._chunked(race, to_update=state.update + count)
            count -= main.state.update - state.update
        else:
            outcome = self._chunked(race, to_epoch=state.epoch + count)
            count -= main.state.epoch - state.epoch
        self._goal = (unit, count) if count > 0 else None
        return outcome

    def _chunked(self, race: Race, to_update: int = UNLIMITED, to_epoch: int = UNLIMITED) -> Outcome:
        """One call of the engine."""
        if not self._stepping and self.beyond is not None:
            to_epoch = min(to_epoch, self.beyond)
        main = race.main
        chunk, before = self._chunk_for(main.problem), samples_of(main.problem, main.state)
        chunk.begin()
        outcome = race.advance(
            samples=chunk.samples,
            obey=not self._stepping and self.beyond is None,
            to_update=to_update,
            to_epoch=to_epoch,
        )
        used = samples_of(main.problem, main.state) - before
        if used > 0:
            chunk.end(used)
        self._meter.note(_epochs(main))
        return outcome

    def _chunk_for(self, problem: Problem) -> Chunk:
        architecture = problem.architecture
        if self._chunk is None or self._chunk[0] != architecture:
            self._chunk = (architecture, Chunk(architecture.parameters))
        return self._chunk[1]

    def _stopped(self, race: Race) -> Outcome:
        """Whether a run ends here."""
        if self.beyond is None:
            return race.main.stopped()
        return Outcome.EPOCHS if race.main.state.epoch >= self.beyond else Outcome.LIMIT


def _epochs(main: Trainer) -> float:
    """Epochs gone through since the start."""
    return samples_of(main.problem, main.state) / len(main.problem.train)
