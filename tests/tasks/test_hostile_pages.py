"""Pages made to hurt, in one backfill with fifty good ones: each ends as an article or as a rejection, inside the limits."""

import gzip
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest

from schemas.settings import Settings
from tasks.pipeline import Direct, Quiet, run
from tasks.read.intake import ArchiveIntake
from tests.bench.generate import articles
from tests.bench.warc import page as good_page

GOOD = 50
MEGABYTES = 512
"""What a worker may take beside its libraries: half of the default. The time limit is the default."""
REPLACEMENT = "\ufffd"

Build = Callable[[str], bytes]


class Refused(NamedTuple):
    """How a document ended that is no article."""

    stage: str
    reason: str


class Taken(NamedTuple):
    """What a store holds: texts and rejections by the name of the file."""

    texts: dict[str, str]
    refused: dict[str, Refused]


def story(name: str) -> list[str]:
    """Return the paragraphs that an article must keep; each names its page, so that no two articles are one."""
    return [
        f"Le phare de Kerlouan a été rallumé mardi soir après trois années de travaux, a annoncé la société {name} à deux cents voisins.",
        f"« C’est une œuvre collective », a déclaré la gardienne, Maëlle Kerbrat, en remerciant les maçons et les électriciens de {name}.",
        f"Les visiteurs pourront monter dès l’été – par groupes de dix – jusqu’à la lanterne, précise {name}, qui garde aussi l’hôtel.",
    ]


def paragraphs(name: str) -> str:
    return "".join(f"<p>{paragraph}</p>\n" for paragraph in story(name))


def html(name: str, body: str = "", head: str = "") -> str:
    """Return a page with the article of this name, or with another body."""
    article = f"<article><h1>Le phare {name}</h1>{body or paragraphs(name)}</article>"
    return f"<!DOCTYPE html><html lang='fr'><head>{head}<title>Le phare {name}</title></head><body>{article}</body></html>"


def around(before: str = "", after: str = "") -> Build:
    return lambda name: html(name, before + paragraphs(name) + after).encode()


def in_head(head: str) -> Build:
    return lambda name: html(name, head=head).encode()


def nested(opening: str, closing: str, depth: int) -> Build:
    return around(opening * depth, closing * depth)


def padded(size: int) -> Build:
    """Build pages of so many bytes, most of them a script."""

    def build(name: str) -> bytes:
        start, end = html(name, paragraphs(name) + "<script>|</script>").encode().split(b"|")
        return start + b"x" * (size - len(start) - len(end)) + end

    return build


def gzip_bomb(name: str) -> bytes:
    """An article and 1.1 GB of blanks behind it, in one megabyte of gzip."""
    return gzip.compress(html(name).encode()) + gzip.compress(b" " * 11_000_000) * 100


def labelled(name: str) -> bytes:
    """A plain text with 24,000 lines of labels under it, each of which is cut and may be a signature by its place."""
    return "\n".join([f"Le phare {name} rallumé", *story(name), *["Partager", "Publicité"] * 12_000]).encode()


def encoded(encoding: str, declared: str, rest: str = "") -> Build:
    return lambda name: html(name, paragraphs(name) + rest, head=f"<meta charset='{declared}'>").encode(encoding)


def damaged(old: str, new: bytes, rest: str = "") -> Build:
    return lambda name: html(name, paragraphs(name) + rest).encode().replace(old.encode(), new)


def laughs(name: str) -> bytes:
    """An XHTML page with entities of which each is ten times the one before: unfolded the last has ten thousand million letters."""
    entities = '<!ENTITY a0 "ha, ">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    page = html(name, paragraphs(name) + "<p>&a9;</p>").removeprefix("<!DOCTYPE html>")
    return f'<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html [{entities}]>{page}'.encode()


def numbered(line: str, count: int) -> str:
    return "".join(map(line.format, range(count)))


PROSE = "Et la mer monte encore, comme chaque jour depuis toujours. "
SEA = "<p>Le matin du jour {} la mer est restée calme au large de l’île, et tous les bateaux sont rentrés. " + PROSE * 5 + "</p>\n"
DEEP = '{"@type":"NewsArticle","mainEntity":'
JSON = "<script type='application/ld+json'>{}</script>"

