"""The inspector: one neuron, one connection or the layers from inside."""

from ann_studio.gui.views.inspector.view import InspectorView

__all__ = ["InspectorView"]
