CREATE TABLE internal.care (step VARCHAR PRIMARY KEY, runs BIGINT NOT NULL);
COMMENT ON TABLE internal.care IS 'Steps of the care of the store that are done anew only after another run, with the number of runs when each was done.';

CREATE TABLE internal.whole_archive (article_no BIGINT PRIMARY KEY);
COMMENT ON TABLE internal.whole_archive IS 'Articles that are compared with all others, however far apart they were published: loaded with --dedupe-window all.';
