"""The book of the runs: opened at the start, added to by every batch, balanced when it closes."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from schemas.arrival import Batch
from schemas.document import Cursor
from schemas.errors import BalanceError
from schemas.run import RunCounts, RunReport, StageCost
from tasks.store.migrate import Connection
from tasks.store.rows import Row
from tasks.store.transaction import transaction

COUNTS = tuple(RunCounts.model_fields)


def start_run(con: Connection, report: RunReport) -> int:
    """Return how many earlier runs were found open, and closed as crashed, when this one was entered."""
    with transaction(con):
        crashed = con.execute(
            "UPDATE runs SET state = 'crashed', finished_at = greatest(started_at, ?) WHERE state = 'running' RETURNING run_id",
            [report.started_at],  # before its start where the clock was set back in between
        ).fetchall()
        row: Row = (report.run_id, report.flow, report.engine, report.started_at, None, "running", *[0] * len(COUNTS), 0.0, [])
        con.execute(f"INSERT INTO runs VALUES ({', '.join('?' * len(row))})", row)
    return len(crashed)


def add_to_run(con: Connection, batch: Batch, counts: RunCounts, costs: Iterable[StageCost]) -> None:
    """Add the counts of a batch, and what it cost before and while it was loaded, to its run."""
    report = fetch_run(con, batch.run_id)
    added = {
        "counts": report.counts.plus(counts),
        "per_stage": add_costs(report.per_stage, (*batch.costs, *costs)),
        "seconds": (batch.now - report.started_at).total_seconds(),  # so far: a run that crashes keeps it
    }
    _update(con, report.model_copy(update=added))


def add_costs(costs: Iterable[StageCost], more: Iterable[StageCost]) -> tuple[StageCost, ...]:
    """Return the costs by stage, in order of first appearance."""
    sums: dict[str, StageCost] = {}
    for cost in (*costs, *more):
        so_far = sums.get(cost.stage, StageCost(stage=cost.stage))
        sums[cost.stage] = StageCost(stage=cost.stage, documents=so_far.documents + cost.documents, seconds=so_far.seconds + cost.seconds)
    return tuple(sums.values())


def close_run(con: Connection, run_id: UUID, now: datetime, costs: Iterable[StageCost]) -> RunReport:
    """Return the completed run, the costs of its end added; raise BalanceError when its counts disagree with each other or with the tables.

    To be called inside a transaction, so that a run that does not balance leaves nothing of its end behind.
    """
    report = fetch_run(con, run_id)
    duplicates = con.execute(
        """SELECT count(*) FROM articles WHERE duplicate_of IS NOT NULL
        AND article_id IN (SELECT article_id FROM sightings WHERE run_id = $run)
        AND article_id NOT IN (SELECT article_id FROM sightings WHERE run_id <> $run)""",  # met before: not new in this run
        {"run": run_id},
    ).fetchall()[0][0]
    counts = report.counts.model_copy(update={"duplicates": duplicates})
    check_balance(con, run_id, counts)
    closed = {
        "counts": counts,
        "finished_at": now,
        "state": "completed",
        "seconds": (now - report.started_at).total_seconds(),
        "per_stage": add_costs(report.per_stage, costs),
    }
    _update(con, report.model_copy(update=closed))
    return fetch_run(con, run_id)


def abandon_run(con: Connection, run_id: UUID, now: datetime) -> None:
    """Close a run that cannot go on as failed, with the counts of its committed batches."""
    con.execute("UPDATE runs SET state = 'failed', finished_at = ? WHERE run_id = ? AND state = 'running'", [now, run_id])


def check_balance(con: Connection, run_id: UUID, counts: RunCounts) -> None:
    """Raise BalanceError unless every document seen has one outcome and the tables hold the rows that the counts claim."""
    sighted, rejected = con.execute(
        "SELECT (SELECT count(*) FROM sightings WHERE run_id = ?), (SELECT count(*) FROM rejections WHERE run_id = ?)", [run_id, run_id]
    ).fetchall()[0]
    met = counts.new + counts.new_versions + counts.sightings
    if not counts.balanced or sighted != met or rejected != counts.rejected:
        raise BalanceError(
            f"Run {run_id} does not balance: {counts}; the store has {sighted} of its sightings and {rejected} of its rejections. "
            "Nothing of its end was kept; please report this."
        )


def fetch_run(con: Connection, run_id: UUID) -> RunReport:
    """Return a run as it stands in the store."""
    return fetch_runs(con, "WHERE run_id = ?", [run_id])[0]


def fetch_runs(con: Connection, clause: str, values: Sequence[object] = ()) -> list[RunReport]:
    """Return the runs that a clause of SQL (WHERE, ORDER BY, LIMIT) picks, with their rejections by reason."""
    rows = con.execute(f"SELECT * FROM runs {clause}", values).fetchall()
    ids = [row[0] for row in rows]
    reasons = _counted(con, "SELECT run_id, reason FROM rejections", ids)
    fetches = _counted(con, "SELECT run_id, concat_ws(' ', kind, reason) FROM fetches", ids)
    return [_report(row, {"reasons": reasons.get(row[0], ()), "fetches": fetches.get(row[0], ())}) for row in rows]


def _counted(con: Connection, query: str, ids: Sequence[UUID]) -> dict[UUID, list[tuple[str, int]]]:
    """Return how often each value comes in each run, the commonest first, of a query for runs and values."""
    rows = con.execute(
        f"""SELECT run_id, what, count(*) FROM ({query}) named (run_id, what) WHERE run_id IN (SELECT unnest(?::UUID[]))
        GROUP BY ALL ORDER BY 3 DESC, 2""",
        [list(ids)],
    ).fetchall()
    counted: dict[UUID, list[tuple[str, int]]] = {}
    for run_id, what, count in rows:
        counted.setdefault(run_id, []).append((what, count))
    return counted


def _report(row: Sequence[object], counted: dict[str, Sequence[tuple[str, int]]]) -> RunReport:
    names = ("run_id", "flow", "engine", "started_at", "finished_at", "state")
    head, counts, tail = row[: len(names)], row[len(names) : len(names) + len(COUNTS)], row[-2:]
    values = dict(zip(names, head, strict=True)) | {"seconds": tail[0], "per_stage": tail[1]} | counted
    return RunReport.model_validate(values | {"counts": dict(zip(COUNTS, counts, strict=True))})


def _update(con: Connection, report: RunReport) -> None:
    counted = ", ".join(f"{name} = ?" for name in COUNTS)
    con.execute(
        f"UPDATE runs SET finished_at = ?, state = ?, seconds = ?, per_stage = ?, {counted} WHERE run_id = ?",
        [
            *(report.finished_at, report.state, report.seconds, [cost.model_dump() for cost in report.per_stage]),
            *(getattr(report.counts, name) for name in COUNTS),
            report.run_id,
        ],
    )


def keep_cursors(con: Connection, cursors: Iterable[Cursor]) -> None:
    """Write how far the run has come in each source."""
    for cursor in cursors:
        con.execute(
            "INSERT OR REPLACE INTO internal.cursors VALUES (?, ?, ?, ?, ?)",
            [cursor.source, cursor.path, cursor.position, cursor.size, cursor.mtime_ns],
        )


def fetch_cursors(con: Connection) -> dict[str, Cursor]:
    """Return where an unfinished run stopped, by source."""
    rows = con.execute("SELECT * FROM internal.cursors").fetchall()
    return {row[0]: Cursor(source=row[0], path=row[1], position=row[2], size=row[3], mtime_ns=row[4]) for row in rows}


def drop_cursors(con: Connection, sources: Sequence[str]) -> None:
    """Forget the positions in sources that were read to their end."""
    con.execute("DELETE FROM internal.cursors WHERE source IN (SELECT unnest(?::VARCHAR[]))", [list(sources)])
