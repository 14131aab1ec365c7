-- Which rules labelled an article, and topics that are not of IPTC (tasks/label/version.py, tasks/store/labels/own_topics.py).
ALTER TABLE articles ADD COLUMN topics_by VARCHAR;
ALTER TABLE articles ADD COLUMN entities_by VARCHAR;
COMMENT ON COLUMN articles.topics_by IS 'Digest of the rules that found its topics, those of wirehouse.toml included; wirehouse relabel brings it up to date.';
COMMENT ON COLUMN articles.entities_by IS 'Digest of the rules that found who and what it names; wirehouse relabel brings it up to date.';
COMMENT ON TABLE topics IS 'IPTC Media Topics, release of 2022-02-03, (c) IPTC, CC BY 4.0; below them the topics of wirehouse.toml and of a model of one''s own.';
COMMENT ON COLUMN topics.topic_id IS 'medtop:NNNNNNNN, or the id of one''s own topic, such as user:harbour.';
COMMENT ON COLUMN topics.name_en IS 'English name; of one''s own topic the name that it was given.';
COMMENT ON COLUMN article_topics.score IS 'How sure the method is, 0 to 1: for a topic at the top the probability that the article is filed under it, for a narrower one less than that; a rule of wirehouse.toml is always sure.';
COMMENT ON COLUMN article_topics.method IS 'What assigned it: lexicon, user (a rule of wirehouse.toml), or model:NAME (the model that topic_model names).';
