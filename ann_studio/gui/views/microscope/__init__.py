"""The microscope: one sample, step by step."""

from ann_studio.gui.views.microscope.view import MicroscopeView

__all__ = ["MicroscopeView"]
