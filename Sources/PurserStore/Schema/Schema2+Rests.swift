extension Schema2 {
    /// How rests end and are come back from, and what only a second reading decides.
    static let rests = """
        ALTER TABLE rest ADD COLUMN since_ms INTEGER NOT NULL DEFAULT 0;
        -- Of a rest for lack of credits: what the refused work cost.
        ALTER TABLE rest ADD COLUMN price INTEGER NOT NULL DEFAULT 0 CHECK (price >= 0);
        -- Work that was accepted after the rest ended.
        ALTER TABLE rest ADD COLUMN successes INTEGER NOT NULL DEFAULT 0 CHECK (successes >= 0);

        -- The last reading at which the account's books were quiet.
        ALTER TABLE account ADD COLUMN quiet_at_ms INTEGER;

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
