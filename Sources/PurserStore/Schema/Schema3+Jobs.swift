extension Schema3 {
    /// Jobs by every name that the service has for them, and what it said of them at their end.
    static let jobs = """
        -- The name in the other shape, where the service told both.
        ALTER TABLE job ADD COLUMN alias TEXT;
        CREATE INDEX job_name ON job (operation_name);
        CREATE INDEX job_alias ON job (alias) WHERE alias IS NOT NULL;

        CREATE TABLE job_answer (
            job_id BLOB NOT NULL REFERENCES job (id),
            shape TEXT NOT NULL CHECK (shape IN ('operations', 'media')),
            epoch INTEGER NOT NULL,
            -- Sealed: it holds a member's content.
            answer BLOB NOT NULL,
            PRIMARY KEY (job_id, shape)
        ) STRICT;

        """
}
