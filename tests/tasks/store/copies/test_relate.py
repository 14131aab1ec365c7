"""Relations and duplicate groups in a real store: the same whatever the order and the batches."""

import runpy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.store.copies.crowds import CROWD, WINDOW_DAYS
from tasks.store.copies.relate import relate
from tests.tasks.store.shelf import Piece, empty, filled, prose, put, rows

ROOT = Path(__file__).parents[4]
DAY = datetime(2025, 6, 1, 12, tzinfo=UTC)
RELATIONS = "SELECT article_id, other_id, kind, jaccard, containment, other_containment FROM relations"
HEADS = "SELECT article_id, duplicate_of FROM articles"


def family(chance: Random, number: int) -> list[Piece]:
    """A text with its copies: reprinted, edited, cut, carried inside another, dated and undated."""
    words = prose(chance, 200).split()
    edited = [word if i % 40 else "edited" for i, word in enumerate(words)]
    dispatch = " ".join(words[:120])
    texts = {
        "base": " ".join(words),
        "reprint": " ".join(words).upper(),
        "edited": " ".join(edited),
        "cut": dispatch,
        "carrier": f"{prose(chance, 150)} {dispatch} {prose(chance, 150)}",
        "other": prose(chance, 200),
    }
    dates = [DAY + timedelta(days=number + 20 * place) for place in range(5)] + [None]
    chance.shuffle(dates)
    return [Piece(f"{number}-{name}", text, at) for (name, text), at in zip(texts.items(), dates, strict=True)]


PIECES = [piece for number in range(4) for piece in family(Random(number), number)]


@pytest.fixture(scope="module")
def expected():
    con = filled(PIECES)
    yield con
    con.close()


def test_kinds_and_heads():
    base = Piece("a", prose(Random(1), 100), DAY)
    words = base.text.split()
    copy = Piece("b", base.text.title(), DAY + timedelta(days=1))
    near = Piece("c", " ".join([*words[:95], "another", "ending"]), DAY + timedelta(days=2))
    carrier = Piece("d", f"{prose(Random(2), 150)} {base.text} {prose(Random(3), 90)}", DAY + timedelta(days=3))
    part = Piece("e", " ".join(words[:45]), DAY + timedelta(days=4))
    con = filled([part, carrier, near, copy, base])
    kinds = {(one, other): kind for one, other, kind in con.execute("SELECT article_id, other_id, kind FROM relations").fetchall()}
    assert kinds == {
        (copy.id, base.id): "exact",
        (near.id, base.id): "near",
        (near.id, copy.id): "near",
        (carrier.id, base.id): "contains",
        (carrier.id, copy.id): "contains",
        (carrier.id, near.id): "contains",
        (part.id, base.id): "contained",
        (part.id, copy.id): "contained",
        (part.id, near.id): "contained",
        (part.id, carrier.id): "contained",
    }
    heads = dict(con.execute(HEADS).fetchall())
    assert heads == {base.id: None, copy.id: base.id, near.id: base.id, carrier.id: None, part.id: None}


@pytest.mark.parametrize(("size", "seed"), [(1, 1), (7, 2), (100, 3)])
def test_order_and_batches_do_not_matter(expected, size, seed):
    con = filled(PIECES, size, seed)
    assert rows(con, RELATIONS) == rows(expected, RELATIONS)
    assert rows(con, HEADS) == rows(expected, HEADS)


def test_the_families_are_found_and_nothing_else(expected):
    for one, other, *_ in expected.execute("SELECT article_id, other_id FROM relations").fetchall():
        names = {piece.id: piece.name for piece in PIECES}
        assert names[one].split("-")[0] == names[other].split("-")[0]
        assert "other" not in names[one] + names[other]
    assert len(rows(expected, RELATIONS)) >= 4 * 4


