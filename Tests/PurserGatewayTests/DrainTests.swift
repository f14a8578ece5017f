import Foundation
import NIOHTTP1
import PurserCore
import PurserEngine
import PurserSandbox
import Testing

@testable import PurserGateway

struct DrainTests {
    @Test func `a request under way gets its answer, and no other is taken`() async throws {
        try await withGateway { home in
            let key = try await home.member("ada")
            _ = try await home.get("/healthz")
            try home.sandbox.arm(SandboxFault(.delay, delaySeconds: 1))
            async let slow = home.post(textToVideo, textBody(), key: key)
            while home.submissions().isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            await home.shutDown()

            // It was told to stop; a busy machine may need a moment to close the door.
            var late: String?
            for _ in 0..<500 {
                late = try? await talk(to: home.port, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                if late?.isEmpty ?? true { break }
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(late?.isEmpty ?? true)
            #expect(try await slow.status == 200)
            #expect(try await home.balance("ultra")?.posted == Credits(680))
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func
        `a request that waits for an account is refused with the time to end in, and holds nothing`()
        async throws
    {
        try await withGateway(.with { $0.drain = .milliseconds(200) }, wait: .seconds(300)) {
            home in
            let key = try await home.member("ada")
            try await home.occupyEverything()
            let held = try await home.balance("ultra")?.held
            async let waiting = home.post(textToVideo, textBody(), key: key)
            while home.line.count == 0 { try await Task.sleep(for: .milliseconds(5)) }
            await home.shutDown()
            let reply = try await waiting
            #expect(reply.status == 503)
            #expect(reply.reason == "PURSER_GATEWAY_BUSY")
            await home.ended()
            #expect(home.submissions().isEmpty)
            #expect(try await home.balance("ultra")?.held == held)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `what was sent is waited for, booked and answered beyond the time to end in`()
        async throws
    {
        try await withGateway(.with { $0.drain = .milliseconds(200) }) { home in
            let key = try await home.member("ada")
            try home.sandbox.arm(SandboxFault(.delay, delaySeconds: 1.5))
            async let slow = home.post(textToVideo, textBody(), key: key)
            while home.submissions().isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            await home.shutDown()
            let reply = try await slow
            #expect(reply.status == 200)
            #expect(reply.headers.first(name: "Purser-Charged") == "10")
            #expect(try await home.balance("ultra")?.posted == Credits(680))
            #expect(try await home.balance("ultra")?.held == .zero)
            await home.ended()
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a submission that is refused beyond the time to end in is not tried again, and says why`()
        async throws
    {
        try await withGateway(.with { $0.drain = .milliseconds(200) }, retryWithin: .seconds(300)) {
            home in
            let key = try await home.member("ada")
            try home.sandbox.arm(
                SandboxFault(
                    .answer,
                    delaySeconds: 1,
                    status: 503,
                    reason: "PUBLIC_ERROR_HIGH_TRAFFIC"
                )
            )
            async let refused = home.post(textToVideo, textBody(), key: key)
            while home.submissions().isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            await home.shutDown()
            let reply = try await refused
            #expect(reply.status == 503)
            #expect(reply.reason == "PUBLIC_ERROR_HIGH_TRAFFIC")
            #expect(home.submissions().count == 1)
            await home.ended()
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a body that is still coming in is refused with the time to end in`() async throws {
        try await withGateway(.with { $0.drain = .milliseconds(200) }) { home in
            let key = try await home.member("ada")
            let request = rawPost(textToVideo, key: key, textBody())
            async let said = talk(to: home.port, String(request.dropLast(9)))
            while home.gateway.responder.admission.requests == 0 {
                try await Task.sleep(for: .milliseconds(5))
            }
            await home.shutDown()
            let text = try await said
            #expect(text.hasPrefix("HTTP/1.1 503"))
            #expect(text.contains("PURSER_GATEWAY_BUSY"))
            #expect(home.submissions().isEmpty)
            await home.ended()
        }
    }
}
