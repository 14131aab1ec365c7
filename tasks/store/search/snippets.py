"""Where the words of a query stand in a text, and the stretch of it that shows most of them.

The store itself says where words are and how they are folded, so what is marked is what was found.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, chain
from typing import NamedTuple

from tasks.store.migrate import Connection

SNIPPET_CHARACTERS = 240  # three lines of a terminal
LEAD_CHARACTERS = 50
"""Characters before the first hit of a snippet, for its sense."""
FIRST_CHARACTERS = 200_000
"""Characters of a text that are looked at for a snippet: the words of longer ones are found, their place beyond is not shown."""
WORD = r"[\p{L}\p{N}\p{M}]+"
START, END = "\x02", "\x03"


class Unit(NamedTuple):
    """Words that stand side by side, folded; the last one may only begin so. `field`: title, text or both."""

    field: str | None
    words: tuple[str, ...]
    begins: bool

    def met(self, folded: Sequence[str]) -> bool:
        """Return whether these words are the unit's."""
        *first, last = self.words
        if len(folded) < len(self.words) or list(folded[:-1]) != first:
            return False
        return folded[-1].startswith(last) if self.begins else folded[-1] == last


class Marked(NamedTuple):
    """A text in pieces, each with whether it is a hit."""

    pieces: tuple[tuple[str, bool], ...]

    @property
    def plain(self) -> str:
        """The text alone."""
        return "".join(text for text, _ in self.pieces)

    @property
    def starred(self) -> str:
        """The text with **hits** between asterisks."""
        return "".join(f"**{text}**" if hit else text for text, hit in self.pieces)


class Words(NamedTuple):
    """The words of a text, folded, and the characters where each starts and ends."""

    folded: list[str]
    starts: list[int]
    ends: list[int]

    def add(self, folded: str, start: int, end: int) -> None:
        """Put a word behind the others."""
        self.folded.append(folded)
        self.starts.append(start)
        self.ends.append(end)


def mark(con: Connection, units: Sequence[Unit], articles: Sequence[tuple[str | None, str]]) -> list[tuple[Marked | None, Marked]]:
    """Return for each title and text the title marked, and the stretch of the text that shows most of the units marked."""
    texts = [text[:FIRST_CHARACTERS] for article in articles for text in (article[0] or "", article[1])]
    placed = _words(con, texts)
    found = []
    for number, (title, _) in enumerate(articles):
        titled = _marked(texts[2 * number], _hits(placed[2 * number], units, "title"))
        told = texts[2 * number + 1]
        hits = _hits(placed[2 * number + 1], units, "text")
        found.append((None if title is None else titled, _snippet(told, hits)))
    return found


def _words(con: Connection, texts: Sequence[str]) -> list[Words]:
    """Return the words of each text, split by the rules of the index."""
    rows = con.execute(
        f"""SELECT regexp_replace(translate(text, chr(2) || chr(3), '  '), '{WORD}', chr(2) || '\\0' || chr(3), 'g')
        FROM (SELECT unnest(?::VARCHAR[]) AS text, generate_subscripts(?::VARCHAR[], 1) AS number) ORDER BY number""",
        [list(texts), list(texts)],
    ).fetchall()
    split = [re.split(f"[{START}{END}]", marked) for (marked,) in rows]
    known = _folded(con, {word for parts in split for word in parts[1::2]})
    return [_placed(parts, known) for parts in split]


def _folded(con: Connection, runs: set[str]) -> dict[str, list[tuple[str, str]]]:
    """Return what each run of letters is in the index: its words, as they stand there and folded."""
    rows = con.execute(
        """SELECT run, lower(run), internal.search_fold(lower(run)), internal.search_unspaced(run)
        FROM (SELECT unnest(?::VARCHAR[]) AS run)""",
        [list(runs)],
    ).fetchall()
    return {run: [(plain, folded)] for run, plain, folded, unspaced in rows if not unspaced} | _unspaced(
        con, [run for run, _, _, unspaced in rows if unspaced]
    )


