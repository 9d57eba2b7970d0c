"""A file appears whole or not at all, and what was there before stays until then."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from ann_studio.storage import atomic
from ann_studio.storage.atomic import WriteError, refusal, replacing, write_atomically

posix = pytest.mark.skipif(os.name == "nt", reason="rights and devices of POSIX")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_text_is_written_as_it_is(tmp_path):
    write_atomically(tmp_path / "a.txt", "größer\r\nund\n")
    assert (tmp_path / "a.txt").read_bytes() == "größer\r\nund\n".encode()


def test_until_the_block_has_gone_well_the_earlier_file_is_there(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("earlier")
    with replacing(path) as temporary:
        temporary.write_text("later")
        assert path.read_text() == "earlier"
    assert path.read_text() == "later"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("end", [ValueError, KeyboardInterrupt, SystemExit])
def test_whatever_ends_the_block_leaves_the_earlier_file_alone(end, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("earlier")

    def half() -> None:
        with replacing(path) as temporary:
            temporary.write_text("hal")
            raise end

    with pytest.raises(end):
        half()
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]
    assert path.read_text() == "earlier"


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path, monkeypatch):
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(ZeroDivisionError, match=r"a\.txt: cannot be written \(No space left on device\); choose"):
        write_atomically(tmp_path / "a.txt", "text", ZeroDivisionError)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_too_long_is_one_line(tmp_path):
    with pytest.raises(WriteError, match="cannot be written"):
        write_atomically(tmp_path / ("x" * 300), "text")
    assert list(tmp_path.iterdir()) == []


@posix
def test_a_new_file_may_be_read_by_whom_the_user_lets(tmp_path):
    (tmp_path / "plain.txt").touch()
    write_atomically(tmp_path / "a.txt", "text")
    assert mode(tmp_path / "a.txt") == mode(tmp_path / "plain.txt")


@posix
def test_the_rights_of_an_earlier_file_are_kept(tmp_path):
    path = tmp_path / "a.txt"
    path.touch()
    path.chmod(0o640)
    write_atomically(path, "text")
    assert mode(path) == 0o640


@posix
def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "link.txt").symlink_to(tmp_path / "there" / "a.txt")
    for text in ("new", "newer"):
        write_atomically(tmp_path / "link.txt", text)
        assert (tmp_path / "link.txt").is_symlink()
        assert (tmp_path / "there" / "a.txt").read_text() == text


@posix
def test_a_device_or_a_pipe_is_not_replaced_by_a_file(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(WriteError, match="this is no ordinary file"):
        write_atomically(pipe, "text")
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert refusal(Path("/dev/null")) == "this is no ordinary file; choose another name"


@posix
@pytest.mark.skipif(os.name != "nt" and os.geteuid() == 0, reason="nothing is forbidden to this user")
def test_a_protected_file_and_a_protected_folder_are_told_before_the_work(tmp_path):
    path = tmp_path / "a.txt"
    path.touch()
    path.chmod(0o444)
    assert "may not be written to" in str(refusal(path))
    path.chmod(0o644)
    tmp_path.chmod(0o555)
    assert "may not be written to" in str(refusal(tmp_path / "b.txt"))
    tmp_path.chmod(0o755)


def test_a_place_that_will_do_is_not_refused(tmp_path, monkeypatch):
    (tmp_path / "a.txt").touch()
    monkeypatch.chdir(tmp_path)
    assert [refusal(Path(name)) for name in ("a.txt", "b.txt", "./c.txt")] == [None, None, None]
