"""The cost over a plane as a landscape, with the paths of all runs on it."""

from ann_studio.gui.views.relief.view import ReliefView

__all__ = ["ReliefView"]
