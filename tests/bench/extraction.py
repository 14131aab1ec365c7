"""Body, title, dates and authors of web pages against annotated ones, for us and for bare trafilatura in the same run.

`python -m tests.bench.extraction [N]` reads the first N development pages beside the repository
(../shared/data/extraction); it says so and ends where they are missing. Scores by their README: a `with` piece that
comes out is a true positive, a `without` piece that comes out a false one. Titles must be equal but for white space
and soft hyphens. A date counts by its day in the zone that the page states. Authors are compared folded, one by one.
CPU is that of the process, every system over all pages once, its caches emptied before: what a page costs that was
never seen. The interval is a paired bootstrap over pages. Pages are halved by a hash of their host, to show what was
tuned on the one and holds on the other.
"""

import gzip
import hashlib
import json
import logging
import random
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from schemas.article import Article, Stamp
from schemas.document import RawDocument
from tasks.clean.document import clean_document
from tasks.clean.folding import core, fold
from tasks.language import identify_language

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "extraction"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
DRAWS = 2000
WARM_UP = 12
TURN = 66
_OFFSET_DAY = re.compile(r"^(\d{4}-\d\d-\d\d)[T ].*[+-]\d\d:?\d\d$")
OURS = "ours"
MODES: dict[str, dict[str, Any]] = {
    "default": {},
    "fast": {"fast": True},
    "precision": {"favor_precision": True},
    "recall": {"favor_recall": True},
    "default, quick dates": {"date_extraction_params": {"extensive_search": False, "original_date": True}},
}


@dataclass(frozen=True, slots=True)
class Page:
    """A page with its annotation."""

    gold: dict[str, Any]
    body: bytes

    @property
    def url(self) -> str | None:
        """The page's address, if its key is one."""
        return self.gold["url"] if self.gold["url"].startswith("http") else None

    @property
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


def pages(limit: int | None) -> list[Page]:
    """Return the development pages, the first `limit` of them."""
    with gzip.open(FOLDER / "gold.jsonl.gz", "rt", encoding="utf-8") as lines:
        gold = [json.loads(line) for line in lines][:limit]
    return [Page(entry, gzip.decompress((FOLDER / entry["file"]).read_bytes())) for entry in gold]


def ours(page: Page) -> Result:
    """Return what cleaning and language identification make of a page."""
    name = page.gold["file"]
    document = RawDocument(body=page.body, media_type="text/html", origin=name, place=name, source="bench", url=page.url)
    article = clean_document(document, zone="UTC", now=NOW)
    if not isinstance(article, Article):
        return Result()
    identify_language(article.text, article.title, article.declared_language)
    return Result(article.text, article.title, article.byline, day_of(article.published) if article.published else None)


def day_of(stamp: Stamp) -> str:
    """Return the day of a stamp in the zone that the page states."""
    stated = _OFFSET_DAY.match(stamp.raw)
    return stated.group(1) if stated else stamp.at.strftime("%Y-%m-%d")


def bare(options: dict[str, Any]) -> Callable[[Page], Result]:
    """Return trafilatura alone, with its metadata, as a function of a page."""
    from trafilatura import extract

    def run(page: Page) -> Result:
        answer = extract(page.body, url=page.url, with_metadata=True, output_format="json", **options)
        found = json.loads(answer) if answer else {}
        authors = tuple(name for name in (found.get("author") or "").split("; ") if name)
        return Result(found.get("text") or "", found.get("title"), authors, found.get("date"))

    return run


