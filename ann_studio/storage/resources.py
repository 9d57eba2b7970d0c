"""The files that the program brings along: icons, data sets, experiments."""

from __future__ import annotations

from pathlib import Path

import msgspec

_PACKAGE = Path(__file__).parents[1]
#: In an installed program the resources lie in the package, in a checkout beside it.
PLACES = (_PACKAGE / "resources", _PACKAGE.parent / "resources")


class _Titled(msgspec.Struct):
    """What of an experiment file its title is made from."""

    name: str = ""


def resource(*parts: str) -> Path:
    """Path of a shipped file or folder, such as ``resource("datasets", "iris.csv")``.

    Parameters
    ----------
    parts
        Names below ``resources/``; none for that folder itself.

    Raises
    ------
    FileNotFoundError
        If the program was installed without it.
    """
    for place in PLACES:
        path = place.joinpath(*parts)
        if path.exists():
            return path
    name = "/".join(("resources", *parts))
    raise FileNotFoundError(f"{name} is missing from this installation of ANN Studio: install the program again.")


def icon(name: str) -> Path:
    """Path of the icon `name`, with or without its suffix; SVG before PNG.

    Raises
    ------
    FileNotFoundError
        If there is no such icon.
    """
    names = (f"{name}.svg", f"{name}.png", name)
    folder = resource("icons")
    found = next((each for each in names if (folder / each).is_file()), names[0])
    return resource("icons", found)


def experiments() -> dict[str, Path]:
    """The shipped experiments in the order of their file names, which is that of the menu.

    Returns
    -------
    dict
        From title to file. The title is the ``name`` in the file, else the file's own name.

    Raises
    ------
    FileNotFoundError
        If the program was installed without them.
    """
    files = sorted(resource("experiments").glob("*.json"))
    return {msgspec.json.decode(file.read_bytes(), type=_Titled).name or file.stem: file for file in files}
