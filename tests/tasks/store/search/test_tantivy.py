"""The extra tantivy: it finds what the index in the store finds, and whenever it cannot the store answers."""

import importlib.util
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest

from flows.maintain import asked_steps, maintain
from flows.options import Step
from schemas.errors import UsageError
from schemas.run import RunReport
from schemas.settings import Settings
from tasks.extras import check_extra
from tasks.store.connection import open_reader
from tasks.store.reading.browse import fetch_dicts
from tasks.store.runs import start_run
from tasks.store.search import tantivy_index, tantivy_search
from tasks.store.search.engine import check_search_engine, keep_up, ranker
from tasks.store.search.find import Conditions, rank_in_store, search
from tasks.store.search.tantivy_feed import bring_up_to_date
from tasks.store.search.tantivy_index import index_path
from tasks.store.search.tantivy_search import BehindError, rank_in_folder
from tasks.store.writer import Writer
from tests.flows.command import ROOT, environment
from tests.tasks.store.search.test_find import MEANINGS, TEXTS, WORDS, put, remove
from tests.tasks.store.shelf import NOW, Piece, prose
from tests.tasks.store.small import small_store

MISSING = importlib.util.find_spec("tantivy") is None
needs_tantivy = pytest.mark.skipif(MISSING, reason="the extra tantivy is not installed")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(store=tmp_path / "news.duckdb", search_engine="tantivy")


@pytest.fixture
def filled(settings: Settings) -> Settings:
    """The settings of a published store with its index."""
    publish(settings, TEXTS)
    return settings


def publish(settings: Settings, pieces: Sequence[Piece], gone: Sequence[Piece] = ()) -> None:
    with Writer(settings) as store:
        start_run(store.con, RunReport(run_id=uuid4(), flow="backfill", engine="direct", started_at=store.now()))
        put(store.con, pieces)
        store.con.execute("UPDATE articles SET content_hash = md5(text)")
        remove(store.con, gone)
        store.publish()


def differences(settings: Settings, queries: Sequence[str], conditions: Conditions = Conditions()) -> list[str]:  # noqa: B008
    """The queries to which the two indexes name different articles; BehindError or ValueError when the extra's cannot answer."""
    by_index, different = partial(rank_in_folder, index_path(settings.store)), []
    with closing(open_reader(settings.store)) as con:
        for query in queries:
            asked = fetch_dicts(con, "FROM internal.search_units(?)", [query])
            if not all(unit["excluded"] for unit in asked):
                found, expected = (rank(con, asked, 1_000, conditions) for rank in (by_index, rank_in_store))
                assert list(found.values()) == sorted(found.values(), reverse=True)
                different += [query] if set(found) != set(expected) else []
    return different


ASKED = [query for query, _ in MEANINGS]


@needs_tantivy
def test_it_finds_what_the_store_finds(filled: Settings) -> None:
    assert differences(filled, ASKED) == []
    assert differences(filled, ASKED, Conditions(language="en", source="one.example")) == []
    assert differences(filled, ASKED, Conditions(since=date(2024, 1, 1))) == []


