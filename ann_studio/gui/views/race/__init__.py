"""The table of the runs of a race."""

from ann_studio.gui.views.race.view import RaceView

__all__ = ["RaceView"]
