"""What the menus offer to do to the selection of the network graph, each with its key."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QMenu

from ann_studio.gui.parameters import layer_name
from ann_studio.gui.points import NeuronPoint
from ann_studio.gui.views.network.graph import Graph
from ann_studio.gui.views.network.hand import Hand
from ann_studio.gui.views.network.points import connections_of
from ann_studio.gui.views.network.shaping import Shape, keeps_output, layer_above
from ann_studio.learning.experiment import Activation

#: Activations that a new layer is offered with, after the one that leaves the output as it is.
_ACTIVATIONS: tuple[Activation, ...] = ("tanh", "sigmoid", "relu", "linear")


def fill_edits(menu: QMenu, graph: Graph, hand: Hand, edit: Callable[[], None]) -> None:
    """Add entries for the selection; what makes no sense there is grey."""
    problem, point = graph.problem, graph.point
    neuron, some = isinstance(point, NeuronPoint), point is not None
    ends = connections_of(problem, point).tolist() if problem is not None and point is not None else []
    gone = [index for index in ends if index in graph.held.pruned]
    what = "bias" if neuron else "weight"
    settable = graph.index is not None and not hand.is_deleted

    def add(text: str, act: Callable[[], object], *, on: bool) -> None:
        action = menu.addAction(text)
        action.setEnabled(on)
        action.triggered.connect(lambda _checked=False: act())

    add(f"Set {what}…\ttype a number", edit, on=settable)
    add(f"Increase {what}\tShift+↑", partial(hand.step, 1.0), on=settable)
    add(f"Decrease {what}\tShift+↓", partial(hand.step, -1.0), on=settable)
    several = "all connections" if neuron else "connection"
    add(f"Delete {several}\tDel", hand.delete, on=some and len(gone) < len(ends))
    add(f"Restore {several}\tR", hand.restore, on=bool(gone))
    frozen = hand.is_frozen
    arriving = "what arrives, and bias" if neuron else "weight"
    freezable = some and graph.index is not None and not (hand.is_deleted and not neuron)
    add(f"{'Unfreeze' if frozen else 'Freeze'} {arriving}\tF", hand.freeze, on=freezable)
    menu.addSeparator()
    _fill_shapes(menu, graph, hand, add)


def _fill_shapes(menu: QMenu, graph: Graph, hand: Hand, add: Callable[..., None]) -> None:
    entries: tuple[tuple[str, str, Shape], ...] = (
        ("Add neuron", "Ins", "add neuron"),
        ("Remove neuron", "Shift+Del", "remove neuron"),
        ("Remove layer", "Ctrl+Shift+Del", "remove layer"),
    )
    for text, key, shape in entries:
        change = hand.change(shape)
        name = ""
        if change is not None and graph.problem is not None:
            joint = " to" if shape == "add neuron" else " of" if shape == "remove neuron" else ""
            name = f"{joint} {layer_name(change.layer + 1, graph.problem.architecture.layers)}"
        add(f"{text}{name}\t{key}", partial(_reshape, hand, shape), on=change is not None)
    more = menu.addMenu("Add layer\tShift+Ins")
    fill_layers(more, graph, hand)
    more.setEnabled(not more.isEmpty())


def _reshape(hand: Hand, shape: Shape) -> None:
    change = hand.change(shape)
    if change is not None:
        hand.reshape(change)


def fill_layers(menu: QMenu, graph: Graph, hand: Hand) -> None:
    """Add a layer with each activation, first the one with which the network goes on saying what it says."""
    problem, point = graph.problem, graph.point
    if problem is None:
        return
    plain = layer_above(problem.architecture, point, "linear")
    if plain is None:
        return
    keeps = keeps_output(problem.architecture, plain)
    for activation in (keeps, *(each for each in _ACTIVATIONS if each != keeps)):
        change = layer_above(problem.architecture, point, activation)
        assert change is not None
        after = layer_name(change.layer, problem.architecture.layers)
        said = f"{activation} layer after {after}" + (" (the output stays as it is)" if activation == keeps else "")
        menu.addAction(said).triggered.connect(lambda _checked=False, change=change: hand.reshape(change))
