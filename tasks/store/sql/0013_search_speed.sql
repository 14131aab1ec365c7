-- Search answers quicker, with what it answered before: a query is taken apart once, a phrase is found by one comparison of places, and
-- who only wants the best need not have the titles of all.

-- Whether a text has characters of a script that is written without spaces: its words are then shorter than its runs of letters.
CREATE MACRO internal.search_unspaced(raw) AS
  regexp_matches(raw, '[\x{e00}-\x{eff}\x{1000}-\x{109f}\x{1780}-\x{17ff}\x{3005}-\x{3007}\x{3040}-\x{30fa}\x{30fc}-\x{30ff}\x{3400}-\x{4dbf}\x{4e00}-\x{9fff}\x{f900}-\x{faff}\x{20000}-\x{3ffff}\x{ff10}-\x{ff5a}]');

-- A query taken apart: words that must (or must not) stand together in a field, the last one whole or as a beginning.
CREATE OR REPLACE MACRO internal.search_units(query) AS TABLE
  WITH parted AS (SELECT unnest(regexp_extract_all(translate(query[:1000], '“”„«»', '"""""'),
      '-?(?:(?i:title|text):)?(?:"[^"]*"?|[^\s"]+)')) AS part),
  bodies AS (SELECT part[1] = '-' AS excluded, nullif(lower(regexp_extract(part, '^-?((?i:title|text)):', 1)), '') AS field,
    regexp_replace(part, '^-?(?:(?i:title|text):)?', '') AS body FROM parted),
  -- materialized: the condition on it would split the words a second time
  spelled AS MATERIALIZED (SELECT excluded, field, regexp_matches(body, '\*"?$') AS starred,
    list_transform(internal.search_words(body), lambda w: internal.search_fold(w)) AS words FROM bodies),
  ended AS (SELECT *, regexp_matches(words[-1], '^[\x{e00}-\x{eff}\x{1000}-\x{109f}\x{1780}-\x{17ff}\x{3005}-\x{3007}\x{3040}-\x{30fa}\x{30fc}-\x{30ff}\x{3400}-\x{4dbf}\x{4e00}-\x{9fff}\x{f900}-\x{faff}\x{20000}-\x{3ffff}]$') AS alone FROM spelled WHERE len(words) > 0)
  SELECT row_number() OVER () AS unit, excluded, field,
    -- the last character of a run stands alone in a text only where the run ends there
    if(alone AND len(words) > 1 AND words[-2] LIKE '_' || words[-1], words[:-2], words) AS words,
    starred OR (alone AND NOT coalesce(words[-2] LIKE '_' || words[-1], false)) AS begins
  FROM ended;

-- What units find, in no order; asked: a list of them.
CREATE MACRO internal.search_scores(asked) AS TABLE
  WITH units AS MATERIALIZED (SELECT unnest(asked::STRUCT(unit BIGINT, excluded BOOLEAN, field VARCHAR, words VARCHAR[], begins BOOLEAN)[], recursive := true)),
  wanted AS MATERIALIZED (SELECT unit, field, begins AND place = len(words) AS begins, len(words) AS size, place, words[place] AS word
    FROM (SELECT *, unnest(range(1, len(words) + 1)) AS place FROM units)),
  beginnings AS (SELECT * FROM wanted WHERE begins),
  tokens AS MATERIALIZED (
    SELECT unit, field, size, place, internal.search_term(word) AS term FROM wanted WHERE NOT begins
    UNION SELECT unit, field, size, place, internal.search_term(v.word)
      FROM internal.search_vocabulary v JOIN beginnings b ON starts_with(v.word, b.word)
    UNION SELECT unit, field, size, place, term FROM internal.search_recent r JOIN beginnings b ON starts_with(r.word, b.word)),
  met AS (
    SELECT unit, field, size, place, doc, places FROM internal.search_postings JOIN tokens USING (term)
    UNION ALL SELECT unit, field, size, place, doc, places FROM internal.search_recent JOIN tokens USING (term)),
  hits AS MATERIALIZED (
    SELECT unit, size, place, doc, titled, (unit << 54) + (doc << 21) + 1 - place AS base,
      CASE field WHEN 'title' THEN list_filter(places, lambda p: p < titled)
        WHEN 'text' THEN list_filter(places, lambda p: p > titled) ELSE places END AS places
    FROM met JOIN internal.search_documents d USING (doc) WHERE current),
  -- Where a phrase starts, by any of its words, is one number for all units and texts: 21 bits for the place (no more characters of a text
  -- are indexed), 33 for the document. The word with the fewest places proposes, all others must agree.
  spread AS (SELECT unit, place, sum(len(places)) AS many FROM hits WHERE size > 1 GROUP BY ALL),
  rarest AS MATERIALIZED (SELECT unit, arg_min(place, many) AS place FROM spread GROUP BY unit),
  proposed AS (SELECT size, base + unnest(places) AS start FROM hits SEMI JOIN rarest USING (unit, place) WHERE size > 1),
  others AS (SELECT base + unnest(places) AS start FROM hits ANTI JOIN rarest USING (unit, place) WHERE size > 1),
  -- materialized: the groups below would be made before the join, of all places
  agreed AS MATERIALIZED (SELECT start, size FROM proposed JOIN others USING (start)),
  phrases AS (SELECT start >> 54 AS unit, (start >> 21) & 8589934591 AS doc, start & 2097151 AS start
    FROM (SELECT start FROM agreed WHERE size = 2
      UNION ALL SELECT start FROM agreed WHERE size > 2 GROUP BY start HAVING count(*) = any_value(size) - 1)),
  found AS MATERIALIZED (
    SELECT unit, doc, sum(len(places)) AS count, sum(if(places[1] < titled, len(list_filter(places, lambda p: p < titled)), 0)) AS titles
      FROM hits WHERE size = 1 AND len(places) > 0 GROUP BY ALL
    UNION ALL SELECT unit, doc, count(*), count(*) FILTER (start < titled) FROM phrases JOIN internal.search_documents USING (doc) GROUP BY ALL),
  whole AS (SELECT count(*) AS articles, avg(words) AS words FROM internal.search_documents WHERE current),
  weights AS (SELECT unit, ln(1 + (any_value(w.articles) - count(*) + 0.5) / (count(*) + 0.5)) AS rarity, any_value(w.words) AS usual
    FROM found CROSS JOIN whole w GROUP BY unit),
  scored AS (
    SELECT doc, round(sum(rarity * (count + 2 * titles) * 2.2 / (count + 2 * titles + 1.2 * (0.25 + 0.75 * d.words / usual))), 6) AS score
    FROM found JOIN units USING (unit) JOIN weights USING (unit) JOIN internal.search_documents d USING (doc) WHERE NOT excluded
    GROUP BY doc HAVING count(*) = (SELECT count(*) FROM units WHERE NOT excluded))
  SELECT article_no, score FROM scored ANTI JOIN (SELECT doc FROM found JOIN units USING (unit) WHERE excluded) USING (doc)
    JOIN internal.search_documents USING (doc);

CREATE OR REPLACE MACRO search(query) AS TABLE
  SELECT article_id, score, title FROM internal.search_scores((SELECT list(u) FROM internal.search_units(query) u))
    JOIN internal.article_numbers USING (article_no) JOIN articles USING (article_id)
  ORDER BY score DESC, article_id;
COMMENT ON MACRO TABLE search IS 'Full-text search, best first: FROM search(''climate summit''). All words must occur; "..." is a phrase, title:word or text:word one field, -word excludes, word* begins so. Case and accents do not count. article_id: the article; score: BM25 (k1 1.2, b 0.75), a word of the title counting three times; title: its headline.';
