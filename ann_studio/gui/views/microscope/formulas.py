"""The four cards: what each step computes, with the present numbers, and where we are."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from ann_studio.gui.points import Point
from ann_studio.gui.views.microscope import losses
from ann_studio.gui.views.microscope.arithmetic import adds_up, product_of, read, relation, total
from ann_studio.gui.views.microscope.rules import (
    ACTIVATION_TEX,
    PLAIN,
    SLOPES,
    TIMES,
    UPDATE_TEX,
    activation,
    changed,
    equals,
    show,
    slope,
)
from ann_studio.gui.views.microscope.selection import (
    backward_focus,
    forward_focus,
    neuron_of,
    parameter_of,
    weight_at,
)
from ann_studio.gui.views.microscope.typeset import Box, Gap, Line, Num, Tex
from ann_studio.gui.views.microscope.words import (
    backward_sentence,
    cost_sentence,
    forward_sentence,
    plain,
    tex,
    update_sentence,
)
from ann_studio.learning.experiment import kind_of
from ann_studio.learning.inside import Change, arriving, change, errors, largest, returning
from ann_studio.learning.problem import Problem
from ann_studio.learning.state import Phase, Snapshot
from ann_studio.nn.optimizers import OPTIMIZERS

Stage = Literal["todo", "now", "done"]

#: Terms of a sum that are written out, and outputs of a softmax.
MOST_TERMS, _MOST_OUTPUTS = 4, 3
_KINDS = ("forward", "cost", "backward", "update")
_TITLES = ("Forward", "Cost", "Backward", "Update")


@dataclass(frozen=True)
class Formula:
    """What a card shows.

    Parameters
    ----------
    title, subtitle
        Its head; the subtitle is the step in general.
    stage
        Whether the step is done, at hand or still to come.
    lines
        Typeset lines.
    sentence
        The same in plain words.
    values
        What the numbers are called, their value, and how they are shown.
    """

    title: str
    subtitle: str
    stage: Stage
    lines: tuple[Line, ...] = ()
    sentence: str = ""
    values: tuple[tuple[str, float, str], ...] = field(default=())


def formulas(problem: Problem, snapshot: Snapshot, point: Point) -> tuple[Formula, ...]:
    """The four cards of a moment; between updates all are still to come."""
    phase = snapshot.phase
    at = -1 if phase is None else _KINDS.index(phase.kind)
    subtitles = _subtitles(problem, phase, point)
    made = [
        Formula(title, subtitle, "todo" if k > at else "now" if k == at else "done", general)
        for k, (title, subtitle, general) in enumerate(zip(_TITLES, subtitles, _general(problem), strict=True))
    ]
    if phase is None:
        return tuple(made)
    fillers = (_forward, _cost, _backward, _update)
    for k in range(at + 1):
        made[k] = fillers[k](problem, snapshot, phase, point, made[k])
    return tuple(made)


def _subtitles(problem: Problem, phase: Phase | None, point: Point) -> tuple[str, str, str, str]:
    """The steps in general, for the activation and the loss at hand."""
    activations = problem.architecture.activations
    focus = forward_focus(problem, phase, point) if phase is not None else (neuron_of(point) or (0, 0))
    last = problem.architecture.layers - 1
    back = backward_focus(problem, phase, point) if phase is not None else None
    layer = last if back is None else back[0]
    returned = f"δ = Σ w·δ · f′,  f′ = {SLOPES.get(activations[layer], '')}"
    kind = kind_of(problem.experiment.learning.optimizer)
    return (
        f"z = Σ w·a + b,  {PLAIN[activations[focus[0]]]}",
        losses.plain(problem),
        losses.delta_plain(problem) if layer == last else returned,
        "Δ = −η · g" if kind == "sgd" else OPTIMIZERS[kind].title,
    )


def _general(problem: Problem) -> tuple[tuple[Line, ...], ...]:
    """What a card shows before its numbers are known."""
    kind = kind_of(problem.experiment.learning.optimizer)
    rule = r"w \leftarrow w - \eta g" if kind == "sgd" else UPDATE_TEX[kind]
    return (
        ((Tex(r"z = \sum w a + b"),), (Tex(ACTIVATION_TEX[problem.architecture.activations[0]]),)),
        ((Tex(losses.GENERAL[str(problem.experiment.learning.loss)]),),) if problem.experiment.learning.loss else (),
        ((Tex(r"\delta_j = f'(z_j) \sum_k w_{jk} \delta_k"),), (Tex(r"{\partial}C/{\partial}w = \delta a"),)),
        ((Tex(rule),),),
    )


# --- forward --------------------------------------------------------------------------------------------------------
def _forward(problem: Problem, snapshot: Snapshot, phase: Phase, point: Point, card: Formula) -> Formula:
    focus = layer, unit = forward_focus(problem, phase, point)
    found = arriving(problem, snapshot.state.theta, phase, layer, unit)
    a, name = float(phase.activations[layer + 1][unit]), tex(problem, layer + 1, unit)
    short, z, shown = largest(found.products, MOST_TERMS), show(found.total), show(a)
    boxes: list[Box] = [Tex(f"z_{{{name}}}"), Gap(), Tex("="), Gap()]
    terms: list[tuple[str, ...]] = []
    for k in short.kept.tolist():
        weight, value = show(found.weights[k]), show(found.inputs[k])
        boxes += [*_plus(terms), Num(weight, bool(terms)), *TIMES, Num(value, True)]
        terms.append((weight, value))
    if short.others:
        rest = show(short.rest, sign=True)
        boxes += [*_plus(terms), Tex(rf"\text{{{short.others} more:}}"), Gap(), Num(rest)]
        terms.append((rest,))
    bias = show(found.bias)
    boxes += [*_signed(bias), *equals(adds_up([*terms, (bias,)], z)), Num(z)]
    all_z = phase.pre_activations[layer]
    others = [show(value) for value in all_z.tolist()] if len(all_z) <= _MOST_OUTPUTS else []
    second = (
        Tex(f"a_{{{name}}}"), Gap(), Tex("="), Gap(),
        *activation(problem.architecture.activations[layer], z, shown, others),
    )  # fmt: skip
    where = plain(problem, layer + 1, unit)
    return Formula(
        card.title,
        card.subtitle,
        card.stage,
        (tuple(boxes), second),
        forward_sentence(problem, focus, found, a),
        ((f"z of {where}", found.total, z), (f"a of {where}", a, shown), (f"b of {where}", found.bias, bias)),
    )


def _plus(terms: list[tuple[str, ...]]) -> list[Box]:
    return [Gap(breaks=True), Tex("+"), Gap()] if terms else []


def _signed(text: str) -> list[Box]:
    """A number at the end of a sum, behind its own sign."""
    negative = text.startswith("−")
    return [Gap(breaks=True), Tex("-" if negative else "+"), Gap(), Num(text[1:] if negative else text)]


# --- cost -----------------------------------------------------------------------------------------------------------
def _cost(problem: Problem, snapshot: Snapshot, phase: Phase, point: Point, card: Formula) -> Formula:
    if phase.targets is None or phase.loss is None:
        return card
    chosen = neuron_of(point)
    last = problem.architecture.layers - 1
    unit = chosen[1] if chosen is not None and chosen[0] == last else losses.worst(phase)
    y, a, error_of = float(phase.targets[unit]), float(phase.activations[-1][unit]), float(errors(phase)[unit])
    name = tex(problem, last + 1, unit)
    texts = [show(value) for value in (a, y, error_of)]
    error: Line = (
        Tex(f"a_{{{name}}} - y_{{{name}}}"), Gap(), Tex("="), Gap(), Num(texts[0]), *_signed_by(texts[1]),
        *equals(relation(_minus(texts[0], texts[1]), texts[2])), Num(texts[2]),
    )  # fmt: skip
    return Formula(
        card.title,
        card.subtitle,
        card.stage,
        (losses.line(problem, phase), error),
        cost_sentence(problem, phase, unit),
        (("cost", phase.loss, show(phase.loss)), (f"error of {plain(problem, last + 1, unit)}", error_of, texts[2])),
    )


def _signed_by(text: str) -> list[Box]:
    """Minus a number."""
    return [Gap(), Tex("-"), Gap(), Num(text, True)]


def _minus(first: str, second: str) -> Decimal | None:
    a, b = read(first), read(second)
    return None if a is None or b is None else a - b


# --- backward -------------------------------------------------------------------------------------------------------
def _backward(problem: Problem, snapshot: Snapshot, phase: Phase, point: Point, card: Formula) -> Formula:
    focus = backward_focus(problem, phase, point)
    if focus is None:
        return card
    layer, unit = focus
    deltas = phase.deltas[layer]
    assert deltas is not None
    name, delta = tex(problem, layer + 1, unit), float(deltas[unit])
    head: list[Box] = [Tex(rf"\delta_{{{name}}}"), Gap(), Tex("="), Gap()]
    last = layer == problem.architecture.layers - 1
    how = losses.delta(problem, phase, unit) if last else _returned(problem, snapshot, phase, focus)
    edge = weight_at(problem, focus, point)
    index = problem.architecture.weight_index(edge.layer, edge.source, edge.target)
    slope_of = float(phase.sample_gradient[index])
    texts = show(delta), show(float(phase.activations[layer][edge.source])), show(slope_of)
    source = tex(problem, layer, edge.source)
    gradient: Line = (
        Tex(rf"{{\partial}}C/{{\partial}}w_{{{source} {name}}}"), Gap(), Tex("="), Gap(),
        Num(texts[0]), *TIMES, Num(texts[1], True), *equals(product_of(texts[:2], texts[2])), Num(texts[2]),
    )  # fmt: skip
    where = plain(problem, layer + 1, unit)
    return Formula(
        card.title,
        card.subtitle,
        card.stage,
        ((*head, *how), gradient),
        backward_sentence(problem, phase, focus),
        (
            (f"δ of {where}", delta, texts[0]),
            (f"∂C/∂w of {plain(problem, layer, edge.source)} → {where}", slope_of, texts[2]),
        ),
    )


def _returned(problem: Problem, snapshot: Snapshot, phase: Phase, focus: tuple[int, int]) -> tuple[Box, ...]:
    layer, unit = focus
    found = returning(problem, snapshot.state.theta, phase, layer, unit)
    short = largest(found.products, MOST_TERMS)
    boxes: list[Box] = []
    terms: list[tuple[str, ...]] = []
    for k in short.kept.tolist():
        value = show(found.products[k])
        boxes += [*_plus(terms), Num(value, bool(terms))]
        terms.append((value,))
    if short.others:
        rest = show(short.rest, sign=True)
        boxes += [*_plus(terms), Tex(rf"\text{{{short.others} more:}}"), Gap(), Num(rest)]
        terms.append((rest,))
    if len(terms) > 1:
        boxes = [Tex("("), *boxes, Tex(")")]
    a = float(phase.activations[layer + 1][unit])
    name = problem.architecture.activations[layer]
    factor = slope(name, float(phase.pre_activations[layer][unit]), a)
    shown, summed = show(found.delta), total(terms)
    whole = None if summed is None or factor.value is None else summed * factor.value
    return (*boxes, *TIMES, *factor.boxes, *equals(relation(whole, shown)), Num(shown))


# --- update ---------------------------------------------------------------------------------------------------------
def _update(problem: Problem, snapshot: Snapshot, phase: Phase, point: Point, card: Formula) -> Formula:
    if phase.next_theta is None:
        return card
    index = parameter_of(problem, point)
    found = change(problem, snapshot.state, phase, index)
    layer, source, target = problem.architecture.ends_of(index)
    name = tex(problem, layer + 1, target)
    letter = f"b_{{{name}}}" if source is None else f"w_{{{tex(problem, layer, source)} {name}}}"
    old, difference, new = changed(found.old, found.difference, found.new)
    kind = kind_of(problem.experiment.learning.optimizer)
    lines: list[Line] = []
    if not found.held:
        lines.append(
            _descent(problem, found, letter, show(found.difference)) if kind == "sgd" else (Tex(UPDATE_TEX[kind]),)
        )
    stepped: Line = (
        Tex(letter), Gap(), Tex(r"\leftarrow"), Gap(), Num(old), *_signed(difference),
        *equals(adds_up([(old,), (difference,)], new)), Num(new),
    )  # fmt: skip
    lines.append(stepped)
    return Formula(
        card.title,
        card.subtitle,
        card.stage,
        tuple(lines),
        update_sentence(problem, found, phase.batch, bias=source is None),
        (("old", found.old, old), ("difference", found.difference, difference), ("new", found.new, new)),
    )


def _descent(problem: Problem, found: Change, letter: str, difference: str) -> Line:
    """Plain gradient descent, with what regulariser and clipping make of the gradient."""
    rate = f"{problem.experiment.learning.optimizer.learning_rate:.6g}"
    gradient, addition, share = show(found.gradient), show(found.penalty), show(found.shortened)
    boxes: list[Box] = [Tex(rf"\Delta {letter}"), Gap(), Tex("="), Gap(), Num(f"−{rate}"), *TIMES]
    value = read(gradient)
    if found.penalty:
        boxes += [Tex("("), Num(gradient), *_signed(addition), Tex(")")]
        more = read(addition)
        value = None if value is None or more is None else value + more
    else:
        boxes += [Num(gradient, True)]
    factors = [Decimal(rate).copy_negate(), value]
    if found.shortened < 1:
        boxes += [*TIMES, Num(share)]
        factors.append(read(share))
    result: Decimal | None = Decimal(1)
    for factor in factors:
        result = None if result is None or factor is None else result * factor
    return (*boxes, *equals(relation(result, difference)), Num(difference))
