"""What is wrong with a run and what helps: pure functions, each with its evidence in numbers.

`diagnose` looks for one illness after another and states the first; `treat` tries the remedies on a copy.
"""

from __future__ import annotations

from ann_studio.analysis.diagnosis.examination import KINDS, diagnose
from ann_studio.analysis.diagnosis.hints import Case, Finding, Hint, Remedy
from ann_studio.analysis.diagnosis.treatment import treat

__all__ = ["KINDS", "Case", "Finding", "Hint", "Remedy", "diagnose", "treat"]
