"""Values of JSON made safe and plain: every string tidied, nested text in its order, numbers of any length."""

from collections.abc import Iterator
from typing import Any

from tasks.clean.decode import tidy
from tasks.clean.folding import fold

DEEPEST = 40
"""Levels of nesting that are read; the dumps of real tools have up to five."""
_DIGITS = 300
"""Digits of the longest whole number kept exact: any longer one is beyond every date and address."""
_DESCRIBING = frozenset(("type", "@type", "_type", "kind", "id", "_id", "url", "href", "src", "lang", "language", "style", "class", "key"))
"""Keys of an object that say what its text is, and hold none of it."""


def tidied(value: Any, depth: int = 0) -> Any:
    """Return the value with every string in it tidied (see `decode.tidy`), so that all of it can be stored; deeper than DEEPEST is None."""
    if isinstance(value, str):
        return tidy(value)
    if depth >= DEEPEST and isinstance(value, list | dict):
        return None
    if isinstance(value, list):
        return [tidied(part, depth + 1) for part in value]
    if isinstance(value, dict):
        return {tidy(key): tidied(part, depth + 1) for key, part in value.items()}
    return value


def text_pieces(value: Any) -> list[str]:
    """Return the readable strings in a value, lists and objects in their order; what only describes a block is left out."""
    return [text for text in _strings(value) if text.strip()]


def declared_code(language: str | None) -> str | None:
    """Return a declared language (`fr`, `en-GB`) as ISO 639-1, or None; three-letter codes and names are left alone."""
    code = fold(language or "").replace("_", "-").split("-")[0]
    return code if len(code) == 2 and code.isascii() and code.isalpha() else None


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _strings(part)
    elif isinstance(value, dict):
        for key, part in value.items():
            if key not in _DESCRIBING:
                yield from _strings(part)


def whole_number(digits: str) -> int | float:
    """Return the number that JSON's digits mean; one beyond all use is infinite, where `int` would refuse to read it."""
    return int(digits) if len(digits) <= _DIGITS else float(digits)
