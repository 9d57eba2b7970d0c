"""How the costs are written, and δ of the outputs: with numbers, for each loss and output activation."""

from __future__ import annotations

import math

import numpy as np

from ann_studio.gui.views.microscope.arithmetic import read, relation
from ann_studio.gui.views.microscope.rules import TIMES, equals, show, slope
from ann_studio.gui.views.microscope.typeset import Box, Frac, Gap, Line, Num, Raised, Tex
from ann_studio.learning.inside import errors, largest, loss_slope, loss_terms
from ann_studio.learning.problem import Problem
from ann_studio.learning.state import Phase

_MOST_TERMS = 3
GENERAL = {
    "mse": r"C = \frac{1}{2} \sum_k (a_k - y_k)^2",
    "mae": r"C = \sum_k |a_k - y_k|",
    "huber": r"C = \sum_k H(a_k - y_k)",
    "binary_cross_entropy": r"C = -\sum_k (y_k \ln a_k + (1 - y_k) \ln(1 - a_k))",
    "cross_entropy": r"C = -\sum_k y_k \ln a_k",
}
_PLAIN = {
    "mse": "C = ½ Σ (a − y)²",
    "mae": "C = Σ |a − y|",
    "huber": "C = Σ H(a − y): ½ e² up to 1, then |e| − ½",
    "binary_cross_entropy": "C = −Σ (y ln a + (1 − y) ln(1 − a))",
    "cross_entropy": "C = −Σ y ln a",
}
_SLOPE = {"mse": "(a − y)", "mae": "sign(a − y)", "huber": "H′(a − y)"}


def plain(problem: Problem) -> str:
    """The cost in general, as plain text."""
    return _PLAIN.get(str(problem.experiment.learning.loss), "")


def delta_plain(problem: Problem) -> str:
    """δ of the output in general, as plain text."""
    loss, output = str(problem.experiment.learning.loss), problem.architecture.activations[-1]
    if loss not in _SLOPE:
        return "δ = a − y"
    if output == "softmax":
        return "δ = a·(g − Σ g·a),  g = ∂C/∂a"
    return f"δ = {_SLOPE[loss]} · f′(z)"


def worst(phase: Phase) -> int:
    """The output that is furthest from its target."""
    return int(np.abs(errors(phase)).argmax())


def line(problem: Problem, phase: Phase) -> Line:
    """``C = ½ ((0.741)² + (−0.217)²) = 0.298``; the largest terms of many outputs, and the rest."""
    assert phase.targets is not None
    assert phase.loss is not None
    loss, shown = str(problem.experiment.learning.loss), show(phase.loss)
    terms = loss_terms(problem, phase)
    short = largest(terms, _MOST_TERMS)
    head: list[Box] = [Tex("C"), Gap(), Tex("="), Gap()]
    texts = [show(float(value)) for value in errors(phase)[short.kept]]
    values = [read(text) for text in texts]
    if loss == "mse" and not short.others and all(value is not None for value in values):
        inside: list[Box] = []
        plus: list[Box] = [Gap(), Tex("+"), Gap()]
        for k, text in enumerate(texts):
            inside += [*(plus if k else []), Num(text, True), Raised((Num("2"),))]
        if len(texts) > 1:
            inside = [Tex("("), *inside, Tex(")")]
        squares = sum((value * value for value in values if value is not None), start=read("0") or 0)
        half = Frac((Num("1"),), (Num("2"),))
        return (*head, half, Gap(0.15), *inside, *equals(relation(squares / 2, shown)), Num(shown))
    if loss == "cross_entropy" and int(np.count_nonzero(phase.targets)) == 1:
        unit = int(phase.targets.argmax())
        if phase.targets[unit] == 1.0:
            a = show(float(phase.activations[-1][unit]))
            sign = _log_sign(a, shown)
            return (*head, Tex(r"-\ln"), Gap(0.15), Num(a), *equals(sign), Num(shown))
    if not short.others and len(terms) <= 2:
        written = [_term(loss, phase, k, len(terms) > 1) for k in range(len(terms))]
        if all(each is not None for each in written):
            return (*head, *_joined([each for each in written if each is not None], shown))
    return (*head, *_summed(terms, short.kept.tolist(), short.others, short.rest, shown))