def _unspaced(con: Connection, runs: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Return the same for runs of several words. Most texts have none, and to prepare their splitting takes milliseconds."""
    if not runs:
        return {}
    rows = con.execute(
        """SELECT run, list_transform(internal.search_words(run), lambda word: [word, internal.search_fold(word)])
        FROM (SELECT unnest(?::VARCHAR[]) AS run)""",
        [runs],
    ).fetchall()
    return {run: [(plain, folded) for plain, folded in pairs] for run, pairs in rows}


def _placed(parts: Sequence[str], known: Mapping[str, Sequence[tuple[str, str]]]) -> Words:
    """Return the words of a text in parts: every second one is a run of letters."""
    placed = Words([], [], [])
    ends = list(accumulate(map(len, parts)))
    for run, end in zip(parts[1::2], ends[1::2], strict=True):
        words = known[run]
        start = end - len(run)
        if len(words) == 1:
            placed.add(words[0][1], start, end)
        else:
            _add_inside(placed, run.lower(), words, start)
    return placed


def _add_inside(placed: Words, run: str, words: Sequence[tuple[str, str]], at: int) -> None:
    """Add the words of a run of letters without spaces, of which each may begin within the one before."""
    start = 0
    for plain, folded in words:
        start = max(start, run.find(plain, start))
        placed.add(folded, at + start, at + start + len(plain))
        start += 1


def _hits(words: Words, units: Sequence[Unit], field: str) -> list[tuple[int, int, int]]:
    """Return start, end and unit of each hit in a field, in their order."""
    places: dict[str, list[int]] = {}
    for place, word in enumerate(words.folded):
        places.setdefault(word, []).append(place)
    hits = []
    for number, unit in enumerate(units):
        if unit.field in {None, field}:
            for place in _starts(unit, places):
                end = place + len(unit.words)
                if unit.met(words.folded[place:end]):
                    hits.append((words.starts[place], words.ends[end - 1], number))
    return sorted(hits)


def _starts(unit: Unit, places: Mapping[str, Sequence[int]]) -> Iterable[int]:
    """Return the places of the words that the unit's first one may be."""
    first = unit.words[0]
    if unit.begins and len(unit.words) == 1:
        return chain.from_iterable(found for word, found in places.items() if word.startswith(first))
    return places.get(first, ())


def _snippet(text: str, hits: Sequence[tuple[int, int, int]]) -> Marked:
    """Return the stretch of a text with the most different units, then the most hits; its beginning when there is none."""
    begin = _word_start(text, _best_start(hits) - LEAD_CHARACTERS) if hits else 0
    end = _word_end(text, begin + SNIPPET_CHARACTERS)
    shown = [(max(start, begin) - begin, min(stop, end) - begin, unit) for start, stop, unit in hits if start < end and stop > begin]
    marked = _marked(text[begin:end], shown)
    cut = ("…", False)
    return Marked((*([cut] if begin else []), *marked.pieces, *([cut] if end < len(text) else [])))


def _best_start(hits: Sequence[tuple[int, int, int]]) -> int:
    """Return where the best stretch has its first hit."""
    best, first, last = (0, 0), hits[0][0], 0
    near: Counter[int] = Counter()
    for start, _, unit in hits:
        while last < len(hits) and hits[last][1] <= start + SNIPPET_CHARACTERS - LEAD_CHARACTERS:
            near[hits[last][2]] += 1
            last += 1
        if (worth := (len(+near), near.total())) > best:
            best, first = worth, start
        near[unit] -= 1
    return first


def _word_start(text: str, near: int) -> int:
    """Return the place after the next space, so that no word is cut, or the given one where there is none."""
    if near <= 0:
        return 0
    space = re.compile(r"\s+").search(text, near, near + LEAD_CHARACTERS)
    return space.end() if space else near


def _word_end(text: str, near: int) -> int:
    """Return the place of the last space before, so that no word is cut, or the given one where there is none."""
    if near >= len(text):
        return len(text)
    space = max(text.rfind(" ", near - LEAD_CHARACTERS, near), text.rfind("\n", near - LEAD_CHARACTERS, near))
    return space if space > 0 else near


def _marked(text: str, hits: Sequence[tuple[int, int, int]]) -> Marked:
    pieces: list[tuple[str, bool]] = []
    done = 0
    for start, end, _ in hits:
        if end > done:
            if start > done:
                pieces.append((text[done:start], False))
            pieces.append((text[max(start, done) : end], True))
            done = end
    pieces.append((text[done:], False))
    return Marked(tuple((re.sub(r"\s+", " ", piece), hit) for piece, hit in pieces if piece))
