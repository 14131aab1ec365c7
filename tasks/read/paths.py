"""What a person typed -> the sources to read."""

import glob
from collections.abc import Iterable, Sequence
from pathlib import Path

from schemas.errors import UsageError
from tasks.read.formats import is_known, open_reader
from tasks.read.stream import BROKEN, ExpansionError


def expand_paths(arguments: Sequence[str]) -> list[Path]:
    """Return the files and folders that the arguments name, each once, sorted; what lies in a named folder comes with it.

    An argument that exists is taken as it is, also with `*` in its name; else it is a pattern (`*.jsonl`,
    `**`). UsageError for one that names nothing, and for a file, named in full, of no known format.
    """
    found: dict[Path, Path] = {}
    for argument in arguments:
        for path in _typed(argument) if _exists(argument) else _matches(argument):
            found.setdefault(path.resolve(), path)
    return sorted((path for place, path in found.items() if not found.keys() & set(place.parents)), key=Path.as_posix)


def _exists(argument: str) -> bool:
    try:
        return argument != "" and Path(argument).exists()
    except OSError:  # a name too long for the system, or behind a folder that is closed to us
        return False


def _typed(argument: str) -> list[Path]:
    path = Path(argument)
    if path.is_dir():
        return [path]
    if not path.is_file():
        raise UsageError(f"'{argument}' is neither a file nor a folder.")
    _recognise(path)
    return [path]


def _recognise(path: Path) -> None:
    """Raise UsageError when no format can be recognised; a file that cannot be opened is left to the reading."""
    try:
        with path.open("rb") as stream:
            open_reader(path.name, stream, path.stat().st_size)
    except (OSError, ExpansionError, *BROKEN):
        return


def _matches(pattern: str) -> list[Path]:
    if not glob.has_magic(pattern):
        raise UsageError(f"There is no file or folder '{pattern}'; check the spelling and the folder you are in.")
    matches = [Path(match) for match in glob.glob(pattern, recursive=True)]  # noqa: PTH207  # Path.glob takes no absolute pattern
    folders = {path for path in matches if path.is_dir()}
    chosen = list(_outermost(folders)) + [path for path in matches if path.is_file() and is_known(path.name)]
    kept = [path for path in chosen if not folders.intersection(path.parents)]
    if not kept:
        raise UsageError(f"Nothing that wirehouse can read matches '{pattern}'.")
    return kept


def _outermost(folders: set[Path]) -> Iterable[Path]:
    return (path for path in folders if not folders.intersection(path.parents))
