"""What the network makes of the data: decision regions, a curve, a confusion matrix, or predictions against truth."""

from ann_studio.gui.views.output.view import OutputView

__all__ = ["OutputView"]
