"""A child process works however the program was started, and hands back results, progress and errors."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ann_studio.storage.child import Cancelled, ChildDied, run_in_child

READ = """
from pathlib import Path
from ann_studio.storage.tables import load_table_in_child

def main():
    print(len(load_table_in_child(Path("table.csv")).lines))
"""
GUARD = "if __name__ == '__main__':\n    main()\n"
#: As pip writes it for ``ann-studio``; as ``python -m ann_studio`` runs it; at a prompt, where there is no main file.
STARTS: dict[str, tuple[str, str, list[str]]] = {
    "by a console script": ("start", READ + GUARD, ["start"]),
    "by python -m": ("package/__main__.py", READ + GUARD, ["-m", "package"]),
    "at a prompt": ("reader.py", READ, ["-c", "import reader; reader.main()"]),
}


@pytest.mark.parametrize("how", STARTS)
def test_a_child_works_however_the_program_was_started(how: str, tmp_path: Path) -> None:
    name, text, arguments = STARTS[how]
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "table.csv").write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
    done = subprocess.run([sys.executable, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("2", "")


def double(number: int, report: Callable[[int, int], None]) -> int:
    for done in range(3):
        report(done, 3)
    return 2 * number


def complain(words: str, report: object) -> None:
    raise LookupError(words)


def hand_back_what_cannot_travel(report: object) -> Callable[[], None]:
    return lambda: None


def test_the_result_and_all_progress_arrive_in_order() -> None:
    steps: list[tuple[int, int]] = []
    assert run_in_child(double, 21, progress=lambda *step: steps.append(step)) == 42
    assert steps == [(0, 3), (1, 3), (2, 3)]


def test_an_error_arrives_with_the_place_where_it_happened() -> None:
    with pytest.raises(LookupError, match="no such word") as caught:
        run_in_child(complain, "no such word")
    assert any("in complain" in note for note in caught.value.__notes__)


def test_an_answer_that_cannot_travel_is_no_silence(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ChildDied):
        run_in_child(hand_back_what_cannot_travel)
    assert "pickle" in capfd.readouterr().err


def test_who_cancels_before_the_beginning_gets_no_answer() -> None:
    with pytest.raises(Cancelled):
        run_in_child(double, 21, cancelled=lambda: True)


def test_what_the_callers_progress_raises_ends_the_child() -> None:
    def refuse(done: int, total: int) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_in_child(double, 21, progress=refuse)
