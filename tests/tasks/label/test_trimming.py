"""What the model sees as one name is cut to what is one, whatever the model has learnt."""

import pytest

from schemas.labels import EntityKind
from tasks.label.names.reading import Reading
from tasks.label.names.spans import Cover, Span
from tasks.label.names.table import knowledge
from tasks.label.names.trimming import finished, names_in


def cut(text: str, *marked: tuple[str, EntityKind], score: float = 0.9) -> list[tuple[str, str]]:
    """Return what is left of the names that a model is supposed to have marked in an English text."""
    evidence = Reading(knowledge(), [text], "en").evidence[0]
    context = evidence.context
    starts = {start: index for index, start in enumerate(context.tokens.starts)}
    ends = {end: index + 1 for index, end in enumerate(context.tokens.ends)}
    spans = [Span(starts[text.index(name)], ends[text.index(name) + len(name)], kind, None, score, "model") for name, kind in marked]
    people = Cover(rule for rule in evidence.rules if rule.kind == "PER")
    kept = finished(context, [part for span in spans for part in names_in(context, span, people)])
    return [(context.tokens.surface(span.first, span.last), span.kind) for span in kept]


@pytest.mark.parametrize(
    ("text", "marked", "left"),
    [
        ("cheered by Chancellor Odo Wexcombe MP today", ("Chancellor Odo Wexcombe MP", "PER"), [("Odo Wexcombe", "PER")]),
        ("the Russian Wexcombe fell", ("Russian Wexcombe", "PER"), [("Wexcombe", "PER")]),
        ("what Mr Wexcombe owes", ("Mr Wexcombe", "ORG"), [("Wexcombe", "PER")]),
        ("as Earl Wexcombe sang", ("Earl Wexcombe", "PER"), [("Earl Wexcombe", "PER")]),
        ("an island off south Iran", ("south Iran", "LOC"), [("Iran", "LOC")]),
        ("for Iran's Paul Wexcombe", ("Iran's Paul Wexcombe", "ORG"), [("Iran", "LOC"), ("Paul Wexcombe", "PER")]),
        ("call Acme Police Sergeant Paul Ott", ("Acme Police Sergeant Paul Ott", "ORG"), [("Acme Police", "ORG"), ("Paul Ott", "PER")]),
        ("on board the MV Lindmark", ("MV Lindmark", "ORG"), []),
        ("the frigate INS Lindmark", ("Lindmark", "LOC"), []),
        ("drives of 80TB soon", ("80TB", "ORG"), []),
        ("and a few MEPs left", ("MEPs", "ORG"), []),
        ("to amend the Transport Bill", ("Transport Bill", "ORG"), []),
        ("at the Lindmark Open", ("Lindmark", "LOC"), []),
    ],
)  # fmt: skip
def test_a_name_is_cut_to_what_is_one(text, marked, left):
    assert cut(text, marked) == left


def test_a_department_is_taken_with_its_state():
    assert cut("the U.S. Department of Roads", ("U.S.", "LOC"), ("Department of Roads", "ORG")) == [("U.S. Department of Roads", "ORG")]
    assert cut("in U.S. Lindmark", ("U.S.", "LOC"), ("Lindmark", "ORG")) == [("U.S.", "LOC"), ("Lindmark", "ORG")]


def test_a_given_name_tells_where_the_model_is_not_sure():
    assert cut("said to Paul Wexcombe", ("Paul Wexcombe", "ORG"), score=0.5) == [("Paul Wexcombe", "PER")]
    assert cut("said to Paul Wexcombe", ("Paul Wexcombe", "ORG"), score=0.9) == [("Paul Wexcombe", "ORG")]
