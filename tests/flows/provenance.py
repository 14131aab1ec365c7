"""A store with every kind of document that articles are made of, and what of a store may not change."""

import gzip
import json
import shutil
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb

from flows.reclean import outdated_articles
from flows.reclean import reclean as run_reclean
from schemas.arrival import Arrival, Batch
from schemas.article import Article
from schemas.document import RawDocument
from schemas.labels import LabelledArticle
from schemas.run import RunReport
from schemas.settings import Settings
from tasks.clean.document import clean_document
from tasks.costs import Watch
from tasks.pipeline import Direct, Progress, Quiet, run
from tasks.prepare import ToLabel, label
from tasks.read import read_source
from tasks.read.intake import ArchiveIntake
from tasks.store.finish import finish_run
from tasks.store.load import load
from tasks.store.runs import start_run
from tasks.store.writer import Writer
from tests.site.pages import article
from tests.site.server import response
from tests.site.texts import Story
from tests.tasks.fetch.newsroom import STORIES, Newsroom, Paper, counts

OLDER_RUN = UUID(int=9)
TEXT = """The ferry stays in port

By Ada Wren

{date}

The ferry to Holm stayed in port on Monday, after a storm had torn off part of the pier. {change}

Nobody was hurt, the harbour master said, and the boat is to sail again as soon as the pier has been mended.

Read also: Bakers want longer hours
"""
FIRST, SECOND = (TEXT.format(date="12 March 2024, 9:05", change=change) for change in ("It was empty.", "Twelve people were on it."))
UNDATED = """Two hens and a goat walked through the town hall of Osby on Thursday 7 March, before the mayor led them out again.

They had come in by the back door, which the caretaker had left open to let in the spring, and they broke nothing.
"""
SILENT = '<html><head><title>Loading</title></head><body><div id="app"></div></body></html>'


def words(story: Story) -> str:
    """Return a story as a plain text."""
    return "\n\n".join([story.title, f"By {story.author}", *story.paragraphs]) + "\n"


def changed(story: Story, sentence: str) -> Story:
    """Return a story with another sentence at its end."""
    return story._replace(paragraphs=(*story.paragraphs, sentence))


def captured(url: str, day: int, body: bytes, charset: str = "utf-8") -> bytes:
    """Return the record of a web archive: a page as it was on a day of April 2024."""
    block = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset={charset}\r\n\r\n".encode() + body
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2024-04-{day:02}T05:06:07Z\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-0000000000{day:02}>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def write_archive(folder: Path, stories: list[Story]) -> None:
    """Write an archive with every format in it, and with what makes reading it twice hard."""
    one, two, three, four, five, six = stories[:6]
    (folder / "ferry.txt").write_text(FIRST, encoding="utf-8")
    (folder / "hens.txt").write_text(UNDATED, encoding="utf-8")
    (folder / "page.html").write_bytes(article(one, "https://paper.example/one.html", "meta", []))
    with gzip.open(folder / "dispatch.txt.gz", "wt", encoding="utf-8") as packed:
        packed.write(words(two))
    with zipfile.ZipFile(folder / "more.zip", "w") as archive:
        archive.writestr("three.txt", words(three))
        archive.writestr("four.html", article(four, "https://paper.example/four.html", "json-ld", []))
    markup = article(five, "https://paper.example/five.html", "json-ld", []).decode()
    rows = [
        {"url": "https://paper.example/row", "title": six.title, "text": "\n\n".join(six.paragraphs), "published_at": "2024-05-02"},
        {"url": "https://paper.example/five.html", "html": markup, "keywords": ["boats", "weather"], "author": "Bo Lind"},
    ]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    address = "https://paper.example/live.html"
    live = [article(changed(six, line), address, "time", []) for line in ("It went on.", "It was over.")]
    nameless = article(two, "", "meta", []).replace(b'<link rel="canonical" href="">', b"")
    latin = f"<html><body><h1>Le café</h1>{'<p>Le café de la gare a rouvert à midi, après l’été.</p>' * 3}</body></html>".encode("cp1252")
    (folder / "captures.warc").write_bytes(
        b"".join(captured(address, day, body) for day, body in ((9, live[0]), (12, live[1])))
        + b"".join(captured(f"https://{host}.example/same.html", 10, nameless) for host in ("first", "second"))
        + captured("https://paper.example/five.html", 10, markup.encode())
        + captured("https://paper.example/cafe.html", 11, latin, "windows-1252")
    )


def feed_archive(room: Newsroom, folder: Path) -> None:
    """Read an archive into a store, then again with a file that has changed and changed back, and with one that only looks otherwise."""
    backfill(room, folder)
    for text, story in ((SECOND, changed(STORIES[0], "More is known tomorrow.")), (FIRST, STORIES[0])):
        (folder / "ferry.txt").write_text(text, encoding="utf-8")
        (folder / "hens.txt").write_text(UNDATED + "\n" * len(text), encoding="utf-8")
        (folder / "page.html").write_bytes(article(story, "https://paper.example/one.html", "meta", []))
        backfill(room, folder)


