import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import csr_array
from scipy.spatial.distance import squareform

from tasks.stories.cluster import DAY, Vectors, place, similarities
from tasks.stories.linkage import HANDFUL, Cuts

NONE = csr_array((0, 0))
SAME = Cuts(0.3, 0.3)


def alone(count: int) -> csr_array:
    return csr_array((count, 0))


def test_groups_are_those_of_average_linkage():
    rng = np.random.default_rng(1)
    points = rng.random((40, 6)) ** 4
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    likeness = points @ points.T
    for cut in (0.5, 0.6, 0.7, 0.8, 0.9):
        distances = squareform(1 - likeness, checks=False)
        expected = fcluster(linkage(distances, "average"), 1 - cut, "distance")
        found = place(csr_array(likeness), alone(40), [], Cuts(cut, cut)).labels
        assert len(set(zip(expected, found, strict=True))) == len(set(expected)) == len(set(found))


def test_a_chain_of_likenesses_is_no_group():
    chain = csr_array(np.eye(5) + 0.5 * (np.eye(5, k=1) + np.eye(5, k=-1)))
    assert len(set(place(chain, alone(5), [], SAME).labels.tolist())) > 1


def two_groups(size: int, between: float) -> csr_array:
    """Likenesses of two groups, .6 inside each."""
    inside = np.kron(np.eye(2), np.full((size, size), 0.6))
    return csr_array(np.where(inside > 0, inside, between))


def test_two_large_groups_must_be_more_alike_than_a_large_and_a_small_one():
    cuts = Cuts(0.2, 0.4)
    for size, between, groups in ((HANDFUL, 0.3, 2), (HANDFUL, 0.5, 1), (HANDFUL - 1, 0.3, 1)):
        assert len(set(place(two_groups(size, between), alone(2 * size), [], cuts).labels.tolist())) == groups
    among, to_known = two_groups(HANDFUL, 0.3), csr_array(np.full((2 * HANDFUL, 1), 0.3 * HANDFUL))
    assert place(among, to_known, [HANDFUL], cuts).labels.tolist().count(0) == 0
    assert place(among[:1, :1], to_known[:1], [HANDFUL], cuts).labels.tolist() == [0]


def test_known_stories_take_in_but_never_merge():
    among = csr_array(np.array([[1.0, 0.1], [0.1, 1.0]]))
    to_known = csr_array(np.array([[0.9, 0.8], [0.0, 2.0]]))
    placed = place(among, to_known, [1, 4], SAME)
    assert placed.labels.tolist() == [0, 1]
    assert placed.scores.tolist() == pytest.approx([0.9, 0.5])


def test_likeness_fades_with_time_and_ends():
    rows = csr_array(np.ones((3, 1)))
    times = np.array([0.0, 7.0, 15.0]) * DAY
    found = similarities(Vectors(rows, times), Vectors(rows, times)).toarray()
    assert found[0].tolist() == pytest.approx([1.0, np.exp(-1), 0.0])
    assert similarities(Vectors(rows, None), Vectors(rows, None)).toarray().min() == 1.0


@settings(max_examples=40)
@given(arrays(np.float64, (7, 7), elements=st.floats(0, 1)), arrays(np.float64, (7, 3), elements=st.floats(0, 2)))
def test_everything_is_placed_once(likeness, to_known):
    among = csr_array((likeness + likeness.T) / 2)
    placed = place(among, csr_array(to_known), [1, 2, 3], SAME)
    assert len(placed.labels) == len(placed.scores) == 7
    assert all(label < 3 or placed.labels[label - 3] == label for label in placed.labels.tolist())


def test_nothing_to_place():
    assert len(place(NONE, NONE, [], SAME).labels) == 0
