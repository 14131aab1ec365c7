"""Texts in which every name is marked, for training and measuring: our own with inline marks, and token corpora of others."""

import gzip
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, cast

from schemas.labels import EntityKind

KINDS: tuple[EntityKind, ...] = ("PER", "ORG", "LOC")
_MARK = re.compile(r"\[(PER|ORG|LOC) ([^\[\]]+)\]")
_HEADLINE = "# "
_FINE = {
    **dict.fromkeys(("PERS", "PERSON", "POLITICIAN", "WRITER", "MUSICALARTIST", "SCIENTIST", "RESEARCHER"), "PER"),
    **dict.fromkeys(("COUNTRY", "LOCATION"), "LOC"),
    **dict.fromkeys(("ORGANISATION", "POLITICALPARTY", "UNIVERSITY", "BAND"), "ORG"),
    "HUMANPROD": "",
}
"""Finer kinds of some corpora, as ours."""
_SENTENCES_A_TEXT = 12
"""Corpora of single sentences are read as texts of so many, as a name is often said more than once in one article."""
_LEAST_SENTENCE = 12  # words: a full stop ends a sentence of a corpus that does not part them
_NO_SPACE_BEFORE = frozenset((*".,;:!?)”’'%…", "'s", "n't", "’s"))
_NO_SPACE_AFTER = ("(", "’", "'", "“", "«", "-", "¬")

Place = tuple[int, int, EntityKind]
"""Start and end of a name in code points, end exclusive, and its kind."""


class Annotated(NamedTuple):
    """A text with the places of all its names; the title of an article stands apart, '' where there is none."""

    title: str
    text: str
    title_names: tuple[Place, ...]
    names: tuple[Place, ...]


def read_marked(path: Path) -> Iterator[Annotated]:
    """Yield the articles of a file of ours: parted by blank lines, a headline after `# `, names as `[PER Ada Lund]`."""
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        lines = block.strip().splitlines()
        if not lines:
            continue
        title = lines.pop(0).removeprefix(_HEADLINE) if lines[0].startswith(_HEADLINE) else ""
        plain_title, title_names = _unmarked(title)
        text, names = _unmarked("\n\n".join(lines))
        yield Annotated(plain_title, text, title_names, names)


def _unmarked(marked: str) -> tuple[str, tuple[Place, ...]]:
    """Return a text without its marks, and where the names stand in it."""
    text, names, done = "", [], 0
    for mark in _MARK.finditer(marked):
        text += marked[done : mark.start()]
        names.append((len(text), len(text) + len(mark[2]), cast(EntityKind, mark[1])))
        text += mark[2]
        done = mark.end()
    return text + marked[done:], tuple(names)


def read_tokens(path: Path, word_column: int, tag_column: int) -> Iterator[Annotated]:
    """Yield the texts of a corpus of one word a line with its tag (IO, BIO, `O` for nothing), gzipped or not."""
    raw = path.read_bytes()
    lines = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode().splitlines()
    sentences = list(_sentences(lines, word_column, tag_column))
    for start in range(0, len(sentences), _SENTENCES_A_TEXT):
        yield _joined(sentences[start : start + _SENTENCES_A_TEXT])


def _sentences(lines: Iterable[str], word_column: int, tag_column: int) -> Iterator[list[tuple[str, str]]]:
    sentence: list[tuple[str, str]] = []
    for line in lines:
        cells = line.split("\t") if "\t" in line else line.split(" ")
        ends = not line.strip() or len(cells) <= tag_column
        if line.startswith(("#", "TOKEN\t")) and not ends:
            continue
        if not ends:
            sentence.append((cells[word_column], cells[tag_column]))
            ends = cells[word_column] == "." and len(sentence) > _LEAST_SENTENCE
        if ends and sentence:
            yield sentence
            sentence = []
    if sentence:
        yield sentence


def _joined(sentences: Sequence[Sequence[tuple[str, str]]]) -> Annotated:
    """Return sentences as one text, its words put together as they are printed, a line for each sentence."""
    text, names = "", list[Place]()
    for sentence in sentences:
        text += "\n\n" if text else ""
        before = ""
        for word, tag in sentence:
            tight = text.endswith((*_NO_SPACE_AFTER, "\n\n")) or not text or word in _NO_SPACE_BEFORE
            text += word if tight else f" {word}"
            prefix, _, fine = tag.partition("-")
            kind = _FINE.get(fine.upper(), fine.upper())
            if kind in KINDS:
                start = len(text) - len(word)
                if prefix == "I" and kind == before and names:
                    start = names.pop()[0]
                names.append((start, len(text), kind))
            before = kind
    return Annotated("", text, (), tuple(names))
