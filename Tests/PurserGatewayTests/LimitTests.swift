import Foundation
import NIOHTTP1
import PurserCore
import PurserEngine
import PurserSandbox
import Testing

@testable import PurserGateway

/// Each limit, over raw sockets; and whatever one client does, another is served.
///
/// A connection that is not ended when its time is over ends with the time limit here.
@Suite(.timeLimit(.minutes(1)))
struct LimitTests {
    @Test func `a body that is too large is refused before it is read`() async throws {
        try await withGateway(.with { $0.limits.body = 1000 }) { home in
            let key = try await home.member("ada")
            let declared = try await talk(
                to: home.port,
                "POST \(textToVideo) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(key)\r\n"
                    + "Content-Length: 1001\r\n\r\n"
            )
            #expect(declared.hasPrefix("HTTP/1.1 413"))
            #expect(declared.contains("PURSER_BODY_TOO_LARGE"))
            let chunk = "258\r\n" + String(repeating: " ", count: 600) + "\r\n"
            let chunked = try await talk(
                to: home.port,
                "POST \(textToVideo) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(key)\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n",
                chunk,
                chunk
            )
            #expect(chunked.hasPrefix("HTTP/1.1 413"))
            #expect(try await home.post(textToVideo, textBody(), key: key).status == 200)
        }
    }

