"""Nobody is asked but the feeds that were named and the pages that they point at; most commands ask nobody."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from tests.flows.command import environment, installed, report, wirehouse
from tests.flows.feeding import POLITENESS_OFF, feed_list
from tests.flows.listening import heard, listen
from tests.site.news import NewsSite

FEED = "/feeds/culture.rdf"
FOR_ROBOTS = {"/robots.txt", "/.well-known/tdmrep.json"}
SILENT = [
    ["init", "elsewhere"],
    ["feeds", "list"],
    ["feeds", "export"],
    ["feeds", "import", "feeds.opml"],
    ["backfill", "a.txt"],
    ["sql", "from articles"],
    ["stories"],
    ["status"],
    ["doctor"],
    ["maintain"],
    ["remove", "--where", "source = 'nowhere.example'"],
]
"""With them nobody named an address that is to be asked now."""


class Desk(NamedTuple):
    """A store with the articles of a feed, the site that it came from, and the folder in which connections are written down."""

    folder: Path
    site: NewsSite
    watch: Path
    environ: dict[str, str]

    @property
    def here(self) -> set[tuple[str, str]]:
        """The site, as those are named who were asked."""
        parts = urlsplit(self.site.url)
        return {(parts.hostname or "", str(parts.port))}

    def run(self, *arguments: object) -> set[tuple[str, str]]:
        """Return whom a command asked; it must do well."""
        done = installed(*arguments, folder=self.folder, **self.environ)
        assert done.returncode == 0, done.stderr
        return heard(self.watch)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder, watch = tmp_path_factory.mktemp("desk"), tmp_path_factory.mktemp("watch")
    (folder / "a.txt").write_text("A short line of news about a bridge that was opened on Friday.", encoding="utf-8")
    with NewsSite() as site:
        feed_list(folder, [f"{site.url}{FEED}", f"{site.url}/feeds/lost.xml"])
        desk = Desk(folder, site, watch, POLITENESS_OFF | listen(watch))
        assert desk.run("feeds", "add", f"{site.url}{FEED}") == desk.here
        assert desk.run("ingest") == desk.here
        yield desk


def test_an_asked_address_is_heard(tmp_path: Path) -> None:
    script = "import socket; socket.socket().connect_ex(('127.0.0.1', 1)); socket.getaddrinfo('127.0.0.2', 80)"
    subprocess.run([sys.executable, "-c", script], env=environment(**listen(tmp_path)), check=True, timeout=60)
    assert heard(tmp_path) == {("127.0.0.1", "1"), ("127.0.0.2", "80")}
    assert heard(tmp_path) == set()


@pytest.mark.parametrize("command", SILENT, ids=lambda command: " ".join(command[:2]))
def test_no_connection_is_opened(desk: Desk, command: list[str]) -> None:
    assert desk.run(*command) == set()


@pytest.mark.parametrize(
    "command", [["ingest", "{site}/feeds/culture.rdf"], ["ingest", "--feeds", "feeds.opml"], ["retry"], ["feeds", "check"]]
)
def test_the_named_feeds_are_asked_and_nobody_else(desk: Desk, command: list[str]) -> None:
    assert desk.run(*(word.format(site=desk.site.url) for word in command)) <= desk.here


def test_nothing_is_asked_of_a_site_but_its_feeds_and_the_pages_they_point_at(desk: Desk) -> None:
    culture = {path for path in desk.site.holds() if path.startswith("/culture/")}
    assert {seen.path for seen in desk.site.requests} <= {FEED, "/feeds/lost.xml"} | culture | FOR_ROBOTS
    assert {name for seen in desk.site.requests for name in seen.headers} & {"cookie", "referer", "authorization", "from"} == set()


def test_the_run_has_taken_in_what_it_asked_for(desk: Desk) -> None:
    shown = report(wirehouse("status", "--json", folder=desk.folder))
    assert shown["feeds"]["count"] == 2
    assert shown["tables"]["articles"] > 3
