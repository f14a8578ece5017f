import PurserCore
import PurserProviders
import Testing

private let path = "video:batchAsyncGenerateVideoText"
private let accepted = #"{"operations":[{"operation":{"name":"op1"}}],"remainingCredits":680}"#

private func submit(
    _ provider: FlowProvider,
    _ origin: Origin,
    body: [UInt8] = Array("{\"a\":1}".utf8)
) async -> Outcome {
    await provider.submit(
        path: path,
        body: Payload(body),
        contentType: "text/plain;charset=UTF-8",
        with: credential(for: origin)
    )
}

struct HTTPTransportTests {
    @Test func `a whole answer is an acceptance, and the request is what was asked for`()
        async throws
    {
        let cookie = answer("200 OK", accepted, headers: "Set-Cookie: a=b\r\n")
        try await withServer([.write(cookie), .write(cookie)]) { server, provider, origin in
            for _ in 1...2 {
                guard case .accepted(let acceptance) = await submit(provider, origin) else {
                    Issue.record("not accepted")
                    return
                }
                #expect(acceptance.jobs.map(\.operationName) == ["op1"])
                #expect(acceptance.remaining == Credits(680))
                #expect(String(decoding: acceptance.answer.body, as: UTF8.self) == accepted)
            }
            #expect(server.requests.count == 2)
            let request = try #require(server.requests.last)
            #expect(request.hasPrefix("POST /v1/\(path) HTTP/1.1\r\n"))
            #expect(request.hasSuffix("\r\n\r\n{\"a\":1}"))
            #expect(request.contains("Authorization: Bearer \(token)\r\n"))
            #expect(request.contains("User-Agent: purser/1.2.3\r\n"))
            #expect(request.contains("Content-Type: text/plain;charset=UTF-8\r\n"))
            #expect(!request.lowercased().contains("cookie"))
            #expect(!request.lowercased().contains("accept-encoding"))
        }
    }

    @Test func `a refused connection means nothing was sent, at once`() async throws {
        let closed = try ClosedPort()
        let origin = Origin(scheme: "http", host: "127.0.0.1", port: closed.number)
        let provider = FlowProvider(origin: origin, version: "1")
        let start = ContinuousClock.now
        let outcome = await submit(provider, origin)
        let took = ContinuousClock.now - start
        await provider.shutdown()
        withExtendedLifetime(closed) {}
        guard case .notSent(let reason, _) = outcome else {
            Issue.record("something was sent")
            return
        }
        #expect(reason == "connection refused")
        // The library would try again for 10 seconds.
        #expect(took < .seconds(9))
    }

    @Test func `a failed TLS handshake means nothing was sent`() async throws {
        try await withServer([.babble], scheme: "https") { server, provider, origin in
            guard case .notSent(let reason, _) = await submit(provider, origin) else {
                Issue.record("something was sent")
                return
            }
            #expect(!reason.contains("/"), "no path of a build machine: \(reason)")
            #expect(server.requests.isEmpty)
        }
    }

    @Test func `a handshake that never ends means nothing was sent`() async throws {
        try await withServer([.silence], scheme: "https") { settings in
            settings.connectTimeout = .milliseconds(100)
        } _: { _, provider, origin in
            #expect(await submit(provider, origin).word == "not sent")
        }
    }

    @Test func `a token sealed for another origin is not sent`() async throws {
        try await withServer([]) { server, provider, _ in
            let other = Origin(scheme: "https", host: "aisandbox-pa.googleapis.com", port: 443)
            #expect(await submit(provider, other).word == "not sent")
            #expect(server.connections == 0)
        }
    }

    @Test func `a path that is no call is not sent`() async throws {
        try await withServer([]) { server, provider, origin in
            let outcome = await provider.submit(
                path: "../admin",
                body: Payload([]),
                contentType: "",
                with: credential(for: origin)
            )
            #expect(outcome.word == "not sent")
            #expect(server.connections == 0)
        }
    }

