"""Experiments, states and their history: deterministic, without clock, thread, file or Qt."""
