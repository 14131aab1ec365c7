"""Ingest as a person meets it: the first steps, what a second run does, what a run that was cut short leaves, and bad company."""

import asyncio
import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import pytest

from tests.flows.command import counts, public_rows, report, wirehouse
from tests.flows.feeding import POLITENESS_OFF, feed_list, ingest, news_rows, reasons, rows, run_ids, start_ingest
from tests.site.content import feeds
from tests.site.faults import GOOD, REASONS, misbehave
from tests.site.news import NewsSite
from tests.site.server import Handler, Seen, Server, response

A_MINUTE = 60


def test_the_first_steps(tmp_path: Path) -> None:
    demo = tmp_path / "demo"
    with NewsSite() as site:
        assert wirehouse("init", "demo", folder=tmp_path).returncode == 0
        added = wirehouse("feeds", "add", f"{site.url}/", folder=demo, **POLITENESS_OFF)
        assert added.returncode == 0, added.stderr
        articles = [path for path in site.holds() if path.endswith(".html") and "/evolution/" not in path]
        assert counts(ingest(demo))["new"] == len(articles)
        before = news_rows(demo)
        site.served.clear()
        again = counts(ingest(demo))
    assert {one.status for one in site.served} == {304}
    assert not {"new", "new_versions", "sightings", "rejected"} & again.keys()
    assert news_rows(demo) == before
    assert set(reasons(demo, run_ids(demo)[-1]).values()) == {"not_modified"}


def test_retry_after_is_honoured_by_the_next_process(tmp_path: Path) -> None:
    async def busy(seen: Seen, writer: asyncio.StreamWriter) -> None:
        status = "404 Not Found" if seen.path == "/robots.txt" else "429 Too Many Requests"
        writer.write(response(b"", status, retry_after="3600"))

    with Server(busy) as server:
        listed = feed_list(tmp_path, [f"{server.url}/feed.xml"])
        assert ingest(tmp_path, "--feeds", listed).returncode == 0
        assert [seen.path for seen in server.requests].count("/feed.xml") == 1
        server.requests.clear()
        assert ingest(tmp_path, "--feeds", listed).returncode == 0
        assert server.requests == []
    first, *_ = run_ids(tmp_path)
    assert reasons(tmp_path, first) == {f"{server.url}/feed.xml": "rate_limited"}


def test_a_second_run_waits_a_little_then_names_the_first(tmp_path: Path) -> None:
    arrived, gate = threading.Event(), threading.Event()

    async def hold(seen: Seen, writer: asyncio.StreamWriter) -> None:
        arrived.set()
        await asyncio.to_thread(gate.wait, A_MINUTE)
        writer.write(response(GOOD, content_type="application/rss+xml"))

    with Server(hold) as server, start_ingest(tmp_path, "--feeds", feed_list(tmp_path, [f"{server.url}/feed.xml"])) as first:
        assert arrived.wait(A_MINUTE)
        second = ingest(tmp_path, WIREHOUSE_LOCK_WAIT="0.2")
        gate.set()
        assert first.wait(A_MINUTE) == 0
    assert second.returncode == 4
    assert f"process {first.pid} (wirehouse ingest), since" in second.stderr
    assert "Traceback" not in second.stderr
    assert rows(tmp_path, "SELECT count(*) FROM articles") == [(1,)]


class Whole(NamedTuple):
    """A site, what an uninterrupted run over its feeds leaves, and how many answers that takes."""

    site: NewsSite
    listed: Path
    news: dict[str, list[str]]
    answers: int


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    folder = tmp_path_factory.mktemp("whole")
    with NewsSite() as site:
        listed = feed_list(folder, [feed.url for feed in feeds(site.url)] + [f"{site.url}/evolution/full/one.xml"])
        assert ingest(folder, "--feeds", listed).returncode == 0
        yield Whole(site, listed, news_rows(folder), len(site.served))


