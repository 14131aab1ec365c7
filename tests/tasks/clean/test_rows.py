"""Rows of JSON as other programs write them, and as nobody should: every field, every type, every character."""

import json
import unicodedata
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.article import Article
from schemas.document import RawDocument
from schemas.rejection import Rejection
from tasks.clean.document import clean_document
from tasks.clean.row import BrokenRowError, parse_row
from tasks.clean.values import text_pieces, tidied

NOW = datetime(2026, 11, 20, tzinfo=UTC)
BODY = "The council voted on Tuesday to close the swimming pool, whose roof has been propped up since the winter storms of last year."
MORE = "The pool had been due to reopen in the spring, and nobody in the hall was able to say when the work would begin."


def cleaned(row):
    body = row if isinstance(row, bytes) else json.dumps(row).encode()
    document = RawDocument(body=body, media_type="application/json", origin="a#1", place="/a#1", source="box")
    return clean_document(document, zone="UTC", now=NOW)


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from strings(part)


def assert_storable(article):
    for text in strings(article.model_dump()):
        text.encode("utf-8")
        assert not [c for c in text if unicodedata.category(c) in ("Cc", "Cs") and c != "\n"], ascii(text)


@pytest.mark.parametrize(
    "field", ["byline", "agency", "section", "image", "url", "title", "dek", "text", "html", "source", "language", "date"]
)
@pytest.mark.parametrize("bad", ["\ud800", "\x00", "\x1b", "\x9f"])
def test_no_unstorable_character_survives_in_any_field(field, bad):
    row = {"text": BODY, "title": "Pool to close", "byline": ["Ann Lee"], "url": "https://a.example/x"}
    for value in (
        f"Ann{bad} Lee",
        [f"Ann{bad} Lee", "Tom Roe"],
        {"name": f"Ann{bad} Lee"},
        [{"name": f"Ann{bad} Lee"}],
        f"https://a.example/{bad}x",
    ):
        article = cleaned({**row, field: value})
        if isinstance(article, Article):
            assert_storable(article)
    assert parse_row(json.dumps({"byline": [f"Ann{bad} Lee"]})).fields["byline"] == ["Ann Lee"]


KEYS = st.sampled_from(
    [
        *("id", "url", "link", "title", "text", "body", "html", "date", "published_at", "updated_at", "byline", "authors", "agency"),
        *("language", "source", "image", "section", "maintext", "description", "source_url"),
    ]
)
CHARACTERS = st.text(st.characters(categories=("L", "N", "P", "S", "Z", "Cc", "Cs", "Cf")), max_size=60)
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | CHARACTERS | st.just(10**400) | st.sampled_from([BODY, "https://a.example/x"])
)
VALUES = st.recursive(SCALARS, lambda v: st.lists(v, max_size=4) | st.dictionaries(CHARACTERS, v, max_size=4), max_leaves=12)


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(KEYS | CHARACTERS, VALUES, max_size=9))
@example({"text": BODY, "byline": "\ud800", "agency": ["\ud800"], "source": "\x00"})
@example({"html": "<html><body><p>a&#1;b&#x80;c&#55296;</p></body></html>"})
def test_every_string_of_the_article_of_any_row_can_be_stored(row):
    article = cleaned(row)
    if isinstance(article, Article):
        assert_storable(article)
    else:
        assert article.reason in {"no_text"}


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80) | VALUES.map(json.dumps))
@example("[" * 5000)
@example('{"text": ' + "[" * 900 + '"a"' + "]" * 900 + "}")
@example('{"date": ' + "9" * 5000 + "}")
def test_parsing_raises_nothing_else(text):
    with suppress(BrokenRowError):
        parse_row(text)


