"""Compiled kernels are found again as long as no source of theirs has changed."""

from __future__ import annotations

import pkgutil

import pytest

from ann_studio.analysis.kernels import relief
from ann_studio.nn import kernels
from ann_studio.nn.kernels import compiled, elementary, tile


def test_what_other_sources_have_made_is_not_taken(monkeypatch):
    files = kernels.train._cache._cache_file
    assert files._load_index()
    monkeypatch.setattr(files, "_source_stamp", "another")
    assert files._load_index() == {}


def test_a_full_disk_is_no_reason_to_stop(monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    compiled._if_there_is_room(full)(None, None)


def test_every_kernel_asks_for_the_sources_of_all():
    for kernel in (kernels.train, kernels.mean_loss, tile.forward_tile, elementary.tanh):
        assert kernel._cache._cache_file._source_stamp == compiled._stamp()


def test_a_kernel_of_another_package_asks_for_the_sources_of_that_too():
    stamp = relief.hide._cache._cache_file._source_stamp
    assert stamp == compiled._stamp("ann_studio.analysis.kernels") != compiled._stamp()


@pytest.mark.parametrize(
    ("package", "changes"),
    [
        ("ann_studio.nn.kernels", ("tile.py", "lanes.py", "losses.py")),
        ("ann_studio.analysis.kernels", ("tile.py", "lanes.py", "losses.py", "relief.py")),
    ],
)
def test_the_stamp_is_another_one_when_any_source_is_another(monkeypatch, package, changes):
    stamp, read = compiled._stamp.__wrapped__, pkgutil.get_data
    stamps = {stamp(package)}
    for changed in changes:
        monkeypatch.setattr(
            pkgutil, "get_data", lambda package, name, changed=changed: read(package, name) + b"#" * (name == changed)
        )
        stamps.add(stamp(package))
    assert len(stamps) == len(changes) + 1
