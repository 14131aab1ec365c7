"""Full-text search: the index is what the texts say, and a query finds what a person means."""

from collections.abc import Iterator, Sequence
from math import log
from pathlib import Path
from random import Random
from uuid import UUID

import duckdb
import pytest

import tasks.store.search.index
from flows.maintain import asked_steps, maintain
from flows.options import Step
from schemas.errors import UsageError
from schemas.settings import Settings
from tasks.store.care.health import check_deeply, check_store
from tasks.store.care.removal import remove_articles
from tasks.store.connection import open_reader
from tasks.store.migrate import Connection, migrate
from tasks.store.search.find import LONGEST_QUERY, search
from tasks.store.search.index import Told, build_index, forget_words, keep_words, merge_due, merge_runs
from tasks.store.writer import Writer
from tests.tasks.store.shelf import NOW, Piece, empty, put_articles

WORDS = ["élan", "ville", "rouge", "l'été", "日本語の記事", "foo-bar", "Straße", "東京、大阪", "Kim", "Jong-un", "ภาษาไทย", "x2025年"]
WORDS += ["１２３", "ÆRØ", "Ελλάς", "हिन्दी"]
STORED = """SELECT term, doc, places FROM (SELECT term, doc, places FROM internal.search_postings
    UNION ALL SELECT term, doc, places FROM internal.search_recent)"""
SCANNED = "SELECT term, doc, places FROM internal.search_rows('internal.search_texts')"
CURRENT = f"{STORED} SEMI JOIN (FROM internal.search_documents WHERE current) USING (doc)"
KNOWN = "SELECT word FROM internal.search_vocabulary UNION SELECT word FROM internal.search_recent"


@pytest.fixture
def con(tmp_path: Path) -> Iterator[Connection]:
    """A store in a file, open for writing."""
    with duckdb.connect(str(tmp_path / "news.duckdb")) as opened:
        opened.execute("SET TimeZone = 'UTC'")
        migrate(opened)
        yield opened


def put(con: Connection, pieces: Sequence[Piece]) -> None:
    con.begin()
    numbers = put_articles(con, pieces)
    keep_words(con, [Told(numbers[piece.id], piece.title, piece.text) for piece in pieces])
    con.commit()


def remove(con: Connection, pieces: Sequence[Piece]) -> None:
    con.begin()
    remove_articles(con, [piece.id for piece in pieces], "asked", NOW)
    con.commit()


def sound(con: Connection) -> None:
    assert sorted(con.execute(SCANNED).fetchall()) == sorted(con.execute(CURRENT).fetchall())
    indexed = con.execute("SELECT article_no FROM internal.search_documents WHERE current ORDER BY 1").fetchall()
    assert indexed == con.execute("SELECT article_no FROM internal.article_numbers ORDER BY 1").fetchall()


def found(con: Connection, query: str) -> list[UUID]:
    return [article_id for (article_id,) in con.execute("SELECT article_id FROM search(?)", [query]).fetchall()]


def names(con: Connection, query: str, pieces: Sequence[Piece]) -> set[str]:
    by_id = {piece.id: piece.name for piece in pieces}
    return {by_id[one] for one in found(con, query)}


@pytest.mark.parametrize("seed", range(3))
def test_the_index_is_what_a_scan_of_the_texts_says(con: Connection, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.store.search.index, "RUN_POSTINGS", 200)  # so that there are several runs
    monkeypatch.setattr(tasks.store.search.index, "SLICE_POSTINGS", 150)
    monkeypatch.setattr(tasks.store.search.index, "PORTION_CHARACTERS", 300)
    chance, live, made = Random(seed), dict[str, Piece](), 0

    def piece(name: str) -> Piece:
        title, text = (" ".join(chance.choices(WORDS, k=chance.randrange(most))) for most in (4, 25))
        return Piece(name, text, title=title or None)

    def few() -> list[str]:
        return chance.sample(sorted(live), min(3, len(live)))

    for _ in range(25):
        match chance.randrange(6):
            case 0 | 1 | 2:
                some = [piece(str(made + number)) for number in range(chance.randint(1, 9))]
                made += len(some)
            case 3:
                some = [piece(name) for name in few()]
            case 4:
                some = []
                remove(con, [live.pop(name) for name in few()])
            case _:
                some = []
                merge_runs(con)
        live |= {one.name: one for one in some}
        if some:
            put(con, some)
        sound(con)
    fresh = empty()
    put(fresh, sorted(live.values(), key=lambda one: one.name))
    for query in ("elan", "日", "東京", "rouge -ville", '"kim jong un"', "title:foo", "s*", "text:ete ville", "aerø", "2025年", "123"):
        assert sorted(con.execute("FROM search(?)", [query]).fetchall()) == sorted(fresh.execute("FROM search(?)", [query]).fetchall())


