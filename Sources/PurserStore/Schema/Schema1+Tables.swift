/// Version 1 of the schema, in strings that are never edited once shipped.
///
/// Ids are 16-byte blobs, credits whole numbers within ±2^53, times milliseconds since 1970.
enum Schema1 {
    static let tables = """
        CREATE TABLE account (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            created_at_ms INTEGER NOT NULL,
            name TEXT NOT NULL CHECK (name <> ''),
            tier TEXT NOT NULL CHECK (tier IN ('free', 'tier-one', 'ultra')),
            state TEXT NOT NULL CHECK (state IN ('enabled', 'paused', 'needs_rotation')),
            state_reason TEXT NOT NULL,
            project_id TEXT,
            max_in_flight INTEGER NOT NULL CHECK (max_in_flight >= 0),
            reserve INTEGER NOT NULL CHECK (reserve BETWEEN 0 AND 9007199254740992),
            monthly_credits INTEGER CHECK (monthly_credits BETWEEN 0 AND 9007199254740992),
            renews_on_day INTEGER CHECK (renews_on_day BETWEEN 1 AND 31),
            tags TEXT NOT NULL,
            credential_version INTEGER NOT NULL,
            token_expires_at_ms INTEGER,
            -- By how much the last reading lay outside what the books allow.
            drift INTEGER,
            -- Grows with each change that routing must see and that writes no entry.
            revision INTEGER NOT NULL,
            removed_at_ms INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX account_name ON account (name) WHERE removed_at_ms IS NULL;
        CREATE INDEX account_revision ON account (revision);

        CREATE TABLE rest (
            account_id BLOB NOT NULL REFERENCES account (id),
            -- '' covers every model.
            model_id TEXT NOT NULL,
            reason TEXT NOT NULL,
            until_ms INTEGER NOT NULL,
            strikes INTEGER NOT NULL CHECK (strikes >= 0),
            PRIMARY KEY (account_id, model_id, reason)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE member (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            name TEXT NOT NULL UNIQUE CHECK (name <> ''),
            created_at_ms INTEGER NOT NULL,
            has_budget INTEGER NOT NULL CHECK (has_budget IN (0, 1))
        ) STRICT, WITHOUT ROWID;

        -- Rows in order of arrival: a random id as the table's own key would touch a page for each.
        CREATE TABLE submission (
            id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
            member_id BLOB NOT NULL REFERENCES member (id),
            idempotency_key TEXT CHECK (length(idempotency_key) BETWEEN 1 AND 255),
            fingerprint BLOB NOT NULL,
            path TEXT NOT NULL,
            created_at_ms INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('under_way', 'finished', 'unknown')),
            account_id BLOB NOT NULL REFERENCES account (id),
            price INTEGER NOT NULL CHECK (price BETWEEN 0 AND 9007199254740992),
            model_keys TEXT NOT NULL,
            answer_status INTEGER,
            answer_content_type TEXT,
            answer_epoch INTEGER,
            answer BLOB
        ) STRICT;
        CREATE UNIQUE INDEX submission_key ON submission (member_id, idempotency_key)
            WHERE idempotency_key IS NOT NULL;

        -- One call to the provider; its id is the order of claims in the home.
        CREATE TABLE attempt (
            id INTEGER PRIMARY KEY,
            submission_id BLOB NOT NULL REFERENCES submission (id),
            number INTEGER NOT NULL CHECK (number >= 1),
            account_id BLOB NOT NULL REFERENCES account (id),
            member_id BLOB NOT NULL REFERENCES member (id),
            instance_id BLOB NOT NULL,
            hold_seq INTEGER NOT NULL,
            budget_hold_seq INTEGER,
            price INTEGER NOT NULL CHECK (price BETWEEN 0 AND 9007199254740992),
            charged INTEGER NOT NULL DEFAULT 0,
            element_count INTEGER NOT NULL,
            elements TEXT NOT NULL,
            decision TEXT NOT NULL,
            held_at_ms INTEGER NOT NULL,
            unknown_since_ms INTEGER,
            state TEXT NOT NULL CHECK (
                state IN ('held', 'unknown', 'settled', 'voided', 'charged', 'freed')),
            UNIQUE (submission_id, number)
        ) STRICT;
        CREATE INDEX attempt_account ON attempt (account_id);
        CREATE INDEX attempt_open ON attempt (account_id) WHERE state IN ('held', 'unknown');

        CREATE TABLE job (
            id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
            operation_name TEXT NOT NULL,
            shape TEXT NOT NULL CHECK (shape IN ('operations', 'media')),
            scene_id TEXT,
            project_id TEXT,
            account_id BLOB NOT NULL REFERENCES account (id),
            member_id BLOB NOT NULL REFERENCES member (id),
            submission_id BLOB NOT NULL REFERENCES submission (id),
            attempt_id INTEGER NOT NULL REFERENCES attempt (id),
            credential_version INTEGER NOT NULL,
            model_id TEXT NOT NULL,
            model_key TEXT NOT NULL,
            price INTEGER NOT NULL CHECK (price BETWEEN 0 AND 9007199254740992),
            created_at_ms INTEGER NOT NULL,
            state TEXT NOT NULL,
            ended_at_ms INTEGER,
            failure TEXT,
            media TEXT NOT NULL,
            refund TEXT NOT NULL CHECK (refund IN ('none', 'due', 'refunded')),
            refund_amount INTEGER NOT NULL DEFAULT 0 CHECK (refund_amount BETWEEN 0 AND price),
            refund_due_ms INTEGER,
            UNIQUE (account_id, operation_name)
        ) STRICT;
        CREATE INDEX job_open ON job (account_id) WHERE ended_at_ms IS NULL;
        CREATE INDEX job_refund ON job (account_id) WHERE refund = 'due';
        CREATE INDEX job_submission ON job (submission_id);
        CREATE INDEX job_created ON job (created_at_ms);
        CREATE INDEX job_account ON job (account_id, created_at_ms);
        CREATE INDEX job_member ON job (member_id, created_at_ms);
        CREATE TRIGGER job_ended BEFORE UPDATE OF state, ended_at_ms ON job
            WHEN OLD.ended_at_ms IS NOT NULL AND
                (NEW.state IS NOT OLD.state OR NEW.ended_at_ms IS NOT OLD.ended_at_ms)
            BEGIN SELECT RAISE(ABORT, 'an ended job never goes back'); END;

        CREATE TABLE media (
            id TEXT PRIMARY KEY,
            account_id BLOB NOT NULL REFERENCES account (id),
            seen_at_ms INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        -- Sums of the ledger's movements, kept in the transactions that move.
        CREATE TABLE usage_day (
            day INTEGER NOT NULL,
            account_id BLOB NOT NULL REFERENCES account (id),
            member_id BLOB NOT NULL REFERENCES member (id),
            model_id TEXT NOT NULL,
            videos INTEGER NOT NULL,
            charged INTEGER NOT NULL CHECK (charged BETWEEN 0 AND 9007199254740992),
            refunded INTEGER NOT NULL CHECK (refunded BETWEEN 0 AND 9007199254740992),
            PRIMARY KEY (day, account_id, member_id, model_id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE instance (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            started_at_ms INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE audit_entry (
            seq INTEGER PRIMARY KEY CHECK (seq >= 1),
            at_ms INTEGER NOT NULL,
            actor TEXT NOT NULL,
            verb TEXT NOT NULL,
            subject TEXT NOT NULL,
            detail TEXT NOT NULL,
            hash BLOB NOT NULL CHECK (length(hash) = 32)
        ) STRICT;
        CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit_entry
            BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
        CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit_entry
            BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;

        """

    static let vault = """
        CREATE TABLE vault_header (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            bytes BLOB NOT NULL
        ) STRICT;
        CREATE TABLE header_log (
            seq INTEGER PRIMARY KEY,
            header_id BLOB NOT NULL CHECK (length(header_id) = 32),
            bytes BLOB NOT NULL
        ) STRICT;
        CREATE TRIGGER header_log_no_update BEFORE UPDATE ON header_log
            BEGIN SELECT RAISE(ABORT, 'the header log is append-only'); END;
        CREATE TRIGGER header_log_no_delete BEFORE DELETE ON header_log
            BEGIN SELECT RAISE(ABORT, 'the header log is append-only'); END;
        CREATE TABLE vault_state (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            state_seq INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            record_count INTEGER NOT NULL,
            mac BLOB NOT NULL
        ) STRICT;
        CREATE TABLE vault_record (
            table_name TEXT NOT NULL,
            id BLOB NOT NULL CHECK (length(id) = 16),
            field TEXT NOT NULL,
            version INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            sealed BLOB NOT NULL,
            PRIMARY KEY (table_name, id, field, version)
        ) STRICT, WITHOUT ROWID;
        """
}
