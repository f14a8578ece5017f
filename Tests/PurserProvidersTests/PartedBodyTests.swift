import PurserProviders
import Synchronization
import Testing

@testable import PurserCore

/// What went aside, which can be read so many times and then no more.
private final class AsideBytes: PayloadFile {
    private let bytes: [UInt8]
    private let readable: Mutex<Int>

    init(_ bytes: [UInt8], readable: Int) {
        self.bytes = bytes
        self.readable = Mutex(readable)
    }

    func read(_ range: Range<Int>) async throws -> [UInt8] {
        let isReadable = readable.withLock { readable in
            readable -= 1
            return readable >= 0
        }
        guard isReadable else { throw StoreError.io("the file is gone") }
        return Array(bytes[range])
    }
}

/// `size` bytes of a string, all but the first few in a file.
private func parted(size: Int, readable: Int = .max) -> (payload: Payload, text: String) {
    let text = "{\"imageBytes\":\"" + String(repeating: "0123456789", count: size / 10) + "\"}"
    var sieve = PayloadSieve(longestRun: 16)
    var aside: [UInt8] = []
    sieve.take(Array(text.utf8), aside: &aside)
    return (sieve.payload(in: AsideBytes(aside, readable: readable)), text)
}

private func upload(
    _ payload: Payload,
    to provider: FlowProvider,
    _ origin: Origin
) async -> Outcome {
    await provider.submit(
        path: "flow/uploadImage",
        body: payload,
        contentType: "application/json",
        with: credential(for: origin)
    )
}

/// Bodies that lie partly in a file.
struct PartedBodyTests {
    @Test func `every byte of it is sent, as often as it is sent`() async throws {
        let accepted = answer("200 OK", #"{"media":{"name":"m"}}"#)
        try await withServer([.write(accepted), .write(accepted)]) { server, provider, origin in
            let (payload, text) = parted(size: 1_000_000)
            for _ in 1...2 {
                #expect(await upload(payload, to: provider, origin).word == "accepted")
            }
            #expect(server.requests.count == 2)
            for request in server.requests {
                #expect(request.contains("Content-Length: \(text.utf8.count)\r\n"))
                #expect(request.hasSuffix("\r\n\r\n" + text))
            }
        }
    }

    @Test func `a file that cannot be read means nothing was sent`() async throws {
        try await withServer([.silence]) { server, provider, origin in
            let outcome = await upload(
                parted(size: 1000, readable: 0).payload,
                to: provider,
                origin
            )
            guard case .notSent(let reason, _) = outcome else {
                Issue.record("something was sent")
                return
            }
            #expect(reason.contains("the file is gone"))
            #expect(server.requests.isEmpty)
        }
    }

    @Test func `a file that ends half way leaves the outcome unknown`() async throws {
        try await withServer([.silence]) { server, provider, origin in
            let (payload, _) = parted(size: 1_000_000, readable: 2)
            #expect(await upload(payload, to: provider, origin).word == "unknown")
            #expect(server.requests.isEmpty)
        }
    }

    @Test func `no connection means nothing was sent, and the file was not read`() async throws {
        let closed = try ClosedPort()
        let origin = Origin(scheme: "http", host: "127.0.0.1", port: closed.number)
        let provider = FlowProvider(origin: origin, version: "1")
        let outcome = await upload(parted(size: 1000, readable: 0).payload, to: provider, origin)
        await provider.shutdown()
        withExtendedLifetime(closed) {}
        guard case .notSent(let reason, _) = outcome else {
            Issue.record("something was sent")
            return
        }
        #expect(reason == "connection refused")
    }

    @Test func `a service that closes while it is being sent gives no outcome`()
        async throws
    {
        try await withServer([.closeAfterHead]) { _, provider, origin in
            let outcome = await upload(parted(size: 8_000_000).payload, to: provider, origin)
            #expect(outcome.word == "unknown" || outcome.word == "not sent")
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a service that answers before it has read the body lets the file go`() async throws {
        let refusal = answer(
            "401 Unauthorized",
            #"{"error":{"code":401,"message":"no","status":"UNAUTHENTICATED"}}"#
        )
        try await withServer([.answerAfterHead(refusal)]) { _, provider, origin in
            weak var file: (any PayloadFile)?
            do {
                let (payload, _) = parted(size: 30_000_000)
                file = payload.file
                #expect(await upload(payload, to: provider, origin).word.hasPrefix("refused"))
            }
            while file != nil { try await Task.sleep(for: .milliseconds(5)) }
        }
    }
}