def test_the_same_batch_again_changes_nothing(expected):
    con = filled(PIECES)
    put(con, PIECES[:10])
    assert rows(con, RELATIONS) == rows(expected, RELATIONS)
    assert rows(con, HEADS) == rows(expected, HEADS)
    assert con.execute("SELECT count(*) = count(DISTINCT article_no) FROM internal.sketches").fetchall() == [(True,)]


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 6))
def test_versions_and_moved_dates_end_where_a_fresh_store_would(seed, changes):
    chance = Random(seed)
    con = filled(PIECES)
    current = {piece.name: piece for piece in PIECES}
    for piece in chance.sample(PIECES, changes):
        text = chance.choice([piece.text, chance.choice(PIECES).text, prose(chance, 80)])
        at = chance.choice([piece.at, DAY + timedelta(days=chance.randrange(200)), None])
        current[piece.name] = replace(piece, text=text, at=at)
        put(con, [current[piece.name]])
    fresh = filled(list(current.values()))
    assert rows(con, RELATIONS) == rows(fresh, RELATIONS)
    assert rows(con, HEADS) == rows(fresh, HEADS)


@pytest.mark.parametrize(("days", "found"), [(WINDOW_DAYS, 1), (WINDOW_DAYS + 1, 0)])
@pytest.mark.parametrize("turned", [False, True])
def test_the_window_reaches_both_ways(days, found, turned):
    text = prose(Random(8), 80)
    pieces = [Piece("early", text, DAY), Piece("late", text, DAY + timedelta(days=days))]
    con = empty()
    assert sum(put(con, [piece]) for piece in (reversed(pieces) if turned else pieces)) == found


def test_an_undated_article_meets_all_others_and_never_heads_a_dated_one():
    text = prose(Random(9), 80)
    pieces = [Piece("undated", text), Piece("old", text, DAY - timedelta(days=900)), Piece("new", text, DAY)]
    con = filled(pieces)
    assert dict(con.execute(HEADS).fetchall()) == {pieces[0].id: pieces[1].id, pieces[1].id: None, pieces[2].id: pieces[1].id}


def test_texts_without_words_are_copies_only_when_they_are_the_same():
    con = filled([Piece("a", "!!!", DAY), Piece("b", "???", DAY), Piece("c", " !!! ", DAY)])
    assert [kind for _, _, kind, *_ in con.execute(RELATIONS).fetchall()] == ["exact"]


def test_short_texts_are_copies_only_when_their_words_are_equal():
    con = filled([Piece("a", "Rain is expected.", DAY), Piece("b", "rain is expected", DAY), Piece("c", "Rain is expected now.", DAY)])
    assert [kind for _, _, kind, *_ in con.execute(RELATIONS).fetchall()] == ["exact"]


def test_groups_do_not_close_over_containment():
    one, two = prose(Random(10), 120), prose(Random(11), 120)
    con = filled([Piece("one", one, DAY), Piece("two", two, DAY), Piece("round-up", f"{one} {two}", DAY)])
    assert {kind for _, _, kind, *_ in con.execute(RELATIONS).fetchall()} <= {"near", "contains", "contained"}
    heads = dict(con.execute(HEADS).fetchall())
    assert heads[Piece("one", "").id] is None or heads[Piece("two", "").id] is None
    assert (Piece("one", "").id, Piece("two", "").id) not in [(a, b) for a, b, *_ in con.execute(RELATIONS).fetchall()]


@pytest.mark.parametrize(("body", "articles"), [(45, 60), (60, 60), (200, 300)])
def test_a_footer_makes_no_copies(body, articles):
    chance = Random(body)
    footer = prose(chance, 60)
    pieces = [Piece(str(n), f"{prose(chance, body)}\n\n{footer}", DAY) for n in range(articles)]
    con = filled(pieces, size=150)
    assert con.execute("SELECT count(*) FROM relations").fetchall() == [(0,)]


CROWD_TEXT = prose(Random(21), 60)
CROWDED = [Piece(f"copy {n}", CROWD_TEXT, DAY + timedelta(days=7 * n % 300, hours=n), source=f"{n}.example") for n in range(3 * CROWD)]
CROWDED += [Piece(f"undated {n}", CROWD_TEXT) for n in range(CROWD + 5)]
CROWDED += [Piece("edited", f"{CROWD_TEXT} and a few words", DAY + timedelta(days=30)), Piece("other", prose(Random(22), 60), DAY)]
ONE_DAY = [Piece(f"{n}", "Rain is expected.", DAY + timedelta(minutes=n)) for n in range(5 * CROWD)]


