"""Run import-linter on planted violations: a child process of `test_planted_imports`, in a copy of the checkout.

Reads from standard input a JSON object ``{plant: {file: code}}`` and writes ``{plant: [names of broken contracts]}``,
or ``{plant: "what import-linter said"}`` where it did not come to a verdict. One process serves all plants, because
importing import-linter takes longer than running it.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
from pathlib import Path

from importlinter.api import read_configuration
from importlinter.cli import lint_imports


def verdict(names: list[str]) -> list[str] | str:
    """Names of the contracts that the package in the working folder breaks."""
    with contextlib.redirect_stdout(io.StringIO()) as said:
        lint_imports(config_filename="pyproject.toml", no_logo=True)
    text = said.getvalue()
    verdicts = {name: re.search(rf"^{re.escape(name)} (KEPT|BROKEN)", text, re.MULTILINE) for name in names}
    if any(match is None for match in verdicts.values()):
        return text
    return [name for name, match in verdicts.items() if match and match[1] == "BROKEN"]


def planted(files: dict[str, str], names: list[str]) -> list[str] | str:
    """The verdict while `code` stands at the end of each file."""
    before = {file: Path(file).read_text("utf-8") if Path(file).exists() else None for file in files}
    try:
        for file, code in files.items():
            Path(file).write_text((before[file] or '"""Planted."""\n') + "\n" + code + "\n", "utf-8")
        return verdict(names)
    finally:
        for file, text in before.items():
            Path(file).unlink() if text is None else Path(file).write_text(text, "utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    names = [contract["name"] for contract in read_configuration("pyproject.toml")["contracts_options"]]
    plants = json.load(sys.stdin)
    json.dump({plant: planted(files, names) for plant, files in plants.items()}, sys.stdout)
