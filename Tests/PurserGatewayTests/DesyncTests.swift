import PurserCore
import PurserEngine
import PurserSandbox
import Testing

@testable import PurserGateway

/// Requests that two readers could cut in two ways (RFC 9112, 11.2): a proxy in front and the gateway must not differ,
/// so the gateway takes none of them, and nothing of what follows on the connection.
@Suite(.timeLimit(.minutes(1)))
struct DesyncTests {
    @Test func `what can be cut in two ways is refused with all that follows`() async throws {
        try await withGateway { home in
            let key = try await home.member("ada")
            let hidden = rawPost(textToVideo, key: key, textBody())
            for (fields, body) in ambiguous {
                let said = try await talk(
                    to: home.port,
                    "POST \(textToVideo) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(key)\r\n"
                        + "\(fields)\r\n\(body)\(hidden)"
                )
                let input = "\(fields)\(body)".debugDescription
                #expect(said.hasPrefix("HTTP/1.1 400 "), "\(input): \(said)")
                #expect(said.contains("PURSER_INVALID_REQUEST"), "\(input): \(said)")
                #expect(said.split(separator: "HTTP/1.1 ").count == 1, "\(input): \(said)")
            }
            #expect(home.submissions().isEmpty)
        }
    }

    @Test func `a request line that is none is refused with all that follows`() async throws {
        try await withGateway { home in
            let key = try await home.member("ada")
            let hidden = rawPost(textToVideo, key: key, textBody())
            for line in requestLines {
                let said = try await talk(to: home.port, "\(line)Host: x\r\n\r\n\(hidden)")
                #expect(said.hasPrefix("HTTP/1.1 400 "), "\(line.debugDescription): \(said)")
                #expect(
                    said.contains("PURSER_INVALID_REQUEST"),
                    "\(line.debugDescription): \(said)"
                )
                #expect(
                    said.split(separator: "HTTP/1.1 ").count == 1,
                    "\(line.debugDescription): \(said)"
                )
            }
            #expect(home.submissions().isEmpty)
        }
    }

    @Test func `names and values that would begin a line of their own reach nobody`() async throws {
        try await withGateway { home in
            let key = try await home.member("ada")
            for name in ["Idempotency-Key", "X-Request-Id", "traceparent", "Content-Type"] {
                for value in ["a\rX-Evil: 1", "a\nX-Evil: 1", "a\u{0}X-Evil: 1", "a\u{b}X-Evil: 1"]
                {
                    let said = try await talk(
                        to: home.port,
                        rawPost(
                            textToVideo,
                            key: key,
                            textBody(),
                            headers: "\(name): \(value)\r\nConnection: close\r\n"
                        )
                    )
                    #expect(!said.lowercased().contains("\nx-evil"), "\(name): \(said)")
                }
            }
            for seen in home.submissions() {
                #expect(seen.headers["x-evil"] == nil)
                #expect(seen.headers["content-type"]?.contains("Evil") != true, "\(seen.headers)")
            }
        }
    }
}

/// Fields of a head, and what comes before a hidden request.
private let ambiguous: [(String, String)] =
    [
        // Two lengths.
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\ncontent-length: 0\r\n", "Content-Length: 5, 5\r\n",
        "Content-Length: 5, 6\r\n",
        // No number.
        "Content-Length: +5\r\n", "Content-Length: -5\r\n", "Content-Length: 0x5\r\n",
        "Content-Length: 5 5\r\n", "Content-Length: 5;\r\n", "Content-Length: 5.0\r\n",
        "Content-Length: \"5\"\r\n", "Content-Length: five\r\n", "Content-Length:\r\n",
        "Content-Length: ٥\r\n", "Content-Length: 5\u{0}\r\n",
        "Content-Length: 99999999999999999999\r\n", "Content-Length: 18446744073709551621\r\n",
        // A coding that is not chunked alone.
        "Transfer-Encoding: chunked, identity\r\n", "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunkedx\r\n", "Transfer-Encoding:\u{b}chunked\r\n",
        "Transfer-Encoding: \u{c}chunked\r\n", "Transfer-Encoding: chunked\u{0}\r\n",
        "Transfer-Encoding: identity\r\n", "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: chunked;q=1\r\n", "Transfer-Encoding: \"chunked\"\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        // A name that is none, so that one reader sees the field and another does not.
        "Transfer-Encoding : chunked\r\n", "Content-Length : 5\r\n", "Content-Length\t: 5\r\n",
        "Content Length: 5\r\n", "Content-Length\u{0}: 5\r\n", "(Content-Length): 5\r\n",
        "Content-Length\r\n : 5\r\n", ": 5\r\n", "Content-Length\r\n", "\u{e9}: 5\r\n",
        // Folded lines, and lines that end in half.
        "X: 1\r\n Content-Length: 5\r\n", "X: 1\r\n\tTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding:\r\n chunked\r\n", "X: 1\rContent-Length: 5\r\n",
        "X: 1\u{0}\r\nContent-Length: 5\r\n",
    ].map { ($0, "0\r\n\r\n") }
    + [
        // Chunks that are none.
        "0x5\r\nhello\r\n0\r\n\r\n", "+5\r\nhello\r\n0\r\n\r\n", "-5\r\nhello\r\n0\r\n\r\n",
        "5 \u{0}\r\nhello\r\n0\r\n\r\n", "g\r\nhello\r\n0\r\n\r\n", "\r\nhello\r\n0\r\n\r\n",
        "5\r\nhelloX\r\n0\r\n\r\n", "5\r\nhello0\r\n\r\n", "5\rhello\r\n0\r\n\r\n",
        "FFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n", "5\r\nhel\r\n0\r\n\r\n",
        "5;a\nb\r\nhello\r\n0\r\n\r\n",
    ].map { ("Transfer-Encoding: chunked\r\n", $0) }

private let requestLines = [
    "GET /healthz\r\n", "GET /healthz HTTP/1.1 \r\n",
    "GET /healthz HTTP/1.1x\r\n", "GET /healthz http/1.1\r\n", "GET /healthz HTTP/9.9\r\n",
    "GET /healthz HTTP/1\r\n", "GET /health z HTTP/1.1\r\n", "GET /healthz\u{0} HTTP/1.1\r\n",
    "GET\t/healthz\tHTTP/1.1\r\n", "G\u{0}T /healthz HTTP/1.1\r\n", "(GET) /healthz HTTP/1.1\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET /healthz HTTP/1.1\rX: 1\r\n",
]