def test_a_batch_that_is_rolled_back_leaves_nothing(con: Connection) -> None:
    put(con, [Piece("a", "one")])
    con.begin()
    numbers = put_articles(con, [Piece("b", "two")])
    keep_words(con, [Told(numbers[Piece("b", "").id], None, "two")])
    con.rollback()
    sound(con)
    assert found(con, "two") == []


TEXTS = [
    Piece("palace", "Le président a reçu à l'Élysée la cheffe de l'État-major.", title="Réception à l'Élysée"),
    Piece("summit", "The climate summit ended. A summit on climate policy begins.", title="Climate summit ends"),
    Piece("climate", "The summit was about trade; the climate was cold."),
    Piece("tokyo", "東京都で雪が降った。気温は２０２５年で最低。", title="東京の雪"),
    Piece("kyoto", "京都の桜。"),
    Piece("bangkok", "นายกรัฐมนตรีไทยเดินทางไปญี่ปุ่น", title="การเมือง"),
    Piece("oslo", "Œuvre på Ærø og i Łódź, Straße, и Ельцин приехал; हिन्दी में"),
    Piece("dotted", "naïve cafe\u0301 — COOPERATE co-operate co operate"),
]


MEANINGS: list[tuple[str, set[str]]] = [
    ("elysee", {"palace"}),
    ("ÉLYSÉE", {"palace"}),
    ("l'elysée", {"palace"}),
    ("president etat", {"palace"}),
    ("climate summit", {"summit", "climate"}),
    ('"climate summit"', {"summit"}),
    ("“climate summit”", {"summit"}),
    ('"summit climate"', set()),
    ('"ends the climate"', set()),  # the title's end and the text's beginning are not side by side
    ("title:climate", {"summit"}),
    ('title:"climate summit"', {"summit"}),
    ('text:"climate summit"', {"summit"}),
    ("text:ends", set()),
    ("summit -trade", {"summit"}),
    ('summit -"climate policy"', {"climate"}),
    ("climate -title:climate", {"climate"}),
    ("-climate", set()),
    ("clim*", {"summit", "climate"}),
    ('"climate pol*"', {"summit"}),
    ("東京", {"tokyo"}),
    ("京", {"tokyo", "kyoto"}),
    ("京都", {"tokyo", "kyoto"}),
    ("東京都で", {"tokyo"}),
    ("雪 東京", {"tokyo"}),
    ("都雪", set()),
    ("2025年", {"tokyo"}),
    ("２０２５", {"tokyo"}),
    ("ไทย", {"bangkok"}),
    ("oeuvre aero lodz strasse", {"oslo"}),
    ("ельцин", {"oslo"}),
    ("हिन्दी", {"oslo"}),
    ("naive CAFÉ", {"dotted"}),
    ("co-operate", {"dotted"}),
    ("title:", set()),
    ("nowhere", set()),
]


@pytest.mark.parametrize(("query", "expected"), MEANINGS)
def test_what_a_query_means(reader: Connection, query: str, expected: set[str]) -> None:
    assert names(reader, query, TEXTS) == expected


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """The published copy of a store, as everybody opens it."""
    path = tmp_path_factory.mktemp("search") / "news.duckdb"
    with Writer(Settings(store=path)) as store:
        put(store.con, TEXTS)
        merge_runs(store.con)
        put(store.con, TEXTS[:2])  # changed, and in no run yet
        store.publish()
    con = open_reader(path)
    yield con
    con.close()


@pytest.mark.parametrize(
    "query",
    [
        *("", " ", "\t\n", "-", '"', '""', "***", "title:", '-title:""', "!?;—", "'", "\\", "\x00\x02\x03", "%", "_", "()[]{}^$.|?+"),
        *(
            '"unbalanced',
            'a"b"c"',
            '"""',
            "'; DROP TABLE articles; --",
            "$query",
            "{{}}",
            "a" * 10_000,
            "a " * 5_000,
            '" ' * 5_000,
            "日" * 10_000,
        ),
        *("-" * 10_000, "*" * 10_000, "title:" * 1_000, "\U0001f600", "e" + "\u0301" * 5_000, "\ud7ff\ue000"),
    ],
    ids=lambda query: repr(query[:12]),
)
def test_hostile_queries_find_nothing_and_break_nothing(reader: Connection, query: str) -> None:
    some = found(reader, query)
    assert len(some) <= 2
    if len(query) > LONGEST_QUERY or not reader.execute("FROM internal.search_units(?)", [query]).fetchall():
        with pytest.raises(UsageError, match=r"characters|no word"):
            search(reader, query, 5)
    else:
        assert [one["article_id"] for one in search(reader, query, 5)] == some


