import PurserCore

/// One thing wrong in the configuration, with its place.
struct ConfigurationProblem: Sendable, Equatable {
    /// The file, or the environment variable.
    let file: String
    let line: Int?
    let column: Int?
    /// The table: `[routing]`, `[[accounts]] number 3 "pro-2"`.
    let table: String?
    let text: String
    let hint: String?

    init(
        file: String,
        line: Int? = nil,
        column: Int? = nil,
        table: String? = nil,
        text: String,
        hint: String? = nil
    ) {
        self.file = file
        self.line = line
        self.column = column
        self.table = table
        self.text = text
        self.hint = hint
    }

    var message: String {
        let place = ([file] + [line, column].compactMap { $0.map(String.init) })
        return ([place.joined(separator: ":"), table, text].compactMap { $0 })
            .joined(separator: ": ")
    }
}

/// The configuration cannot be used.
///
/// Nothing of it is; the messages never hold a token.
enum ConfigurationError: Failure, Equatable {
    case notFound(path: String)
    case unreadable(path: String, reason: String)
    /// There is neither `HOME` nor a setting that names the place.
    case noHome
    /// At least one, in the order of the file.
    case invalid([ConfigurationProblem])

    /// What is wrong in the file, one by one, in its order.
    var problems: [ConfigurationProblem] {
        if case .invalid(let problems) = self { problems } else { [] }
    }

    var kind: FailureKind {
        switch self {
        case .notFound, .unreadable: .io
        case .noHome: .usage
        case .invalid: .invalidInput
        }
    }

    var message: String {
        switch self {
        case .notFound(let path): return "\(path): there is no such file"
        case .unreadable(let path, let reason): return "\(path): \(reason)"
        case .noHome: return "HOME is not set, so there is no place for Purser's files"
        case .invalid(let problems):
            let others = problems.count > 1 ? " (and \(problems.count - 1) more)" : ""
            return (problems.first?.message ?? "the configuration is not valid") + others
        }
    }

    var hint: String? {
        switch self {
        case .notFound: "accounts.example.toml shows every setting"
        case .unreadable: "look at the path, and at who may use it"
        case .noHome: "set PURSER_HOME, or pass --home"
        case .invalid(let problems): problems.first?.hint
        }
    }
}
