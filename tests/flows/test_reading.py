import csv
import io
import json
import re
import subprocess
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import duckdb
import pytest

from schemas.settings import Settings
from tests.bench.generate import articles
from tests.flows.command import WIREHOUSE, environment, report, wirehouse

FEEDS = ["feeds", *(f"feeds {name}" for name in ("add", "remove", "list", "import", "export", "check"))]
COMMANDS = [
    "backfill",
    "ingest",
    "retry",
    "reclean",
    "relabel",
    "sql",
    "search",
    "stories",
    "story",
    "article",
    "explain",
    "status",
    "init",
    "doctor",
    "serve",
    "maintain",
    "remove",
    "export",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reading")
    rows = [json.dumps(one.row) for one in articles(60, seed=9)]
    (folder / "news.jsonl").write_text("\n".join([*rows, "{broken"]) + "\n", encoding="utf-8")
    done = wirehouse("backfill", "news.jsonl", "--engine", "direct", folder=folder)
    assert done.returncode == 0, done.stderr
    assert "rejected" in done.stdout
    return folder


def test_help_names_every_command(tmp_path: Path) -> None:
    named = {line.strip("│| ").partition(" ")[0] for line in wirehouse("--help", folder=tmp_path).stdout.splitlines()}
    assert {*COMMANDS, "feeds", "label"} <= named
    named = {line.strip("│| ").partition(" ")[0] for line in wirehouse("feeds", "--help", folder=tmp_path).stdout.splitlines()}
    assert {command.removeprefix("feeds ") for command in FEEDS[1:]} <= named


def test_formats_say_the_same(folder: Path) -> None:
    query = "select article_id::varchar as id, language, byline from articles order by id"
    expected = report(wirehouse("sql", query, "--json", folder=folder))
    assert len(expected) == 60
    lines = wirehouse("sql", query, "--format", "jsonl", folder=folder).stdout.splitlines()
    assert [json.loads(line) for line in lines] == expected
    table = list(csv.DictReader(io.StringIO(wirehouse("sql", query, "--format", "csv", folder=folder).stdout, newline="")))
    assert [row | {"byline": json.loads(row["byline"])} for row in table] == expected
    markdown = wirehouse("sql", query, "--format", "markdown", folder=folder).stdout.splitlines()
    assert len(markdown) == 2 + 60
    assert markdown[0] == "| id | language | byline |"
    assert all(row["id"][:8] in wirehouse("sql", query, folder=folder).stdout for row in expected[:1])


@pytest.mark.parametrize("name", ["news.duckdb", "news.writer.duckdb", "./news.writer.duckdb.lock"])
def test_output_never_replaces_the_store(folder: Path, name: str) -> None:
    before = (folder / name).read_bytes()
    done = wirehouse("sql", "select 1", "--format", "csv", "--output", name, folder=folder)
    assert done.returncode == 2
    assert "belongs to the store" in done.stderr
    assert (folder / name).read_bytes() == before


def test_a_damaged_store_is_said_to_be_damaged(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "news.duckdb").write_bytes((folder / "news.duckdb").read_bytes()[:3_000_000])
    for command in (["status"], ["stories"], ["backfill", folder / "news.jsonl", "--engine", "direct"]):
        done = wirehouse(*command, folder=tmp_path)
        assert done.returncode == 5
        assert "damaged" in done.stderr
    assert "FAULT" in wirehouse("doctor", folder=tmp_path).stdout


def test_a_query_may_begin_with_a_comment(folder: Path) -> None:
    assert report(wirehouse("sql", "-- how many?\nselect 1 as one", "--json", folder=folder)) == [{"one": 1}]


def test_version_is_told(tmp_path: Path) -> None:
    assert wirehouse("--version", folder=tmp_path).stdout.startswith("wirehouse 0.")


def test_parquet_keeps_the_types(folder: Path) -> None:
    query = "select article_id, published_at, byline, word_count, null as nothing from articles"
    assert wirehouse("sql", query, "--format", "parquet", "--output", "a.parquet", folder=folder).returncode == 0
    described = duckdb.sql(f"DESCRIBE SELECT * FROM '{folder}/a.parquet'").fetchall()
    assert [row[1] for row in described][:4] == ["UUID", "TIMESTAMP WITH TIME ZONE", "VARCHAR[]", "INTEGER"]
    assert duckdb.sql(f"SELECT count(*) FROM '{folder}/a.parquet'").fetchall() == [(60,)]


def test_json_is_json_whatever_the_query_gives(folder: Path) -> None:
    query = """select 'nan'::double as nan, 'inf'::double as inf, 1.50::decimal(9, 2) as cents, 12345678.25::double as money,
        'a'::blob as raw, map([date '2025-01-02'], [1]) as days, {'a': [1, null]} as nested, 1 as one, 2 as one,
        date '2025-01-02' as day, interval 1 day as span"""
    expected = {"nan": None, "inf": None, "cents": 1.5, "money": 12345678.25, "raw": "61", "days": {"2025-01-02": 1}}
    expected |= {"nested": {"a": [1, None]}, "one": 1, "one_2": 2, "day": "2025-01-02"}
    for form in ("json", "jsonl"):
        done = wirehouse("sql", query, "--format", form, folder=folder)
        rows = json.loads(done.stdout, parse_constant=pytest.fail)
        row = rows[0] if form == "json" else rows
        assert {name: row[name] for name in expected} == expected
    assert "12345678.25" in wirehouse("sql", query, folder=folder).stdout
    assert wirehouse("sql", query, "--format", "parquet", "--output", "types.parquet", folder=folder).returncode == 0


def test_a_reader_that_has_had_enough_is_no_error(folder: Path) -> None:
    done = subprocess.run(
        f"'{WIREHOUSE}' sql 'select * from range(200000)' --format csv | head -1",
        shell=True,
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("range\n", "")


@pytest.mark.parametrize("form", ["csv", "json", "jsonl", "markdown", "table"])
def test_output_goes_to_the_file_and_nowhere_else(folder: Path, form: str) -> None:
    done = wirehouse("sql", "select 1 as one", "--format", form, "--output", f"out.{form}", folder=folder)
    assert (done.returncode, done.stdout) == (0, "")
    assert "one" in (folder / f"out.{form}").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["sql", "drop table articles"], 2),
        (["sql", "select 1; select 2"], 2),
        (["sql", "select 1", "--format", "parquet"], 2),
        (["sql", "select 1", "--format", "nothing"], 2),
        (["relabel", "--where", "no condition"], 2),
        (["relabel", "--stage", "stories"], 2),
        (["label", "train-topics", "--where", "section ="], 2),
        (["label", "train-topics", "--where", "false"], 2),
        (["label", "train-topics", "--where", "true", "--out", "news.duckdb"], 2),
        (["sql", "select 1", "--output", "no/such/folder/a.csv"], 2),
        (["sql", "select 1", "--output", "no/such/folder/a.parquet", "--format", "parquet"], 2),
        (["sql", "update extensions"], 2),
        (["sql", "select 1", "--store", "absent.duckdb"], 2),
        (["sql", "select 1", "--store", "news.jsonl"], 5),
        (["sql", "select 1", "--store", "."], 2),
        (["article", "ffffffff-0000"], 2),
        (["story", "ab"], 2),
        (["stories", "--topic", "sporrt"], 2),
        (["stories", "--entity", "nobody at all"], 2),
        (["stories", "--language", "xx"], 2),
        (["stories", "--since", "yesterday"], 2),
        (["nothing"], 2),
    ],
)
def test_what_cannot_be_answered_ends_with_a_sentence(folder: Path, arguments: list[str], code: int) -> None:
    done = wirehouse(*arguments, folder=folder)
    assert done.returncode == code
    assert done.stderr.strip()
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_settings_that_cannot_be_are_named(folder: Path) -> None:
    done = wirehouse("sql", "select 1", folder=folder, WIREHOUSE_SQL_TIMEOUT="soon")
    assert done.returncode == 2
    assert "sql_timeout" in done.stderr
    assert "Mars/X" in wirehouse("sql", "select 1", folder=folder, WIREHOUSE_ASSUMED_ZONE="Mars/X").stderr


