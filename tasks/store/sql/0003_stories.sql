-- What groups articles into stories (tasks/store/stories/settle.py).

-- The packed term counts of every article's current version (tasks/stories/terms.py), and the stretch of time it
-- stands in: days since 1970 divided by 14, NULL for an article without a date.
CREATE TABLE internal.article_terms (
  article_no BIGINT NOT NULL, article_id UUID NOT NULL, language VARCHAR NOT NULL, published_at TIMESTAMPTZ,
  stretch INTEGER, terms BLOB NOT NULL);

-- How many articles of a language hold a term: differences, summed when read and folded together from time to time.
-- key: field << 32 | term. A row with key NULL counts articles.
CREATE TABLE internal.term_counts (language VARCHAR NOT NULL, key UBIGINT, articles INTEGER NOT NULL);

-- Articles whose stories are provisional, with the stretches to go over again: where each stands, and where it stood.
CREATE TABLE internal.unsettled (article_id UUID NOT NULL, language VARCHAR NOT NULL, stretch INTEGER);

-- What threads are found by: the names, numbers and stems of a story, summed over its articles and packed.
CREATE TABLE internal.story_profiles (
  story_id UUID NOT NULL, first_published_at TIMESTAMPTZ, language VARCHAR NOT NULL, terms BLOB NOT NULL);

-- Pairs of stories of one affair, the earlier first: each is the other's best match in its direction.
CREATE TABLE internal.story_links (story_id UUID NOT NULL, later_id UUID NOT NULL, score DOUBLE NOT NULL);
