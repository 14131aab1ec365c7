"""Rows, pages and what is rejected, through the one door."""

import json
from datetime import UTC, datetime

import pytest

from schemas.article import Article
from schemas.document import RawDocument
from schemas.rejection import Rejection
from tasks.clean.document import clean_document
from tasks.clean.identity import article_id

NOW = datetime(2026, 11, 20, tzinfo=UTC)
BODY = "The council voted on Tuesday to close the swimming pool, whose roof has been propped up since the winter storms of last year."


def clean(body, media_type="text/plain", url=None):
    body = json.dumps(body).encode() if isinstance(body, dict) else body
    return clean_document(RawDocument(body=body, media_type=media_type, origin="a", place="/a", source="box", url=url), zone="UTC", now=NOW)


def row(**fields):
    article = clean(fields, "application/json")
    assert isinstance(article, Article)
    return article


@pytest.mark.parametrize(
    ("body", "media_type", "reason"),
    [
        (b"", "text/plain", "empty"),
        (b" \n\n ", "text/plain", "empty"),
        (b"\x00\x01\x02\x03" * 99, "text/plain", "binary"),
        (b"{broken", "application/json", "broken_json"),
        (b"[1, 2]", "application/json", "not_an_object"),
        (b'{"id": 7}', "application/json", "no_text"),
        (b"<html><body></body></html>", "text/html", "no_text"),
        (b"x" * 3_000_001, "text/plain", "too_large"),
    ],
)
def test_rejections(body, media_type, reason):
    rejection = clean(body, media_type)
    assert isinstance(rejection, Rejection)
    assert (rejection.stage, rejection.reason, rejection.origin) == ("clean", reason, "a")


def test_own_fields_of_a_row_win():
    text = f"Pool to close\n\nBy Someone Else\n1 January 2020\n\n{BODY}\n\nRead also: Another story"
    article = row(
        title="Pool to close",
        text=text,
        byline="By Ann Lee and Tom Roe",
        published_at="2024-03-12T14:05:00Z",
        source="Melby Post",
        language="en-GB",
    )
    assert (article.title, article.text) == ("Pool to close", BODY)
    assert article.byline == ("Ann Lee", "Tom Roe")
    assert (article.published.found_in, article.published.at) == ("row", datetime(2024, 3, 12, 14, 5, tzinfo=UTC))
    assert (article.source, article.declared_language) == ("Melby Post", "en")
    assert "Read also: Another story" in [block.text for block in article.removed]


@pytest.mark.parametrize(
    "fields",
    [
        {"maintext": BODY, "date_publish": "2024-03-12 00:00:00", "authors": ["Ann Lee"], "url": "https://a.example/x"},
        {"plaintext": BODY, "publishing_date": "2024-03-12", "authors": ["Ann Lee"], "url": "https://a.example/x"},
        {"text": BODY, "publish_date": "2024-03-12", "authors": "Ann Lee", "link": "https://a.example/x"},
        {"content": BODY, "date": "2024-03-12", "author": {"name": "Ann Lee"}, "link": "https://a.example/x/"},
    ],
)
def test_dumps_of_other_tools(fields):
    article = row(**fields)
    assert (article.text, article.byline, article.canonical_url, article.source) == (BODY, ("Ann Lee",), "https://a.example/x", "a.example")
    assert article.published.at == datetime(2024, 3, 12, tzinfo=UTC)
    assert article.title is None


def test_long_lines_of_a_row_pass_unharmed():
    text = f"{BODY} {BODY} Share your thoughts. {BODY}"
    assert row(text=text).text == text
    assert row(text=f"{text}\n{text} Again.").text == f"{text}\n\n{text} Again."


def test_text_without_title_stays_without():
    assert row(text=f"A first line that looks like a title\n{BODY}").title is None


PAGE = f"""<html lang="fr-CH"><head><title>La piscine ferme - Le Quai</title><meta property="og:site_name" content="Le Quai">
<link rel="canonical" href="/a?utm_source=x&id=4"><meta property="og:title" content="La piscine ferme">
<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "La piscine ferme", "datePublished": "2024-03-12T14:05:00+01:00",
"dateModified": "2024-03-13T08:00:00+01:00", "author": [{{"@type": "Person", "name": "Ann Lee"}}, {{"name": "AFP"}}],
"isAccessibleForFree": "False",}}</script>
</head><body><nav><a href="/">Accueil</a></nav><article><h1>La piscine ferme</h1><p>{BODY}</p><h2>Un toit fragile</h2><p>{BODY} Encore.</p>
<p>À lire aussi : Une autre piscine</p></article></body></html>"""


def test_page():
    article = clean(PAGE.encode(), "text/html", "https://www.quai.example/a?id=4&fbclid=2")
    assert isinstance(article, Article)
    assert article.title == "La piscine ferme"
    assert article.text == f"{BODY}\n\nUn toit fragile\n\n{BODY} Encore."
    assert (article.byline, article.agency) == (("Ann Lee",), ("AFP",))
    assert (article.published.at, article.published.found_in) == (datetime(2024, 3, 12, 13, 5, tzinfo=UTC), "json-ld")
    assert article.updated.at == datetime(2024, 3, 13, 7, tzinfo=UTC)
    assert (article.canonical_url, article.source) == ("https://quai.example/a?id=4", "quai.example")
    assert (article.declared_language, article.access) == ("fr", "unknown")


def test_a_page_in_a_text_file_and_in_a_row_is_a_page():
    as_page = clean(PAGE.encode(), "text/html")
    assert clean(PAGE.encode()).text == as_page.text
    assert row(html=PAGE, title="Mon titre").title == "Mon titre"
    assert row(html=PAGE).text == as_page.text


def test_text_of_pages_that_no_parser_reads_is_kept():
    deep = b"<html><body>" + b"<div>" * 3000 + BODY.encode() + b"</div>" * 3000
    many = b"<html><body>" + b"<p>" + BODY.encode() + b"</p>" + b"<br>" * 60_000
    assert clean(deep, "text/html").text == BODY
    assert clean(many, "text/html").text == BODY


def test_the_id_is_of_the_address_or_else_of_the_text():
    one, two = row(text=BODY, date="2024-03-12"), row(text=BODY, title="Other", date="2021-01-01")
    assert article_id(one) == article_id(two)
    web = row(text=BODY, url="https://www.a.example/x?utm_source=1")
    assert article_id(web) == article_id(row(text="Else.", url="http://a.example/x/"))
    assert article_id(web) != article_id(one)
    assert article_id(clean(BODY.encode())) == article_id(one)


def test_hard_wrapped_text_is_put_together():
    words = (BODY + " ") * 4
    lines, line = [], ""
    for word in words.split():
        if len(line) + len(word) > 70:
            lines.append(line.strip())
            line = ""
        line += word + " "
    paragraph = "\n".join([*lines, line.strip()])
    assert clean(f"{paragraph}\n\n{paragraph} Again.".encode()).text == f"{words.strip()}\n\n{words.strip()} Again."
