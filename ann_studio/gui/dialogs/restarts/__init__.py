"""The restart lab: the same experiment from many seeds, and which minimum each run reaches."""

from ann_studio.gui.dialogs.restarts.dialog import RestartLab

__all__ = ["RestartLab"]
