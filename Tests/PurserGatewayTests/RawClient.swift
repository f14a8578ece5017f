import NIOCore
import NIOPosix

/// Sends bytes to a port of this machine, each part for itself and `pause` apart, and returns what comes back until the
/// other side closes or `isEnough` says so.
func talk(
    to port: Int,
    _ parts: [[UInt8]],
    pause: Duration = .zero,
    isEnough: @escaping @Sendable (String) -> Bool = { _ in false }
) async throws -> String {
    let client = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
    let said = try? await client.executeThenClose { inbound, outbound in
        await withTaskGroup(of: String?.self) { group in
            group.addTask {
                for part in parts {
                    // The other side may have had enough: what it says is read all the same.
                    try? await outbound.write(ByteBuffer(bytes: part))
                    if pause > .zero { try? await Task.sleep(for: pause) }
                }
                return nil
            }
            group.addTask { await heard(inbound, isEnough) }
            for await said in group {
                guard let said else { continue }
                group.cancelAll()
                return said
            }
            return ""
        }
    }
    return said ?? ""
}

func talk(
    to port: Int,
    _ texts: String...,
    pause: Duration = .zero,
    isEnough: @escaping @Sendable (String) -> Bool = { _ in false }
) async throws -> String {
    try await talk(to: port, texts.map { Array($0.utf8) }, pause: pause, isEnough: isEnough)
}

private func heard(
    _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
    _ isEnough: (String) -> Bool
) async -> String {
    var seen = ""
    do {
        for try await part in inbound {
            seen += String(buffer: part)
            if isEnough(seen) { break }
        }
    } catch {
        // A connection that was reset has said what it said.
    }
    return seen
}

/// A request's bytes, with its length.
func rawPost(_ path: String, key: String, _ body: String, headers: String = "") -> String {
    "POST \(path) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(key)\r\n\(headers)"
        + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
}
