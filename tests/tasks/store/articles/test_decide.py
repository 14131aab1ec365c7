from itertools import permutations

import pytest

from schemas.article import Stamp
from tasks.store.articles.decide import best_stamp, change, version_key
from tests.tasks.store.build import labelled, stamp


def test_the_most_trusted_date_wins_then_the_earliest_in_any_order() -> None:
    stamps = [stamp(9, "text"), stamp(5, "json-ld"), stamp(3, "json-ld"), stamp(1, "inferred"), None]
    assert {best_stamp(order) for order in permutations(stamps)} == {stamp(3, "json-ld")}


def test_no_date_is_no_date() -> None:
    assert best_stamp([None, None]) is None


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (None, ("first", 0.0)),
        (("A title", "one two three four"), ("title", 0.1667)),
        (("The title", "one two three"), ("text", 0.0909)),
        ((None, "nothing alike"), ("title+text", 1.0)),
    ],
)
def test_change_says_what_differs_and_how_much(before: tuple[str | None, str] | None, expected: tuple[str, float]) -> None:
    assert change("The title", "one two three four", before) == expected


def test_versions_are_ordered_by_their_update_then_title_then_length() -> None:
    texts: list[tuple[str, str | None, Stamp | None]] = [
        ("Undated and long enough", None, None),
        ("Short", "With a title", None),
        ("Dated", None, stamp(1)),
        ("Updated later", None, stamp(2)),
    ]
    keys = [version_key(labelled("one", text, title=title, updated=updated)) for text, title, updated in texts]
    assert sorted(keys, key=lambda key: key.order) == keys


def test_a_version_is_its_title_and_text_and_nothing_else() -> None:
    one = version_key(labelled("one", "Text", title="Title", published=stamp(1)))
    assert one.key == version_key(labelled("other", "Text", title="Title", section="World")).key
    assert one.key != version_key(labelled("one", "Text", title="Another title")).key
