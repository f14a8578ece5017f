import Foundation
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
    func `a request that waits for an account is ended with the time to end in, and holds nothing`()
        async throws
    {
        try await withGateway(.with { $0.drain = .milliseconds(200) }, wait: .seconds(300)) {
            home in
            let key = try await home.member("ada")
            try await home.occupyEverything()
            let held = try await home.balance("ultra")?.held
            let waiting = Task { try? await home.post(textToVideo, textBody(), key: key) }
            while home.line.count == 0 { try await Task.sleep(for: .milliseconds(5)) }
            await home.shutDown()
            let reply = await waiting.value
            #expect(reply?.status != 200)
            #expect(home.submissions().isEmpty)
            #expect(try await home.balance("ultra")?.held == held)
        }
    }

    @Test func `what was sent is waited for and booked beyond the time to end in`() async throws {
        try await withGateway(.with { $0.drain = .milliseconds(200) }) { home in
            let key = try await home.member("ada")
            try home.sandbox.arm(SandboxFault(.delay, delaySeconds: 1.5))
            let slow = Task { try? await home.post(textToVideo, textBody(), key: key) }
            while home.submissions().isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            await home.shutDown()
            _ = await slow.value
            for _ in 0..<400 where try await home.balance("ultra")?.posted != Credits(680) {
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(try await home.balance("ultra")?.posted == Credits(680))
            #expect(try await home.balance("ultra")?.held == .zero)
        }
    }
}