    @Test func `a head that is too large or has too many fields is refused`() async throws {
        try await withGateway(
            .with {
                $0.limits.header = 8 << 10
                $0.limits.headerFields = 20
            }
        ) { home in
            let long = String(repeating: "a", count: 9 << 10)
            let many = (0..<30).map { "X-\($0): 1\r\n" }.joined()
            for fields in ["X-Long: \(long)\r\n", many] {
                let said = try await talk(
                    to: home.port,
                    "GET /healthz HTTP/1.1\r\nHost: x\r\n\(fields)\r\n"
                )
                #expect(said.hasPrefix("HTTP/1.1 431"), "\(fields.prefix(10))")
                #expect(said.contains("8 KiB or 20 fields (max-header-kib, header-fields)"))
            }
            let path = try await talk(to: home.port, "GET /\(long) HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(path.hasPrefix("HTTP/1.1 431") && path.contains("PURSER_INVALID_REQUEST"))
            #expect(try await home.get("/healthz").status == 200)
        }
    }

    @Test func `a head that is sent byte by byte ends with its time`() async throws {
        try await withGateway(.with { $0.limits.headerTime = .milliseconds(300) }) { home in
            let letters = "GET /healthz HTTP/1.1\r\nHost: ".map { [UInt8](String($0).utf8) }
            let start = ContinuousClock.now
            let said = try await talk(to: home.port, letters, pause: .milliseconds(50))
            #expect(said.hasPrefix("HTTP/1.1 408 ") && said.contains("PURSER_TIMEOUT"))
            #expect(said.contains("(header-time)"))
            #expect(home.log.all.contains { $0.contains("status=408") })
            #expect(start.duration(to: .now) < .seconds(10))
            let silent = try await talk(to: home.port, [])
            #expect(silent.isEmpty)
        }
    }

    @Test func `a body that does not come ends with its time, and nothing was held`() async throws {
        try await withGateway(.with { $0.limits.bodyTime = .milliseconds(300) }) { home in
            let key = try await home.member("ada")
            let whole = rawPost(textToVideo, key: key, textBody())
            let said = try await talk(to: home.port, String(whole.dropLast(10)))
            #expect(said.hasPrefix("HTTP/1.1 408 ") && said.contains("PURSER_TIMEOUT"))
            #expect(said.contains("(body-time)") && said.lowercased().contains("connection: close"))
            let upload = rawPost("/v1/flow/uploadImage", key: key, #"{"imageBytes":"AAAA"}"#)
            let other = try await talk(to: home.port, String(upload.dropLast(5)))
            #expect(other.hasPrefix("HTTP/1.1 408 "))
            let lines = home.log.all.filter { $0.contains("status=408") }
            #expect(lines.count == 2)
            #expect(lines.allSatisfy { $0.contains("=ada") && !$0.contains("left=") }, "\(lines)")
            let auditor = try await home.member("eve", role: .auditor)
            let metrics = try await home.get("/metrics", key: auditor).text
            #expect(metrics.contains(#"{call="generate",outcome="PURSER_TIMEOUT"} 1"#))
            #expect(!metrics.contains("PURSER_GATEWAY_BUSY"))
            #expect(home.submissions().isEmpty)
            #expect(try await home.balance("ultra")?.held == .zero)
        }
    }

    @Test func `a connection between requests ends with its time`() async throws {
        try await withGateway(.with { $0.limits.idleTime = .milliseconds(300) }) { home in
            let begun = ContinuousClock.now
            let said = try await talk(to: home.port, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(said.hasPrefix("HTTP/1.1 200 OK"))
            let took = begun.duration(to: .now)
            #expect(took >= .milliseconds(300) && took < .seconds(20))
        }
    }

    @Test func `connections beyond the limit wait for one to end`() async throws {
        try await withGateway(
            .with {
                $0.limits.connections = 2
                $0.limits.idleTime = .seconds(2)
            }
        ) { home in
            // Both places are taken by clients that were served and stay.
            let staying = "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"
            async let first = talk(to: home.port, staying)
            async let second = talk(to: home.port, staying)
            while home.log.all.count(where: { $0.contains("call=unknown") }) < 2 {
                try await Task.sleep(for: .milliseconds(5))
            }
            let begun = ContinuousClock.now
            let reply = try await home.get("/healthz")
            #expect(reply.status == 200)
            #expect(begun.duration(to: .now) > .seconds(1), "it was served beside the two")
            _ = try await (first, second)
        }
    }

    @Test func `requests under way have a limit, and room is made when one ends`() async throws {
        try await withGateway(.with { $0.limits.requests = 1 }) { home in
            let key = try await home.member("ada")
            try home.sandbox.arm(SandboxFault(.delay, delaySeconds: 1))
            async let slow = home.post(textToVideo, textBody(), key: key)
            while home.submissions().isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            let refused = try await home.post(textToVideo, textBody(), key: key)

            #expect(refused.status == 503 && refused.reason == "PURSER_GATEWAY_BUSY")
            #expect(refused.headers["retry-after"] == ["1"])
            #expect(try await home.get("/healthz").status == 200)
            #expect(try await slow.status == 200)
            #expect(try await home.post(textToVideo, textBody(), key: key).status == 200)
        }
    }

    @Test func `one member does not take every place`() async throws {
        try await withGateway(.with { $0.limits.requests = 2 }) { home in
            let (ada, bob) = (try await home.member("ada"), try await home.member("bob"))
            try home.sandbox.arm(SandboxFault(.delay, delaySeconds: 1))
            async let slow = home.post(textToVideo, textBody(), key: ada)
            while home.submissions().isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            let refused = try await home.post(textToVideo, textBody(), key: ada)

            #expect(refused.status == 429 && refused.reason == "PURSER_MEMBER_SHARE")
            #expect(refused.headers["retry-after"] == ["1"])
            #expect(try await home.post(textToVideo, textBody(), key: bob).status == 200)
            #expect(try await slow.status == 200)
            #expect(try await home.post(textToVideo, textBody(), key: ada).status == 200)
        }
    }

    @Test func `what stands behind a request whose answer ends the connection is not carried out`()
        async throws
    {
        try await withGateway(.with { $0.limits.requests = 2 }) { home in
            let (ada, bob) = (try await home.member("ada"), try await home.member("bob"))
            try home.sandbox.arm(SandboxFault(.delay, delaySeconds: 1))
            async let slow = home.post(textToVideo, textBody(), key: ada)
            while home.submissions().isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            let body = textBody()
            let requests = [ada, bob].map { key in
                "POST \(textToVideo) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(key)\r\n"
                    + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
                    + body
            }
            let said = try await talk(to: home.port, requests.joined())
            #expect(said.contains("PURSER_MEMBER_SHARE"))
            #expect(said.split(separator: "HTTP/1.1 ").count == 1)
            #expect(try await slow.status == 200)
            #expect(home.submissions().count == 1)
        }
    }

    @Test func `bodies in memory have a limit, and room is made when one ends`() async throws {
        try await withGateway(
            .with {
                $0.limits.body = 4000
                $0.limits.bodyMemory = 4000
            }
        ) { home in
            let key = try await home.member("ada")
            let head =
                "POST \(textToVideo) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(key)\r\n"
                + "Content-Length: 3900\r\n\r\n{"
            let held = Task { try await talk(to: home.port, head) }
            let admission = home.gateway.responder.admission
            while admission.bytes(in: .memory) == 0 { try await Task.sleep(for: .milliseconds(5)) }
            let refused = try await home.post(textToVideo, textBody(), key: key)
            #expect(refused.status == 503 && refused.reason == "PURSER_GATEWAY_BUSY")

            held.cancel()
            _ = try await held.value
            while admission.requests > 0 { try await Task.sleep(for: .milliseconds(5)) }
            #expect(try await home.post(textToVideo, textBody(), key: key).status == 200)
        }
    }
}
