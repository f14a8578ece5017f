import Glibc
import NIOPosix
import PurserSandbox
import Testing

@testable import PurserGateway

/// Sends a request, and takes the answer `portion` bytes at a time with a pause between; how many bytes there were.
private func take(
    from port: Int,
    _ request: String,
    after ready: () async throws -> Void = {},
    portion: Int = 256 << 10,
    pause: Duration = .zero
) async throws -> Int {
    // Its own thread: one that waits here would be lacking where files are written.
    let thread = NIOThreadPool(numberOfThreads: 1)
    thread.start()
    defer { thread.shutdownGracefully { _ in } }
    let descriptor = try await thread.runIfActive {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var size = Int32(64 << 10)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(status == 0)
        let bytes = Array(request.utf8)
        try #require(send(descriptor, bytes, bytes.count, 0) == bytes.count)
        return descriptor
    }
    defer { close(descriptor) }
    try await ready()
    var taken = 0
    while true {
        let count = await withCheckedContinuation { continuation in
            thread.submit { _ in
                var bytes = [UInt8](repeating: 0, count: portion)
                continuation.resume(
                    returning: recv(descriptor, &bytes, portion, Int32(MSG_WAITALL))
                )
            }
        }
        guard count > 0 else { return taken }
        taken += count
        try await Task.sleep(for: pause)
    }
}

private func smallUpload(_ key: String) -> String {
    rawPost(
        "/v1/flow/uploadImage",
        key: key,
        #"{"imageBytes":"AA=="}"#,
        headers: "Connection: close\r\n"
    )
}

extension GatewayHome {
    /// Has the service answer uploads with so many bytes.
    fileprivate func answerUploads(with size: Int) throws {
        let text = String(repeating: "0123456789abcdef", count: size / 16)
        let refusal = SandboxFault(
            .answer,
            scope: .upload,
            count: nil,
            status: 400,
            message: text
        )
        try sandbox.arm(refusal)
    }

    /// Waits until the gateway has an answer of so many bytes to give.
    fileprivate func untilAnswered(with size: Int) async throws {
        while gateway.responder.admission.bytes(in: .memory) < size {
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}

/// Answers that a client takes slowly, or not at all.
struct SlowReaderTests {
    private static let size = 14 << 20

    @Test func `a client that takes a large answer slowly gets all of it`() async throws {
        try await withGateway(.with { $0.limits.idleTime = .seconds(4) }) { home in
            let key = try await home.member("ada")
            try home.answerUploads(with: Self.size)
            let request = smallUpload(key)
            let start = ContinuousClock.now
            let taken = try await take(from: home.port, request, pause: .milliseconds(100))
            #expect(taken > Self.size)
            #expect(start.duration(to: .now) > .seconds(4), "it took longer than the idle time")
        }
    }

    @Test func `a client that takes nothing of an answer is cut when its time is over`()
        async throws
    {
        try await withGateway(.with { $0.limits.idleTime = .milliseconds(200) }) { home in
            let key = try await home.member("ada")
            try home.answerUploads(with: Self.size)
            let request = smallUpload(key)
            let taken = try await take(from: home.port, request) {
                try await home.untilAnswered(with: Self.size)
                try await Task.sleep(for: .seconds(1))
            }
            #expect(taken < Self.size)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a client that takes nothing does not keep the gateway from ending`() async throws {
        try await withGateway(
            .with {
                $0.drain = .milliseconds(100)
                $0.farewell = .milliseconds(100)
            }
        ) { home in
            let key = try await home.member("ada")
            try home.answerUploads(with: Self.size)
            let taken = try await take(from: home.port, smallUpload(key)) {
                try await home.untilAnswered(with: Self.size)
                await home.shutDown()
                await home.ended()
            }
            #expect(taken < Self.size)
        }
    }

    @Test func `what clients leave untaken keeps further bodies out`() async throws {
        try await withGateway(
            .with {
                $0.limits.bodyMemory = 8 << 20
                $0.limits.body = 4 << 20
            }
        ) { home in
            let key = try await home.member("ada")
            try home.answerUploads(with: Self.size)
            let request = smallUpload(key)
            let admission = home.gateway.responder.admission
            let taken = try await take(from: home.port, request) {
                try await home.untilAnswered(with: Self.size)
                let refused = try await home.post(textToVideo, textBody(), key: key)
                #expect(refused.status == 503 && refused.reason == "PURSER_GATEWAY_BUSY")
            }
            #expect(taken > Self.size)
            while admission.requests > 0 { try await Task.sleep(for: .milliseconds(10)) }
            #expect(admission.bytes(in: .memory) == 0)
            #expect(try await home.post(textToVideo, textBody(), key: key).status == 200)
        }
    }
}
