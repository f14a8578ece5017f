extension Schema2 {
    /// Tokens that somebody knows who should not, checkpoints under later vault keys, and openings of the vault.
    static let vault = """
        -- Since when; a copy in clear of what is sealed with the token in place.
        ALTER TABLE account ADD COLUMN token_exposed_at_ms INTEGER;

        -- The MAC of a checkpoint under the vault key of a later epoch: the newest counts.
        CREATE TABLE ledger_checkpoint_mac (
            checkpoint_id INTEGER NOT NULL REFERENCES ledger_checkpoint (id),
            epoch INTEGER NOT NULL CHECK (epoch > 1),
            mac BLOB NOT NULL CHECK (length(mac) = 32),
            PRIMARY KEY (checkpoint_id, epoch)
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER ledger_checkpoint_mac_no_update BEFORE UPDATE ON ledger_checkpoint_mac
            BEGIN SELECT RAISE(ABORT, 'checkpoints are immutable'); END;
        CREATE TRIGGER ledger_checkpoint_mac_no_delete BEFORE DELETE ON ledger_checkpoint_mac
            BEGIN SELECT RAISE(ABORT, 'checkpoints are immutable'); END;

        CREATE INDEX audit_opening ON audit_entry (subject, actor, at_ms) WHERE verb = 'vault.open';

        """
}
