-- Seals of the trail. A row keeps the transaction that wrote it: a sealer that takes those below the
-- oldest transaction still open skips none that commits late. No seal holds personal data: a root
-- over salted leaves tells nothing once the rows, and their salts, are gone.

ALTER TABLE audit.trail ADD COLUMN IF NOT EXISTS xid bigint NOT NULL
    DEFAULT (pg_catalog.pg_current_xact_id()::text)::bigint;
ALTER TABLE audit.change ADD COLUMN IF NOT EXISTS xid bigint NOT NULL
    DEFAULT (pg_catalog.pg_current_xact_id()::text)::bigint;
-- It only grows: a summary by blocks costs an insertion nothing that can be measured.
CREATE INDEX IF NOT EXISTS trail_xid ON audit.trail USING brin (xid) WITH (autosummarize = on);
CREATE INDEX IF NOT EXISTS change_xid ON audit.change USING brin (xid) WITH (autosummarize = on);

CREATE TABLE IF NOT EXISTS audit.seal (
    number bigint PRIMARY KEY CHECK (number > 0),
    version int NOT NULL,
    act text NOT NULL CHECK (act IN ('scellement', 'purge')),
    -- The transactions sealed: from the first included to the last excluded.
    xid_from bigint NOT NULL,
    xid_until bigint NOT NULL CHECK (xid_until >= xid_from),
    -- A transaction from this one on had not begun at that instant.
    observed_xid bigint NOT NULL,
    observed_at timestamptz NOT NULL,
    root bytea NOT NULL,
    previous bytea NOT NULL,
    key text NOT NULL,
    signature bytea NOT NULL
);

CREATE TABLE IF NOT EXISTS audit.segment (
    number bigint NOT NULL REFERENCES audit.seal,
    kind text NOT NULL CHECK (kind IN ('trail', 'change')),
    system text NOT NULL,
    month date NOT NULL,
    count bigint NOT NULL,
    root bytea NOT NULL,
    PRIMARY KEY (number, kind, system, month)
);

CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit.seal
    FOR EACH ROW EXECUTE FUNCTION audit.refuse_rewrite();
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit.segment
    FOR EACH ROW EXECUTE FUNCTION audit.refuse_rewrite();
CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON audit.seal
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_rewrite();
CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON audit.segment
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_rewrite();
