/// What a look at the database itself found.
package struct DatabaseInspection: Sendable, Equatable {
    /// Tables, columns or triggers that this version's schema does not have, or has otherwise.
    package let foreignSchema: [String]
    /// What SQLite's own checks of pages and references say; empty when all is well.
    package let damage: [String]
    /// Files and folders of the home that others may reach, with their modes.
    package let openPaths: [String]
    /// Of the SQLite library, such as `3.40.1`.
    package let sqliteVersion: String
    /// Whether that library has the fix of the write-ahead log's reset.
    package let hasResetFix: Bool

    package init(
        foreignSchema: [String],
        damage: [String],
        openPaths: [String],
        sqliteVersion: String,
        hasResetFix: Bool
    ) {
        self.foreignSchema = foreignSchema
        self.damage = damage
        self.openPaths = openPaths
        self.sqliteVersion = sqliteVersion
        self.hasResetFix = hasResetFix
    }
}
