"""The timeline: how far the run is, a hand to go back and forth in it, and where we are inside the next update."""

from ann_studio.gui.timeline.card import Timeline

__all__ = ["Timeline"]