def _term(loss: str, phase: Phase, unit: int, several: bool) -> tuple[tuple[Box, ...], float] | None:
    """What one output costs, with its numbers, and what the shown digits come to; None where it is not written out."""
    assert phase.targets is not None
    a, error = show(float(phase.activations[-1][unit])), show(float(errors(phase)[unit]))
    value, size = read(a), read(error)
    if loss == "mae" and size is not None:
        return (Tex("|"), Num(error), Tex("|")), abs(float(size))
    if loss == "huber" and size is not None:
        e = abs(float(size))
        return (Tex("H("), Num(error), Tex(")")), 0.5 * e * e if e < 1 else e - 0.5
    y = float(phase.targets[unit])
    if loss != "binary_cross_entropy" or y not in (0.0, 1.0) or value is None:
        return None
    inside = float(value) if y == 1.0 else 1.0 - float(value)
    boxes: tuple[Box, ...] = (Num(a),) if y == 1.0 else (Tex("(1-"), Num(a), Tex(")"))
    found = -math.log(inside) if inside > 0 else math.inf
    written = (Tex(r"-\ln"), Gap(0.15), *boxes)
    return ((Tex("("), *written, Tex(")")) if several else written), found


def _joined(written: list[tuple[tuple[Box, ...], float]], shown: str) -> tuple[Box, ...]:
    boxes: list[Box] = []
    plus: list[Box] = [Gap(breaks=True), Tex("+"), Gap()]
    for k, (each, _) in enumerate(written):
        boxes += [*(plus if k else []), *each]
    return (*boxes, *equals(relation(math.fsum(value for _, value in written), shown)), Num(shown))


def _summed(terms: np.ndarray, kept: list[int], others: int, rest: float, shown: str) -> tuple[Box, ...]:
    """What each output costs, and all of it together."""
    texts = [show(float(terms[k])) for k in kept] + ([show(rest)] if others else [])
    values = [read(text) for text in texts]
    boxes: list[Box] = []
    for k, text in enumerate(texts):
        boxes += [Gap(breaks=True), Tex("+"), Gap()] if k else []
        if others and k == len(texts) - 1:
            boxes += [Tex(rf"\text{{{others} more:}}"), Gap()]
        boxes.append(Num(text, bool(k)))
    if len(texts) == 1:
        return (Num(shown),)
    summed = None if any(value is None for value in values) else sum(v for v in values if v is not None)
    return (*boxes, *equals(relation(summed, shown)), Num(shown))


def _log_sign(a: str, shown: str) -> str:
    value = read(a)
    return relation(None if value is None or value <= 0 else float(-np.log(float(value))), shown)


def delta(problem: Problem, phase: Phase, unit: int) -> tuple[Box, ...]:
    """What follows ``δ =`` of an output."""
    assert phase.targets is not None
    deltas = phase.deltas[-1]
    assert deltas is not None
    output, shown = problem.architecture.activations[-1], show(float(deltas[unit]))
    a, y = show(float(phase.activations[-1][unit])), show(float(phase.targets[unit]))
    g = loss_slope(problem, phase)
    if g is None:
        return _difference(phase, output, a, y, shown)
    if output == "softmax":
        return _through_softmax(phase, unit, g, a, shown)
    outer = show(float(g[unit]))
    factor = slope(output, float(phase.pre_activations[-1][unit]), float(phase.activations[-1][unit]))
    first = read(outer)
    value = None if first is None or factor.value is None else first * factor.value
    return (Num(outer), *TIMES, *factor.boxes, *equals(relation(value, shown)), Num(shown))


def _difference(phase: Phase, output: str, a: str, y: str, shown: str) -> tuple[Box, ...]:
    """``a − y``; targets that are no distribution scale a softmax by their sum."""
    assert phase.targets is not None
    first, second = read(a), read(y)
    boxes: tuple[Box, ...] = (Num(a), Gap(), Tex("-"), Gap(), Num(y, True))
    if output == "softmax" and float(phase.targets.sum()) != 1.0:
        whole = show(float(phase.targets.sum()))
        factor = read(whole)
        boxes = (Num(whole), *TIMES, *boxes)
        first = None if first is None or factor is None else first * factor
    value = None if first is None or second is None else first - second
    return (*boxes, *equals(relation(value, shown)), Num(shown))


def _through_softmax(phase: Phase, unit: int, g: np.ndarray, a: str, shown: str) -> tuple[Box, ...]:
    """``a (g − Σ g·a)``: each output of a softmax depends on every z."""
    own, mean = show(float(g[unit])), show(float(g @ phase.activations[-1]))
    first, outer, inner = read(a), read(own), read(mean)
    value = None if first is None or outer is None or inner is None else first * (outer - inner)
    inside = (Tex("("), Num(own), Gap(), Tex("-"), Gap(), Num(mean, True), Tex(")"))
    return (Num(a), *TIMES, *inside, *equals(relation(value, shown)), Num(shown))
