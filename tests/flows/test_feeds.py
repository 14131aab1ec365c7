"""The commands around the feed list, as a person types them."""

import asyncio
import os
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from schemas.settings import Settings
from tasks.store.files import WriterLock
from tests.flows.command import report, wirehouse
from tests.flows.feeding import POLITENESS_OFF, feed_list, ingest, rows
from tests.site.faults import misbehave
from tests.site.news import NewsSite
from tests.site.server import Seen, Server, response

PAGE = b"<!DOCTYPE html><html><head><title>A page</title></head><body><p>It names no feeds.</p></body></html>"
FOREIGN = """<?xml version="1.0" encoding="ISO-8859-1"?>
<opml version="1.0"><head><title>Mes flux</title></head><body>
<outline text="Actualités"><outline title="Régions">
  <outline text="Le Port" xmlUrl="https://port.example/rss?a=1&amp;b=2" htmlUrl="https://port.example/"
    xmlns:r="urn:reader" r:colour="blue" archive="30"/>
  <outline text="Empty"/>
</outline></outline>
<outline text="Sea / Air" >
  <outline TYPE="RSS" text="Sky" title="Sky &amp; Sea" XMLURL="https://sky.example/feed" category="/weather,/air"/></outline>
<outline text="Loose" type="rss" xmlUrl="https://loose.example/atom.xml" isBreakpoint="true"/>
<outline text="Again" type="rss" xmlUrl="https://loose.example/atom.xml"/>
<outline text="No address" xmlUrl="javascript:alert(1)"/>
</body></opml>
"""


def feeds(folder: Path, *arguments: object, **more: str) -> Any:
    """Return what a command about feeds reports as JSON."""
    return report(wirehouse("feeds", *arguments, "--json", folder=folder, **POLITENESS_OFF | more))


async def plain(_: Seen, writer: asyncio.StreamWriter) -> None:
    """Have the same page everywhere."""
    writer.write(response(PAGE, content_type="text/html"))


class Added(NamedTuple):
    """A store whose list was filled from a site, and what adding reported."""

    folder: Path
    site: NewsSite
    by_site: Any
    by_feed: Any


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Added]:
    folder = tmp_path_factory.mktemp("added")
    with NewsSite() as site:
        by_site = feeds(folder, "add", f"{site.url}/")
        by_feed = feeds(folder, "add", f"{site.url}/feeds/world.atom", "--folder", "News/World")
        yield Added(folder, site, by_site, by_feed)


def test_a_site_is_added_by_the_first_feed_it_names(added: Added) -> None:
    url = added.site.url
    [one] = added.by_site
    assert (one["state"], one["asked"], one["url"], one["site_url"]) == ("added", f"{url}/", f"{url}/feeds/latest.xml", f"{url}/")
    assert (one["title"], one["kind"]) == ("The Brannick Courier: Latest", "rss")
    assert [other["title"] for other in one["others"]] == ["World", "Science", "Culture"]


def test_a_feed_is_added_as_it_is_in_its_folder(added: Added) -> None:
    assert [(one["state"], one["kind"]) for one in added.by_feed] == [("added", "atom")]
    listed = feeds(added.folder, "list")
    assert [(one["title"], one["folder"], one["health"], one["next_due_at"]) for one in listed] == [
        ("The Brannick Courier: Latest", None, "new", None),
        ("The Brannick Courier: World", "News/World", "new", None),
    ]
    shown = wirehouse("feeds", "list", folder=added.folder).stdout
    assert all(one["url"] in shown and one["feed_id"][:8] in shown for one in listed)


def test_what_is_in_the_list_is_said_to_be_and_not_asked_for(added: Added) -> None:
    before = (added.folder / "news.duckdb").read_bytes()
    added.site.requests.clear()
    done = wirehouse("feeds", "add", f"{added.site.url}/feeds/world.atom", folder=added.folder, **POLITENESS_OFF)
    assert (done.returncode, done.stdout) == (0, f"In the list already: {added.site.url}/feeds/world.atom\n")
    assert added.site.requests == []
    again = wirehouse("feeds", "add", f"{added.site.url}/", folder=added.folder, **POLITENESS_OFF)
    assert again.returncode == 0
    assert again.stdout.startswith(f"In the list already: {added.site.url}/feeds/latest.xml\n")
    assert (added.folder / "news.duckdb").read_bytes() == before


