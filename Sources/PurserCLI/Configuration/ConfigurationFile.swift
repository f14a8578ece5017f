import PurserCore
import TOMLKit

extension Configuration {
    /// No configuration of a real team comes near; a file above it is somebody else's.
    static let sizeLimit = 1 << 20

    /// Reads and checks `accounts.toml`.
    ///
    /// Paths in the file are relative to its directory; `~/` is `HOME`.
    static func load(
        _ path: String,
        environment: Environment
    ) throws(ConfigurationError) -> Configuration {
        let bytes: [UInt8]
        do throws(FileRefusal) {
            bytes = try readFile(path, limit: sizeLimit)
        } catch {
            throw error == .notFound
                ? .notFound(path: path) : .unreadable(path: path, reason: error.words)
        }
        return try Configuration(bytes: bytes, file: path, environment: environment)
    }

    /// Reads and checks the text of a file that is called `file`.
    init(
        bytes: [UInt8],
        file: String,
        environment: Environment = Environment([:])
    ) throws(ConfigurationError) {
        let text = try Self.text(bytes, file: file)
        let lines = SourceLines(bytes)
        if let line = lines.tooDeep {
            throw Self.refusal(file, line: line, "nests too deeply")
        }
        if let mistake = lines.mistake {
            throw Self.refusal(file, line: mistake.line, mistake.words)
        }
        let table = try Self.parse(text, file: file)
        if let line = lines.escapedNUL {
            throw Self.refusal(file, line: line, "holds an escaped NUL")
        }
        let problems = ProblemList(file: file, lines: lines)
        let directory = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
        let decoder = SectionDecoder(problems: problems) { path in
            Home.absolute(
                path,
                from: Home.absolute(directory, environment: environment),
                environment: environment
            )
        }
        self = decoder.configuration(table)
        guard problems.problems.isEmpty else { throw .invalid(problems.problems) }
    }

    private static func text(
        _ bytes: [UInt8],
        file: String
    ) throws(ConfigurationError) -> String {
        guard bytes.count <= sizeLimit else {
            throw .unreadable(path: file, reason: FileRefusal.tooLarge(sizeLimit).words)
        }
        if let position = bytes.firstIndex(of: 0) {
            // TOMLKit would take it for the end of the text.
            throw refusal(file, line: lineNumber(at: position, in: bytes), "holds a NUL byte")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let line = lineNumber(at: firstInvalid(in: bytes), in: bytes)
            throw refusal(file, line: line, "is not UTF-8 text")
        }
        return text
    }

    private static func parse(
        _ text: String,
        file: String
    ) throws(ConfigurationError) -> TOMLTable {
        do {
            return try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            let place = error.source.begin
            throw refusal(file, line: place.line, column: place.column, visible(error.description))
        } catch {
            throw refusal(file, line: 1, "is not TOML")
        }
    }

    private static func refusal(
        _ file: String,
        line: Int,
        column: Int? = nil,
        _ text: String
    ) -> ConfigurationError {
        .invalid([ConfigurationProblem(file: file, line: line, column: column, text: text)])
    }

    private static func lineNumber(at position: Int, in bytes: [UInt8]) -> Int {
        bytes[..<position].count { $0 == UInt8(ascii: "\n") } + 1
    }

    /// The offset of the first byte that is not UTF-8: what decodes and encodes again unchanged ends there.
    private static func firstInvalid(in bytes: [UInt8]) -> Int {
        let again = Array(String(decoding: bytes, as: UTF8.self).utf8)
        return zip(bytes, again).enumerated().first { $1.0 != $1.1 }?.offset ?? bytes.count
    }
}
