extension Schema2 {
    /// How rests end and are come back from, and what only a second reading decides.
    static let rests = """
        ALTER TABLE rest ADD COLUMN since_ms INTEGER NOT NULL DEFAULT 0;
        -- Of a rest for lack of credits: what the refused work cost.
        ALTER TABLE rest ADD COLUMN price INTEGER NOT NULL DEFAULT 0 CHECK (price >= 0);
        -- Not known, but not nothing: a reading of 0 ends none of these.
        UPDATE rest SET price = 1 WHERE reason = 'out_of_credits';
        -- Work that was accepted after the rest ended.
        ALTER TABLE rest ADD COLUMN successes INTEGER NOT NULL DEFAULT 0 CHECK (successes >= 0);

        -- The last reading at which the account's books were quiet.
        ALTER TABLE account ADD COLUMN quiet_at_ms INTEGER;
        -- Not known either: patience with accounts that were busy before begins with their last entry.
        UPDATE account SET quiet_at_ms = (
            SELECT e.at_ms FROM ledger_account l JOIN ledger_entry e ON e.ledger_account = l.id
            WHERE l.owner = account.id AND l.kind = 'credits' ORDER BY e.seq DESC LIMIT 1);

        -- What the service said once of an account's tier, or of whether it is of use.
        CREATE TABLE account_doubt (
            account_id BLOB NOT NULL REFERENCES account (id),
            about TEXT NOT NULL CHECK (about IN ('tier', 'use')),
            word TEXT NOT NULL,
            seen_at_ms INTEGER NOT NULL,
            PRIMARY KEY (account_id, about)
        ) STRICT, WITHOUT ROWID;

        """
}