def measured(systems: dict[str, Callable[[Page], Result]], among: list[Page]) -> dict[str, tuple[list[Result], float]]:
    """Return for every system its results and its CPU seconds for all pages, none of which it has seen before.

    The systems take turns, so that what else the machine does meets all of them.
    """
    from trafilatura.meta import reset_caches

    for system in systems.values():
        for page in among[:: max(len(among) // WARM_UP, 1)]:
            system(page)
    found: dict[str, list[Result]] = {name: [] for name in systems}
    seconds = dict.fromkeys(systems, 0.0)
    for start in range(0, len(among), TURN):
        for name, system in systems.items():
            reset_caches()
            started = time.process_time()
            found[name] += [system(page) for page in among[start : start + TURN]]
            seconds[name] += time.process_time() - started
    return {name: (found[name], seconds[name]) for name in systems}


def body_counts(page: Page, result: Result) -> tuple[int, int, int]:
    """Return (true positives, false positives, false negatives) of a body."""
    text = " ".join(result.text.split())
    hits = sum(" ".join(piece.split()) in text for piece in page.gold["with"])
    false = sum(" ".join(piece.split()) in text for piece in page.gold["without"])
    return hits, false, len(page.gold["with"]) - hits


def f1(counts: list[tuple[int, int, int]]) -> float:
    """Return the F1 of summed (true positives, false positives, false negatives)."""
    hits, false, missed = (sum(one[n] for one in counts) for n in range(3))
    return 2 * hits / max(2 * hits + false + missed, 1)


def interval(one: list[tuple[int, int, int]], other: list[tuple[int, int, int]]) -> tuple[float, float]:
    """Return the 95 % interval of the difference of two F1 over the same pages."""
    draw = random.Random(7)
    size = range(len(one))
    gains = []
    for _ in range(DRAWS):
        chosen = draw.choices(size, k=len(one))
        gains.append(f1([one[i] for i in chosen]) - f1([other[i] for i in chosen]))
    gains.sort()
    return gains[int(0.025 * DRAWS)], gains[int(0.975 * DRAWS)]


def title_share(among: list[Page], results: list[Result]) -> float:
    """Return the share of annotated titles that are found exactly."""
    titled = [
        (" ".join(p.gold["title"].replace("\u00ad", "").split()), r.title)
        for p, r in zip(among, results, strict=True)
        if p.gold.get("title")
    ]
    return sum(wanted == " ".join((title or "").replace("\u00ad", "").split()) for wanted, title in titled) / max(len(titled), 1)


def date_figures(among: list[Page], days: list[str | None]) -> str:
    """Return precision and recall on dated pages and the dates given for undated ones, as text."""
    told = [(page.gold["date"], day) for page, day in zip(among, days, strict=True) if "date" in page.gold]
    dated = [(wanted, day) for wanted, day in told if wanted]
    given, right = sum(day is not None for _, day in dated), sum(day == wanted for wanted, day in dated)
    undated = [day for wanted, day in told if not wanted]
    return f"{right / max(given, 1):.3f}/{right / max(len(dated), 1):.3f}, invented {sum(d is not None for d in undated)} of {len(undated)}"


def author_f1(among: list[Page], results: list[Result]) -> float:
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


def print_row(name: str, among: list[Page], results: list[Result], cpu: str) -> None:
    """Print the figures of one system on some pages."""
    bodies = [body_counts(page, result) for page, result in zip(among, results, strict=True)]
    dates = date_figures(among, [result.date for result in results])
    title, byline = title_share(among, results), author_f1(among, results)
    print(f"{name:32} body F1 {f1(bodies):.4f}  title {title:.3f}  date P/R {dates}  byline F1 {byline:.3f}  {cpu}")


def print_htmldate(among: list[Page]) -> None:
    """Print the dates of htmldate alone, with and without its extensive search."""
    from htmldate import find_date

    for extensive in (True, False):
        days = [find_date(page.body, url=page.url, extensive_search=extensive, original_date=True) for page in among]
        print(f"{f'htmldate, extensive {extensive}':32} date P/R {date_figures(among, days)}")


def main() -> None:
    """Measure and print."""
    if not FOLDER.exists():
        print(f"skipped: {FOLDER.name} data is not beside the repository")
        return
    logging.disable(logging.CRITICAL)
    among = pages(int(sys.argv[1]) if len(sys.argv) > 1 else None)
    systems = {OURS: ours} | {name: bare(options) for name, options in MODES.items()}
    found = measured(systems, among)
    yardstick = found["default"][1]
    for name, (results, seconds) in found.items():
        cpu = f"CPU {seconds / max(len(among), 1) * 1000:.1f} ms a page, {seconds / yardstick:.2f} of bare"
        print_row(name if name == OURS else f"trafilatura {name}", among, results, cpu)
    print_htmldate(among)
    for half in (0, 1):
        kept = [n for n, page in enumerate(among) if page.half == half]
        for name in (OURS, "default"):
            print_row(f"{name}, half {half}", [among[n] for n in kept], [found[name][0][n] for n in kept], "")
    bodies = {name: [body_counts(p, r) for p, r in zip(among, results, strict=True)] for name, (results, _) in found.items()}
    best = max((name for name in bodies if name != OURS), key=lambda name: f1(bodies[name]))
    low, high = interval(bodies[OURS], bodies[best])
    print(f"body F1 over trafilatura {best}: {f1(bodies[OURS]) - f1(bodies[best]):+.4f}, 95 % between {low:+.4f} and {high:+.4f}")


if __name__ == "__main__":
    main()
