-- How stories came to be what they are (tasks/store/stories/log.py).
CREATE TABLE story_log (
  story_id UUID NOT NULL,
  article_id UUID,
  logged_at TIMESTAMPTZ NOT NULL,
  run_id UUID,
  event VARCHAR NOT NULL CHECK (event IN ('assigned', 'moved', 'merged', 'split', 'closed')),
  from_story_id UUID,
  score DOUBLE,
  reason VARCHAR NOT NULL
);
COMMENT ON TABLE story_log IS 'How stories came to be what they are. Rows are only ever added: the last one of an article names its story. The story that an article has between its loading and the end of the run is provisional and not logged.';
COMMENT ON COLUMN story_log.story_id IS 'The story that the article came to; for closed the story that ended.';
COMMENT ON COLUMN story_log.article_id IS 'The article; NULL for closed.';
COMMENT ON COLUMN story_log.logged_at IS 'When stories were settled.';
COMMENT ON COLUMN story_log.run_id IS 'The run that settled them; NULL for wirehouse maintain.';
COMMENT ON COLUMN story_log.event IS 'assigned: its first story; moved: alone, or because the article changed; merged: the whole story it stood in went up in this one; split: a part of the story it stood in became one of its own; closed: the story lost its last article.';
COMMENT ON COLUMN story_log.from_story_id IS 'The story it stood in before; NULL for assigned and closed.';
COMMENT ON COLUMN story_log.score IS 'Mean similarity to the other articles of the story then; 1 for one that stood alone, NULL for closed.';
COMMENT ON COLUMN story_log.reason IS 'Why, in a sentence.';

INSERT INTO story_log
SELECT story_id, article_id, assigned_at, NULL, 'assigned', NULL, score, 'It stood there when this log began.'
FROM story_articles ANTI JOIN internal.unsettled USING (article_id) ORDER BY story_id, article_id;
