"""The network graph: edges as thick as their weights, what each neuron computes, and a hand to point at them."""

from ann_studio.gui.views.network.view import NetworkView

__all__ = ["NetworkView"]
