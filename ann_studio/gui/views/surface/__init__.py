"""The error surface from above: the cost over a plane as filled contours, with the paths and balls of all runs."""

from ann_studio.gui.views.surface.view import SurfaceView

__all__ = ["SurfaceView"]
