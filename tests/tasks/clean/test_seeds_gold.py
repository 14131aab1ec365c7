"""The five real documents against their gold fields; they stay outside the repository, so this may be skipped."""

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from schemas.article import Article
from schemas.document import RawDocument
from tasks.clean.document import clean_document

SHARED = Path(__file__).resolve().parents[3].parent / "shared"
GOLD = SHARED / "data" / "entities" / "seeds_fields_gold.json"
NAMES = [
    "000_847f832a9e18f182.txt",
    "001_44ee80d860a62719.txt",
    "002_6b9ece9a93871e23.txt",
    "003_f7dbb80dd74eb29b.txt",
    "004_1fd1b95794207201.txt",
]
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
INFERRED = {"001_44ee80d860a62719.txt": "2024-12-04T00:00"}

pytestmark = pytest.mark.skipif(not GOLD.exists(), reason="the five seed documents are not beside the repository (../shared)")


@cache
def article(name: str) -> Article:
    document = RawDocument(body=(SHARED / "seeds" / name).read_bytes(), media_type="text/plain", origin=name, place=name, source="seeds")
    cleaned = clean_document(document, zone="UTC", now=NOW)
    assert isinstance(cleaned, Article)
    return cleaned


@cache
def gold(name: str) -> dict[str, Any]:
    return json.loads(GOLD.read_text(encoding="utf-8"))[name]


def paragraphs(name: str) -> list[str]:
    return article(name).text.split("\n\n")


def printed(text: str | None) -> str | None:
    return " ".join(text.split()) if text else text


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("field", ["title", "dek"])
def test_title_and_dek(name, field):
    assert getattr(article(name), field) == gold(name)[field]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("field", ["byline", "agency"])
def test_names(name, field):
    assert list(getattr(article(name), field)) == gold(name)[field]


@pytest.mark.parametrize("name", NAMES)
def test_published(name):
    stamp = article(name).published
    wanted = gold(name)["published"] or INFERRED.get(name)
    assert (stamp.at.strftime("%Y-%m-%dT%H:%M") if stamp else None) == wanted
    if stamp:
        assert stamp.zone == "assumed"
        assert stamp.found_in == ("inferred" if name in INFERRED else "text")


@pytest.mark.parametrize("name", NAMES)
def test_updated(name):
    stamp = article(name).updated
    assert (stamp.at.strftime("%Y-%m-%dT%H:%M") if stamp else None) == gold(name)["updated"]


@pytest.mark.parametrize("name", NAMES)
def test_body(name):
    body = paragraphs(name)
    assert len(body) == gold(name)["body_lines"]
    assert body[0].startswith(gold(name)["body_first"])
    assert body[-1].startswith(gold(name)["body_last"])


@pytest.mark.parametrize("name", NAMES)
def test_headings_stay(name):
    assert set(gold(name)["headings"]) <= set(paragraphs(name))


@pytest.mark.parametrize("name", NAMES)
def test_furniture_goes_and_is_kept_as_removed(name):
    assert [printed(block.text) for block in article(name).removed] == [printed(line) for line in gold(name)["drop"]]


@pytest.mark.parametrize("name", NAMES)
def test_access(name):
    wanted = gold(name)["remaining_pct"]
    assert (article(name).access == "teaser") == gold(name)["truncated"]
    assert article(name).access_note == (f"{wanted:g} % remaining" if wanted else None)
