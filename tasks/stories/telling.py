"""How a story is told: its headline, and how many tell it independently of each other."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from tasks.dedupe.groups import Order, groups_of

TITLE_CHARACTERS = 120
"""Length of a headline made of a first sentence, about the longest that papers print."""
_SENTENCE_END = re.compile(r"(?:(?<=[.!?…。])|(?<=[.!?…。][»”\"]))\s|\n")


class Teller(NamedTuple):
    """An article of a story: its place in the order of publication, and how well it stands for the story."""

    article_id: UUID
    order: Order
    source: str
    agency: tuple[str, ...]
    title: str | None
    opening: str
    """The first characters of its text; needed only where no article of the story has a title."""
    score: float


def headline(tellers: Sequence[Teller]) -> str | None:
    """Return the title of the article most like all others of the story, the earliest of equals.

    Where no article has a title: the first sentence of the earliest. Nothing is made up.
    """
    titled = [teller for teller in tellers if teller.title]
    if titled:
        return min(titled, key=lambda teller: (-round(teller.score, 6), teller.order)).title
    return first_sentence(min(tellers, key=lambda teller: teller.order).opening)


def first_sentence(text: str) -> str | None:
    """Return the first sentence of a text, cut between words where it is longer than a headline; None for no text."""
    sentence = _SENTENCE_END.split(text.strip(), maxsplit=1)[0].strip()
    if len(sentence) <= TITLE_CHARACTERS:
        return sentence or None
    cut = sentence[: TITLE_CHARACTERS + 1]
    return f"{cut.rsplit(maxsplit=1)[0] if ' ' in cut else cut[:TITLE_CHARACTERS]}…"


def independent_sources(tellers: Sequence[Teller], related: Iterable[tuple[UUID, UUID]]) -> int:
    """Return how many sources tell a story with words of their own; see `independent_tellings`."""
    return len(_together(tellers, related))


def independent_tellings(tellers: Sequence[Teller], related: Iterable[tuple[UUID, UUID]]) -> list[list[UUID]]:
    """Return the articles of a story in groups of which each tells it with words of its own.

    Articles of one source, articles of which one copies or holds the other, and articles credited to one agency
    count once together.
    """
    return [[member for member in group if isinstance(member, UUID)] for group in _together(tellers, related)]


def _together(tellers: Sequence[Teller], related: Iterable[tuple[UUID, UUID]]) -> list[list[object]]:
    ids = {teller.article_id for teller in tellers}
    links: list[tuple[object, object]] = [pair for pair in related if pair[0] in ids and pair[1] in ids]
    for teller in tellers:
        links.append((teller.article_id, ("source", teller.source)))
        links.extend((teller.article_id, ("agency", agency)) for agency in teller.agency)
    return groups_of(links)