    @Test(arguments: [
        RawServer.Step.closeAfterHead,
        .writeAndClose(""),
        .writeAndClose("HTTP/1.1 200 OK\r\nContent-Le"),
        .writeAndClose("HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n\(accepted)"),
        .writeAndClose("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"ope"),
        .writeAndClose("HTTP/1.1 200 OK\r\n\r\n\(accepted.dropLast())"),
        .writeAndClose("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        .writeAndClose("SSH-2.0-OpenSSH_9.2\r\n"),
        .writeAndClose(answer("200 OK", "")),
        .writeAndClose(answer("302 Found", "", headers: "Location: /v1/credits\r\n")),
        .writeAndClose(answer("307 Temporary Redirect", "", headers: "Location: /v1/credits\r\n")),
        .writeAndClose(answer("204 No Content", "")),
        .writeAndClose(answer("502 Bad Gateway", "<html>502</html>")),
    ])
    func `anything short of an answer leaves the outcome unknown, and is not repeated`(
        step: RawServer.Step
    ) async throws {
        try await withServer([step, .write(answer("200 OK", accepted))]) {
            server,
            provider,
            origin in
            let big = [UInt8](repeating: 0x20, count: 3 << 20)
            #expect(await submit(provider, origin, body: big).word == "unknown")
            #expect(server.connections == 1)
            #expect(server.requests.count <= 1)
        }
    }

    @Test(arguments: [
        RawServer.Step.silence,
        .write("HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"),
        .trickle(head: "HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n{"),
    ])
    func `an answer that takes too long leaves the outcome unknown`(
        step: RawServer.Step
    ) async throws {
        try await withServer([step]) { settings in
            settings.timeout = .seconds(2)
        } _: { _, provider, origin in
            #expect(await submit(provider, origin).word == "unknown")
        }
    }

    @Test func `silence has a limit of its own`() async throws {
        try await withServer([.silence]) { settings in
            settings.silence = .milliseconds(100)
        } _: { _, provider, origin in
            #expect(await submit(provider, origin).word == "unknown")
        }
    }

    @Test(arguments: [
        RawServer.Step.write("HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n"),
        .trickle(head: "HTTP/1.1 200 OK\r\n\r\n" + String(repeating: " ", count: 1000)),
    ])
    func `an answer beyond the limit is not read`(step: RawServer.Step) async throws {
        try await withServer([step]) { settings in
            settings.answerLimit = 1000
        } _: { _, provider, origin in
            #expect(await submit(provider, origin).word == "unknown")
        }
    }

    @Test func `a pooled connection that dies is not tried again behind our back`() async throws {
        let steps: [RawServer.Step] = [
            .write(answer("200 OK", accepted)), .writeAndClose(""),
            .write(answer("200 OK", accepted)),
        ]
        try await withServer(steps) { server, provider, origin in
            #expect(await submit(provider, origin).word == "accepted")
            #expect(await submit(provider, origin).word == "unknown")
            #expect(server.requests.count == 2)
            #expect(server.connections == 1)
        }
    }

    @Test func `a pooled connection closed while idle loses no request and doubles none`()
        async throws
    {
        let steps = Array(
            repeating: RawServer.Step.writeAndClose(answer("200 OK", accepted)),
            count: 9
        )
        try await withServer(steps) { server, provider, origin in
            var answered = 0
            for _ in 1...8 {
                let word = await submit(provider, origin).word
                if word == "accepted" { answered += 1 }
            }
            #expect(answered >= 1)
            #expect(server.requests.count >= answered && server.requests.count <= 8)
        }
    }

    @Test func `a call that is cancelled once it was sent is unknown`() async throws {
        try await withServer([.silence]) { server, provider, origin in
            let outcome = await withTaskGroup(of: Outcome.self) { group in
                group.addTask { await submit(provider, origin) }
                while server.requests.isEmpty { await Task.yield() }
                group.cancelAll()
                return await group.next()
            }
            #expect(outcome?.word == "unknown")
        }
    }

    @Test func `a call that was cancelled before sends nothing`() async throws {
        try await withServer([.silence]) { server, provider, origin in
            for _ in 1...20 {
                let call = Task {
                    while !Task.isCancelled { await Task.yield() }
                    return await submit(provider, origin)
                }
                call.cancel()
                #expect(await call.value.word == "not sent")
            }
            #expect(server.requests.isEmpty)
        }
    }

    @Test func `a wait is read from seconds and from dates`() async throws {
        let body = #"{"error":{"code":429,"message":"slow"}}"#
        let date = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        let cases: [(String, Duration?)] = [
            ("Retry-After: 120\r\n", .seconds(120)),
            (date + "Retry-After: Sun, 06 Nov 1994 08:50:37 GMT\r\n", .seconds(60)),
            (date + "Retry-After: Sun, 06 Nov 1994 08:00:00 GMT\r\n", .zero),
            ("Retry-After: Sun, 06 Nov 1994 08:50:37 GMT\r\n", nil),
            ("Retry-After: -5\r\n", nil), ("Retry-After: soon\r\n", nil), ("", nil),
        ]
        let steps = cases.map { RawServer.Step.write(answer("429 Slow", body, headers: $0.0)) }
        try await withServer(steps) { _, provider, origin in
            for (_, expected) in cases {
                guard case .refused(let refusal) = await submit(provider, origin) else {
                    Issue.record("not refused")
                    return
                }
                #expect(refusal.retryAfter == expected)
            }
        }
    }
}

/// What an answer repeats of the token it was asked with.
struct EchoTests {
    @Test func `a token that an answer repeats is taken out, and every other byte stays`()
        async throws
    {
        let page = "<p>a \(token)\(token) b ya29.test-toke c Bearer \(token)"
        let headers = "Retry-After: 7\r\n"
        try await withServer([.write(answer("400 Bad Request", page, headers: headers))]) {
            _,
            provider,
            origin in
            guard case .unknown(_, let answer) = await submit(provider, origin) else {
                Issue.record("an error page settles nothing")
                return
            }
            let body = String(decoding: answer?.body ?? [], as: UTF8.self)
            let mark = "[token removed]"
            #expect(body == "<p>a \(mark)\(mark) b ya29.test-toke c Bearer \(mark)")
        }
    }

    @Test func `a refusal speaks without the token`() async throws {
        let text = #"{"error":{"code":400,"message":"bad: \#(token)","details":[]}}"#
        try await withServer([.write(answer("400 Bad Request", text))]) { _, provider, origin in
            guard case .refused(let refusal) = await submit(provider, origin) else {
                Issue.record("not refused")
                return
            }
            #expect(refusal.message == "bad: [token removed]")
        }
    }
}
