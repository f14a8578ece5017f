import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import PurserSandbox
import Testing

@testable import PurserCLI

/// What many large uploads at once cost a gateway that is a process of its own.
struct UploadMemoryTests {
    /// Bytes of one image in base64.
    private static let size = 30 << 20
    private static let count = ProcessInfo.processInfo.environment["PURSER_FULL"] == "1" ? 16 : 3

    @Test func `large uploads at once take little memory, and arrive byte for byte`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            let key = try await home.key(of: "ada")
            try await home.serving("serve --port 0 --json") { base, process in
                let pid = process.processIdentifier
                // What opening the vault took is no part of it.
                try Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/\(pid)/clear_refs"))
                let before = try Self.peak(of: pid)
                try await withThrowingTaskGroup { group in
                    for number in 0..<Self.count {
                        group.addTask {
                            let status = try await Self.upload(number, to: base, key)
                            #expect(status == .ok)
                        }
                    }
                    try await group.waitForAll()
                }
                let grown = try Self.peak(of: pid) - before
                print("\(Self.count) uploads of 30 MiB: the peak grew by \(grown >> 20) MiB")
                #expect(grown < 48 << 20)
                var waiting = Set((0..<Self.count).map(Self.body))
                for seen in home.sandbox.requests() where seen.path == "/v1/flow/uploadImage" {
                    let own = waiting.remove(seen.body)
                    #expect(own != nil, "it is one of those, as it was sent")
                }
                #expect(waiting.isEmpty)
            }
        }
    }

    private static func piece(_ number: Int) -> String {
        String(repeating: "image\(String(number, radix: 16))+/", count: 8192)
    }

    private static func body(_ number: Int) -> String {
        let piece = piece(number)
        return "{\"imageBytes\":\""
            + String(repeating: piece, count: size / piece.utf8.count) + "\"}"
    }

    private static func upload(
        _ number: Int,
        to base: String,
        _ key: String
    ) async throws -> HTTPResponseStatus {
        var request = HTTPClientRequest(url: base + "/v1/flow/uploadImage")
        request.method = .POST
        request.headers.add(name: "Authorization", value: "Bearer \(key)")
        let piece = ByteBuffer(string: piece(number))
        let pieces = AsyncStream { continuation in
            continuation.yield(ByteBuffer(string: "{\"imageBytes\":\""))
            for _ in 0..<size / piece.readableBytes { continuation.yield(piece) }
            continuation.yield(ByteBuffer(string: "\"}"))
            continuation.finish()
        }
        request.body = .stream(pieces, length: .unknown)
        let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
        _ = try await answer.body.collect(upTo: 1 << 20)
        return answer.status
    }

    /// The most memory a process has had since that was last reset, in bytes.
    private static func peak(of pid: pid_t) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        return try #require(Int(line.split(separator: " ").dropLast().last ?? "")) << 10
    }
}
