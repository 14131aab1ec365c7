from collections.abc import Iterable
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.stories.background import commonness, frequencies, term_hash
from tasks.stories.terms import MOST, Field, name_counts, story_terms, unpack, word_list
from tests.tasks.store.shelf import prose


def terms(packed: bytes, field: Field) -> dict[int, int]:
    return {int(term["term"]): int(term["count"]) for term in unpack(packed) if term["field"] == field}


def hashes(words: Iterable[str]) -> set[int]:
    return {term_hash(word) for word in words}


def test_words_names_lead_numbers_and_stems_are_counted():
    text = "Le préfet a parlé. Le préfet a vu Anne Hidalgo à Lyon le 19 juin, avec 10 000 habitants."
    packed = story_terms("Crue à Lyon", text, ["loc:lyon", "loc:lyon"])
    assert terms(packed, Field.WORD)[term_hash("préfet")] == 2
    assert hashes(["anne hidalgo", "anne", "hidalgo", "lyon", "=loc:lyon"]) <= set(terms(packed, Field.NAME))
    assert terms(packed, Field.NAME)[term_hash("=loc:lyon")] == 2
    assert hashes(["crue", "préfet"]) <= set(terms(packed, Field.LEAD))
    assert set(terms(packed, Field.NUMBER)) == hashes(["19", "10000", "06-19"])
    assert hashes(["prefe", "habit"]) <= set(terms(packed, Field.STEM))


@pytest.mark.parametrize(
    "written",
    [
        "le 19 juin",
        "June 19",
        "19 June",
        "on the 19th of June",
        "am 19. Juni",
        "el 19 de junio",
        "il 19 giugno",
        "a 19 de junho",
        "19 JUIN",
    ],
)
def test_a_day_is_one_number_in_all_languages(written):
    assert term_hash("06-19") in terms(story_terms(None, f"Signed {written} there.", []), Field.NUMBER)


@pytest.mark.parametrize("written", ["99 juin", "1,19 juin", "chapter 19 judges"])
def test_what_is_no_day_gives_none(written):
    assert term_hash("06-19") not in terms(story_terms(None, written, []), Field.NUMBER)
    assert term_hash("06-99") not in terms(story_terms(None, written, []), Field.NUMBER)


def test_the_first_word_of_a_sentence_is_no_name_when_it_also_stands_in_lower_case():
    assert set(name_counts("Under pressure he fell. He fell under Paris. Marie Curie won.")) == {"paris", "marie curie", "marie", "curie"}


def test_scripts_without_spaces_give_pairs_of_characters():
    assert word_list("国家主席，会见") == ["国家", "家主", "主席", "席会", "会见"]


def test_packed_terms_stay_small_whatever_the_text():
    packed = story_terms("Title", prose(Random(1), 20_000, 10**6), [f"per:{n}" for n in range(500)])
    assert len(packed) <= sum(MOST.values()) * 6
    assert {field: len(terms(packed, field)) <= MOST[field] for field in Field} == dict.fromkeys(Field, True)


def test_what_many_texts_hold_gives_way_to_what_few_do():
    text = "the of and to in that " * 50 + prose(Random(2), 400, 10**6)
    assert not hashes(["the", "of", "and"]) & set(terms(story_terms(None, text, []), Field.WORD))


@given(st.none() | st.text(), st.text(), st.lists(st.text(), max_size=3))
def test_any_article_has_terms(title, text, names):
    packed = story_terms(title, text, names)
    assert packed == story_terms(title, text, names)
    assert np.all(unpack(packed)["count"] >= 1)


@pytest.mark.parametrize("text", ["A " * 6_000, "1.111" * 3_000, "1 " * 6_000, "Ab-" * 4_000, "\u0301" * 12_000, "19 " * 4_000])
def test_hostile_text_is_read_in_one_go(text):
    assert len(story_terms(text, text, [])) <= sum(MOST.values()) * 6


def test_background_tables_know_the_small_words():
    for language, word in {"fr": "avec", "en": "that", "de": "und", "es": "para", "it": "della", "pt": "não", "nl": "het"}.items():
        assert frequencies()[language, 0][term_hash(word)] >= 0.3
    assert max(commonness(0).values()) <= 1.0