def feed_store(room: Newsroom, paper: Paper) -> None:
    """Poll feeds into a store: pages that change and change back, text from the feed alone, one page that two feeds lead to."""
    moving, back, silent, told = *STORIES[:2], *STORIES[6:8]  # pages are asked for again while they are new
    paper.page(moving, back)
    paper.answers[f"/{silent.slug}.html"] = response(SILENT.encode(), content_type="text/html")
    links = paper.feed("/links", *map(paper.item, (moving, silent, back)))
    full = paper.feed("/full", paper.item(told, full=True), changed=without_links)
    assert room.ingest(links, full)["new"] == 3
    for sentence, token in (("There was more to come.", b""), ("", b"<!-- another -->")):  # a page is asked for again twice
        for story, mark in ((moving, token), (back, b"")):
            told_now = changed(story, sentence) if sentence else story
            paper.answers[f"/{story.slug}.html"] = response(page_of(told_now, paper.url) + mark, content_type="text/html; charset=utf-8")
        room.due_again()
        room.ingest()
    room.ingest(paper.feed("/others", paper.item(moving, "other guid"), paper.item(back, "third guid", query="?from=others")))


def page_of(story: Story, site: str) -> bytes:
    """Return the page of a story on a site."""
    return article(story, f"{site}/{story.slug}.html", "json-ld", [])


def without_links(body: bytes) -> bytes:
    """Return a feed whose items lead nowhere."""
    return body.replace(b"<link>", b"<comments>").replace(b"</link>", b"</comments>")


def backfill(room: Newsroom, path: Path, **settings: Any) -> dict[str, int]:
    """Return the counts, those that are not nought, of a run over an archive."""
    return counts(run(ArchiveIntake([str(path)]), with_settings(room, settings), Direct(), Quiet()))


def load_as_read_by_other_rules(room: Newsroom, folder: Path) -> None:
    """Fill a store with an archive as older rules might have read it: furniture in the texts, a word behind the titles.

    Each document is a batch of its own, the last one first, so that older versions come late.
    """
    documents = [delivery.item for delivery in read_source(folder) if isinstance(delivery.item, RawDocument)]
    with Writer(room.settings) as store:
        start_run(store.con, RunReport(run_id=OLDER_RUN, flow="backfill", engine="direct", started_at=datetime.now(UTC)))
        for document in reversed(documents):
            made = read_otherwise(document)
            load(store.con, Batch(run_id=OLDER_RUN, arrivals=(Arrival(item=document, result=made),), now=datetime.now(UTC)))
        finish_run(store.con, OLDER_RUN, (), lambda: datetime.now(UTC))
        store.con.execute("UPDATE articles SET cleaned_by = 'older', found_by = MAP {'title': 'an older rule'}")
        store.publish()


def read_otherwise(document: RawDocument) -> LabelledArticle:
    """Return what older rules made of a document; an article that its text identifies keeps that, its id hangs on it."""
    now = datetime.now(UTC)
    article = clean_document(document, zone="UTC", now=now)
    assert isinstance(article, Article)
    address = article.canonical_url or ""
    furniture = ["Everything must go.", *(STORIES[11].paragraphs if "second" in address or "row" in address else ())]
    text = "\n\n".join([article.text, *furniture]) if address else article.text
    otherwise = article.model_copy(update={"text": text, "title": f"{article.title} (old)", "keywords": ("old",)})
    return label(ToLabel(otherwise, document.fetched_at), Watch())


def reclean(room: Newsroom, where: str | None = "true", progress: Progress | None = None, **settings: Any) -> dict[str, int]:
    """Return the counts, those that are not nought, of a run of `wirehouse reclean`."""
    given = with_settings(room, settings)
    return counts(run_reclean(outdated_articles(given, where), given, progress or Quiet()))


def with_settings(room: Newsroom, settings: dict[str, Any]) -> Settings:
    return Settings.model_validate(room.settings.model_dump() | settings)


def everything(store: Path) -> dict[str, list[str]]:
    """Return every row of every table of a store but those of its runs and the moment of its migrations."""
    with duckdb.connect(str(store), read_only=True) as con:
        names = con.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE NOT internal ORDER BY ALL").fetchall()
        return {
            name: sorted(map(repr, con.execute(f"FROM {name}").fetchall()))
            for (name,) in names
            if name not in ("main.runs", "internal.schema_version")
        }


def copied(room: Newsroom, folder: Path) -> Newsroom:
    """Return a copy of a store."""
    folder.mkdir(exist_ok=True)
    for file in (room.settings.store, room.settings.writer_store):
        shutil.copy(file, folder / file.name)
    return Newsroom(folder)
