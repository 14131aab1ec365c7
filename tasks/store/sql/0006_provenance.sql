-- What cleaning knows beside the text, which rules it used, and what is needed to use today's rules on what is stored.
ALTER TABLE articles ADD COLUMN keywords VARCHAR[];
ALTER TABLE articles ADD COLUMN rights VARCHAR[];
ALTER TABLE articles ADD COLUMN text_share DOUBLE;
ALTER TABLE articles ADD COLUMN found_by MAP(VARCHAR, VARCHAR);
ALTER TABLE articles ADD COLUMN cleaned_by VARCHAR;
COMMENT ON COLUMN articles.keywords IS 'What the document says it is about, as printed.';
COMMENT ON COLUMN articles.rights IS 'What the page itself says about its reuse: noai, noarchive, tdm-reservation=1, license=..., as stated; see also tdm_signals.';
COMMENT ON COLUMN articles.text_share IS 'Share of the visible text of the document that is kept as text, 0 to 1; NULL where that was not counted.';
COMMENT ON COLUMN articles.found_by IS 'The rule that gave each field: found_by[''title'']; wirehouse explain shows what it beat.';
COMMENT ON COLUMN articles.cleaned_by IS 'Digest of the cleaning rules that made the current version; wirehouse reclean brings it up to date.';

CREATE TABLE rule_changes (
  article_id UUID NOT NULL,
  run_id UUID NOT NULL,
  changed_at TIMESTAMPTZ NOT NULL,
  rules_before VARCHAR,
  rules_after VARCHAR NOT NULL,
  changed VARCHAR[] NOT NULL,
  change_ratio DOUBLE NOT NULL
);
COMMENT ON TABLE rule_changes IS 'What wirehouse reclean changed: other rules read the same page otherwise, so the article got no new version.';
COMMENT ON COLUMN rule_changes.article_id IS 'The article.';
COMMENT ON COLUMN rule_changes.run_id IS 'The run that put it through the rules again.';
COMMENT ON COLUMN rule_changes.changed_at IS 'When.';
COMMENT ON COLUMN rule_changes.rules_before IS 'Digest of the rules that had made it.';
COMMENT ON COLUMN rule_changes.rules_after IS 'Digest of the rules that made it now.';
COMMENT ON COLUMN rule_changes.changed IS 'Columns of articles that are not as they were.';
COMMENT ON COLUMN rule_changes.change_ratio IS 'Share of words of title and text that differ, 0 to 1.';

-- Every document that an article was made of, each time that it was read: when it was met, and what was known of it then (JSON: its
-- feed's item, the charset that the server named, another address); NULL where documents holds all of that, '' where it was not kept.
CREATE TABLE internal.contexts (
  article_id UUID NOT NULL, document_id VARCHAR NOT NULL, run_id UUID NOT NULL, seen_at TIMESTAMPTZ NOT NULL, context VARCHAR);
INSERT INTO internal.contexts
SELECT article_id, document_id, arg_min(run_id, s.rowid), min(seen_at),
  CASE WHEN NOT bool_and(feed_id IS NULL AND d.body IS NOT NULL) THEN ''
    WHEN arg_min_null(s.url, s.rowid) IS DISTINCT FROM any_value(d.url) THEN json_object('url', arg_min_null(s.url, s.rowid))::VARCHAR END
FROM sightings s LEFT JOIN documents d USING (document_id) GROUP BY article_id, document_id;
