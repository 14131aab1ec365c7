"""The end of a run: stories in their final order, cursors gone, the book balanced, in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from schemas.run import RunCounts, RunReport
from tasks.costs import Watch
from tasks.store.migrate import Connection
from tasks.store.runs import add_to_run, close_run, drop_cursors
from tasks.store.stories import settle


def finish_run(con: Connection, run_id: UUID, sources: Sequence[str], now: datetime) -> RunReport:
    """Return the report of a run that took in its sources to their end.

    Raises BalanceError, with nothing of the end kept, when the counts disagree with the tables.
    """
    watch = Watch()
    con.begin()
    try:
        with watch.stage("stories", documents=0):
            settle(con)
        drop_cursors(con, sources)
        add_to_run(con, run_id, RunCounts(), watch.costs)
        report = close_run(con, run_id, now)
        con.commit()
    except BaseException:
        con.rollback()
        raise
    return report