def test_articles_are_ranked(con: Connection) -> None:
    filler = " ".join(f"w{number}" for number in range(30))
    pieces = [
        Piece("title", f"{filler} {filler}", title="harbour"),
        Piece("often", f"harbour {filler} harbour {filler} harbour"),
        Piece("short", "harbour w1 w2"),
        Piece("once", f"harbour {filler} {filler}"),
        Piece("rare", f"harbour dredger {filler}"),
        *(Piece(f"other {number}", f"{filler} {number}") for number in range(20)),
    ]
    put(con, pieces)
    order = [next(piece.name for piece in pieces if piece.id == one) for one in found(con, "harbour")]
    assert order[:2] in (["short", "often"], ["short", "title"])
    assert set(order) == {"title", "often", "short", "once", "rare"}
    assert order.index("title") < order.index("once")
    assert order.index("often") < order.index("rare") < order.index("once")
    scores = dict(con.execute("SELECT article_id, score FROM search('w1 harbour')").fetchall())
    alone = dict(con.execute("SELECT article_id, score FROM search('harbour')").fetchall())
    assert all(scores[one] > alone[one] for one in scores)


def test_the_score_is_bm25(con: Connection) -> None:
    put(con, [Piece("a", "x y"), Piece("b", "x x x y"), Piece("c", "y y y")])
    scores = dict(con.execute("SELECT article_id, score FROM search('x')").fetchall())
    # ln(1 + (3 - 2 + .5) / (2 + .5)) = ln 1.6; lengths 2 and 4 of 3 on average
    assert scores == {
        Piece("a", "").id: pytest.approx(0.470004 * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 2 / 3)), abs=2e-6),
        Piece("b", "").id: pytest.approx(0.470004 * 3 * 2.2 / (3 + 1.2 * (0.25 + 0.75 * 4 / 3)), abs=2e-6),
    }


def counted(phrase: str, field: str | None, piece: Piece) -> int:
    """How often a phrase, its last word perhaps a beginning, stands in the title and the text, three times as much in the title."""
    *first, last = phrase.split()
    times = 0
    for told, worth in (((piece.title or "").split(), 0 if field == "text" else 3), (piece.text.split(), 0 if field == "title" else 1)):
        for at in range(len(told) - len(first)):
            ends = told[at + len(first)]
            met = ends.startswith(last[:-1]) if last.endswith("*") else ends == last
            times += worth * (met and told[at : at + len(first)] == first)
    return times


def scanned(pieces: Sequence[Piece], units: Sequence[tuple[str, str | None]]) -> dict[UUID, float]:
    """The scores of the articles that have all units, by looking at every text."""
    lengths = {piece.id: len((piece.title or "").split()) + len(piece.text.split()) for piece in pieces}
    usual = sum(lengths.values()) / len(pieces)
    scores: list[dict[UUID, float]] = []
    for unit in units:
        found = {piece.id: times for piece in pieces if (times := counted(*unit, piece))}
        rarity = log(1 + (len(pieces) - len(found) + 0.5) / (len(found) + 0.5))
        scores.append({one: rarity * n * 2.2 / (n + 1.2 * (0.25 + 0.75 * lengths[one] / usual)) for one, n in found.items()})
    return {one: sum(score[one] for score in scores) for one in set.intersection(*map(set, scores))}


@pytest.mark.parametrize("seed", range(2))
def test_phrases_and_beginnings_are_what_a_scan_of_the_texts_finds(con: Connection, seed: int) -> None:
    chance = Random(seed)

    def some(most: int) -> str:
        return " ".join(chance.choices(["la", "lac", "de", "du", "rue"], weights=[6, 1, 6, 3, 1], k=chance.randrange(most)))

    def unit() -> tuple[str, str | None]:
        return some(5) + " la" + chance.choice(["", "*"]), chance.choice([None, None, "title", "text"])

    pieces = [Piece(str(number), some(40) + " rue", title=some(7) or None) for number in range(60)]
    put(con, pieces[:50])
    merge_runs(con)
    put(con, pieces[50:])
    for _ in range(15):
        units = [unit() for _ in range(chance.choice([1, 2]))]
        query = " ".join(f'{field}:"{phrase}"' if field else f'"{phrase}"' for phrase, field in units)
        rows = con.execute("SELECT article_id, score FROM search(?)", [query]).fetchall()
        assert dict(rows) == pytest.approx(scanned(pieces, units), abs=2e-6), query
    without = {one.id for one in pieces if counted("du la", None, one) or counted("rue", "title", one)}
    assert set(found(con, 'la -"du la" -title:rue')) == set(scanned(pieces, [("la", None)])) - without


