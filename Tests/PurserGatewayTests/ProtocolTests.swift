import Foundation
import NIOHTTP1
import PurserCore
import PurserEngine
import PurserSandbox
import Testing

@testable import PurserGateway

/// What clients do to HTTP, over raw sockets.
struct ProtocolTests {
    @Test func `bytes that are no HTTP end their connection, and others are served`() async throws {
        try await withGateway { home in
            let garbage: [[UInt8]] = [
                Array("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}".utf8), [0xff, 0xfe, 0, 0, 0x80],
                Array("NOT HTTP AT ALL\r\n\r\n".utf8), Array("GET / HTTP/9.9\r\n\r\n".utf8),
                Array("GET /healthz HTTP/1.1\r\nHost : x\r\n\r\n".utf8),
                Array("POST /x HTTP/1.1\r\nContent-Length: -1\r\n\r\n".utf8),
                Array("POST /x HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n".utf8),
                Array(
                    "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nnot a chunk\r\n"
                        .utf8
                ),
                Array("GET /v1/\u{1}\u{2} HTTP/1.1\r\nHost: x\r\n\r\n".utf8),
                Array("GET /healthz HTTP/1.1\r\nX: ".utf8) + [0xc3, 0x28, 0x0d, 0x0a, 0x0d, 0x0a],
            ]
            for bytes in garbage {
                let said = try await talk(to: home.port, [bytes]) { $0.contains("\r\n\r\n") }
                #expect(!said.contains(" 500 "), "\(bytes)")
            }
            #expect(try await home.get("/healthz").status == 200)
        }
    }

