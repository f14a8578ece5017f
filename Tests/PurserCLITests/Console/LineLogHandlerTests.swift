import Logging
import PurserCore
import Synchronization
import Testing

@testable import PurserCLI

struct LineLogHandlerTests {
    private func line(_ format: LogFormat, _ fields: Logger.Metadata) -> String {
        let written = Line()
        var logger = Logger(label: "test") { _ in
            LineLogHandler(format, now: { Timestamp(milliseconds: 1_795_262_400_000) }) { line in
                written.text.withLock { $0 += line }
            }
        }
        logger[metadataKey: "own"] = "1"
        logger.info("request", metadata: fields)
        return written.text.withLock { $0 }
    }

    private final class Line: Sendable {
        let text = Mutex("")
    }

    @Test func `a line of text has its fields in order, and shows marks harmless`() {
        #expect(
            line(.text, ["b": "two words", "a": "x\n\u{1B}[2J", "c": "a=b"])
                == "2026-11-21T12:00:00.000Z info request a=\"x\\\\n\\\\u{1b}[2J\" b=\"two words\" c=\"a=b\" own=1\n"
        )
    }

    @Test func `a line of JSON is one object`() throws {
        let text = line(.json, ["a": "x\n\"y\""])
        #expect(text.filter { $0 == "\n" }.count == 1)
        let json = try #require(JSONValue(Array(text.utf8)))
        #expect(json["a"]?.string == "x\n\"y\"")
        #expect(json["level"]?.string == "info")
        #expect(json["message"]?.string == "request")
        #expect(json["time"]?.string == "2026-11-21T12:00:00.000Z")
    }
}