def test_a_removed_article_leaves_no_word(con: Connection) -> None:
    put(con, [Piece("stays", "common"), Piece("goes", "common secret")])
    merge_runs(con)
    put(con, [Piece("goes", "common whisper")])  # the former text is in a run, the new one is not
    remove(con, [Piece("goes", "")])
    sound(con)
    assert con.execute(f"SELECT DISTINCT word FROM ({KNOWN})").fetchall() == [("common",)]
    assert con.execute(f"SELECT count(*) FROM ({STORED})").fetchall() == [(1,)]
    assert names(con, "s*", [Piece("stays", "")]) == set()


def test_a_store_from_before_gets_its_index_when_it_is_opened_for_writing(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "news.duckdb")
    with Writer(settings) as store:
        put_articles(store.con, TEXTS)
        assert found(store.con, "climate") == []
    with Writer(settings) as store:
        assert len(found(store.con, "climate")) == 2
        assert build_index(store.con) == 0
        sound(store.con)


def test_runs_are_merged_when_it_pays(con: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.store.search.index, "RUN_POSTINGS", 1)
    for number in range(8):
        assert not merge_due(con)
        put(con, [Piece(str(number), f"word {number}")])
    assert merge_due(con)
    assert merge_runs(con) == 8
    assert not merge_due(con)
    put(con, [Piece(str(number), "another") for number in range(3)])
    assert merge_due(con)  # much is of no article any more
    merge_runs(con)
    assert not merge_due(con)
    sound(con)


def test_hits_are_marked(reader: Connection) -> None:
    (one,) = search(reader, 'elysee "etat major"', 5)
    assert one["title"].starred == "Réception à l'**Élysée**"
    assert one["snippet"].starred == "Le président a reçu à l'**Élysée** la cheffe de l'**État-major**."
    (one,) = search(reader, "title:東京 気温", 5)
    assert one["title"].starred == "**東京**の雪"
    assert one["snippet"].starred == "東京都で雪が降った。**気温**は２０２５年で最低。"
    (one,) = search(reader, "polic*", 5)
    assert one["snippet"].starred.endswith("A summit on climate **policy** begins.")


def test_a_snippet_is_where_most_of_the_words_are(con: Connection) -> None:
    filler = "nothing to be seen here\n\n" * 40
    put(con, [Piece("a", f"alpha {filler} alpha   beta\n\ngamma {filler} beta")])
    (one,) = search(con, "alpha beta gamma", 5)
    assert "**alpha** **beta** **gamma**" in one["snippet"].starred
    assert one["snippet"].plain.startswith("…")
    assert one["snippet"].plain.endswith("…")
    assert len(one["snippet"].plain) < 300


def test_forgetting_nothing_is_no_error(con: Connection) -> None:
    keep_words(con, [])
    forget_words(con, [17])
    sound(con)


def test_doctor_sees_an_article_that_is_not_in_the_index(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "news.duckdb")
    with Writer(settings) as store:
        put(store.con, TEXTS)
        store.con.execute("DELETE FROM internal.search_documents WHERE doc = 3")
        store.publish()
    faults = {check.name for check in check_store(settings.store, settings.writer_store) if not check.ok}
    assert "every article can be searched" in faults
    deep = {check.name: check.ok for check in check_deeply(settings.store)}
    assert deep["search has the words of the texts"]


def test_doctor_sees_words_that_are_not_in_the_text_and_maintain_repairs_it(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "news.duckdb")
    with Writer(settings) as store:
        put(store.con, TEXTS)
        store.con.execute("UPDATE internal.search_recent SET places = [0] WHERE word = 'climate'")
        store.publish()
    assert not {check.name: check.ok for check in check_deeply(settings.store)}["search has the words of the texts"]
    maintain(settings, asked_steps([Step.SEARCH, Step.PUBLISH], []))
    assert {check.name: check.ok for check in check_deeply(settings.store)}["search has the words of the texts"]
    con = open_reader(settings.store)
    assert names(con, '"climate summit"', TEXTS) == {"summit"}
    con.close()