def test_of_several_addresses_each_is_told_and_the_good_ones_are_added(tmp_path: Path) -> None:
    with Server(misbehave) as good, Server(plain) as page:
        bad = ["http://127.0.0.1:1/", f"{page.url}/", "http://10.0.0.1/", "http://192.31.196.1/", f"{page.url}/rss.xml"]
        done = wirehouse("feeds", "add", *bad, f"{good.url}/good", folder=tmp_path, **POLITENESS_OFF)
        assert done.returncode == 2
        assert done.stdout == f"Added: Harbour news, {good.url}/good (rss, 1 item)\n"
        refused, no_feed, blocked, unsaid, no_feed_either = done.stderr.splitlines()
        assert rows(tmp_path, "SELECT url, title, site_url FROM feeds") == [(f"{good.url}/good", "Harbour news", "http://127.0.0.1/")]
    assert refused.startswith("Error: http://127.0.0.1:1/ could not be read (refused)")
    assert no_feed.startswith(f"Error: No feed was found at {page.url}/: ")
    assert no_feed_either.startswith(f"Error: No feed was found at {page.url}/rss.xml: ")
    assert "http://10.0.0.1/" in blocked
    assert "WIREHOUSE_ALLOW_NETWORKS" in blocked
    assert "user_agent" in unsaid


