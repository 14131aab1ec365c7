"""The end of a run: stories in their final order, entities in one spelling, cursors gone, the book balanced, in one transaction."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from schemas.run import RunReport
from tasks.costs import Watch
from tasks.store.labels.identities import identities_due, merge_identities
from tasks.store.migrate import Connection
from tasks.store.runs import close_run, drop_cursors
from tasks.store.stories.settle import SettleReport, settle
from tasks.store.transaction import transaction


def settle_all(con: Connection, run_id: UUID | None = None) -> SettleReport:
    """Return what was done to bring stories, and entities where articles came or went, into their final state.

    To be called in one transaction; changes of stories are logged under the run, None outside one.
    """
    due = identities_due(con)
    settled = settle(con, run_id)
    if due:
        merge_identities(con)
    return settled


def finish_run(con: Connection, run_id: UUID, sources: Sequence[str], clock: Callable[[], datetime]) -> RunReport:
    """Return the report of a run that took in its sources to their end; `clock` is asked when the stories are settled.

    Raises BalanceError, with nothing of the end kept, when the counts disagree with the tables.
    """
    watch = Watch()
    with transaction(con):
        with watch.stage("stories", documents=0):
            settle_all(con, run_id)
        drop_cursors(con, sources)
        return close_run(con, run_id, clock(), watch.costs)