    @Test func `what is no request is told, logged and counted as any other refusal`() async throws
    {
        try await withGateway { home in
            let said = try await talk(
                to: home.port,
                "POST /x HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
            )
            let id = try #require(
                said.split(separator: "\r\n").first { $0.lowercased().hasPrefix("x-request-id: ") }
            ).dropFirst(14)
            #expect(
                said.hasPrefix("HTTP/1.1 400 ") && said.lowercased().contains("connection: close")
            )
            let body = said.firstRange(of: "\r\n\r\n").map { said[$0.upperBound...] }
            let error = JSONValue(Array((body ?? "").utf8))?["error"]
            #expect(error?["code"]?.integer == 400)
            #expect(error?["details"]?.array?.first?["reason"]?.string == "PURSER_INVALID_REQUEST")
            let line = try #require(home.log.all.first { $0.contains("request.id=\(id)") })
            #expect(line.contains("status=400") && line.contains("remote.address=127.0.0.1"))
            let key = try await home.member("eve", role: .auditor)
            let metrics = try await home.get("/metrics", key: key).text
            #expect(metrics.contains(#"{call="unknown",outcome="PURSER_INVALID_REQUEST"} 1"#))
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a connection ends with the request that says so, by a word or by its version`()
        async throws
    {
        let heads = [
            ("GET /healthz HTTP/1.0\r\n", true), ("GET /healthz HTTP/1.1\r\n", false),
            ("GET /healthz HTTP/1.0\r\nConnection: Keep-Alive\r\n", false),
            ("GET /healthz HTTP/1.1\r\nConnection: Close\r\n", true),
        ]
        try await withGateway(.with { $0.limits.idleTime = .seconds(600) }) { home in
            for (head, ends) in heads {
                let said = try await talk(to: home.port, head + "Host: x\r\n\r\n") {
                    !ends && $0.contains("\r\n\r\n{")
                }
                #expect(said.hasPrefix("HTTP/1.1 200 OK"), "\(head)")
                #expect(said.lowercased().contains("connection: close") == ends, "\(head)")
            }
        }
    }

    @Test func `requests in a row on one connection are answered in order`() async throws {
        try await withGateway { home in
            let key = try await home.member("ada")
            let requests =
                rawPost(textToVideo, key: key, textBody(), headers: "X-Request-Id: r1\r\n")
                + "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Request-Id: r2\r\n\r\n"
                + rawPost(textToVideo, key: "psr_no", textBody(), headers: "X-Request-Id: r3\r\n")
                + "GET /v1/nothing HTTP/1.1\r\nHost: x\r\nX-Request-Id: r4\r\n\r\nGARBAGE\r\n\r\n"
            let said = try await talk(to: home.port, requests)
            let ids = said.split(separator: "\r\n").compactMap { line in
                line.lowercased().hasPrefix("x-request-id:") ? line.suffix(2) : nil
            }
            #expect(ids.prefix(4) == ["r1", "r2", "r3", "r4"] && ids.count == 5)
            #expect(
                said.split(separator: "HTTP/1.1 ").map { $0.prefix(3) }
                    == ["200", "200", "401", "404", "400"]
            )
        }
    }

    @Test func `a client that waits for a word before its body gets it`() async throws {
        try await withGateway { home in
            let key = try await home.member("ada")
            let whole = rawPost(
                textToVideo,
                key: key,
                textBody(),
                headers: "Expect: 100-continue\r\nConnection: close\r\n"
            )
            let said = try await talk(to: home.port, whole)
            #expect(said.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK"))
        }
    }

    @Test func `a client that waits and is refused is not asked for its body`() async throws {
        try await withGateway { home in
            let whole = rawPost(
                textToVideo,
                key: "psr_nobody",
                textBody(),
                headers: "Expect: 100-continue\r\n"
            )
            let head = String(whole.prefix(whole.count - textBody().count))
            let said = try await talk(to: home.port, head)
            #expect(said.hasPrefix("HTTP/1.1 401 "))
            #expect(said.lowercased().contains("connection: close\r\n"))
            // And one that sends it all the same does harm to nobody.
            #expect(try await talk(to: home.port, whole).hasPrefix("HTTP/1.1 401 "))
        }
    }

    @Test func `a request to change the protocol is answered and ends the connection`()
        async throws
    {
        try await withGateway { home in
            for line in ["CONNECT x:1 HTTP/1.1\r\n", "GET /healthz HTTP/1.1\r\nUpgrade: h2c\r\n"] {
                let said = try await talk(
                    to: home.port,
                    line + "Host: x\r\nConnection: upgrade\r\n\r\n",
                    String(repeating: "x", count: 1 << 16),
                    pause: .milliseconds(50)
                )
                #expect(said.hasPrefix("HTTP/1.1 "), "\(line)")
            }
            #expect(try await home.get("/healthz").status == 200)
        }
    }

    @Test func `half a body holds nothing and disturbs nobody`() async throws {
        try await withGateway { home in
            let key = try await home.member("ada")
            let whole = Array(rawPost(textToVideo, key: key, textBody()).utf8)
            for share in [10, 60, 200, whole.count - 1] {
                let client = Task { try await talk(to: home.port, [Array(whole.prefix(share))]) }
                try await Task.sleep(for: .milliseconds(100))
                client.cancel()
                #expect(try await client.value.isEmpty)
            }
            #expect(home.submissions().isEmpty)
        }
    }

    @Test func `a client that hangs up is settled for all the same`() async throws {
        try await withGateway { home in
            let key = try await home.member("ada")
            try home.sandbox.arm(SandboxFault(.delay, delaySeconds: 1))
            let request = Task {
                try await talk(to: home.port, rawPost(textToVideo, key: key, textBody()))
            }
            while home.submissions().isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            request.cancel()
            _ = try await request.value
            for _ in 0..<400 where try await home.balance("ultra")?.posted != Credits(680) {
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(try await home.balance("ultra")?.posted == Credits(680))
            #expect(try await home.balance("ultra")?.held == .zero)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a client that hangs up leaves the line, and holds nothing`() async throws {
        try await withGateway(wait: .seconds(30)) { home in
            let key = try await home.member("ada")
            try await home.occupyEverything()
            let request = Task {
                try await talk(to: home.port, rawPost(textToVideo, key: key, textBody()))
            }
            while home.line.count == 0 { try await Task.sleep(for: .milliseconds(5)) }
            request.cancel()
            _ = try await request.value
            let start = ContinuousClock.now
            for _ in 0..<2000 where home.log.all.filter({ $0.contains("=ada") }).isEmpty {
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(start.duration(to: .now) < .seconds(20), "it did not wait its time out")
            #expect(home.submissions().isEmpty)
        }
    }
}
