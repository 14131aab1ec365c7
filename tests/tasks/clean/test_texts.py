"""Plain-text articles in six languages against what must come out: twins in tests/data/clean.

Half of them are clean text that looks like furniture somewhere, and nothing of it may be lost.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.article import Article, Stamp
from schemas.document import RawDocument
from tasks.clean.document import clean_document

DATA = Path(__file__).resolve().parents[2] / "data" / "clean"
NAMES = sorted(path.stem for path in DATA.glob("*.txt"))
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def clean(text: str) -> Article:
    document = RawDocument(body=text.encode(), media_type="text/plain", origin="a.txt", place="/a.txt", source="twins")
    article = clean_document(document, zone="UTC", now=NOW)
    assert isinstance(article, Article)
    return article


def minute(stamp: Stamp | None) -> str | None:
    return stamp.at.strftime("%Y-%m-%dT%H:%M") if stamp else None


@pytest.mark.parametrize("name", NAMES)
def test_article(name):
    article = clean((DATA / f"{name}.txt").read_text(encoding="utf-8"))
    wanted = json.loads((DATA / f"{name}.expected.json").read_text(encoding="utf-8"))
    assert article.text.split("\n\n") == wanted["body"]
    assert sorted(block.text for block in article.removed) == sorted(text for _, text in wanted["cut"])
    assert article.title == wanted["title"]
    if wanted["dek"]:
        assert article.dek == wanted["dek"]
    assert (minute(article.published), minute(article.updated)) == (wanted["published"], wanted["updated"])
    if article.published:
        assert article.published.zone == wanted["zone"]
    assert (list(article.byline), list(article.agency)) == (wanted["byline"], wanted["agency"])
    assert article.access == wanted["access"]
    if "access_note" in wanted:
        assert article.access_note == wanted["access_note"]


@pytest.mark.parametrize("name", NAMES)
def test_blank_lines_between_lines_change_nothing(name):
    lines = (DATA / f"{name}.txt").read_text(encoding="utf-8").split("\n")
    lines = [line for line in lines if line]
    assert clean("\n".join(lines)) == clean("\r\n\r\n".join(lines))
