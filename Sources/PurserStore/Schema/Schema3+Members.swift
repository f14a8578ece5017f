extension Schema3 {
    /// Roles, keys and limits of members, and what counts against the limits.
    static let members = """
        ALTER TABLE member ADD COLUMN role TEXT NOT NULL DEFAULT 'member'
            CHECK (role IN ('owner', 'operator', 'member', 'auditor'));
        UPDATE member SET role = 'owner' WHERE name = 'owner';
        ALTER TABLE member ADD COLUMN revoked_at_ms INTEGER;
        -- Lists; NULL narrows nothing.
        ALTER TABLE member ADD COLUMN tiers TEXT;
        ALTER TABLE member ADD COLUMN tags TEXT;
        ALTER TABLE member ADD COLUMN models TEXT;

        CREATE TABLE member_key (
            id TEXT PRIMARY KEY NOT NULL CHECK (length(id) = 8),
            member_id BLOB NOT NULL REFERENCES member (id),
            digest BLOB NOT NULL CHECK (length(digest) = 32),
            created_at_ms INTEGER NOT NULL,
            expires_at_ms INTEGER,
            revoked_at_ms INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX member_key_member ON member_key (member_id);
        CREATE TRIGGER member_key_stays BEFORE DELETE ON member_key
            BEGIN SELECT RAISE(ABORT, 'keys never go'); END;
        CREATE TRIGGER member_key_is_whose BEFORE UPDATE OF id, member_id, digest ON member_key
            BEGIN SELECT RAISE(ABORT, 'a key is never another'); END;
        CREATE TRIGGER member_key_stays_revoked BEFORE UPDATE OF revoked_at_ms ON member_key
            WHEN OLD.revoked_at_ms IS NOT NULL AND NEW.revoked_at_ms IS NOT OLD.revoked_at_ms
            BEGIN SELECT RAISE(ABORT, 'a revoked key never works again'); END;

        -- The owner is a member's id, or 16 zero bytes: the team.
        CREATE TABLE spending_limit (
            owner BLOB NOT NULL CHECK (length(owner) = 16),
            kind TEXT NOT NULL CHECK (kind IN ('day', 'week', 'month', 'cycle', 'total')),
            cycle_day INTEGER CHECK (cycle_day BETWEEN 1 AND 28),
            credits INTEGER NOT NULL CHECK (credits BETWEEN 0 AND 9007199254740992),
            warn_at INTEGER CHECK (warn_at BETWEEN 1 AND 100),
            PRIMARY KEY (owner, kind),
            CHECK ((kind = 'cycle') = (cycle_day IS NOT NULL))
        ) STRICT, WITHOUT ROWID;

        -- Sums of usage_day by member and for the team, kept by it whoever writes it.
        CREATE TABLE spending_day (
            owner BLOB NOT NULL CHECK (length(owner) = 16),
            day INTEGER NOT NULL,
            charged INTEGER NOT NULL,
            refunded INTEGER NOT NULL,
            PRIMARY KEY (owner, day)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO spending_day
            SELECT member_id, day, sum(charged), sum(refunded) FROM usage_day GROUP BY 1, 2
            UNION ALL
            SELECT zeroblob(16), day, sum(charged), sum(refunded) FROM usage_day GROUP BY day;
        CREATE TRIGGER usage_day_is_spent AFTER INSERT ON usage_day BEGIN
            INSERT INTO spending_day
                VALUES (NEW.member_id, NEW.day, NEW.charged, NEW.refunded),
                    (zeroblob(16), NEW.day, NEW.charged, NEW.refunded)
            ON CONFLICT DO UPDATE SET charged = charged + excluded.charged,
                refunded = refunded + excluded.refunded;
        END;
        CREATE TRIGGER usage_day_spends_more AFTER UPDATE OF charged, refunded ON usage_day BEGIN
            UPDATE spending_day SET charged = charged + NEW.charged - OLD.charged,
                refunded = refunded + NEW.refunded - OLD.refunded
            WHERE owner IN (NEW.member_id, zeroblob(16)) AND day = NEW.day;
        END;

        -- With what a limit needs to know of open holds in the index itself: no other is kept for it.
        DROP INDEX attempt_open;
        CREATE INDEX attempt_open ON attempt (account_id, state, member_id, price)
            WHERE state IN ('held', 'unknown');

        -- Another number after each change, whoever makes it: a gateway asks for it before it trusts what it remembers.
        -- Not by a trigger for new members: with one, SQLite looks for children of each in every table that has some.
        CREATE TABLE member_revision (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            revision INTEGER NOT NULL
        ) STRICT;
        INSERT INTO member_revision VALUES (1, 0);
        CREATE TRIGGER member_changes AFTER UPDATE ON member
            BEGIN UPDATE member_revision SET revision = revision + 1; END;
        CREATE TRIGGER member_key_begins AFTER INSERT ON member_key
            BEGIN UPDATE member_revision SET revision = revision + 1; END;
        CREATE TRIGGER member_key_changes AFTER UPDATE ON member_key
            BEGIN UPDATE member_revision SET revision = revision + 1; END;
        CREATE TRIGGER spending_limit_begins AFTER INSERT ON spending_limit
            BEGIN UPDATE member_revision SET revision = revision + 1; END;
        CREATE TRIGGER spending_limit_changes AFTER UPDATE ON spending_limit
            BEGIN UPDATE member_revision SET revision = revision + 1; END;
        CREATE TRIGGER spending_limit_ends AFTER DELETE ON spending_limit
            BEGIN UPDATE member_revision SET revision = revision + 1; END;

        """
}