@pytest.mark.parametrize("moment", ["some fetched", "something written"])
def test_killed_and_started_again_equals_an_uninterrupted_run(whole: Whole, tmp_path: Path, moment: str) -> None:
    whole.site.again()
    fetched = whole.site.when(whole.answers // 3 if moment == "some fetched" else whole.answers)
    with start_ingest(tmp_path, "--feeds", whole.listed, WIREHOUSE_PUBLISH_EVERY="0.0001") as run:
        assert fetched.wait(A_MINUTE)
        if moment == "something written":
            wait_for_more(tmp_path, run)
        run.kill()
    rest = ingest(tmp_path, "--feeds", whole.listed)
    assert rest.returncode == 0, rest.stderr
    assert news_rows(tmp_path) == whole.news
    states = [row[0] for row in rows(tmp_path, "SELECT state FROM runs ORDER BY started_at")]
    assert states[-1] == "completed"
    assert set(states[:-1]) <= {"crashed"}


def wait_for_more(folder: Path, run: subprocess.Popen[bytes]) -> None:
    """Wait until a run has written more into its store, at most a minute."""
    before, give_up = written(folder), time.monotonic() + A_MINUTE
    while written(folder) == before and time.monotonic() < give_up:
        with suppress(subprocess.TimeoutExpired):
            run.wait(0.01)


def written(folder: Path) -> int:
    """Return the size of the writer's files."""
    with suppress(FileNotFoundError):  # the log comes and goes
        return sum(path.stat().st_size for path in folder.glob("news.writer.duckdb*"))
    return 0


PATIENCE = "6"
"""Seconds that a fetch may take: the faults that drip or are silent last that long, the others are over at once on a busy machine too."""
NOTATIONS = [
    "127.0.0.2",
    "127.0.0.2.",
    "127.2",
    "127.0.2",
    "2130706434",
    "0x7f000002",
    "0x7f.0.0.2",
    "017700000002",
    "0177.0.0.2",
    "[::ffff:127.0.0.2]",
    "[::ffff:7f00:2]",
    "[64:ff9b::7f00:2]",
    "[2002:7f00:2::]",
    "１２７.0.0.2",
]
METADATA = "http://169.254.169.254/latest/meta-data/"
SECRET = "the word that no feed may read"
CHANNEL = '<rss version="2.0"><channel><title>Boats</title>{}</channel></rss>'
ITEM = "<item><title>A boat, a bridge</title><guid>1</guid><author>{}</author><description>{}</description></item>"
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def hostile_bodies(file: Path) -> dict[str, str]:
    """Return feeds that are made to hurt their parser, or to read a file."""
    return {
        "author": CHANNEL.format(ITEM.format("a@b.c (" * 9_000, "The boat went under the bridge.")),
        "laughs": f'<!DOCTYPE rss [<!ENTITY l0 "ha">{LAUGHS}]>{CHANNEL.format(ITEM.format("Ada", "&l9;"))}',
        "xxe": f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{file.as_uri()}">]>{CHANNEL.format(ITEM.format("Ada", "&x; and the boat went on."))}',
    }


def sends(bodies: dict[str, str]) -> Handler:
    """Return a handler that answers with the body that the path names."""

    async def handler(seen: Seen, writer: asyncio.StreamWriter) -> None:
        body = bodies.get(seen.path.strip("/"))
        writer.write(response(b"", "404 Not Found") if body is None else response(body.encode(), content_type="application/rss+xml"))

    return handler


class Company(NamedTuple):
    """A store after a run over good and bad feeds together, and what that took."""

    folder: Path
    reasons: dict[str, str]
    good: list[str]
    news: int
    trap: socket.socket
    grew: int
    """Kilobytes of memory that the run took more than one over the good feeds alone."""


def peak_memory(run: subprocess.Popen[bytes]) -> int:
    """Return how many kilobytes a run took at its highest, once it has ended well."""
    _, status, usage = os.wait4(run.pid, 0)
    run.returncode = os.waitstatus_to_exitcode(status)
    assert run.returncode == 0
    return usage.ru_maxrss


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    folder, alone = tmp_path_factory.mktemp("company"), tmp_path_factory.mktemp("alone")
    secret = folder / "secret.txt"
    secret.write_text(SECRET, encoding="utf-8")
    only = {"WIREHOUSE_ALLOW_NETWORKS": "127.0.0.1/32", "WIREHOUSE_FETCH_TIMEOUT": PATIENCE}
    with ExitStack() as stack:
        trap = stack.enter_context(socket.create_server(("127.0.0.2", 0)))
        site = stack.enter_context(NewsSite())
        good = [feed.url for feed in feeds(site.url)]
        quiet = peak_memory(start_ingest(alone, "--feeds", feed_list(alone, good), **only))
        # a server for each fault: what one asks for (Retry-After) must not hide another one
        bad = [f"{stack.enter_context(Server(misbehave)).url}/{name}" for name in REASONS]
        door = stack.enter_context(Server(misbehave)).url
        targets = [f"http://{host}:{trap.getsockname()[1]}/" for host in NOTATIONS]
        bad += [f"{door}/to/302?{quote(target, safe='')}" for target in [*targets, METADATA]] + targets[:1]
        bodies = hostile_bodies(secret)
        parser = stack.enter_context(Server(sends(bodies))).url
        bad += [f"{parser}/{name}?hostile" for name in bodies]
        loud = peak_memory(start_ingest(folder, "--feeds", feed_list(folder, bad + good), **only))
        pages = sum(path.endswith(".html") and "/evolution/" not in path for path in site.holds())
        yield Company(folder, reasons(folder, run_ids(folder)[0]), good, pages, trap, loud - quiet)


def test_each_fault_has_its_own_reason(company: Company) -> None:
    names = {url: name for url in company.reasons for name in [url.split("/", 3)[3]] if name in REASONS}
    assert {name: company.reasons[url] for url, name in names.items()} == REASONS


def test_good_feeds_in_bad_company_are_complete(company: Company) -> None:
    assert {company.reasons[url] for url in company.good} == {"ok"}
    found = rows(company.folder, "SELECT count(*) FROM articles WHERE starts_with(url, ?)", company.good[0].rpartition("/feeds")[0])
    assert found == [(company.news,)]


def test_no_forbidden_address_is_ever_connected_to(company: Company) -> None:
    company.trap.setblocking(False)
    with pytest.raises(BlockingIOError):
        company.trap.accept()
    led = {url: reason for url, reason in company.reasons.items() if "/to/302" in url or "//127.0.0.2" in url}
    assert len(led) == len(NOTATIONS) + 2
    assert set(led.values()) <= {"blocked_address", "bad_redirect"}


def test_hostile_bodies_end_as_they_should_and_read_no_file(company: Company) -> None:
    ends = {url.split("/", 3)[3].partition("?")[0]: reason for url, reason in company.reasons.items() if url.endswith("?hostile")}
    assert ends.pop("xxe") in {"ok", "parser_limit"}
    assert ends == {"author": "ok", "laughs": "parser_limit"}
    assert SECRET not in json.dumps(public_rows(company.folder / "news.duckdb"))


def test_bad_company_takes_little_memory(company: Company) -> None:
    assert company.grew < 100 * 1024


def test_status_counts_what_went_wrong(company: Company) -> None:
    health = dict(rows(company.folder, "SELECT state, count(*) FROM feed_health GROUP BY state"))
    assert health["gone"] == 1
    assert report(wirehouse("status", "--json", folder=company.folder))
