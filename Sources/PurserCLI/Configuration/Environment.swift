import FoundationEssentials
import PurserCore

/// The process environment as a value.
///
/// An empty variable counts as one that is not set.
struct Environment: Sendable, Equatable {
    private let variables: [String: String]

    init(_ variables: [String: String]) {
        self.variables = variables
    }

    static var process: Environment { Environment(ProcessInfo.processInfo.environment) }

    subscript(name: String) -> String? {
        variables[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// What a command of somebody else's gets to see, as `NAME=value`: nothing that opens the vault, and nothing
    /// of `names`, which hold tokens.
    func lines(without names: Set<String>) -> [String] {
        variables.filter {
            !$0.key.hasPrefix("PURSER_") && $0.key != "CREDENTIALS_DIRECTORY"
                && !names.contains($0.key)
        }.map { "\($0.key)=\($0.value)" }
    }
}

extension Configuration {
    /// The configuration of one run: the file that `flag`, `PURSER_CONFIG` or the default place
    /// names, with the environment's settings laid over it.
    ///
    /// Only the default place may be empty: a file that was asked for must exist.
    static func resolve(
        flag: String?,
        environment: Environment
    ) throws(ConfigurationError) -> Configuration {
        var configuration = Configuration.default
        if let named = flag ?? environment["PURSER_CONFIG"] {
            configuration = try load(named, environment: environment)
        } else if let place = try? Home.defaultConfiguration(environment),
            FileManager.default.fileExists(atPath: place)
        {
            configuration = try load(place, environment: environment)
        }
        try configuration.apply(environment)
        return configuration
    }

    /// Lays `PURSER_FLOW_BASE_URL` and the variables that say how the vault is opened over the file.
    mutating func apply(_ environment: Environment) throws(ConfigurationError) {
        let variable = "PURSER_FLOW_BASE_URL"
        if let text = environment[variable] {
            do throws(RefusedAddress) {
                flow.baseURL = try Origin(upstream: text)
            } catch {
                throw .invalid([
                    ConfigurationProblem(file: variable, text: error.words, hint: error.hint)
                ])
            }
        }
        if let source = try KeySource(environment) { vault.key = source }
    }
}

extension KeySource {
    /// The file that systemd's `LoadCredential=purser-key:…` puts into the credentials directory.
    static let credentialName = "purser-key"

    /// What the environment says of how the vault is opened.
    ///
    /// The variables made for Purser come before systemd's credentials directory, which counts only
    /// when it holds `purser-key`.
    init?(_ environment: Environment) throws(ConfigurationError) {
        let named: [(String, (String) -> KeySource)] = [
            ("PURSER_PASSPHRASE_FILE", KeySource.passphraseFile),
            ("PURSER_PASSPHRASE_COMMAND", KeySource.passphraseCommand),
            ("PURSER_KEY_FILE", KeySource.keyFile),
        ]
        let given = named.filter { environment[$0.0] != nil }
        guard given.count < 2 else {
            throw .invalid([
                ConfigurationProblem(
                    file: given[1].0,
                    text: "\(given[0].0) is set too",
                    hint: "set only one of them"
                )
            ])
        }
        if let (name, source) = given.first, let value = environment[name] {
            self = source(value)
        } else if let directory = environment["CREDENTIALS_DIRECTORY"],
            FileManager.default.fileExists(atPath: "\(directory)/\(Self.credentialName)")
        {
            self = .keyFile("\(directory)/\(Self.credentialName)")
        } else {
            return nil
        }
    }
}
