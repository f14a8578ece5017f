extension Schema4 {
    /// What somebody was told, or is to be.
    static let alerts = """
        -- When the service's word paused the account; NULL where an operator did.
        ALTER TABLE account ADD COLUMN paused_by_service_ms INTEGER;

        CREATE TABLE alert (
            id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
            kind TEXT NOT NULL,
            -- An account's id, a member's, or 16 zero bytes: the team.
            subject BLOB NOT NULL CHECK (length(subject) = 16),
            threshold INTEGER NOT NULL,
            occasion TEXT NOT NULL,
            name TEXT NOT NULL,
            amount INTEGER,
            bound INTEGER,
            until_ms INTEGER,
            detail TEXT NOT NULL,
            raised_at_ms INTEGER NOT NULL,
            cleared_at_ms INTEGER,
            delivery TEXT NOT NULL CHECK (delivery IN ('due', 'delivered', 'given_up', 'covered')),
            attempts INTEGER NOT NULL CHECK (attempts >= 0),
            next_try_ms INTEGER NOT NULL,
            delivered_at_ms INTEGER,
            failure TEXT NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX alert_open ON alert (kind, subject, threshold, occasion)
            WHERE cleared_at_ms IS NULL;
        CREATE INDEX alert_due ON alert (next_try_ms) WHERE delivery = 'due';
        CREATE INDEX alert_raised ON alert (raised_at_ms);

        """
}
