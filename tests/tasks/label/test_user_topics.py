"""Topics of one's own: what their rules ask for, and when it is met."""

from typing import Any

import pytest
from pydantic import ValidationError

from schemas.labelling import MOST_ENTRIES, TopicRule
from tasks.label.user_topics import Evidence, Named, evidence, rules_met

PUTIN = Named("per:vladimir-putin", ("Vladimir Putin", "Vladimir Poutine"))
UNKNOWN = Named("per:ada-wren", ("Ada Wren", "Ada Wren"))


def met(text: str, *named: Named, language: str = "en", **asked: Any) -> bool:
    return bool(rules_met((TopicRule(id="user:x", name="X", **asked),), text, language, named))


@pytest.mark.parametrize(
    ("entry", "text", "expected"),
    [
        ("harbour", "The HARBOUR is shut.", True),
        ("harbour", "Two harbours are shut.", True),
        ("harbour", "The harbourmaster left.", False),
        ("harbour*", "The harbourmaster left.", True),
        ("été", "Un ETE chaud.", True),
        ("élection", "elections", True),
        ("Œuvre", "une oeuvre", True),
        ("air strike", "An air-strike hit.", True),
        ("air strike", "Air strikes hit.", True),
        ("air_strike", "air  strike", True),
        ("air strike", "Into the air. Strike!", True),  # words in a row, whatever stands between them
        ("air strike", "A strike in the air", False),
        ("prime minist*", "Prime ministerial haste", True),
        ("prime minist*", "prime", False),
        ("U.N.", "the U.N. said", True),
        ("выборы", "Завтра ВЫБОРЫ", True),
        ("选举", "明天举行选举。", True),
        ("选举", "明天休息。", False),
    ],
)
def test_words_and_phrases(entry: str, text: str, expected: bool) -> None:
    assert met(text, words=["nothing", entry]) is expected


@pytest.mark.parametrize("asked", ["per:vladimir-putin", "Poutine", "PUTIN", "Владимир Путин", "vladimir  putin"])
def test_an_entity_goes_by_any_of_its_names(asked: str) -> None:
    assert met("", PUTIN, UNKNOWN, entities=[asked])
    assert not met("", UNKNOWN, entities=[asked])


def test_an_entity_that_only_articles_name_goes_by_its_name() -> None:
    assert met("", UNKNOWN, entities=["ada wren"])
    assert met("", UNKNOWN, entities=["per:ada-wren"])


def test_all_that_a_rule_asks_for_must_hold() -> None:
    asked = {"words": ["gas"], "entities": ["Putin"], "languages": ["en", "fr"]}
    assert met("Gas and more", PUTIN, **asked)
    assert not met("Oil and more", PUTIN, **asked)
    assert not met("Gas and more", UNKNOWN, **asked)
    assert not met("Gas and more", PUTIN, language="de", **asked)
    assert met("anything", where="false")  # which is looked at elsewhere


def test_what_spoke_for_a_rule_is_told_as_it_is_written_there() -> None:
    rules = (
        TopicRule(id="user:a", name="A", words=("Gaz*", "huile")),
        TopicRule(id="user:b", name="B", words=("oil", "gaz"), entities=("Poutine", "per:ada-wren")),
        TopicRule(id="user:c", name="C", words=("absent",)),
    )
    assert evidence(rules, "Le gazier et le gaz", "fr", [PUTIN]) == [
        Evidence(0, ("Gaz*",), ()),
        Evidence(1, ("gaz",), ("Poutine",)),
    ]


def test_a_hostile_text_costs_no_more_than_its_length() -> None:
    rule = TopicRule(id="user:x", name="X", words=("a " * 60 + "b", "a" * 100 + "*", "war*"))
    assert rules_met((rule,), "a " * 20_000 + "a" * 1_000_000, "en", ()) == (0,)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "asks for nothing"),
        ({"id": "medtop:11000000", "words": ["a"]}, "take an id of your own"),
        ({"id": "two words", "words": ["a"]}, "pattern"),
        ({"words": ["*"]}, "no word or phrase"),
        ({"words": ["a*b"]}, "at its end only"),
        ({"words": [" "]}, "at least 1 character"),
        ({"words": ["a"] * (MOST_ENTRIES + 1)}, "at most 1000 items"),
        ({"words": ["a"], "languages": ["english"]}, "pattern"),
        ({"words": ["a"], "wrods": ["b"]}, "Extra inputs"),
        ({"where": ""}, "at least 1 character"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_its_reason(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        TopicRule.model_validate({"id": "user:x", "name": "X"} | fields)
