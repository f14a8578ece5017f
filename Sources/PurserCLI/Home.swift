import FoundationEssentials
import PurserCore

/// The directories of one run.
///
/// Nothing is made or checked here.
struct Home: Sendable, Equatable {
    /// Holds the vault and the ledger.
    let directory: String
    /// Holds the pins, which must lie apart from the database they vouch for.
    let stateDirectory: String

    var database: String { "\(directory)/purser.db" }

    /// `--home`, else `PURSER_HOME`, else `$XDG_DATA_HOME/purser`.
    static func resolve(
        flag: String?,
        environment: Environment
    ) throws(ConfigurationError) -> Home {
        let directory =
            if let named = flag ?? environment["PURSER_HOME"] {
                absolute(named, environment: environment)
            } else {
                try base("XDG_DATA_HOME", else: ".local/share", environment) + "/purser"
            }
        return Home(
            directory: directory,
            stateDirectory: try base("XDG_STATE_HOME", else: ".local/state", environment)
                + "/purser"
        )
    }

    /// `$XDG_CONFIG_HOME/purser/accounts.toml`.
    static func defaultConfiguration(
        _ environment: Environment
    ) throws(ConfigurationError) -> String {
        try base("XDG_CONFIG_HOME", else: ".config", environment) + "/purser/accounts.toml"
    }

    /// `path` from the root: `~/` is the user's directory, and what is relative begins at `base`
    /// (the working directory).
    static func absolute(
        _ path: String,
        from base: String = FileManager.default.currentDirectoryPath,
        environment: Environment
    ) -> String {
        if path.hasPrefix("~/"), let user = environment["HOME"] {
            return user + path.dropFirst()
        }
        return path.hasPrefix("/") ? path : "\(base)/\(path)"
    }

    /// A directory of the XDG Base Directory Specification, which says to ignore relative ones.
    private static func base(
        _ variable: String,
        else fallback: String,
        _ environment: Environment
    ) throws(ConfigurationError) -> String {
        if let directory = environment[variable], directory.hasPrefix("/") { return directory }
        guard let user = environment["HOME"] else { throw .noHome }
        return "\(user)/\(fallback)"
    }
}