WHOLE: dict[str, Build] = {
    "50000-divs.html": nested("<div>", "</div>", 50_000),
    "2000-spans.html": nested("<span>", "</span>", 2_000),
    "500-tables.html": nested("<table><tr><td>", "</td></tr></table>", 500),
    "19-megabytes.html": padded(19_000_000),
    "utf-16-le.html": encoded("utf-16-le", "utf-16"),
    "utf-16-be.html": encoded("utf-16-be", "utf-8"),
    "says-latin-is-utf.html": encoded("utf-8", "iso-8859-1"),
    "laughs.xhtml": laughs,
    "20000-attributes.html": around(f"<div {numbered('a{}=1 ', 20_000)}>", "</div>"),
    "attributes-everywhere.html": around(f"<b {numbered('a{} ', 200)}></b>" * 1_000),
    "long-attribute.html": around(f"<div data-state='{'x' * 5_000_000}'>", "</div>"),
    "distinct-paragraphs.html": around(after=numbered(SEA, 3_000)),
    "breaks.html": around("<br>" * 250_000),
    "breaks-behind.html": around(after="<br>" * 250_000),
    "links.html": around(after=numbered('<a href="/{0}">lien {0}</a> ', 20_000)),
    "200000-tags.html": around(after="<b><i>" * 100_000),
    "deep-json.html": in_head(JSON.replace("{}", DEEP * 100_000 + "{}" + "}" * 100_000)),
    "open-json.html": in_head(JSON.replace("{}", DEEP * 100_000)),
    "open-comment.html": around(after="<!-- never closed "),
    "open-comment-first.html": in_head("<!-- never closed "),
    "open-script.html": around(after="<script>let x = '"),
    "open-tags.html": around(after="<" * 500_000),
    "open-quotes.html": around(after="<a href='" * 20_000),
    "one-line.html": lambda name: html(name, paragraphs(name) + f"<p>{PROSE * 17_000}</p>").replace("\n", " ").encode(),
    "labels.txt": labelled,
    "one-word.html": around(after=f"<p>{'abcdefghij' * 200_000}</p>"),
}
"""Pages that are articles with their whole text."""
DAMAGED: dict[str, Build] = {
    "few-null-bytes.html": damaged("lanterne", b"lan\x00terne"),
    "many-null-bytes.html": damaged(" ", b"\x00 "),
    "one-bad-byte.html": damaged("Le phare de", b"Le phare\xff de"),
    "one-bad-byte-of-many.html": damaged("Le phare de", b"Le phare\xff de", rest=f"<p>{PROSE * 30}</p>"),
    "says-utf-is-latin.html": encoded("cp1252", "utf-8"),
    "says-utf-is-latin-of-many.html": encoded("cp1252", "utf-8", rest=f"<p>{PROSE * 30}</p>"),
}
"""Pages that are articles too; a byte that means nothing is dropped or shown as such, in the place where it stood."""
REFUSED: dict[str, tuple[Build, Refused]] = {
    "50-megabytes.html": (padded(50_000_000), Refused("clean", "too_large")),
    "60-megabytes.html": (padded(60_000_000), Refused("read", "too_large")),
    "bomb.html.gz": (gzip_bomb, Refused("read", "too_large")),
}
PAGES = WHOLE | DAMAGED | {name: build for name, (build, _) in REFUSED.items()}


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Taken:
    folder = tmp_path_factory.mktemp("hostile")
    write(folder / "pages", PAGES, GOOD)
    return take_in(folder / "pages", Settings(store=folder / "news.duckdb", workers=2, document_memory=MEGABYTES))


def write(folder: Path, pages: dict[str, Build], good: int) -> None:
    folder.mkdir()
    for name, build in pages.items():
        (folder / name).write_bytes(build(stem(name)))
    chance = random.Random(4)
    for article in articles(good, seed=4):
        (folder / f"good-{article.number}.html").write_bytes(good_page(article, chance))


def take_in(folder: Path, settings: Settings) -> Taken:
    run(ArchiveIntake([str(folder)]), settings, Direct(), Quiet())
    with duckdb.connect(str(settings.store), read_only=True) as con:
        texts = rows(con, "SELECT s.origin, text FROM sightings s JOIN articles USING (article_id)")
        refused = rows(con, "SELECT origin, stage, reason FROM rejections")
    return Taken({name: text for name, (text,) in texts.items()}, {name: Refused(*why) for name, why in refused.items()})


def rows(con: duckdb.DuckDBPyConnection, query: str) -> dict[str, list[Any]]:
    return {Path(origin).name: values for origin, *values in con.execute(query).fetchall()}


def stem(name: str) -> str:
    return name.partition(".")[0]


def test_fifty_good_pages_are_loaded_and_nothing_is_lost(taken: Taken) -> None:
    good = {name: text for name, text in taken.texts.items() if name.startswith("good-")}
    assert len(good) == GOOD
    for article in articles(GOOD, seed=4):
        assert all(paragraph in good[f"good-{article.number}.html"] for paragraph in article.paragraphs)
    assert taken.texts.keys() | taken.refused.keys() == PAGES.keys() | good.keys()


@pytest.mark.parametrize("name", WHOLE)
def test_the_text_is_whole(taken: Taken, name: str) -> None:
    assert name not in taken.refused
    assert [paragraph for paragraph in story(stem(name)) if paragraph not in taken.texts[name]] == []
    assert REPLACEMENT not in taken.texts[name]


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_page_is_read_as_it_was_meant(taken: Taken, name: str) -> None:
    assert name not in taken.refused
    text = taken.texts[name].replace(REPLACEMENT, "", 1)
    assert [paragraph for paragraph in story(stem(name)) if paragraph not in text] == []
    assert REPLACEMENT not in text


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_says_why(taken: Taken, name: str) -> None:
    assert taken.refused[name] == REFUSED[name][1]


def test_what_takes_too_long_is_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    attributes = around(f"<div {numbered('a{}=1 ', 200_000)}>", "</div>")  # libxml2 compares each of them with all before it
    write(tmp_path / "pages", {"200000-attributes.html": attributes}, good=3)
    taken = take_in(tmp_path / "pages", Settings(store=tmp_path / "news.duckdb", workers=2, document_timeout=4))
    assert len([name for name in taken.texts if name.startswith("good-")]) == 3
    if "200000-attributes.html" in taken.texts:
        assert all(paragraph in taken.texts["200000-attributes.html"] for paragraph in story("200000-attributes"))
    else:
        assert taken.refused == {"200000-attributes.html": Refused("clean", "timeout")}
