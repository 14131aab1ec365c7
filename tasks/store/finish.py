"""The end of a run: stories in their final order, entities in one spelling, cursors gone, the book balanced, in one transaction."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from schemas.run import RunReport
from tasks.costs import Watch
from tasks.store.identities import identities_due, merge_identities
from tasks.store.migrate import Connection
from tasks.store.runs import close_run, drop_cursors
from tasks.store.stories import settle
from tasks.store.transaction import transaction


def finish_run(con: Connection, run_id: UUID, sources: Sequence[str], clock: Callable[[], datetime]) -> RunReport:
    """Return the report of a run that took in its sources to their end; `clock` is asked when the stories are settled.

    Raises BalanceError, with nothing of the end kept, when the counts disagree with the tables.
    """
    watch = Watch()
    with transaction(con):
        with watch.stage("stories", documents=0):
            due = identities_due(con)
            settle(con, run_id)
            if due:
                merge_identities(con)
        drop_cursors(con, sources)
        return close_run(con, run_id, clock(), watch.costs)
