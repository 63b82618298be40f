-- What a run knows. An item is done or failed in the same transaction in which the output
-- learns where its record ends, so that neither can be true without the other.
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE passes (
    number INTEGER PRIMARY KEY,
    sources TEXT NOT NULL,
    started_at REAL NOT NULL,
    seconds REAL NOT NULL DEFAULT 0,
    complete INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE done (
    origin TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    pass INTEGER NOT NULL,
    headline TEXT NOT NULL,
    characters INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    seconds REAL NOT NULL,
    warnings INTEGER NOT NULL,
    PRIMARY KEY (origin, content_hash)
) WITHOUT ROWID;
CREATE TABLE failures (
    origin TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    pass INTEGER NOT NULL,
    trouble TEXT NOT NULL,
    reason TEXT NOT NULL,
    id TEXT,
    PRIMARY KEY (origin, content_hash)
) WITHOUT ROWID;
CREATE TABLE warnings (kind TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE provenance (value TEXT PRIMARY KEY) WITHOUT ROWID;
-- Parquet: records that wait for a part to be full, and the parts that are written.
CREATE TABLE spool (number INTEGER PRIMARY KEY, line TEXT NOT NULL);
CREATE TABLE parts (name TEXT PRIMARY KEY, records INTEGER NOT NULL) WITHOUT ROWID;
-- Tree: files that may be there without their item being done, and the files that are.
CREATE TABLE intents (path TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE paths (folded TEXT PRIMARY KEY) WITHOUT ROWID;
