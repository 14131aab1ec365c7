"""Text made comparable: lower case, no accents, straight apostrophes, plain spaces, and the same length.

Every rule file is written and compared in this form. One character stays one character, so a position
found in the folded line is the same position in the printed line.
"""

import unicodedata

_SIGNS = {"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "‒": "-", "―": "-", "…": "."}
_QUOTES = "«»“”„‟"


class _Table(dict[int, int]):
    """A translation table that works out a character when it is first met."""

    def __missing__(self, code: int) -> int:
        self[code] = folded = ord(_fold_character(chr(code)))
        return folded


def _fold_character(char: str) -> str:
    if char in _SIGNS:
        return _SIGNS[char]
    if char in _QUOTES:
        return '"'
    if char.isspace():
        return " "
    base = unicodedata.normalize("NFD", char)[0].lower()
    return base if len(base) == 1 else char


_TABLE = _Table()


def fold(text: str) -> str:
    """Return the text folded, with as many characters as before."""
    return text.translate(_TABLE)


def core(folded: str) -> str:
    """Return a folded line without the bullets, arrows, brackets and stops around it."""
    start, end = 0, len(folded)
    while start < end and not folded[start].isalnum():
        start += 1
    while end > start and not folded[end - 1].isalnum():
        end -= 1
    return folded[start:end]


def squeeze(text: str) -> str:
    """Return the text with every run of white space as one blank and none at the ends."""
    return " ".join(text.split())