def test_pages_with_control_references_and_escapes():
    page = f"""<html><head><script type="application/ld+json">{{"@type": "NewsArticle", "headline": "Pool\\u0000 to \\ud800close",
    "author": {{"name": "Ann\\udc00 Lee"}}, "articleSection": "Lo\\u0007cal"}}</script></head>
    <body><article><h1>Pool&#7; to close&#128;</h1><p>{BODY} It&#146;s &#127;late.</p><p>{MORE}</p></article></body></html>"""
    document = RawDocument(body=page.encode(), media_type="text/html", origin="a", place="/a", source="box")
    article = clean_document(document, zone="UTC", now=NOW)
    assert isinstance(article, Article)
    assert_storable(article)
    assert f"{BODY} It’s late." in article.text
    assert (article.byline, article.section) == (("Ann Lee",), "Local")


def test_the_body_of_fundus_is_read_in_order():
    body = {"summary": ["A short summary of it all."], "sections": [{"headline": [], "paragraphs": [BODY]}]}
    body["sections"].append({"headline": ["Nobody knows"], "paragraphs": [MORE, f"{BODY} Again."]})
    article = cleaned({"title": "Pool to close", "body": body, "publishing_date": "2024-03-12"})
    assert article.text.split("\n\n") == ["A short summary of it all.", BODY, "Nobody knows", MORE, f"{BODY} Again."]


@pytest.mark.parametrize(
    "value",
    [
        [BODY, MORE],
        [[BODY], [[MORE]]],
        {"a": BODY, "b": {"c": [MORE]}},
        [
            {"type": "paragraph", "text": BODY},
            {"type": "paragraph", "id": "p2", "text": MORE},
            {"type": "image", "url": "https://a.example/i.jpg"},
        ],
    ],
)
def test_nested_text_is_flattened(value):
    assert cleaned({"title": "Pool to close", "text": value}).text == f"{BODY}\n\n{MORE}"


@pytest.mark.parametrize("value", [{"raw": f"<p>{BODY}</p><p>{MORE}</p>"}, [f"<p>{BODY}</p>", f"<p>{MORE}</p>"]])
def test_nested_markup_is_flattened(value):
    assert cleaned({"title": "Pool to close", "html": value}).text == f"{BODY}\n\n{MORE}"


@pytest.mark.parametrize("key", ["text", "body", "maintext", "html"])
@pytest.mark.parametrize("value", [{"summary": [], "sections": []}, [None], 7, True, {"type": "paragraph"}, " ", "\x00", [[]]])
def test_text_that_cannot_be_read_is_no_article_of_the_title(key, value):
    rejection = cleaned({"title": "Pool to close", key: value})
    assert isinstance(rejection, Rejection)
    assert rejection.reason == "no_text"


def test_a_title_without_any_text_field_is_an_article():
    assert cleaned({"title": "Pool to close"}).text == "Pool to close"
    assert cleaned({"title": "Pool to close", "text": None}).text == "Pool to close"
    assert cleaned({"title": "Pool to close", "text": "", "description": BODY}).text == BODY


def test_the_homepage_is_not_the_address_of_the_article():
    article = cleaned({"text": BODY, "title": "Pool to close", "source_url": "https://www.melbypost.example"})
    assert (article.url, article.canonical_url, article.source) == (None, None, "melbypost.example")
    article = cleaned({"text": BODY, "url": "https://a.example/x", "source_url": "https://b.example"})
    assert (article.canonical_url, article.source) == ("https://a.example/x", "a.example")


@pytest.mark.parametrize("date", [10**400, -(10**400), 10**30, [], {}, [1, 2], {"a": 1}, True, "x" * 9999, 1e308, -1, {"$date": None}])
@pytest.mark.parametrize("field", ["date", "updated_at"])
def test_a_date_of_an_odd_kind_is_unknown(date, field):
    article = cleaned({"text": BODY, field: date})
    assert isinstance(article, Article)
    assert (article.published, article.updated) == (None, None)


def test_numbers_too_long_for_python_are_an_unknown_date():
    article = cleaned(b'{"text": "%s", "date": %s}' % (BODY.encode(), b"9" * 6000))
    assert isinstance(article, Article)
    assert article.published is None


def test_values():
    assert tidied({"a": ["x\x00", {"b": "\ud800"}]}) == {"a": ["x", {"b": ""}]}
    assert text_pieces({"a": "x", "b": [" ", "y", 3]}) == ["x", "y"]
