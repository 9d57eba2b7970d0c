"""Compiled kernels are found again as long as no source of theirs has changed."""

from __future__ import annotations

import pkgutil

from ann_studio.nn import kernels
from ann_studio.nn.kernels import compiled, elementary, tile


def test_every_kernel_asks_for_the_sources_of_all():
    for kernel in (kernels.train, kernels.mean_loss, tile.forward_tile, elementary.tanh):
        assert kernel._cache._cache_file._source_stamp == compiled._STAMP


def test_the_stamp_is_another_one_when_any_source_is_another(monkeypatch):
    stamps, read = {compiled._stamp()}, pkgutil.get_data
    for changed in ("tile.py", "lanes.py", "losses.py"):
        monkeypatch.setattr(
            pkgutil, "get_data", lambda package, name, changed=changed: read(package, name) + b"#" * (name == changed)
        )
        stamps.add(compiled._stamp())
    assert len(stamps) == 4
