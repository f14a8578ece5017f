import AsyncHTTPClient
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1

/// A reverse proxy of the gateway's own libraries and nothing else: answers stream through, connections are kept.
enum BareProxy {
    /// Serves until the process is killed, and says first where.
    static func run(to upstream: String) async throws {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 256
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let application = Application(
            responder: CallbackResponder<BasicRequestContext> { request, _ in
                try await pass(request, to: upstream, client)
            },
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { Server.announce(port: $0.localAddress?.port ?? 0) },
            logger: Logger(label: "bare proxy") { _ in SwiftLogNoOpLogHandler() }
        )
        try await application.run()
    }

    private static func pass(
        _ request: Request,
        to upstream: String,
        _ client: HTTPClient
    ) async throws -> Response {
        var outgoing = HTTPClientRequest(url: upstream + (request.head.path ?? "/"))
        outgoing.method = HTTPMethod(rawValue: request.method.rawValue)
        for field in request.headers where field.name != .contentLength {
            outgoing.headers.add(name: field.name.rawName, value: field.value)
        }
        // Not streamed: the client may still wait for the end of the body when it has the answer, and the server, which
        // then reads on for the next request, stops at a second reader.
        outgoing.body = .bytes(try await request.body.collect(upTo: 32 << 20))
        let answer = try await client.execute(outgoing, timeout: .seconds(60))
        var headers = HTTPFields()
        for (name, value) in answer.headers {
            guard let name = HTTPField.Name(name), name != .contentLength else { continue }
            headers.append(HTTPField(name: name, value: value))
        }
        let length = answer.headers.first(name: "Content-Length").flatMap { Int($0) }
        return Response(
            status: .init(code: Int(answer.status.code)),
            headers: headers,
            body: ResponseBody(contentLength: length) { writer in
                for try await part in answer.body { try await writer.write(part) }
                try await writer.finish(nil)
            }
        )
    }
}
