"""A model of topics: trained on a store's own sections, examined, written, and used by the next labelling."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import duckdb
import pytest

from schemas.errors import UsageError
from schemas.settings import Settings
from tasks.label.topic_model import load_model, save_model
from tasks.label.train_topics import FEWEST_ARTICLES, Tagged, slug, train
from tasks.label.version import KINDS
from tasks.pipeline import Direct, Quiet, run
from tasks.read.intake import ArchiveIntake
from tasks.relabel import Wanted, relabel_articles
from tasks.store.connection import open_reader
from tasks.store.labels.tagged import tagged_articles
from tests.flows.command import report, wirehouse
from tests.tasks.store.shelf import prose

WORDS = {
    "Fishing": ["net", "trawler", "cod", "quay", "hull", "catch", "mackerel", "skipper", "herring", "tide"],
    "Élections": ["ballot", "candidate", "mayor", "runoff", "canvass", "voter", "turnout", "seat", "recount", "poll"],
    "Chess": ["bishop", "gambit", "rook", "endgame", "opening", "knight", "castle", "pawn", "blitz", "draw"],
}
EACH = 20


def texts(chance: Random, section: str) -> tuple[str, str]:
    """Return a headline and a text: fifteen words of the section among a hundred of no meaning."""
    told = [*prose(chance, 100, vocabulary=800).split(), *chance.choices(WORDS[section], k=15)]
    chance.shuffle(told)
    return f"The {chance.choice(WORDS[section])} of {prose(chance, 2)}", " ".join(told).capitalize() + "."


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A store of articles in three sections, and a few without one."""
    folder = tmp_path_factory.mktemp("tagged")
    chance = Random(3)
    rows = []
    for number, section in enumerate([*list(WORDS) * EACH, None, None]):
        title, text = texts(chance, section or "Chess")
        day = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=30 * number)  # far apart: each is a story of its own
        row = {"id": number, "title": title, "text": text, "section": section, "source": "tagged.example", "language": "en"}
        rows.append(row | {"published_at": day.isoformat()})
    (folder / "tagged.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
    chosen = Settings(store=folder / "news.duckdb", workers=1)
    run(ArchiveIntake([str(folder / "tagged.jsonl")]), chosen, Direct(), Quiet())
    return chosen


def tagged(settings: Settings) -> list[Tagged]:
    return list(tagged_articles(open_reader(settings.store), "source = 'tagged.example'", "section", 60.0))


def test_held_out_articles_are_told_apart(settings: Settings) -> None:
    articles = tagged(settings)
    assert len(articles) == 3 * EACH
    model, accuracy = train(articles, "sections")
    assert (accuracy.articles, accuracy.commonest) == (3 * EACH, round(1 / 3, 4))
    assert accuracy.accuracy > 0.8
    assert model.names == [("section:chess", "Chess"), ("section:elections", "Élections"), ("section:fishing", "Fishing")]
    assert {one.topic_id: one.articles for one in accuracy.topics} == dict.fromkeys(model.topics, EACH)


def test_the_same_articles_give_the_same_file_and_it_reads_back(settings: Settings, tmp_path: Path) -> None:
    for name in ("a.npz", "b.npz"):
        save_model(train(tagged(settings), "a")[0], tmp_path / name)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    model = load_model(tmp_path / "a.npz")
    title, text = texts(Random(8), "Fishing")
    assert [(one.topic_id, one.method) for one in model.topics_of(title, text)] == [("section:fishing", "model:a")]
    spoke = dict(model.spoke_for("section:fishing", title, text))
    assert set(WORDS["Fishing"]) & set(spoke)
    assert model.topics_of("", "") == ()
    assert model.spoke_for("section:unknown", title, text) == []


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x05\x06" + bytes(18)])
def test_another_file_is_no_model(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "m.npz").write_bytes(content)
    with pytest.raises(UsageError, match="is no topic model"):
        load_model(tmp_path / "m.npz")
    with pytest.raises(UsageError, match="cannot be read"):
        load_model(tmp_path / "missing.npz")


def test_too_little_to_learn_from_is_said() -> None:
    with pytest.raises(UsageError, match="There are 4 tagged articles and 0 topics"):
        train([Tagged("t", "text", (("user:a", "A"),), 0)] * (FEWEST_ARTICLES - 1), "x")


def test_names_become_ids() -> None:
    assert [slug("section", name) for name in ("À la une", "U.S. / World", "***")] == ["section:a-la-une", "section:u-s-world", "section:"]


def test_the_command_trains_and_the_setting_puts_it_to_use(settings: Settings, tmp_path: Path) -> None:
    told = report(
        wirehouse(
            *("label", "train-topics", "--where", "section is not null", "--out", tmp_path / "mine.npz", "--json"),
            *("--store", settings.store),
            folder=tmp_path,
        )
    )
    assert (told["method"], told["articles"]) == ("model:mine", 3 * EACH)
    assert told["accuracy"] > 0.8
    with_model = settings.model_copy(update={"topic_model": tmp_path / "mine.npz"})
    counts = relabel_articles(Wanted(frozenset(KINDS)), with_model, Quiet()).counts
    assert (counts.seen, counts.rejected) == (3 * EACH + 2, 0)
    right = """SELECT count(*) FROM article_topics JOIN topics USING (topic_id) JOIN articles USING (article_id)
        WHERE method = 'model:mine' AND name_en = coalesce(section, 'Chess')"""
    with duckdb.connect(str(settings.store), read_only=True) as con:
        assert con.execute(right).fetchall()[0][0] > 3 * EACH - 5
    relabel_articles(Wanted(frozenset(["topics"])), settings, Quiet())
    with duckdb.connect(str(settings.store), read_only=True) as con:
        assert con.execute("FROM article_topics WHERE method LIKE 'model:%'").fetchall() == []
        assert con.execute("SELECT topic_id FROM topics WHERE topic_id NOT LIKE 'medtop:%'").fetchall() == []
