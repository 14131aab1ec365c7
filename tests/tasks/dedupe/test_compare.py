"""The comparison against the definition: sets of word 5-grams."""

import re
import unicodedata
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.dedupe.compare import Overlap, compare, kind_of, only_footer, shared_counts, shingled
from tests.tasks.store.shelf import prose

TEXTS = st.lists(st.sampled_from(["un", "deux", "trois", "Quatre", "five."]), max_size=14).map(" ".join)


def by_definition(a: str, b: str) -> Overlap:
    def shingles(text: str) -> set[str]:
        words = re.findall(r"\w+", unicodedata.normalize("NFKC", text).lower())
        return {" ".join(words[i : i + 5]) for i in range(max(1, len(words) - 4))} if words else set()

    left, right = shingles(a), shingles(b)
    shared = len(left & right)
    return Overlap(shared / max(1, len(left | right)), shared / max(1, len(left)), shared / max(1, len(right)))


@given(TEXTS, TEXTS)
def test_overlap_is_that_of_the_sets_of_five_words(a, b):
    assert compare(a, b) == pytest.approx(by_definition(a, b))


@given(st.lists(TEXTS, min_size=2, max_size=6))
def test_all_pairs_at_once_count_what_pairs_one_by_one_do(texts):
    pairs = [(i, j) for i in range(len(texts)) for j in range(i)]
    ready = [shingled(text) for text in texts]
    counts = shared_counts(ready, [i for i, _ in pairs], [j for _, j in pairs])
    assert counts == [len(set(ready[i].shingles.tolist()) & set(ready[j].shingles.tolist())) for i, j in pairs]


@pytest.mark.parametrize(
    ("overlap", "same_words", "kind"),
    [
        (Overlap(1.0, 1.0, 1.0), True, "exact"),
        (Overlap(1.0, 1.0, 1.0), False, "near"),
        (Overlap(0.5, 0.6, 0.7), False, "near"),
        (Overlap(0.3, 0.9, 0.31), False, "contained"),
        (Overlap(0.3, 0.31, 0.9), False, "contains"),
        (Overlap(0.4, 0.6, 0.6), False, "contained"),
        (Overlap(0.3, 0.49, 0.49), False, None),
    ],
)
def test_kind(overlap, same_words, kind):
    assert kind_of(overlap, same_words=same_words) == kind


def footer_case(chance: Random, body: int, footer: str, other_body: int) -> bool:
    a, b = shingled(f"{prose(chance, body)} {footer}"), shingled(f"{prose(chance, other_body)} {footer}")
    return only_footer(a, b, shared_counts([a, b], [0], [1])[0])


def test_one_passage_that_closes_two_texts_is_a_footer():
    chance = Random(5)
    assert footer_case(chance, 50, prose(chance, 60), 45)


def test_a_long_passage_or_a_text_that_is_little_else_is_no_footer():
    chance = Random(6)
    assert not footer_case(chance, 50, prose(chance, 120), 50)
    assert not footer_case(chance, 5, prose(chance, 60), 50)


def test_a_passage_shared_before_the_end_is_no_footer():
    chance = Random(7)
    shared = prose(chance, 50)
    a, b = shingled(f"{prose(chance, 30)} {shared} {prose(chance, 30)}"), shingled(f"{prose(chance, 40)} {shared}")
    assert not only_footer(a, b, shared_counts([a, b], [0], [1])[0])


def test_a_formula_of_the_outlet_before_the_footer_changes_nothing_but_half_a_text_does():
    chance = Random(8)
    footer, formula, half = prose(chance, 60), prose(chance, 7), prose(chance, 40)
    for shared, expected in ((formula, True), (half, False)):
        a, b = (shingled(f"{prose(chance, 25)} {shared} {prose(chance, 28)} {footer}") for _ in range(2))
        assert only_footer(a, b, shared_counts([a, b], [0], [1])[0]) is expected
