"""Reasons are words of the text, the strongest first, and add up to the likeness that put the article there."""

import numpy as np
import pytest

from tasks.stories.reasons import MOST_REASONS, Told, Written, reasons
from tasks.stories.terms import story_terms, unpack
from tasks.stories.weights import rarity

RARE = rarity("en", np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.int64), 0)
FERRY = (
    "The ferry Kestrel ran aground off Portmallow on 19 June with 1,214 passengers. Captain Ada O'Brien-Lund called the coastguard, "
    "and the lifeboats of Portmallow took the passengers ashore."
)
OTHER = "Portmallow's lifeboats brought 1 214 passengers of the Kestrel to land on June 19; captain O'Brien-Lund stayed aboard the ferry."
CHEESE = "Seventeen dairies showed their cheese at the fair in Old Wexcombe, and the judges tasted all of it before noon."
CHINESE = "渡轮红隼号在港口附近搁浅，船上有一千名乘客，海岸警卫队把他们送上岸。"


def told(text: str, day: int | None = 0, names: tuple[str, ...] = ()) -> Told:
    return Told(None if day is None else day * 86_400.0, unpack(story_terms(None, text, names)))


def why(text: str, *others: Told, title: str | None = None, names: dict[str, str] | None = None):
    entities = names or {}
    one = Told(0.0, unpack(story_terms(title, text, list(entities))))
    return reasons(one, others, RARE, Written(title, text, entities))


def test_words_names_and_numbers_as_the_article_writes_them():
    found = why(FERRY, told(OTHER))
    kinds = {one.text: one.kind for one in found}
    assert kinds["Portmallow"] == kinds["Kestrel"] == "name"
    assert {"1,214", "19 June"} <= {one.text for one in found if one.kind == "number"}
    assert "lifeboats" in kinds
    assert all(one.text in FERRY for one in found)
    assert [one.share for one in found] == sorted((one.share for one in found), reverse=True)
    assert len(found) <= MOST_REASONS


def test_shares_are_those_of_the_mean_and_fade_with_time():
    [alone, *_] = why(FERRY, told(OTHER))
    [halved, *_] = why(FERRY, told(OTHER), told(CHEESE))
    [faded, *_] = why(FERRY, told(OTHER, day=7))
    assert halved.share == pytest.approx(alone.share / 2, rel=0.01)
    assert faded.share == pytest.approx(alone.share * np.exp(-1), rel=0.01)
    assert why(FERRY, told(OTHER, day=15)) == []
    assert why(FERRY, told(OTHER, day=None))[0].share == alone.share
    itself = sum(one.share for one in why(FERRY, told(FERRY)))
    assert 0.5 < itself <= 1.0


def test_an_entity_is_named_as_the_text_names_it():
    found = why("the new head of state spoke", told("Someone else entirely.", names=("per:ada",)), names={"per:ada": "head of state"})
    assert [(one.text, one.kind) for one in found] == [("head of state", "name")]


def test_the_title_counts_and_capitals_are_those_of_the_text():
    found = why("Nothing more is known.", told(OTHER), title="KESTREL AGROUND")
    assert [one.text for one in found] == ["KESTREL"]


def test_texts_without_spaces_without_words_and_without_company():
    assert any(one.text in CHINESE for one in why(CHINESE, told(CHINESE)))
    assert why("!!!", told("???")) == []
    assert why(FERRY) == []
    assert why(FERRY, told(CHINESE)) == []


@pytest.mark.parametrize("text", ["1 " * 6_000, "a1" * 6_000, "Ab " * 4_000, "12.345." * 2_000, "\ud800 ́" * 3_000, "İ" * 12_000])
def test_strange_texts_end_at_once(text):
    assert len(why(text, told(text))) <= MOST_REASONS
