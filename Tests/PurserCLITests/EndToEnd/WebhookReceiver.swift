import Foundation
import Glibc
import Synchronization
import Testing

/// A small HTTP server on loopback that takes webhooks: it answers one status after another, the last one for ever.
final class WebhookReceiver: Sendable {
    struct Message: Sendable {
        let head: String
        let body: String

        func header(_ name: String) -> String? {
            head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name + ": ") }
                .map { String($0.dropFirst(name.count + 2)) }
        }
    }

    let port: Int
    private let listener: Int32
    private let statuses: Mutex<[Int]>
    private let received = Mutex<[Message]>([])

    init(_ statuses: [Int]) throws {
        self.statuses = Mutex(statuses)
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, size) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, address, &size) == 0
            }
        }
        try #require(bound)
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in serve() }
    }

    var messages: [Message] { received.withLock { $0 } }

    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    /// Waits until so many messages have come.
    func until(_ count: Int) async throws {
        for _ in 0..<1000 {
            if messages.count >= count { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("only \(messages.count) messages came")
    }

    private func serve() {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { break }
            answer(connection)
            close(connection)
        }
        close(listener)
    }

    private func answer(_ connection: Int32) {
        var text = ""
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(connection, &buffer, buffer.count)
            guard count > 0 else { return }
            text += String(decoding: buffer[..<count], as: UTF8.self)
            let parts = text.split(separator: "\r\n\r\n", maxSplits: 1)
            guard text.contains("\r\n\r\n") else { continue }
            let message = Message(
                head: String(parts[0]),
                body: parts.count > 1 ? String(parts[1]) : ""
            )
            let length = Int(message.header("content-length") ?? "0") ?? 0
            guard message.body.utf8.count >= length else { continue }
            received.withLock { $0.append(message) }
            let status = statuses.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
            let reply = "HTTP/1.1 \(status) X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            _ = write(connection, reply, reply.utf8.count)
            return
        }
    }
}
