from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np

from tasks.dedupe.groups import order_of
from tasks.stories.terms import Field, story_terms, unpack
from tasks.stories.threads import PROFILE, Profile, link, profile_terms, thread_ids
from tasks.stories.weights import keys_of, rarity

START = datetime(2025, 1, 1, tzinfo=UTC)
BRIDGE = {
    "en": "The Kessler bridge over the river Varn was closed on 4 March after engineer Ida Holm found 37 cracks.",
    "fr": "Le pont Kessler sur la rivière Varn a été fermé le 4 mars après que l'ingénieure Ida Holm a trouvé 37 fissures.",
}
LATER = "Engineer Ida Holm told the court that the cracks in the Kessler bridge over the Varn had been known."
OTHER = "Farmers in Oldmoor brought in a record harvest of 5200 tonnes of barley, said Peter Grain."


def profile(number: int, text: str, days: int, language: str = "en") -> Profile:
    terms = profile_terms([unpack(story_terms(None, text, []))])
    return Profile(UUID(int=number), START + timedelta(days=days), language, terms)


def linked(profiles: list[Profile], changed: set[int] | None = None) -> set[tuple[int, int]]:
    keys = np.concatenate([keys_of(one.terms) for one in profiles])
    rare = rarity(None, *np.unique(keys, return_counts=True), len(profiles))
    wanted = {one.story_id for one in profiles if changed is None or one.story_id.int in changed}
    return {(one.story_id.int, one.later_id.int) for one in link(profiles, rare, wanted)[1]}


def test_an_affair_is_linked_over_months_and_languages_and_nothing_else():
    profiles = [profile(1, BRIDGE["en"], 0), profile(2, BRIDGE["fr"], 1, "fr"), profile(3, LATER, 150), profile(4, OTHER, 2)]
    assert linked(profiles) == {(1, 2), (1, 3)}
    assert linked(profiles[::-1], {3}) >= {(1, 3)}


def test_an_affair_ends_when_nothing_follows_for_a_year():
    assert linked([profile(1, BRIDGE["en"], 0), profile(2, LATER, 500)]) == set()


def test_a_profile_is_bounded():
    texts = [f"Story {n} by Author{n} Name{n} in Town{n} with {1000 + n} people and {'x' * (n % 9)}word{n}" for n in range(300)]
    terms = profile_terms([unpack(story_terms(None, text, [])) for text in texts])
    assert len(terms) <= sum(PROFILE.values())
    assert set(terms["field"].tolist()) <= {Field.NAME, Field.NUMBER, Field.STEM}


def test_a_thread_has_the_id_of_its_earliest_story():
    stories = [(UUID(int=n), order_of(START + timedelta(days=-n), UUID(int=n))) for n in (1, 2, 3, 4)]
    links = [(UUID(int=2), UUID(int=1)), (UUID(int=3), UUID(int=2))]
    assert {one.int: thread.int for one, thread in thread_ids(stories, links).items()} == {1: 3, 2: 3, 3: 3, 4: 4}
