import Logging
import PurserCore
import PurserEngine

/// How log lines are written.
enum LogFormat: String, CaseIterable {
    case text
    /// One JSON object a line.
    case json
}

/// Writes one line for each event, with its metadata; whatever came from outside is shown harmless.
struct LineLogHandler: LogHandler {
    var logLevel: Logger.Level = .info
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    let format: LogFormat
    let now: @Sendable () -> Timestamp
    let write: @Sendable (String) -> Void

    init(
        _ format: LogFormat,
        now: @escaping @Sendable () -> Timestamp,
        write: @escaping @Sendable (String) -> Void
    ) {
        self.format = format
        self.now = now
        self.write = write
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let message = event.message.description
        switch format {
        case .text:
            let pairs = fields.map { " \($0.key)=\(Self.word("\($0.value)"))" }.joined()
            write("\(now().iso8601) \(event.level) \(visible(message))\(pairs)\n")
        case .json:
            let head = [
                ("time", now().iso8601), ("level", "\(event.level)"), ("message", message),
            ]
            let members = (head + fields.map { ($0.key, "\($0.value)") }).map {
                "\($0.0.jsonQuoted):\($0.1.jsonQuoted)"
            }
            write("{\(members.joined(separator: ","))}\n")
        }
    }

    /// In quotation marks where a space or a mark would leave its end in doubt.
    private static func word(_ text: String) -> String {
        // Names, numbers and ids: almost every word is of these, and Unicode's tables cost far more than the line.
        let isSimple = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x2B...0x3A, 0x41...0x5A, 0x5F, 0x61...0x7A: true
            default: false
            }
        }
        if isSimple, !text.isEmpty { return text }
        let shown = visible(text)
        let isPlain = !shown.isEmpty && !shown.contains { $0.isWhitespace || "\"=\\".contains($0) }
        return isPlain ? shown : shown.jsonQuoted
    }
}
