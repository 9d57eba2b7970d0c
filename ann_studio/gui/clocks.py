"""The clocks of a race in words."""

from __future__ import annotations

from ann_studio.engine.messages import Clock

#: What each clock counts.
UNITS = {Clock.EPOCHS: "epoch", Clock.UPDATES: "update", Clock.GRADIENTS: "gradient evaluation"}
_SHORT = 100_000  #: from here on a count has too many digits for any behind the point


def after(clock: Clock, reached: float) -> str:
    """``after 60 epochs``."""
    amount = f"{reached:,.6g}" if reached < _SHORT else f"{reached:,.0f}"
    return f"after {amount} {UNITS[clock]}{'' if reached == 1 else 's'}"
