extension Schema1 {
    /// The ledger, with its rules in the schema: no program that writes here can break them.
    static let ledger = """
        CREATE TABLE ledger_account (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL CHECK (kind IN ('credits', 'budget')),
            owner BLOB NOT NULL CHECK (length(owner) = 16),
            UNIQUE (owner, kind)
        ) STRICT;

        CREATE TABLE ledger_head (
            ledger_account INTEGER PRIMARY KEY REFERENCES ledger_account (id),
            seq INTEGER NOT NULL CHECK (seq >= 0),
            posted INTEGER NOT NULL CHECK (posted BETWEEN -9007199254740992 AND 9007199254740992),
            held INTEGER NOT NULL CHECK (held BETWEEN 0 AND 9007199254740992),
            hash BLOB NOT NULL CHECK (length(hash) = 32)
        ) STRICT;
        CREATE TRIGGER ledger_account_begins AFTER INSERT ON ledger_account
            BEGIN INSERT INTO ledger_head VALUES (NEW.id, 0, 0, 0, zeroblob(32)); END;
        CREATE TRIGGER ledger_head_no_delete BEFORE DELETE ON ledger_head
            BEGIN SELECT RAISE(ABORT, 'a ledger account never goes'); END;

        CREATE TABLE ledger_entry (
            id INTEGER PRIMARY KEY,
            ledger_account INTEGER NOT NULL REFERENCES ledger_head (ledger_account),
            seq INTEGER NOT NULL CHECK (seq >= 1),
            op_id BLOB NOT NULL CHECK (length(op_id) = 16),
            kind TEXT NOT NULL,
            d_posted INTEGER NOT NULL CHECK (d_posted BETWEEN -9007199254740992 AND 9007199254740992),
            d_held INTEGER NOT NULL CHECK (d_held BETWEEN -9007199254740992 AND 9007199254740992),
            posted INTEGER NOT NULL CHECK (posted BETWEEN -9007199254740992 AND 9007199254740992),
            held INTEGER NOT NULL CHECK (held BETWEEN 0 AND 9007199254740992),
            hold_seq INTEGER,
            submission_id BLOB CHECK (length(submission_id) = 16),
            job_id BLOB CHECK (length(job_id) = 16),
            at_ms INTEGER NOT NULL,
            observed INTEGER CHECK (observed BETWEEN -9007199254740992 AND 9007199254740992),
            cause TEXT,
            detail TEXT NOT NULL,
            prev_hash BLOB NOT NULL CHECK (length(prev_hash) = 32),
            hash BLOB NOT NULL CHECK (length(hash) = 32),
            UNIQUE (ledger_account, seq),
            CONSTRAINT shape CHECK (CASE kind
                WHEN 'hold' THEN d_posted = 0 AND d_held >= 0 AND hold_seq IS NULL
                WHEN 'settle' THEN d_posted <= 0 AND d_held <= 0 AND hold_seq < seq
                WHEN 'void' THEN d_posted = 0 AND d_held <= 0 AND hold_seq < seq
                WHEN 'unknown' THEN d_posted = 0 AND d_held = 0 AND hold_seq < seq
                WHEN 'charge' THEN d_posted <= 0 AND d_held <= 0 AND hold_seq < seq AND detail <> ''
                WHEN 'free' THEN d_posted = 0 AND d_held <= 0 AND hold_seq < seq AND detail <> ''
                WHEN 'refund_due' THEN
                    d_posted = 0 AND d_held = 0 AND hold_seq < seq AND job_id IS NOT NULL
                WHEN 'refund' THEN
                    d_posted > 0 AND d_held = 0 AND hold_seq < seq AND job_id IS NOT NULL
                WHEN 'open' THEN seq = 1 AND d_held = 0
                WHEN 'refill' THEN d_posted >= 0 AND d_held = 0 AND detail GLOB '????-??-??*'
                WHEN 'period_close' THEN d_posted <= 0 AND d_held = 0 AND detail GLOB '????-??-??*'
                WHEN 'observe' THEN d_posted = 0 AND d_held = 0 AND observed IS NOT NULL
                WHEN 'adjust' THEN d_held = 0 AND cause IS NOT NULL
                ELSE 0 END),
            CONSTRAINT begins_open CHECK (seq > 1 OR kind = 'open'),
            CONSTRAINT hold_available CHECK (kind <> 'hold' OR d_held = 0 OR posted >= held)
        ) STRICT;
        CREATE UNIQUE INDEX ledger_entry_operation ON ledger_entry (op_id);
        CREATE UNIQUE INDEX ledger_entry_terminal ON ledger_entry (ledger_account, hold_seq)
            WHERE kind IN ('settle', 'void', 'charge', 'free');
        CREATE UNIQUE INDEX ledger_entry_unknown ON ledger_entry (ledger_account, hold_seq)
            WHERE kind = 'unknown';
        CREATE UNIQUE INDEX ledger_entry_refund ON ledger_entry (ledger_account, kind, job_id)
            WHERE kind IN ('refund_due', 'refund');
        CREATE INDEX ledger_entry_refunded ON ledger_entry (ledger_account, hold_seq)
            WHERE kind = 'refund';
        CREATE UNIQUE INDEX ledger_entry_period
            ON ledger_entry (ledger_account, kind, substr(detail, 1, 10))
            WHERE kind IN ('refill', 'period_close');
        CREATE INDEX ledger_entry_observed ON ledger_entry (ledger_account, seq)
            WHERE observed IS NOT NULL;

        CREATE TRIGGER ledger_entry_chain BEFORE INSERT ON ledger_entry BEGIN
            SELECT CASE
                WHEN h.seq + 1 <> NEW.seq THEN RAISE(ABORT, 'the sequence is broken')
                WHEN h.hash <> NEW.prev_hash THEN RAISE(ABORT, 'the chain is broken')
                WHEN h.posted + NEW.d_posted <> NEW.posted OR h.held + NEW.d_held <> NEW.held
                    THEN RAISE(ABORT, 'the running balance is broken')
            END FROM ledger_head h WHERE h.ledger_account = NEW.ledger_account;
        END;
        CREATE TRIGGER ledger_entry_advances AFTER INSERT ON ledger_entry BEGIN
            UPDATE ledger_head
            SET seq = NEW.seq, posted = NEW.posted, held = NEW.held, hash = NEW.hash
            WHERE ledger_account = NEW.ledger_account;
        END;
        CREATE TRIGGER ledger_entry_names_hold BEFORE INSERT ON ledger_entry
            WHEN NEW.kind IN ('settle', 'void', 'unknown', 'charge', 'free') BEGIN
            SELECT CASE
                WHEN NOT EXISTS (
                    SELECT 1 FROM ledger_entry e
                    WHERE e.ledger_account = NEW.ledger_account AND e.seq = NEW.hold_seq
                        AND e.kind = 'hold' AND (NEW.kind = 'unknown' OR e.d_held = -NEW.d_held))
                    THEN RAISE(ABORT, 'no such hold, or not its amount')
                WHEN NEW.kind = 'unknown' THEN CASE WHEN EXISTS (
                    SELECT 1 FROM ledger_entry e
                    WHERE e.ledger_account = NEW.ledger_account AND e.hold_seq = NEW.hold_seq
                        AND e.kind IN ('settle', 'void', 'charge', 'free'))
                    THEN RAISE(ABORT, 'the hold is decided') END
                WHEN (NEW.kind IN ('charge', 'free')) <> EXISTS (
                    SELECT 1 FROM ledger_entry e
                    WHERE e.ledger_account = NEW.ledger_account AND e.hold_seq = NEW.hold_seq
                        AND e.kind = 'unknown')
                    THEN RAISE(ABORT, 'charge and free decide unknown holds, settle and void the others')
            END;
        END;
        -- The longer list of kinds is the predicate of the index that finds the ending.
        CREATE TRIGGER ledger_entry_refunds BEFORE INSERT ON ledger_entry
            WHEN NEW.kind IN ('refund_due', 'refund') BEGIN
            SELECT CASE WHEN NEW.d_posted > (
                    SELECT -e.d_posted FROM ledger_entry e
                    WHERE e.ledger_account = NEW.ledger_account AND e.hold_seq = NEW.hold_seq
                        AND e.kind IN ('settle', 'void', 'charge', 'free')
                        AND e.kind IN ('settle', 'charge')
                ) - (
                    SELECT coalesce(sum(e.d_posted), 0) FROM ledger_entry e
                    WHERE e.ledger_account = NEW.ledger_account AND e.hold_seq = NEW.hold_seq
                        AND e.kind = 'refund'
                ) THEN RAISE(ABORT, 'a refund above the charge')
                WHEN NOT EXISTS (
                    SELECT 1 FROM ledger_entry e
                    WHERE e.ledger_account = NEW.ledger_account AND e.hold_seq = NEW.hold_seq
                        AND e.kind IN ('settle', 'void', 'charge', 'free')
                        AND e.kind IN ('settle', 'charge'))
                    THEN RAISE(ABORT, 'a refund of what was not charged')
            END;
        END;
        CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry
            BEGIN SELECT RAISE(ABORT, 'entries are immutable'); END;
        CREATE TRIGGER ledger_entry_no_delete BEFORE DELETE ON ledger_entry
            BEGIN SELECT RAISE(ABORT, 'entries are immutable'); END;

        CREATE TABLE ledger_checkpoint (
            id INTEGER PRIMARY KEY,
            at_ms INTEGER NOT NULL,
            last_entry INTEGER NOT NULL,
            heads TEXT NOT NULL,
            mac BLOB NOT NULL
        ) STRICT;
        CREATE TRIGGER ledger_checkpoint_no_update BEFORE UPDATE ON ledger_checkpoint
            BEGIN SELECT RAISE(ABORT, 'checkpoints are immutable'); END;
        CREATE TRIGGER ledger_checkpoint_no_delete BEFORE DELETE ON ledger_checkpoint
            BEGIN SELECT RAISE(ABORT, 'checkpoints are immutable'); END;

        """
}
