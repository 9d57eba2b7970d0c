"""The valley: the cost along one line through the present point, with its slope and its curvature."""

from ann_studio.gui.views.valley.view import ValleyView

__all__ = ["ValleyView"]
