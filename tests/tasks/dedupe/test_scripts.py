"""Copies in scripts that put no space between words, and such scripts inside other texts."""

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from tasks.dedupe.compare import compare, kind_of, only_footer, shared_counts, shingled
from tasks.dedupe.sketch import (
    CHARACTERS_VERSION,
    LEAST_WORDS,
    LETTERS_A_WORD,
    SHINGLE_CHARACTERS,
    SHINGLE_WORDS,
    SKETCH_VERSION,
    last_words,
    shingle_hashes,
    shingle_places,
    sketch,
    words_of,
)
from tests.tasks.store.shelf import Piece, filled, prose

SCRIPTS = {
    name: {key: value.strip() if isinstance(value, str) else value for key, value in texts.items()}
    for name, texts in tomllib.loads(Path(__file__).with_name("scripts.toml").read_text("utf-8")).items()
}
DAY = datetime(2025, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(params=SCRIPTS)
def texts(request):
    return SCRIPTS[request.param]


def edited(texts) -> str:
    text = texts["dispatch"]
    for before, after in texts["edits"]:
        assert text.count(before) == 1
        text = text.replace(before, after)
    return text


def carrying(texts, dispatch: str) -> str:
    first, second = texts["carrier"].split("\n\n")
    return f"{first}\n\n{dispatch}\n\n{second}"


def test_an_edited_copy_is_near(texts):
    overlap = compare(edited(texts), texts["dispatch"])
    assert 0.6 < overlap.jaccard < 1


def test_layout_and_punctuation_do_not_change_the_words_hash(texts):
    other = texts["dispatch"].replace("\n\n", " ").replace("，", ", ").replace("、", " ").replace("。", "！")
    assert sketch(other).words_hash == sketch(texts["dispatch"]).words_hash


def test_a_dispatch_inside_a_longer_article_is_found(texts):
    assert kind_of(compare(texts["dispatch"], carrying(texts, texts["dispatch"])), same_words=False) in {"contained", "near"}
    assert compare(texts["dispatch"], carrying(texts, edited(texts))).containment > 0.7
    assert compare(texts["carrier"], carrying(texts, texts["dispatch"])).containment > 0.9


def test_the_same_subject_in_other_words_is_no_copy(texts):
    overlap = compare(texts["same_subject"], texts["dispatch"])
    assert max(overlap) < 0.05
    assert max(compare(texts["carrier"], texts["dispatch"])) < 0.02


def test_the_store_relates_the_copies_and_nothing_else(texts):
    names = {
        "base": texts["dispatch"],
        "edited": edited(texts),
        "carrier": carrying(texts, texts["dispatch"]),
        "same subject": texts["same_subject"],
        "short": texts["dispatch"][: LEAST_WORDS - 5],
    }
    pieces = [Piece(name, text, DAY + timedelta(hours=n)) for n, (name, text) in enumerate(names.items())]
    found = {piece.id: piece.name for piece in pieces}
    rows = filled(pieces).execute("SELECT article_id, other_id FROM relations").fetchall()
    assert {frozenset((found[a], found[b])) for a, b in rows} == {
        frozenset(("base", "edited")),
        frozenset(("base", "carrier")),
        frozenset(("edited", "carrier")),
    }


@pytest.mark.parametrize("length", [1_000, 90])
def test_the_last_lines_of_an_outlet_are_no_copy(texts, length):
    bodies = [texts["same_subject"], texts["carrier"], texts["dispatch"]]
    pieces = [Piece(str(n), f"{body[-length:]}\n\n{texts['footer']}", DAY) for n, body in enumerate(bodies)]
    assert filled(pieces).execute("SELECT article_id, other_id, kind FROM relations").fetchall() == []
    a, b = (shingled(piece.text) for piece in pieces[:2])
    assert only_footer(a, b, shared_counts([a, b], [0], [1])[0])


def test_closing_hashes_weigh_characters(texts):
    text = f"{texts['carrier']}\n\n{texts['dispatch']}\n\n{texts['footer']}"
    closing = set(sketch(text).closing)
    assert closing
    assert closing < set(sketch(text).hashes)
    assert len(closing) < len(sketch(text).hashes) / 2


def test_a_long_run_of_characters_inside_a_text_of_words_is_read_by_the_character(texts):
    english = prose(Random(1), 400)
    quoting = f"{english} {texts['dispatch']} {prose(Random(2), 90)}"
    overlap = compare(texts["dispatch"], quoting)
    assert overlap.containment > 0.8
    assert compare(english, quoting).containment > 0.95
    alike = set(sketch(quoting).hashes) & set(sketch(english).hashes)
    assert len(alike) >= 0.9 * len(sketch(english).hashes)
    found = filled([Piece("english", english, DAY), Piece("quoting", quoting, DAY), Piece("quoted", texts["dispatch"], DAY)])
    assert found.execute("SELECT count(*) FROM relations").fetchall() == [(2,)]


def test_the_version_tells_characters_from_words(texts):
    assert sketch(texts["dispatch"]).version == CHARACTERS_VERSION
    assert sketch(prose(Random(3), 100)).version == SKETCH_VERSION
    assert sketch("President Xi Jinping (习近平) spoke to reporters on Monday").version == SKETCH_VERSION


def test_a_shingle_is_five_words_or_eight_characters_long():
    characters = words_of("临江市水务局宣布工程动工了")
    assert len(shingle_hashes(characters)) == shingle_places(characters) == len(characters) - SHINGLE_CHARACTERS + 1
    assert shingle_places(["one"] * 7) == 7 - SHINGLE_WORDS + 1
    assert shingle_places(["one", "two", "three", "四", "五", "六"]) == 0  # 3 * 8 + 3 * 5 is one short of 40
    assert shingle_places(["one", "two", "three", "四", "五", "六", "seven"]) == 1
    assert shingle_places(["one", "two", "three", "four"]) == 0


def test_the_last_words_are_as_many_characters_as_weigh_that_much():
    characters = words_of("临江市水务局宣布工程动工了")
    assert last_words(["one"] * 100, 80) == ["one"] * 80
    assert last_words(characters, 5) == characters[-8:]
    assert last_words(characters, 100) == characters
    assert len(last_words(words_of(SCRIPTS["Thai"]["dispatch"]), 5)) == 5 * LETTERS_A_WORD


def test_a_text_of_every_width_has_its_own_shingles():
    mixed = words_of("News 2025年11月20日 临江市水务局宣布工程动工了 and more news today")
    hashes = [set(shingle_hashes(mixed[: n + 1]).tolist()) for n in range(len(mixed))]
    whole = hashes[-1]
    assert len(whole) == shingle_places(mixed)
    assert all(some <= whole for n, some in enumerate(hashes) if shingle_places(mixed[: n + 1]))
