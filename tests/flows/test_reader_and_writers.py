"""Others at a store while a run fills it: readers see whole batches, whoever reads keeps what he has, a second writer waits its turn."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from tests.bench.generate import write
from tests.flows.command import WIREHOUSE, environment, report, wirehouse

ROOT = Path(__file__).parents[2]
BATCH, BATCHES = 12, 3
A_MINUTE = "60"

WRITER = f"""
import sys
from flows.cli import end, explain
from schemas.settings import Settings
from tasks import stages
from tasks.pipeline import Direct, run
from tasks.read.intake import ArchiveIntake

stages.BATCH = {BATCH}


class Pausing:
    def advance(self, counts, deliveries):
        print(counts.seen, flush=True)
        sys.stdin.readline()


if __name__ == "__main__":
    settings = Settings(store="news.duckdb", workers=1, publish_every=1e-6, lock_wait={A_MINUTE})
    try:
        run(ArchiveIntake(["news.jsonl"]), settings, Direct(), Pausing())
    except BaseException as error:
        end(explain(error))
"""
"""A backfill that publishes every batch, tells of it on stdout, and goes on when it reads a line."""

READER = """
import json, select, sys, duckdb

BROKEN = '''
    SELECT count(*) FROM (
        SELECT article_id FROM sightings UNION ALL SELECT article_id FROM mentions UNION ALL SELECT article_id FROM article_topics
        UNION ALL SELECT article_id FROM relations UNION ALL SELECT other_id FROM relations UNION ALL SELECT article_id FROM story_articles
    ) named ANTI JOIN articles USING (article_id)
    UNION ALL SELECT count(*) FROM articles ANTI JOIN stories USING (story_id)
    UNION ALL SELECT count(*) FROM articles ANTI JOIN article_versions USING (article_id, version)
    UNION ALL SELECT count(*) FROM sightings ANTI JOIN documents USING (document_id)
    UNION ALL SELECT count(*) FROM sightings ANTI JOIN runs USING (run_id)
'''
COUNTED = '''SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM sightings), (SELECT count(*) FROM story_articles),
    (SELECT sum(seen)::INTEGER FROM runs)'''

while True:
    with duckdb.connect("news.duckdb", read_only=True) as con:
        counted, broken = con.execute(COUNTED).fetchall()[0], con.execute(BROKEN).fetchall()
    print(json.dumps([counted, sum(count for count, in broken)]), flush=True)
    if select.select([sys.stdin], [], [], 0.05)[0]:
        break
"""
"""Polls the published copy every 50 ms, each time anew, until its stdin is closed; a line a poll: what it counts, and keys without rows."""


@contextmanager
def started(folder: Path, name: str, script: str) -> Iterator[subprocess.Popen[str]]:
    """Give a script that runs in a folder, between pipes; it must end well."""
    (folder / name).write_text(script, encoding="utf-8")
    environ = environment(PYTHONPATH=str(ROOT))
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, name], cwd=folder, env=environ, **pipes) as process:  # type: ignore[call-overload]
        yield process
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline()


def go_on(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "news.jsonl", BATCH * BATCHES)
    return tmp_path


def test_readers_see_whole_batches_and_keep_what_they_have_open(folder: Path) -> None:
    store, asked = folder / "news.duckdb", "SELECT count(*) AS n FROM articles JOIN story_articles USING (article_id)"
    polls: list[tuple[list[int], int]] = []
    with started(folder, "writer.py", WRITER) as writer:
        assert line(writer) == f"{BATCH}\n"
        old = duckdb.connect(str(store), read_only=True)
        with started(folder, "reader.py", READER) as reader:
            for seen in range(BATCH, (BATCHES + 1) * BATCH, BATCH):
                while not polls or polls[-1][0][0] < seen:  # each publication is seen at once, and the writer waits for it
                    polls.append(json.loads(line(reader)))
                if seen == 2 * BATCH:
                    assert report(wirehouse("sql", asked, "--json", folder=folder)) == [{"n": seen}]
                go_on(writer)
                assert line(writer) == (f"{seen + BATCH}\n" if seen < BATCHES * BATCH else "")
            rest, _ = reader.communicate(timeout=60)
            polls += map(json.loads, rest.splitlines())
    assert [poll for poll, _ in polls] == sorted([number] * 4 for [number, *_], _ in polls)
    assert {poll[0] for poll, _ in polls} == {BATCH * batches for batches in range(1, BATCHES + 1)}
    assert {broken for _, broken in polls} == {0}
    assert old.execute(asked).fetchall() == [(BATCH,)], "the copy that was replaced again and again"
    assert len(old.execute("SELECT text FROM articles").fetchall()) == BATCH
    old.close()
    assert report(wirehouse("sql", asked, "--json", folder=folder)) == [{"n": BATCH * BATCHES}]


def test_a_second_writer_gives_up_in_time_and_a_third_gets_its_turn(folder: Path) -> None:
    (folder / "other.txt").write_text("The lighthouse of Aske is for sale, and two bidders have climbed its stairs.", encoding="utf-8")
    backfill = ("backfill", "other.txt", "--engine", "direct", "--json")
    with started(folder, "writer.py", WRITER) as first:
        line(first)
        environ = environment(WIREHOUSE_LOCK_WAIT=A_MINUTE)
        with subprocess.Popen([WIREHOUSE, *backfill], cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as third:
            second = wirehouse(*backfill, folder=folder, WIREHOUSE_LOCK_WAIT="0.1")
            assert (second.returncode, second.stdout) == (4, "")
            assert f"is being written by process {first.pid} (writer.py), since " in second.stderr
            first.communicate("\n" * BATCHES, timeout=60)
            told, _ = third.communicate(timeout=60)
    assert third.returncode == 0
    assert json.loads(told)["counts"]["new"] == 1
    runs = report(wirehouse("sql", "SELECT state, seen, new FROM runs ORDER BY started_at", "--json", folder=folder))
    assert runs == [{"state": "completed", "seen": n, "new": n} for n in (BATCH * BATCHES, 1)]
