package import PurserCore

/// The video service behind Google Flow, over HTTP.
///
/// What it answers means what `FlowClassifier` says. Nothing here repeats a request or keeps a token.
package struct FlowProvider: Provider {
    private let origin: Origin
    private let transport: HTTPTransport

    /// `version` is the program's own, shown to the service as `purser/<version>`.
    package init(
        origin: Origin,
        version: String,
        settings: HTTPTransport.Settings = HTTPTransport.Settings()
    ) {
        self.origin = origin
        transport = HTTPTransport(userAgent: "purser/\(version)", settings: settings)
    }

    /// Must be called before the provider goes: open connections are closed.
    package func shutdown() async {
        await transport.shutdown()
    }

    package func submit(
        path: String,
        body: Payload,
        contentType: String,
        with credential: borrowing OpenCredential
    ) async -> Outcome {
        guard let call = ProviderCall(path) else {
            return .notSent(reason: "the service has no call \(path)")
        }
        let authorization: (name: String, value: String)
        do throws(CredentialError) {
            authorization = try credential.header(for: origin)
        } catch {
            return .notSent(reason: error.message, failure: error)
        }
        let headers = [authorization, ("Content-Type", contentType)]
        switch await send(call, headers, body, with: credential) {
        case .reply(let reply): return FlowClassifier.outcome(of: reply, for: call)
        case .notSent(let reason): return .notSent(reason: reason)
        case .cut(let reason): return .unknown(reason: reason, answer: nil)
        }
    }

    package func status(
        of jobs: [StatusQuery],
        shape: ResponseShape,
        with credential: borrowing OpenCredential
    ) async throws(ProviderFailure) -> StatusReading {
        let reply = try await ask(
            .status,
            body: Payload(Self.statusBody(of: jobs, shape)),
            with: credential
        )
        guard let answer = StatusAnswer(reply.body, shape: shape) else {
            throw .unreadable("it does not speak of jobs")
        }
        return StatusReading(
            jobs: answer.readings(of: jobs.map(\.operationName)),
            remaining: answer.remaining
        )
    }

    package func credits(
        with credential: borrowing OpenCredential
    ) async throws(ProviderFailure) -> CreditsReading {
        let reply = try await ask(.credits, body: nil, with: credential)
        guard let reading = CreditsAnswer.read(reply.body) else {
            throw .unreadable("it holds neither a tier nor a balance")
        }
        return reading
    }

    /// What time it is for the service; `nil` where its answer does not say.
    ///
    /// No token is sent, so the answer is a refusal.
    package func time() async throws(ProviderFailure) -> Timestamp? {
        switch await transport.send(to: url(of: .credits), headers: [], body: nil) {
        case .notSent(let reason), .cut(let reason): throw .unreachable(reason)
        case .reply(let reply): return reply.date
        }
    }

    /// A call that changes nothing: any answer but a 200 is a failure.
    private func ask(
        _ call: ProviderCall,
        body: Payload?,
        with credential: borrowing OpenCredential
    ) async throws(ProviderFailure) -> HTTPReply {
        var headers: [(name: String, value: String)] = []
        do throws(CredentialError) {
            headers.append(try credential.header(for: origin))
        } catch {
            throw .credential(error)
        }
        if body != nil { headers.append(("Content-Type", "application/json")) }
        switch await send(call, headers, body, with: credential) {
        case .notSent(let reason), .cut(let reason): throw .unreachable(reason)
        case .reply(let reply) where reply.status == 200: return reply
        case .reply(let reply):
            if let refusal = FlowClassifier.refusal(of: reply) { throw .refused(refusal) }
            throw .unreadable("its status is \(reply.status)")
        }
    }

    /// One request; nothing that leaves here holds the token it was sent with.
    private func send(
        _ call: ProviderCall,
        _ headers: [(name: String, value: String)],
        _ body: Payload?,
        with credential: borrowing OpenCredential
    ) async -> HTTPExchange {
        let trace = TraceParent.current.map { (name: "traceparent", value: $0.description) }
        let exchange = await transport.send(
            to: url(of: call),
            headers: headers + [trace].compactMap(\.self),
            body: body
        )
        guard case .reply(let reply) = exchange else { return exchange }
        return .reply(credential.withTokenBytes { reply.withoutToken($0) })
    }

    private func url(of call: ProviderCall) -> String {
        "\(origin)/v1" + (call.path.hasPrefix(":") ? "" : "/") + call.path
    }

    private static func statusBody(of jobs: [StatusQuery], _ shape: ResponseShape) -> [UInt8] {
        let entries = jobs.map { job in
            let name = "\"name\":" + job.operationName.jsonQuoted
            return switch shape {
            case .operations:
                "{\"operation\":{\(name)}\(member("sceneId", job.sceneID)),"
                    + "\"status\":\(job.state.wireName.jsonQuoted)}"
            case .media: "{\(name)\(member("projectId", job.projectID))}"
            }
        }
        return Array("{\"\(shape.rawValue)\":[\(entries.joined(separator: ","))]}".utf8)
    }

    private static func member(_ key: String, _ value: String?) -> String {
        value.map { ",\"\(key)\":\($0.jsonQuoted)" } ?? ""
    }
}
