extension Schema2 {
    /// What is known in clear of the command that is sealed with an account's token.
    static let tokenCommands = """
        ALTER TABLE account ADD COLUMN has_token_command INTEGER NOT NULL DEFAULT 0
            CHECK (has_token_command IN (0, 1));
        ALTER TABLE account ADD COLUMN token_command_failures INTEGER NOT NULL DEFAULT 0
            CHECK (token_command_failures >= 0);
        ALTER TABLE account ADD COLUMN token_command_after_ms INTEGER;

        """
}
