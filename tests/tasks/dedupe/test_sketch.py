from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.dedupe.compare import compare
from tasks.dedupe.sketch import LEAST_WORDS, is_unspaced, shingle_hashes, sketch, words_of
from tests.tasks.store.shelf import prose


def test_words_are_compatibility_forms_in_lower_case():
    assert words_of("L’ﬁn  du Ｗire, 1/2 «Été»") == ["l", "fin", "du", "wire", "1", "2", "été"]


def test_layout_capitals_and_punctuation_do_not_change_the_words_hash():
    assert sketch("Le traité, signé hier.").words_hash == sketch("le\n\nTRAITÉ «signé» hier").words_hash
    assert sketch("le traité signé").words_hash != sketch("signé le traité").words_hash


def test_texts_without_a_word_are_equal_only_when_they_are_the_same():
    assert sketch("!!!").words_hash != sketch("???").words_hash
    assert sketch(" !!! ").words_hash == sketch("!!!").words_hash
    assert sketch("").hashes == ()


def test_a_short_text_is_compared_whole_only():
    text = prose(Random(1), LEAST_WORDS - 1)
    assert sketch(text).hashes == ()
    assert sketch(text).shingle_count == LEAST_WORDS - 5


def test_a_sketch_keeps_about_an_eighth_of_the_shingles():
    kept = sketch(prose(Random(2), 8_000, vocabulary=10**6))
    assert kept.shingle_count == 7_996
    assert len(kept.hashes) == pytest.approx(1_000, rel=0.15)
    assert list(kept.hashes) == sorted(set(kept.hashes))


def test_the_share_of_common_hashes_estimates_containment():
    chance = Random(3)
    part = prose(chance, 1_000, 10**6)
    whole = f"{prose(chance, 800, 10**6)} {part} {prose(chance, 700, 10**6)}"
    small, large = set(sketch(part).hashes), set(sketch(whole).hashes)
    assert len(small & large) / len(small) == pytest.approx(1.0, abs=0.02)
    assert len(small & large) / len(large) == pytest.approx(compare(part, whole).other_containment, abs=0.1)


@pytest.mark.parametrize(
    "text",
    [
        "国家主席今天上午会见了来访的外国客人。" * 4,
        "総理大臣は今朝の記者会見で新しい計画を発表した。" * 3,
        "นายกรัฐมนตรีแถลงข่าวเช้าวันนี้ที่ทำเนียบรัฐบาล" * 3,
    ],
)
def test_scripts_without_spaces_are_read_by_the_character(text):
    assert is_unspaced(text)
    assert sketch(text).hashes
    overlap = compare(text, "前" + text + "后" * 12)
    assert overlap.containment > 0.9


def test_a_foreign_name_leaves_a_text_a_text_of_words():
    assert words_of("President Xi Jinping (习近平) spoke to reporters on Monday")[3] == "习近平"


def test_closing_hashes_lie_in_the_last_words_of_a_longer_text():
    chance = Random(4)
    text = f"{prose(chance, 300)} {prose(chance, 90)}"
    whole = sketch(text)
    closing = set(whole.closing)
    assert closing
    assert closing < set(whole.hashes)
    assert closing <= set(sketch(text[-900:]).hashes)
    assert sketch(text[-600:]).closing == ()


@given(st.text())
def test_any_text_has_a_sketch(text):
    made = sketch(text)
    assert made.shingle_count == len(np.unique(shingle_hashes(words_of(text))))
    assert sketch(text) == made


def test_lone_surrogates_are_text_too():
    assert sketch("broken \ud800 text").shingle_count == 1
