"""The relief view: a card with the landscape, its legend, and what leads back to the first look at it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QMenu, QWidget

from ann_studio.analysis.relief import Terrain, colours_by_height, terrain
from ann_studio.engine.messages import Frame, Status, Surveyed
from ann_studio.gui.controls import flat_button
from ann_studio.gui.parameters import axis_names
from ann_studio.gui.theme import LIGHT, Theme, color_table
from ann_studio.gui.view import View
from ann_studio.gui.views.relief.canvas import Canvas
from ann_studio.gui.views.relief.legend import Legend
from ann_studio.gui.views.relief.scene import Projector, trails
from ann_studio.gui.views.relief.words import description
from ann_studio.learning.supervised import same_cost


class ReliefView(View):
    """The card of the relief."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Relief", parent)
        self.canvas, self.legend = Canvas(), Legend()
        self.reset = flat_button("Reset", "Reset the relief", "Show all of it from the open side (Alt+T)")
        self.reset.setShortcut("Alt+T")
        self.reset.clicked.connect(self.canvas.reset)
        self.header.addWidget(self.reset)
        self.body.addWidget(self.canvas, 1)
        self.body.addWidget(self.legend)
        self.describe("drag to turn")
        self.explain(self.canvas.toolTip())
        self._theme: Theme = LIGHT
        self._surveyed: Surveyed | None = None
        self._coming: Surveyed | None = None
        self._terrain: Terrain | None = None
        self._frame: Frame | None = None
        self._hidden: frozenset[int] = frozenset()
        self._projectors: list[Projector] = []
        self.canvas.camera_changed.connect(self._say)

    def show_survey(self, surveyed: Surveyed) -> None:
        """Show the surface that was found; of the same data it is seen from where it was before.

        While a network trains it waits for the next frame: the map draws the same surface in this one.
        """
        if self._terrain is not None and self._frame is not None and self._frame.status is Status.TRAINING:
            self._coming = surveyed
        else:
            self._coming = None
            self._show_surface(surveyed)

    def _show_surface(self, surveyed: Surveyed) -> None:
        before, surface, log = self._surveyed, surveyed.surface, surveyed.survey.log
        self._surveyed = surveyed
        if self._terrain is None or before is None or before.surface is not surface or self._terrain.log != log:
            self._terrain = terrain(surface.values, surface.extent, surveyed.contours.levels, log=log)
        thetas = np.array([minimum.theta for minimum in surveyed.minima]).reshape(-1, len(surface.plane.origin))
        new = before is None or before.surface.problem.dataset is not surface.problem.dataset
        colours = self._colours(self._terrain, surveyed)
        self.canvas.show_terrain(self._terrain, colours, surface.plane.project(thetas), self._names(), reset=new)
        self.legend.show_colours(self._terrain, colours)
        self._show_trails()

    def show_frame(self, frame: Frame) -> None:
        """Show how far the runs are."""
        self._frame = frame
        coming, self._coming = self._coming, None
        if coming is not None:
            self._show_surface(coming)
        known = self._surveyed
        if known is not None and frame.problem is not None and not same_cost(known.surface.problem, frame.problem):
            self._surveyed = self._terrain = None
            self.canvas.forget_terrain()
        self.canvas.set_lively(frame.status is Status.TRAINING)
        self._show_trails()

    def show_hidden(self, hidden: frozenset[int]) -> None:
        """Leave out these runs."""
        self._hidden = hidden
        self._show_trails()

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self._theme = self.legend.theme = theme
        colours = color_table(theme.surface_map)
        if self._terrain is not None and self._surveyed is not None:
            colours = self._colours(self._terrain, self._surveyed)
            self.legend.show_colours(self._terrain, colours)
        self.canvas.set_theme(theme, colours)
        self._show_trails()

    def picture_widget(self) -> QWidget:
        """The relief without its card."""
        return self.canvas

    def copy_picture(self) -> None:
        """Put the picture on the clipboard, finely drawn."""
        self.canvas.refine()
        super().copy_picture()

    def numbers(self) -> str:
        """Where each run that is shown stands, and its cost there."""
        if not self.canvas.trails:
            return ""
        rows = (
            "\t".join([trail.name, *map(repr, trail.here.tolist()), repr(trail.cost)]) for trail in self.canvas.trails
        )
        return "\n".join(["\t".join(["run", *self._names(), "cost"]), *rows])

    def extend_menu(self, menu: QMenu) -> None:
        """Offer the first look again."""
        menu.addAction("Reset the relief", self.canvas.reset)

    def _colours(self, shown: Terrain, surveyed: Surveyed) -> NDArray[np.uint32]:
        """Each cost has the colour that it has on the map."""
        return colours_by_height(shown, surveyed.contours.levels, color_table(self._theme.surface_map))

    def _show_trails(self) -> None:
        frame, surveyed = self._frame, self._surveyed
        if frame is None or surveyed is None:
            return
        self._projectors += [Projector() for _ in frame.snapshots[len(self._projectors) :]]
        found = trails(frame, surveyed.surface.plane, self._theme, self._projectors)
        self.canvas.show_trails([trail for trail in found if trail.run not in self._hidden])
        self._say()

    def _names(self) -> tuple[str, str]:
        assert self._surveyed is not None
        surface = self._surveyed.surface
        return axis_names(surface.problem, surface.plane.choice)

    def _say(self) -> None:
        """Tell those who do not see it what the picture shows."""
        if self._terrain is not None:
            text = description(self._names(), self._terrain, self.canvas.camera, self.canvas.trails)
            if text != self.canvas.accessibleDescription():
                self.canvas.setAccessibleDescription(text)
