"""The metrics are OpenMetrics text: every line of it is read back here by its grammar."""

import re
from pathlib import Path

import pytest

from schemas.errors import WirehouseError
from schemas.settings import Settings
from tasks.store.metrics import metrics_text, write_metrics
from tasks.store.writer import Writer
from tests.tasks.store.build import NOW
from tests.tasks.store.small import ARTICLES, small_store

SAMPLE = re.compile(r'(wirehouse_[a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)+)\})? (-?[0-9][0-9.e+-]*)')
KINDS = {"counter", "gauge"}


def read(text: str) -> dict[str, float]:
    """Return the samples of an OpenMetrics text, after checking its grammar."""
    *lines, end, nothing = text.split("\n")
    assert (end, nothing) == ("# EOF", "")
    kinds: dict[str, str] = {}
    samples: dict[str, float] = {}
    for line in lines:
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in kinds, "families are not torn apart"
            assert not name.endswith("_total"), "the samples of a counter end so, its family does not"
            kinds[name] = kind
        elif line.startswith("# "):
            assert line.split(" ")[1] in {"HELP", "UNIT"}
            assert line.split(" ")[2] == list(kinds)[-1]
            if line.startswith("# UNIT "):
                assert line.split(" ")[2].endswith(f"_{line.split(' ')[3]}"), "a unit is the end of the name"
        else:
            match = SAMPLE.fullmatch(line)
            assert match, line
            newest = list(kinds)[-1]
            assert match[1] == (f"{newest}_total" if kinds[newest] == "counter" else newest)
            assert line.rpartition(" ")[0] not in samples
            samples[line.rpartition(" ")[0]] = float(match[3])
            assert kinds[newest] != "counter" or float(match[3]) >= 0
    assert set(kinds.values()) == KINDS
    return samples


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return small_store(tmp_path, metrics_file=tmp_path / "wirehouse.prom")


def test_the_text_says_what_the_store_holds(settings: Settings) -> None:
    with Writer(settings) as store:
        store.con.execute("INSERT INTO rejections SELECT run_id, 'read', 'a \"b\" \\ c\nd', '', '', NULL, NULL, now() FROM runs")
        samples = read(metrics_text(store.con, settings, NOW))
    assert samples['wirehouse_documents_total{flow="backfill",outcome="new"}'] == ARTICLES
    assert samples['wirehouse_runs_total{flow="backfill",state="completed"}'] == 1
    assert samples["wirehouse_articles"] == ARTICLES
    assert samples['wirehouse_rejections_total{stage="read",reason="a \\"b\\" \\\\ c\\nd"}'] == 1
    assert samples['wirehouse_store_bytes{file="published"}'] == settings.store.stat().st_size


def test_counters_only_grow(settings: Settings) -> None:
    with Writer(settings) as store:
        store.con.execute("UPDATE runs SET state = 'running'")
        during = read(metrics_text(store.con, settings, NOW))
        store.con.execute("UPDATE runs SET state = 'crashed'")
        after = read(metrics_text(store.con, settings, NOW))
    assert {name: count for name, count in during.items() if "_total" in name and count > after[name]} == {}
    assert after['wirehouse_runs_total{flow="backfill",state="crashed"}'] == 1


def test_every_publication_writes_the_file_of_the_settings(settings: Settings) -> None:
    with Writer(settings) as store:
        store.publish()
    assert settings.metrics_file is not None
    assert read(settings.metrics_file.read_text("utf-8"))["wirehouse_articles"] == ARTICLES
    assert not list(settings.store.parent.glob("*.tmp"))


def test_a_file_that_cannot_be_written_spoils_no_run(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    nowhere = settings.model_copy(update={"metrics_file": settings.store / "below"})
    with Writer(nowhere) as store:
        assert not store.publish()
    assert "cannot be written" in caplog.text
    with pytest.raises(WirehouseError, match="cannot be written"):
        write_metrics(settings.store / "below", "# EOF\n")
