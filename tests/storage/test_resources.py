"""Shipped files are found wherever the program is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from ann_studio.storage import resources


def test_the_package_comes_before_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package, checkout = tmp_path / "package", tmp_path / "checkout"
    for place in (package, checkout):
        place.mkdir()
        (place / "both.txt").write_text(place.name)
    (checkout / "one.txt").write_text("")
    monkeypatch.setattr(resources, "PLACES", (package, checkout))
    assert resources.resource("both.txt") == package / "both.txt"
    assert resources.resource("one.txt") == checkout / "one.txt"


def test_a_missing_file_is_named_with_the_remedy() -> None:
    with pytest.raises(FileNotFoundError, match=r"^resources/icons/nothing\.svg is missing .*: install"):
        resources.icon("nothing")


@pytest.mark.parametrize("suffix", ["", ".svg"])
def test_an_icon_is_found_with_and_without_its_suffix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    (tmp_path / "icons").mkdir()
    for name in ("play.svg", "play.png", "play"):
        (tmp_path / "icons" / name).write_text("")
    monkeypatch.setattr(resources, "PLACES", (tmp_path,))
    assert resources.icon("play" + suffix) == tmp_path / "icons" / "play.svg"


def test_experiments_are_listed_by_title_in_the_order_of_their_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "experiments").mkdir()
    for stem, text in {"2-b": '{"name": "Circle", "seed": 7}', "1-a": '{"name": "XOR"}', "3": "{}"}.items():
        (tmp_path / "experiments" / f"{stem}.json").write_text(text, "utf-8")
    monkeypatch.setattr(resources, "PLACES", (tmp_path,))
    listed = resources.experiments()
    assert [(title, file.name) for title, file in listed.items()] == [
        ("XOR", "1-a.json"),
        ("Circle", "2-b.json"),
        ("3", "3.json"),
    ]


def test_shipped_experiments_are_there_and_have_titles_of_their_own() -> None:
    listed = resources.experiments()
    assert len(listed) == len([*resources.resource("experiments").glob("*.json")]) > 0


def test_shipped_icons_are_there() -> None:
    assert [*resources.resource("icons").iterdir()]
