"""Cost over epochs, for training and validation."""

from ann_studio.gui.views.loss.view import LossView

__all__ = ["LossView"]
