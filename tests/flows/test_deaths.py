"""A few of the deaths that tests/bench/sweep.py goes through one after the other: nothing is lost, nothing stands there twice."""

from collections.abc import Iterator

import pytest

from tests.flows.deaths import Sweep, write_archive
from tests.flows.feeding import feed_list
from tests.site.content import feeds
from tests.site.news import NewsSite


@pytest.fixture(scope="module")
def backfill(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    folder = tmp_path_factory.mktemp("backfill")
    return Sweep(folder / "sweep", ["backfill", write_archive(folder / "news.jsonl", 30), "--engine", "direct", "--json"], archive=True)


@pytest.mark.parametrize("share", [0.3, 0.95])
def test_backfill_killed_at_any_call_ends_like_one_that_was_not(backfill: Sweep, share: float) -> None:
    assert backfill.differences(round(share * backfill.boundaries)) == []


@pytest.fixture(scope="module")
def ingest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sweep]:
    folder = tmp_path_factory.mktemp("ingest")
    with NewsSite() as site:
        listed = feed_list(folder, [feed.url for feed in feeds(site.url)][:2])
        yield Sweep(folder / "sweep", ["ingest", "--engine", "direct", "--json", "--feeds", listed], archive=False)


@pytest.mark.parametrize("share", [0.6])
def test_ingest_killed_at_any_call_ends_like_one_that_was_not(ingest: Sweep, share: float) -> None:
    assert ingest.differences(round(share * ingest.boundaries)) == []