def test_debug_shows_where(folder: Path) -> None:
    assert "Traceback" in wirehouse("--debug", "sql", "drop table articles", folder=folder).stderr


def test_stories_lead_to_a_story_and_that_to_an_article(folder: Path) -> None:
    listed = report(wirehouse("stories", "--json", "--limit", "500", folder=folder))
    assert sum(one["article_count"] for one in listed) == 60
    story = report(wirehouse("story", listed[0]["story_id"][:13], "--json", folder=folder))
    assert len(story["articles"]) == listed[0]["article_count"]
    article = report(wirehouse("article", story["articles"][0]["article_id"], "--json", folder=folder))
    assert article["story_id"] == listed[0]["story_id"]
    assert article["versions"][0]["change"] == "first"
    assert article["sightings"][0]["origin"].startswith("news.jsonl#")


def test_stories_can_be_asked_for(folder: Path) -> None:
    listed = report(wirehouse("stories", "--json", "--limit", "500", folder=folder))
    day = sorted(one["last_published_at"] for one in listed)[len(listed) // 2][:10]
    asked = report(wirehouse("stories", "--language", "FR", "--since", day, "--json", "--limit", "500", folder=folder))
    assert asked == [one for one in listed if "fr" in one["languages"] and one["last_published_at"] >= day]
    assert 0 < len(asked) < len(listed)
    nothing = wirehouse("stories", "--since", "2099-01-01", folder=folder)
    assert (nothing.returncode, nothing.stderr) == (0, "No story is like that.\n")


def test_people_see_tables(folder: Path) -> None:
    listed = report(wirehouse("stories", "--json", "--limit", "1", folder=folder))[0]
    assert listed["title"][:20] in wirehouse("stories", folder=folder).stdout
    shown = wirehouse("story", listed["story_id"], folder=folder).stdout
    assert listed["title"][:20] in shown
    article_id = report(wirehouse("story", listed["story_id"], "--json", folder=folder))["articles"][0]["article_id"]
    assert "sightings" in wirehouse("article", article_id, folder=folder).stdout


def test_status_shows_runs_sizes_and_reasons(folder: Path) -> None:
    status = report(wirehouse("status", "--json", folder=folder))
    counted = {name: count for name, count in status["runs"][0]["counts"].items() if count and name != "duplicates"}
    assert counted == {"seen": 61, "new": 60, "rejected": 1}
    assert status["runs"][0]["reasons"] == [["broken_json", 1]]
    assert status["tables"]["articles"] == 60
    assert "broken_json" in wirehouse("status", folder=folder).stdout


def test_doctor_finds_nothing_in_a_good_store_and_a_fault_in_a_bad_one(folder: Path, tmp_path: Path) -> None:
    assert all(check["ok"] for check in report(wirehouse("doctor", "--json", folder=folder)))
    bad = tmp_path / "news.duckdb"
    bad.write_bytes((folder / "news.duckdb").read_bytes())
    with duckdb.connect(str(bad)) as con:
        con.execute("DELETE FROM article_versions")
        con.execute("UPDATE runs SET seen = seen + 1")
    done = wirehouse("doctor", "--json", folder=tmp_path)
    assert done.returncode == 1
    assert {check["name"] for check in json.loads(done.stdout) if not check["ok"]} == {
        "every run balances",
        "every article has its versions",
    }


def test_doctor_works_without_a_store(tmp_path: Path) -> None:
    assert "none at news.duckdb yet" in str(report(wirehouse("doctor", "--json", folder=tmp_path)))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('[[topics]]\nid = "user:a"\nname = "A"\n', "topics.0: the topic 'user:a' asks for nothing"),
        ('[[topics]]\nid = "medtop:1"\nname = "A"\nwords = ["a"]\n', "take an id of your own"),
        ('[[topics]]\nid = "user:a"\nname = "A"\nwhere = "section ="\n', "The topic 'user:a' cannot be used"),
        ('topic_model = "no-such.npz"\n', "The topic model no-such.npz cannot be read"),
        ('topic_model = "wirehouse.toml"\n', "wirehouse.toml is no topic model"),
    ],
)
def test_labels_that_cannot_be_are_said_before_anything_is_loaded(folder: Path, settings: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "wirehouse.toml").write_text(settings, encoding="utf-8")
    done = wirehouse("backfill", folder / "news.jsonl", "--engine", "direct", folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_init_writes_settings_and_feeds_once(tmp_path: Path) -> None:
    assert wirehouse("init", "mine", folder=tmp_path).returncode == 0
    written = (tmp_path / "mine" / "wirehouse.toml").read_text("utf-8")
    assert tomllib.loads(written) == {}
    assert ElementTree.parse(tmp_path / "mine" / "feeds.opml").getroot().get("version") == "2.0"
    (tmp_path / "mine" / "wirehouse.toml").write_text("workers = 1\n", encoding="utf-8")
    again = wirehouse("init", "mine", folder=tmp_path)
    assert "stays as it is" in again.stdout
    assert (tmp_path / "mine" / "wirehouse.toml").read_text("utf-8") == "workers = 1\n"


def test_every_setting_that_init_shows_is_its_default(tmp_path: Path) -> None:
    assert wirehouse("init", folder=tmp_path).returncode == 0
    written = (tmp_path / "wirehouse.toml").read_text("utf-8")
    shown = tomllib.loads("".join(re.findall(r"^# (\w+ = .*\n|\[\[\w+\]\]\n)", written, re.MULTILINE)))
    assert shown.keys() == Settings.model_fields.keys()
    default = {name: field.default for name, field in Settings.model_fields.items()}
    loaded = Settings(**shown)
    without_default = {"workers", "user_agent", "retention_days", "topics", "topic_model", "entity_model"}
    without_default |= {"backup_dir", "metrics_file", "store_memory"}
    assert {name for name in shown if getattr(loaded, name) != default[name]} <= without_default
    assert loaded.reachable


def test_settings_file_environment_and_option_in_that_order(folder: Path) -> None:
    other = folder / "elsewhere"
    other.mkdir()
    (other / "wirehouse.toml").write_text('store = "nowhere-1.duckdb"\n', encoding="utf-8")
    assert "nowhere-1" in wirehouse("sql", "select 1", folder=other).stderr
    assert "nowhere-2" in wirehouse("sql", "select 1", folder=other, WIREHOUSE_STORE="nowhere-2.duckdb").stderr
    done = wirehouse("sql", "select 1", "--store", folder / "news.duckdb", folder=other, WIREHOUSE_STORE="nowhere-2.duckdb")
    assert done.returncode == 0