@pytest.mark.parametrize(("size", "seed"), [(7, 1), (40, 2)])
def test_a_crowd_is_the_same_in_any_order(size, seed):
    con, expected = filled(CROWDED, size, seed), filled(CROWDED, 1_000)
    assert rows(con, RELATIONS) == rows(expected, RELATIONS)
    assert rows(con, HEADS) == rows(expected, HEADS)
    assert rows(con, "SELECT hash, count(*) FROM internal.fingerprints GROUP BY 1") == rows(
        expected, "SELECT hash, count(*) FROM internal.fingerprints GROUP BY 1"
    )


def test_a_crowd_has_one_head_and_few_relations():
    con = filled(ONE_DAY, 30, 4)
    assert con.execute("SELECT count(*) FROM relations").fetchall()[0][0] <= (CROWD + 2) * (CROWD + 1) / 2 + len(ONE_DAY)
    assert con.execute("SELECT DISTINCT duplicate_of FROM articles WHERE article_id <> ?", [ONE_DAY[0].id]).fetchall() == [(ONE_DAY[0].id,)]
    assert con.execute("SELECT count(*) = count(DISTINCT (article_id, other_id)) FROM relations").fetchall() == [(True,)]
    late = """SELECT count(*) FROM relations r JOIN articles a USING (article_id) JOIN articles b ON b.article_id = r.other_id
    WHERE a.published_at < b.published_at"""
    assert con.execute(late).fetchall() == [(0,)]


def test_copies_chained_by_the_window_are_one_group_however_many_they_are():
    first = [Piece(f"a{n}", CROWD_TEXT, datetime(1970, 1, 1, tzinfo=UTC)) for n in range(2 * CROWD)]
    middle = [Piece("m", CROWD_TEXT, datetime(1970, 3, 31, tzinfo=UTC)), Piece("n", CROWD_TEXT, datetime(1970, 4, 1, tzinfo=UTC))]
    last = [Piece(f"z{n}", CROWD_TEXT, datetime(1970, 6, 29, tzinfo=UTC)) for n in range(2 * CROWD)]
    heads = filled([*last, *middle, *first], 25).execute("SELECT count(*) FROM articles WHERE duplicate_of IS NULL").fetchall()
    assert heads == [(1,)]


@settings(max_examples=3, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 8))
def test_a_crowd_that_changes_ends_where_a_fresh_store_would(seed, changes):
    chance = Random(seed)
    con = filled(CROWDED)
    current = {piece.name: piece for piece in CROWDED}
    for piece in chance.sample(CROWDED, changes):
        at = chance.choice([piece.at, DAY + timedelta(days=chance.randrange(200)), None])
        current[piece.name] = replace(piece, text=chance.choice([piece.text, "Rain is expected."]), at=at)
        put(con, [current[piece.name]])
    fresh = filled(list(current.values()))
    assert rows(con, RELATIONS) == rows(fresh, RELATIONS)
    assert rows(con, HEADS) == rows(fresh, HEADS)


def test_no_articles_no_work():
    assert relate(empty(), []) == 0


def test_recall_against_brute_force(tmp_path):
    generator = ROOT.parent / "shared" / "data" / "copies" / "make_copies.py"
    if not generator.exists():
        pytest.skip("the generator of labelled copies lies outside the repository")
    make = runpy.run_path(str(generator))
    chance = Random(12)
    base_texts = [{"text": prose(chance, chance.randrange(190, 400))} for _ in range(30)]
    articles = make["build"](base_texts, 6, 7)
    pieces = [Piece(a["id"], a["text"], datetime.fromisoformat(a["published_at"].replace("Z", "+00:00"))) for a in articles]
    wanted = {frozenset((p["a"], p["b"])): p["kind"] for p in make["pairs"](articles)}
    names = {piece.id: piece.name for piece in pieces}
    found = {frozenset((names[a], names[b])): kind for a, b, kind, *_ in filled(pieces).execute(RELATIONS).fetchall()}
    related = {pair for pair, kind in wanted.items() if kind}
    assert set(found) <= related
    assert len(set(found) & related) >= 0.99 * len(related)
    symmetric = {pair for pair in found if wanted[pair] in {"exact", "near"}}
    assert {pair: found[pair] for pair in symmetric} == {pair: wanted[pair] for pair in symmetric}
