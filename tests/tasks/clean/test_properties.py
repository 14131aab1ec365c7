"""What holds for every input: nothing is raised, and no line disappears."""

import json
from datetime import UTC, datetime

from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.article import Article
from schemas.document import RawDocument
from schemas.rejection import Rejection
from tasks.clean.decode import tidy
from tasks.clean.document import clean_document

NOW = datetime(2026, 11, 20, tzinfo=UTC)
LINES = st.sampled_from(
    [
        "Par Jean Dupont",
        "À lire aussi :",
        "Publié le 12 mars 2024 à 14h05",
        "Avec Reuters",
        "Il vous reste 62 % de cet article à lire.",
        "Le maire a dit non.",
        "Une ville sans eau",
        "Share",
        "By the sea, the old men wait for a ferry that has not come since the spring, and nobody tells them when it will.",
        "Le conseil municipal a voté mardi la fermeture de la piscine, dont la charpente menace de céder depuis l'hiver.",
        "Soutenez-nous",
        "Photo : AFP",
        "L'essentiel",
        "12/03/2024",
        "Newsletter",
        "Monde",
        "* * *",
    ]
)


def document(body: bytes, media_type: str) -> RawDocument:
    return RawDocument(body=body, media_type=media_type, origin="x", place="/x", source="s")


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(LINES, st.text(max_size=120)), min_size=1, max_size=25))
@example(["Avec Reuters"])
@example(["Par Jean Dupont", "12/03/2024"])
@example(["", "\u2028", "x"])
@example(["00\x00"])
def test_no_line_disappears(lines):
    text = "\n\n".join(lines)
    article = clean_document(document(text.encode("utf-8", errors="replace"), "text/plain"), zone="Europe/Paris", now=NOW)
    if isinstance(article, Rejection):
        assert article.reason in {"empty", "binary", "no_text"}
        return
    places = [article.text, article.title or "", article.dek or "", *(block.text for block in article.removed)]
    found = " ".join(" ".join(places).split())
    for line in tidy(text.encode("utf-8", errors="replace").decode()).splitlines():
        assert " ".join(line.split()) in found


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["text/plain", "text/html", "application/json"]))
@example(b"\xff\xfe", "text/plain")
@example(b"<html", "text/html")
@example(b"[" * 100_000, "application/json")
@example(b'{"text": "a", "date": 1e400}', "application/json")
def test_any_bytes_end_as_article_or_rejection(body, media_type):
    assert isinstance(clean_document(document(body, media_type), zone="UTC", now=NOW), Article | Rejection)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=60)
VALUES = st.recursive(SCALARS, lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=5), v, max_size=3))
KEYS = st.sampled_from(
    [
        "id",
        "url",
        "title",
        "text",
        "html",
        "published_at",
        "updated_at",
        "byline",
        "authors",
        "language",
        "source",
        "date",
        "image",
        "section",
        "maintext",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=8))
def test_any_row_ends_as_article_or_rejection(row):
    body = json.dumps(row).encode("utf-8", errors="replace")
    assert isinstance(clean_document(document(body, "application/json"), zone="UTC", now=NOW), Article | Rejection)
