import PurserCore
import PurserStore

// Files that are no open home: the composition root's part in backup and restore.

extension Context {
    /// The database's name in a home.
    static var databaseName: String { SQLiteStore.databaseName }

    /// Whether a file is a whole database of a home, and what it holds.
    static func inspectCopy(_ path: String) throws -> BackupContents {
        try SQLiteStore.inspectCopy(path)
    }

    /// Puts `file` in place of the home's database, which is kept at `aside`; nobody may have the home open, or have
    /// changed it since it was `seen`.
    static func replaceDatabase(
        of home: Home,
        with file: String,
        keeping aside: String,
        seen: HomeMark?
    ) throws {
        try SQLiteStore.replaceDatabase(
            of: home.directory,
            with: file,
            keeping: aside,
            seen: seen
        )
    }
}
