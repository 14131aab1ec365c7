"""The annotated development pages and the scores of what a system finds in them.

Scores by the rule of the data: an annotated piece of the body that comes out is a true positive, a piece of what stands
around it that comes out a false one, white space collapsed. Titles must be equal but for white space and soft hyphens. A date counts by
its day in the zone that the page states. Names are compared folded, one by one.
"""

import gzip
import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tasks.clean.folding import core, fold

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "extraction"
DRAWS = 2000

Counts = tuple[int, int, int]
"""True positives, false positives, false negatives."""


@dataclass(frozen=True)
class Page:
    """A page with its annotation."""

    gold: dict[str, Any]
    body: bytes

    @property
    def url(self) -> str | None:
        """The page's address, if its key is one."""
        return self.gold["url"] if self.gold["url"].startswith("http") else None

    @cached_property
    def half(self) -> int:
        """0 or 1, the same for all pages of a host."""
        host = urlsplit(self.gold["url"]).hostname or self.gold["url"]
        return int(hashlib.sha256(host.encode()).hexdigest(), 16) % 2


@dataclass(frozen=True, slots=True)
class Result:
    """What a system finds in a page."""

    text: str = ""
    title: str | None = None
    authors: tuple[str, ...] = ()
    date: str | None = None


class Dates(NamedTuple):
    """Precision and recall on dated pages; how many of the undated ones were given a date."""

    precision: float
    recall: float
    invented: int
    undated: int


def pages(limit: int | None) -> list[Page]:
    """Return the development pages, the first `limit` of them."""
    with gzip.open(FOLDER / "gold.jsonl.gz", "rt", encoding="utf-8") as lines:
        gold = [json.loads(line) for line in lines][:limit]
    return [Page(entry, gzip.decompress((FOLDER / entry["file"]).read_bytes())) for entry in gold]


def body_counts(page: Page, result: Result) -> Counts:
    """Return the counts of a body."""
    text = " ".join(result.text.split())
    hits = sum(" ".join(piece.split()) in text for piece in page.gold["with"])
    false = sum(" ".join(piece.split()) in text for piece in page.gold["without"])
    return hits, false, len(page.gold["with"]) - hits


def f1(counts: Sequence[Counts]) -> float:
    """Return the F1 of summed counts."""
    hits, false, missed = (sum(one[n] for one in counts) for n in range(3))
    return 2 * hits / max(2 * hits + false + missed, 1)


def interval(one: Sequence[Counts], other: Sequence[Counts]) -> tuple[float, float]:
    """Return the 95 % interval of the difference of two F1 over the same pages, by a paired bootstrap."""
    draw = random.Random(7)
    size = range(len(one))
    gains = []
    for _ in range(DRAWS):
        chosen = draw.choices(size, k=len(one))
        gains.append(f1([one[i] for i in chosen]) - f1([other[i] for i in chosen]))
    gains.sort()
    return gains[int(0.025 * DRAWS)], gains[int(0.975 * DRAWS)]


def title_share(among: Sequence[Page], results: Sequence[Result]) -> float:
    """Return the share of annotated titles that are found exactly."""
    titled = [
        (_plain(page.gold["title"]), _plain(found.title)) for page, found in zip(among, results, strict=True) if page.gold.get("title")
    ]
    return sum(wanted == title for wanted, title in titled) / max(len(titled), 1)


def _plain(title: str | None) -> str:
    return " ".join((title or "").replace("\u00ad", "").split())


def date_figures(among: Sequence[Page], results: Sequence[Result]) -> Dates:
    """Return how good the dates are; a page that is not annotated for a date does not count."""
    told = [(page.gold["date"], found.date) for page, found in zip(among, results, strict=True) if "date" in page.gold]
    dated = [(wanted, day) for wanted, day in told if wanted]
    undated = [day for wanted, day in told if not wanted]
    given, right = sum(day is not None for _, day in dated), sum(day == wanted for wanted, day in dated)
    return Dates(right / max(given, 1), right / max(len(dated), 1), sum(day is not None for day in undated), len(undated))


def author_f1(among: Sequence[Page], results: Sequence[Result]) -> float:
    """Return the F1 of names; a name on a page whose annotators found none is a false one."""
    counts = []
    for page, result in zip(among, results, strict=True):
        if "author" not in page.gold:
            continue
        told = page.gold["author"]
        wanted = {core(fold(name)) for name in (told if isinstance(told, list) else told.split(";")) if name.strip()}
        found = {core(fold(name)) for name in result.authors}
        counts.append((len(wanted & found), len(found - wanted), len(wanted - found)))
    return f1(counts)