def test_a_blocked_address_names_the_setting_and_leaves_no_store(added: Added, tmp_path: Path) -> None:
    added.site.requests.clear()
    done = wirehouse("feeds", "add", f"{added.site.url}/", folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "WIREHOUSE_ALLOW_NETWORKS" in done.stderr
    assert added.site.requests == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("written", ['["10.0.0.0/8", "fd00::/8"]', '"10.0.0.0/8, fd00::/8"', '"10.0.0.0/8,fd00::/8,"'])
def test_allow_networks_may_be_a_list_or_one_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WIREHOUSE_ALLOW_NETWORKS", raising=False)
    (tmp_path / "wirehouse.toml").write_text(f"allow_networks = {written}\n", encoding="utf-8")
    assert Settings().allow_networks == (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


@pytest.mark.parametrize("typed", [["add", "no address"], ["add"], ["check", "file:///etc/passwd"], ["remove", "ffff"]])
def test_what_cannot_be_meant_ends_with_a_sentence(added: Added, typed: list[str]) -> None:
    done = wirehouse("feeds", *typed, folder=added.folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: ")


def test_a_store_in_use_is_left_alone(added: Added) -> None:
    before = (added.folder / "news.duckdb").read_bytes()
    with WriterLock(added.folder / "news.writer.duckdb", 0):
        done = wirehouse("feeds", "remove", f"{added.site.url}/feeds/world.atom", folder=added.folder, WIREHOUSE_LOCK_WAIT="0.1")
        assert len(feeds(added.folder, "list")) == 2
    assert (done.returncode, done.stdout) == (4, "")
    assert f"process {os.getpid()}" in done.stderr
    assert (added.folder / "news.duckdb").read_bytes() == before


def test_without_a_store_nothing_is_made(tmp_path: Path) -> None:
    for typed in (["list"], ["remove", "https://example.org/feed"], ["import", "absent.opml"]):
        done = wirehouse("feeds", *typed, folder=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("Error: ")
    assert list(tmp_path.iterdir()) == []


def outlines(document: str) -> list[tuple[str, ...]]:
    """Return the folders of each feed of an OPML document, with its attributes."""
    found: list[tuple[str, ...]] = []

    def walk(node: ElementTree.Element, folders: tuple[str, ...]) -> None:
        for child in node:
            if "xmlUrl" in child.attrib:
                found.append((*folders, *(f"{name}={value}" for name, value in sorted(child.attrib.items()))))
            walk(child, (*folders, child.get("text", "")))

    body = ElementTree.fromstring(document).find("body")
    assert body is not None
    walk(body, ())
    return found


def test_a_foreign_list_goes_in_and_out_and_in_again(tmp_path: Path) -> None:
    (tmp_path / "mine.opml").write_bytes(FOREIGN.encode("latin-1"))
    taken = feeds(tmp_path, "import", "mine.opml")
    assert (taken["read"], taken["new"]) == (3, 3)
    again = wirehouse("feeds", "import", "mine.opml", folder=tmp_path)
    assert again.stdout == "mine.opml: 3 feeds, 0 of them new.\n"
    exported = wirehouse("feeds", "export", folder=tmp_path).stdout
    assert ElementTree.fromstring(exported).get("version") == "2.0"
    port = "htmlUrl=https://port.example/", "text=Le Port", "title=Le Port", "type=rss", "xmlUrl=https://port.example/rss?a=1&b=2"
    assert sorted(outlines(exported)) == sorted(
        [
            ("Actualités", "Régions", "archive=30", *port, "{urn:reader}colour=blue"),
            ("Sea ∕ Air", "category=/weather,/air", "text=Sky", "title=Sky & Sea", "type=rss", "xmlUrl=https://sky.example/feed"),
            ("isBreakpoint=true", "text=Loose", "title=Loose", "type=rss", "xmlUrl=https://loose.example/atom.xml"),
        ]
    )
    other = tmp_path / "other"
    other.mkdir()
    assert wirehouse("feeds", "export", "other/out.opml", folder=tmp_path).returncode == 0
    assert (other / "out.opml").read_text("utf-8") == exported
    assert feeds(other, "import", "out.opml")["new"] == 3
    assert wirehouse("feeds", "export", folder=other).stdout == exported


def test_export_never_replaces_the_store(added: Added) -> None:
    done = wirehouse("feeds", "export", "news.writer.duckdb", folder=added.folder)
    assert done.returncode == 2
    assert "belongs to the store" in done.stderr


def test_check_tells_how_feeds_answer_and_stores_nothing(added: Added, tmp_path: Path) -> None:
    with Server(misbehave) as server:
        moved = f"{server.url}/to/301?{quote(f'{server.url}/good', safe='')}"
        names = ["good", "not-found", "gzip-bomb"]
        checked = feeds(tmp_path, "check", *(f"{server.url}/{name}" for name in names), moved, f"{added.site.url}/")
    assert [one["reason"] for one in checked] == ["ok", "not_found", "too_large", "ok", "not_a_feed"]
    assert [(one["kind"], one["items"], one["title"]) for one in checked[:1]] == [("rss", 1, "Harbour news")]
    assert [(one["redirects"], one["moved_to"]) for one in checked[3:]] == [(1, f"{server.url}/good"), (0, None)]
    assert list(tmp_path.iterdir()) == []


def test_check_asks_all_of_the_list_and_changes_nothing(added: Added) -> None:
    before = (added.folder / "news.duckdb").read_bytes()
    shown = wirehouse("feeds", "check", folder=added.folder, **POLITENESS_OFF)
    assert shown.returncode == 0
    assert [line.split()[1] for line in shown.stdout.splitlines() if added.site.url in line] == ["ok", "ok"]
    assert (added.folder / "news.duckdb").read_bytes() == before


@pytest.fixture(scope="module")
def polled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store after a run over a good feed, one that is gone and one that is missing."""
    folder = tmp_path_factory.mktemp("polled")
    with Server(misbehave) as server:
        listed = feed_list(folder, [f"{server.url}/{name}" for name in ("good", "gone", "not-found")])
        assert ingest(folder, "--feeds", listed).returncode == 0
    return folder


def test_status_tells_how_the_feeds_do(polled: Path) -> None:
    status = report(wirehouse("status", "--json", folder=polled))
    told = status["feeds"]
    assert (told["count"], told["states"]) == (3, {"failing": 1, "gone": 1, "ok": 1})
    assert [(one["title"], one["health"]) for one in told["worst"]] == [("feed 2", "failing"), ("feed 1", "gone")]
    assert "not_found" in told["worst"][0]["why"]
    assert told["last_ingest"]["run_id"] == status["runs"][0]["run_id"]
    assert told["last_ingest"]["fetches"] == {"feed gone": 1, "feed not_found": 1, "feed ok": 1}
    assert set(told["pages"]) == {"waiting", "due", "next_due_at", "given_up"}
    shown = wirehouse("status", folder=polled).stdout
    assert all(words in shown for words in ("failing", "gone", "the next one is due", "feed: not_found", "answered 410"))


def test_doctor_notes_that_nobody_can_be_reached(polled: Path) -> None:
    checks = report(wirehouse("doctor", "--json", folder=polled))
    assert all(check["ok"] for check in checks)
    assert "user_agent" in checks[-1]["detail"]
    contact = {"WIREHOUSE_USER_AGENT": "harbour/1 (+https://example.org)"}
    assert "contact" not in {check["name"] for check in report(wirehouse("doctor", "--json", folder=polled, **contact))}


def test_removed_feeds_leave_their_articles(polled: Path) -> None:
    good, gone, missing = feeds(polled, "list")
    removed = feeds(polled, "remove", good["url"], gone["feed_id"][:8], missing["url"], missing["feed_id"])
    assert [one["url"] for one in removed] == [good["url"], gone["url"], missing["url"]]
    assert rows(polled, "SELECT count(*) FROM articles") == [(1,)]
    assert rows(polled, "SELECT count(*) FROM fetches WHERE kind = 'feed'") == [(3,)]
    empty = wirehouse("feeds", "list", folder=polled)
    assert (empty.returncode, empty.stdout) == (0, "")
    assert "feeds add" in empty.stderr
