"""Pages as tab-separated text, for a spreadsheet."""

from __future__ import annotations

import numpy as np

from ann_studio.gui.views.inspector.pages import EdgeNow, Layers, NeuronNow, Page, Past


def table_of(page: Page) -> str:
    """The numbers of a page, with all digits where it has them; empty if there are none."""
    if isinstance(page, NeuronNow):
        at = page.at
        rows = [(term.label, term.value) for term in page.terms]
        rows += [(f"{page.others[0]} more", page.others[1])] if page.others[0] else []
        rows += [("bias", at.bias), ("z", at.z), ("a", at.a), ("slope", at.slope)]
        return "\n".join(f"{label}\t{value!r}" for label, value in rows)
    if isinstance(page, EdgeNow):
        facts = [f"{fact.label} {fact.of}".strip() + f"\t{fact.value}" for fact in page.facts]
        return "\n".join([f"w\t{page.value!r}", *facts])
    if isinstance(page, Past):
        return _past_table(page)
    return _layers_table(page) if isinstance(page, Layers) else ""


def _past_table(page: Past) -> str:
    columns = [page.values] if page.bias is None else [page.values, page.bias[:, None]]
    names = [*page.labels] if page.bias is None else [*page.labels, "bias"]
    rows = zip(page.updates.tolist(), np.concatenate(columns, axis=1).tolist(), strict=True)
    lines = ["\t".join([str(update), *map(repr, values)]) for update, values in rows]
    return "\n".join(["\t".join(["update", *names]), *lines])


def _layers_table(page: Layers) -> str:
    """Counts of the present moment: layer, kind, ends of the bin, how many."""
    lines = ["layer\tkind\tfrom\tto\tcount"]
    history = page.history
    for layer, name in enumerate(page.names):
        kinds = (
            ("weights", history.weights),
            ("activations", history.activations),
            ("log10 gradient", history.gradients),
        )
        for kind, strips in kinds:
            strip = strips[layer]
            edges = strip.edges.tolist()
            counts = strip.counts[-1].tolist()
            lines.extend(f"{name}\t{kind}\t{edges[k]!r}\t{edges[k + 1]!r}\t{count}" for k, count in enumerate(counts))
    return "\n".join(lines)
