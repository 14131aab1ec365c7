"""Articles that are compared with the whole archive, and not only with what was published around their day."""

from collections.abc import Sequence

from tasks.store.copies.relate import FingerprintRow
from tasks.store.migrate import Connection


def reaching(con: Connection, changed: Sequence[FingerprintRow], *, whole_archive: bool) -> list[FingerprintRow]:
    """Return the rows as `relate` is to see them: without a day where an article is compared with all others.

    That is so for those loaded by a run over the whole archive, and stays so when their text or date changes later. Of two
    articles one is enough, so it does not matter which of them comes first.
    """
    numbers = [row.article_no for row in changed]
    if whole_archive:
        con.execute("INSERT OR IGNORE INTO internal.whole_archive SELECT unnest(?::BIGINT[])", [numbers])
    rows = con.execute("SELECT article_no FROM internal.whole_archive WHERE article_no IN (SELECT unnest(?::BIGINT[]))", [numbers])
    reach_all = {number for (number,) in rows.fetchall()}
    return [row._replace(day=None) if row.article_no in reach_all else row for row in changed]
