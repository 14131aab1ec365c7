"""Articles in the layouts of some 350 outlets, every line annotated: twins in tests/data/clean/layouts, from which the model of lines
learns and for which rules were written, and tests/data/clean/examination, which neither the rules nor the model have met.
"""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.article import Article
from schemas.document import RawDocument
from tasks.clean.document import clean_document

DATA = Path(__file__).resolve().parents[2] / "data" / "clean"
PATHS = sorted((DATA / "layouts").glob("*/*.txt"))
EXAMINATION = sorted((DATA / "examination").glob("*.txt"))
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FIELDS = ("title", "published", "updated", "byline", "agency", "access")
KNOWN = {"body": 0.99, "cut": 0.92, "title": 0.95, "published": 0.95, "updated": 0.95, "byline": 0.92, "agency": 0.95, "access": 0.9}
UNKNOWN = {"body": 0.975, "cut": 0.95, "title": 0.93, "published": 0.93, "updated": 0.95, "byline": 0.88, "agency": 0.88, "access": 0.88}
"""Shares that must be right: measured first, then set a little below."""


def clean(path: Path) -> Article:
    document = RawDocument(body=path.read_bytes(), media_type="text/plain", origin="a.txt", place="/a.txt", source="twins")
    article = clean_document(document, zone="UTC", now=NOW)
    assert isinstance(article, Article)
    return article


def expected(path: Path) -> dict:
    return json.loads(path.with_suffix(".expected.json").read_text(encoding="utf-8"))


def minute(stamp) -> str | None:
    return stamp.at.strftime("%Y-%m-%dT%H:%M") if stamp and stamp.found_in != "inferred" else None


@pytest.mark.parametrize("path", [*PATHS, *EXAMINATION], ids=lambda path: path.stem)
def test_the_body_stays_in_order_and_no_line_disappears(path):
    article, body, text = clean(path), expected(path)["body"], path.read_text(encoding="utf-8")
    kept = article.text.split("\n\n")
    once = {line for line in body if text.count(line) == 1}
    assert [line for line in kept if line in once] == [line for line in body if line in once and line in kept]
    found = Counter([*kept, *(block.text for block in article.removed), article.title, article.dek])
    lines = (" ".join(line.split()) for line in text.splitlines())
    assert [line for line in lines if line and not found[line]] == []


@pytest.mark.parametrize(("paths", "least"), [(PATHS, KNOWN), (EXAMINATION, UNKNOWN)], ids=["known", "unknown"])
def test_shares(paths, least):
    right, of = Counter(), Counter(dict.fromkeys(FIELDS, len(paths)))
    for path in paths:
        article, wanted = clean(path), expected(path)
        kept = Counter(article.text.split("\n\n"))
        of.update(body=len(wanted["body"]), cut=len(wanted["cut"]))
        right["body"] += (Counter(wanted["body"]) & kept).total()
        right["cut"] += sum(kept[line] <= wanted["body"].count(line) for _, line in wanted["cut"])
        right.update(name for name in FIELDS if wanted[name] in ("?", told(article)[name]) or same_names(wanted[name], told(article)[name]))
    assert {name: right[name] / of[name] for name in least if right[name] / of[name] < least[name]} == {}


def told(article: Article) -> dict:
    return {
        "title": article.title,
        "published": minute(article.published),
        "updated": minute(article.updated),
        "byline": list(article.byline),
        "agency": list(article.agency),
        "access": article.access,
    }


def same_names(wanted, found) -> bool:
    """Capitals and the order of names do not count."""
    return isinstance(wanted, list) and sorted(map(str.casefold, wanted)) == sorted(map(str.casefold, found))
