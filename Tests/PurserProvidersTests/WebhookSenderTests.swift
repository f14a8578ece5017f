import PurserCore
import PurserProviders
import Testing

struct WebhookSenderTests {
    private func post(
        _ steps: [RawServer.Step],
        timeout: Duration = .seconds(10)
    ) async throws -> (reply: WebhookReply, requests: [String]) {
        let server = RawServer(steps)
        let port = try await server.start()
        let sender = HTTPWebhookSender(version: "1.2.3", timeout: timeout)
        let reply = await sender.post(
            Array("{}".utf8),
            headers: [("webhook-id", "msg_1"), ("Content-Type", "application/json")],
            to: "http://127.0.0.1:\(port)/hook?k=1"
        )
        await sender.shutdown()
        await server.stop()
        return (reply, server.requests)
    }

    @Test func `a message is posted once, to the path and query that were given`() async throws {
        let answer = "HTTP/1.1 204 No Content\r\n\r\n"
        let (reply, requests) = try await post([.writeAndClose(answer)])
        #expect(reply == .status(204))
        #expect(requests.count == 1)
        let request = try #require(requests.first)
        #expect(request.hasPrefix("POST /hook?k=1 HTTP/1.1\r\n"))
        #expect(request.contains("webhook-id: msg_1\r\n"))
        #expect(request.hasSuffix("\r\n\r\n{}"))
    }

    @Test func `a redirect is an answer, and not followed`() async throws {
        let answer = "HTTP/1.1 307 Temporary\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n"
        let (reply, requests) = try await post([.write(answer), .write(answer)])
        #expect(reply == .status(307))
        #expect(requests.count == 1)
    }

    @Test func `no answer within the time is a failure`() async throws {
        let (reply, _) = try await post([.silence], timeout: .milliseconds(200))
        #expect(reply == .failed("no answer within 0.2 seconds"))
    }

    @Test func `an answer without end is cut off`() async throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"
        let (reply, _) = try await post([.trickle(head: head)], timeout: .milliseconds(500))
        guard case .failed = reply else {
            Issue.record("\(reply)")
            return
        }
    }

    @Test func `who is not there cannot be reached`() async throws {
        let closed = try ClosedPort()
        let sender = HTTPWebhookSender(version: "1.2.3")
        let reply = await sender.post([], headers: [], to: "http://127.0.0.1:\(closed.number)/")
        await sender.shutdown()
        guard case .failed(let reason) = reply else {
            Issue.record("\(reply)")
            return
        }
        #expect(reason.contains("refused"))
    }
}
