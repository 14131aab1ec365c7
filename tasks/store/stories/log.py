"""The log of stories: which article came to which story, from where and why. Rows are only ever added.

What is compared is the story that an article has now with the last one logged, so settling again logs nothing,
and the provisional stories of a run, which depend on the order of arrival, leave no trace.
"""

from collections.abc import Collection
from uuid import UUID

from tasks.store.migrate import Connection

_CHANGES = """CREATE OR REPLACE TEMP TABLE story_changes AS
WITH settled AS (SELECT unnest(?::UUID[]) AS article_id),
twice AS (  -- unsettled where it stood and where it stands; what is only settled once more is so once
  SELECT article_id FROM internal.unsettled WHERE language <> '' GROUP BY article_id HAVING count(*) > 1),
logged AS (
  SELECT article_id, max_by(l.story_id, l.rowid) AS story_id FROM story_log l SEMI JOIN settled USING (article_id) GROUP BY article_id)
SELECT a.article_id, l.story_id AS was, a.story_id, m.score, a.published_at IS NULL AS undated,
  a.article_id IN (SELECT article_id FROM twice) AS changed
FROM articles a SEMI JOIN settled USING (article_id) JOIN story_articles m ON m.article_id = a.article_id
LEFT JOIN logged l ON l.article_id = a.article_id
WHERE l.story_id IS DISTINCT FROM a.story_id"""

_ROWS = """INSERT INTO story_log
WITH ways AS (SELECT was, story_id, count(*) AS articles FROM story_changes WHERE was IS NOT NULL GROUP BY ALL),
former AS (
  SELECT was, count(*) AS ways, NOT EXISTS (SELECT 1 FROM stories s WHERE s.story_id = was) AS gone FROM ways GROUP BY was),
bereft AS (
  SELECT DISTINCT story_id FROM story_log
  WHERE article_id IN (SELECT article_id FROM internal.unsettled SEMI JOIN removed_articles USING (article_id))),
told AS (
  SELECT c.* REPLACE (c.changed AND b.story_id IS NULL AS changed), b.story_id IS NOT NULL AS bereft,
    s.article_count = 1 AS alone, s.article_count = w.articles AS of_its_own, f.gone AND f.ways = 1 AS whole
  FROM story_changes c JOIN stories s USING (story_id) LEFT JOIN ways w USING (was, story_id) LEFT JOIN former f USING (was)
  LEFT JOIN bereft b ON b.story_id = c.was),
named AS (
  SELECT *, CASE WHEN was IS NULL THEN 'assigned' WHEN changed OR whole = of_its_own THEN 'moved'
    WHEN whole THEN 'merged' ELSE 'split' END AS event FROM told),
rows AS (
  SELECT story_id, article_id, event, was, score, CASE if(bereft AND event IN ('moved', 'split'), 'bereft', event)
    WHEN 'bereft' THEN 'An article of its former story was removed.'
    WHEN 'merged' THEN 'All of the former story is like this one.'
    WHEN 'split' THEN 'This part of the former story is no longer like the rest of it.'
    WHEN 'moved' THEN if(changed, 'The article changed.', 'It is more like this story now.')
    ELSE CASE WHEN alone THEN 'No other article is like it.'
      WHEN undated THEN 'It is like the articles of the story; it has no date.'
      ELSE 'It is like the articles of the story, and near them in time.' END END AS reason FROM named
  UNION ALL SELECT was, NULL, 'closed', NULL, NULL, 'Its last article left.' FROM former WHERE gone)
SELECT story_id, article_id, now(), ?, event, was, score, reason FROM rows ORDER BY story_id, article_id NULLS LAST"""


def log_settled(con: Connection, settled: Collection[UUID], run_id: UUID | None) -> int:
    """Return how many of the settled articles stand in another story than when they were logged last, or in their first.

    Each of them is logged. To be called in the transaction that settles, when memberships and stories are written and it
    is still known which articles were unsettled; `run_id` is None outside a run.
    """
    con.execute(_CHANGES, [list(settled)])
    [(changes,)] = con.execute("SELECT count(*) FROM story_changes").fetchall()
    if changes:
        con.execute(_ROWS, [run_id])
    con.execute("DROP TABLE story_changes")
    return int(changes)
