from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tasks.dedupe.groups import groups_of, heads_of, order_of

IDS = [UUID(int=n) for n in range(12)]
LINKS = st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from(IDS)), max_size=14)


def test_dated_articles_come_before_undated_and_ties_go_by_id():
    early, late = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 1, 2, tzinfo=UTC)
    keys = [order_of(early, IDS[3]), order_of(early, IDS[4]), order_of(late, IDS[1]), order_of(None, IDS[0])]
    assert keys == sorted(keys)


@given(LINKS)
def test_every_copy_points_at_the_earliest_of_its_group_and_at_no_copy(links):
    orders = {one: order_of(None, one) for one in IDS}
    heads = heads_of(links, orders)
    assert not set(heads) & set(heads.values())
    for group in groups_of(links):
        assert {heads.get(one, one) for one in group} == {min(group)}


@given(LINKS, st.randoms())
def test_groups_do_not_depend_on_the_order_of_links(links, chance):
    shuffled = [tuple(reversed(link)) for link in links]
    chance.shuffle(shuffled)
    assert {frozenset(group) for group in groups_of(links)} == {frozenset(group) for group in groups_of(shuffled)}