@needs_tantivy
def test_it_finds_what_the_store_finds_in_texts_made_by_chance(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    chance, words = Random(5), [*WORDS, "\u0610", "x\u0610y", "a_b", "e\u0301t\u00e9", "\u4e00\u4e8c\u4e09"]

    def some(most: int) -> str:
        return " ".join(chance.choices(words, k=chance.randrange(most)))

    pieces = [Piece(str(number), some(20), NOW, some(5) or None) for number in range(80)]
    publish(settings, pieces)

    def unit() -> str:
        said = (chance.choice(pieces).text or "x").split(" ")
        at, many = chance.randrange(len(said)), chance.choice([1, 1, 2, 3])
        body = " ".join(said[at : at + many])
        body = body[: chance.randint(1, len(body))] + "*" if chance.random() < 0.3 else body
        return chance.choice(["", "", "-", "title:", "text:"]) + (f'"{body}"' if many > 1 else body)

    queries = [" ".join(unit() for _ in range(chance.choice([1, 1, 2, 3]))) for _ in range(80)]
    assert differences(settings, queries) == []
    monkeypatch.setattr(tantivy_search, "MOST_SPELLINGS", 0)
    beginnings = [query for query in queries if "*" in query]
    assert differences(settings, beginnings) == []
    monkeypatch.setattr(tantivy_search, "MOST_EXPANSIONS", 0)
    assert differences(settings, beginnings) == []


@needs_tantivy
def test_a_word_of_the_title_counts_more(filled: Settings) -> None:
    with closing(open_reader(filled.store)) as con:
        found = search(con, "climate", 1, rank=ranker(filled))
    assert [one["title"].starred for one in found] == ["**Climate** summit ends"]


@needs_tantivy
def test_where_few_of_the_best_hits_are_asked_for_all_are_found(filled: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(filled, [Piece("odd", "climate " + "else " * 50, source="two.example"), *(Piece(f"c{n}", "climate") for n in range(40))])
    for rounds in [(1,), (1, 10), (1, 10, 100)]:
        monkeypatch.setattr(tantivy_search, "ROUNDS", rounds)
        assert differences(filled, ["climate", "cl*"], Conditions(source="two.example")) == []


@needs_tantivy
def test_it_follows_new_texts_and_removed_ones(filled: Settings) -> None:
    changed = [Piece("summit", "Talks on trade ended."), Piece("new", "climate pact")]
    publish(filled, changed, [piece for piece in TEXTS if piece.name == "tokyo"])
    assert differences(filled, [*ASKED, "trade", "pact"]) == []
    publish(filled, [], [changed[1]])
    publish(filled, [Piece("other", "river pact")])  # which gets the number of the one that went
    assert differences(filled, [*ASKED, "trade", "pact", "river"]) == []
    assert keep_up(filled) == 0


@needs_tantivy
def test_a_store_put_in_place_of_another_is_told_apart(filled: Settings, tmp_path: Path) -> None:
    before = shutil.copy(filled.store, tmp_path / "before")
    publish(filled, [Piece("pact", "three of them")])
    shutil.copy(before, filled.store)
    filled.writer_store.unlink()
    with pytest.raises(BehindError):
        differences(filled, ["pact"])
    publish(filled, [Piece("pact", "five of them")])  # the same number, the same lengths
    assert differences(filled, ["three", "five", "them"]) == []


@needs_tantivy
def test_an_index_that_is_behind_is_said_and_the_store_answers(filled: Settings, caplog: pytest.LogCaptureFixture) -> None:
    publish(filled.model_copy(update={"search_engine": "sql"}), [Piece("late", "climate at last")])
    assert answered(filled, "climate") == 3
    assert "is behind the store; bring it up to date with: wirehouse maintain" in caplog.text
    caplog.clear()
    care = maintain(filled)
    assert care.steps[-1].step == Step.TANTIVY
    assert answered(filled, "climate") == 3
    assert caplog.text == ""


def answered(settings: Settings, query: str) -> int:
    with closing(open_reader(settings.store)) as con:
        return len(search(con, query, 1_000, rank=ranker(settings)))


@needs_tantivy
@pytest.mark.parametrize(
    ("broken", "how"), [("meta.json", "cut"), ("*.term", "gone"), ("*.pos", "cut"), ("*.store", "gone"), (".managed.json", "gone")]
)
def test_a_broken_index_is_said_and_made_anew(filled: Settings, broken: str, how: str, caplog: pytest.LogCaptureFixture) -> None:
    (index_path(filled.store) / "mine.txt").write_text("not the index's")
    for path in index_path(filled.store).glob(broken):
        path.write_bytes(path.read_bytes()[:20])
        if how == "gone":
            path.unlink()
    assert answered(filled, '"climate summit"') == 1
    harmless = (broken, how) == (".managed.json", "gone")
    assert ("wirehouse maintain" in caplog.text) != harmless
    maintain(filled, asked_steps([Step.TANTIVY], []))
    assert differences(filled, ASKED) == []
    assert (index_path(filled.store) / "mine.txt").exists()


@needs_tantivy
def test_an_index_that_cannot_be_written_spoils_no_run(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    index_path(settings.store).write_text("somebody's file")
    publish(settings, TEXTS)
    assert "could not be written, so searches are answered by the store" in caplog.text
    assert keep_up(settings) is None
    assert answered(settings, "climate") == 2
    assert "There is no search index" in caplog.text
    assert index_path(settings.store).read_text() == "somebody's file"


@needs_tantivy
def test_a_full_disk_spoils_no_run_and_no_index(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    texts = [Piece(f"{number}", f"climate {prose(Random(number), 300)}") for number in range(60)]
    publish(settings, texts[:1])
    publish(settings.model_copy(update={"search_engine": "sql"}), texts)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, hard))
    try:
        assert keep_up(settings) is None
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "File too large" in caplog.text
    assert answered(settings, "climate") == 60
    assert "is behind the store" in caplog.text
    assert keep_up(settings) == 61  # the one that has another number now went and came
    assert differences(settings, ["climate"]) == []


@needs_tantivy
def test_an_index_of_other_fields_is_made_anew(filled: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tantivy_index, "STATE", "state0")
    with pytest.raises(ValueError, match="state0"):
        differences(filled, ["climate"])
    assert bring_up_to_date(filled.store) > 0
    assert differences(filled, ASKED) == []


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Path]]:
    """Stores with what killed processes left of their index."""
    folder = tmp_path_factory.mktemp("killed")
    small_store(folder)
    command = [sys.executable, "-m", "tests.tasks.store.search.killed_index", str(folder), "40"]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return sorted(folder.glob("killed-*"))


@needs_tantivy
def test_a_kill_leaves_no_wrong_answer(killed: list[Path], caplog: pytest.LogCaptureFixture) -> None:
    assert len(killed) > 5
    for folder in killed:
        left = Settings(store=folder / "news.duckdb", search_engine="tantivy")
        assert answered(left, "headline") == 30
        assert keep_up(left) is not None
        assert differences(left, ["head*"]) == []
    assert "maintain" in caplog.text


def test_a_missing_extra_is_named() -> None:
    with pytest.raises(UsageError, match=r"search_engine asks for nowhere, .* pip install 'wirehouse\[nowhere\]'"):
        check_extra("search_engine", "nowhere")
    check_search_engine(Settings())


@pytest.mark.skipif(not MISSING, reason="the extra tantivy is installed")
def test_without_the_extra_nothing_is_searched_or_written(settings: Settings) -> None:
    with pytest.raises(UsageError, match=r"pip install 'wirehouse\[tantivy\]'"):
        ranker(settings)
    with pytest.raises(UsageError, match=r"pip install 'wirehouse\[tantivy\]'"), Writer(settings):
        pass
    assert not index_path(settings.store).exists()
