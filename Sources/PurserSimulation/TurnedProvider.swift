import PurserCore

/// The simulated service, behind the scheduler: a call leaves at one turn and is answered at another.
struct TurnedProvider: Provider {
    let upstream: Upstream
    let life: Life

    func submit(
        path: String,
        body: Payload,
        contentType: String,
        with credential: borrowing OpenCredential
    ) async -> Outcome {
        let (account, version) = (credential.accountID, credential.version)
        do {
            let outcome = try await life.effect(.upstream, "submit") {
                upstream.submit(
                    String(decoding: body.bytes, as: UTF8.self),
                    to: account,
                    version: version,
                    at: life.scheduler.now
                )
            }
            life.note(outcome.words)
            try await life.sleep(life.latency())
            return outcome
        } catch {
            // Dead: whatever is answered, this process does nothing with it any more.
            return .unknown(reason: "the process is gone", answer: nil)
        }
    }

    func status(
        of jobs: [StatusQuery],
        shape: ResponseShape,
        with credential: borrowing OpenCredential
    ) async throws(ProviderFailure) -> StatusReading {
        let names = jobs.map(\.operationName)
        return try await call("ask about jobs") { now throws(ProviderFailure) in
            try upstream.status(of: names, at: now)
        }
    }

    func credits(
        with credential: borrowing OpenCredential
    ) async throws(ProviderFailure) -> CreditsReading {
        let (account, version) = (credential.accountID, credential.version)
        return try await call("read balance") { now throws(ProviderFailure) in
            try upstream.credits(of: account, version: version, at: now)
        }
    }

    private func call<Value: Sendable>(
        _ name: String,
        _ body: (Timestamp) throws(ProviderFailure) -> Value
    ) async throws(ProviderFailure) -> Value {
        do {
            let value = try await life.effect(.upstream, name) { try body(life.scheduler.now) }
            try await life.sleep(life.latency())
            return value
        } catch let failure as ProviderFailure {
            throw failure
        } catch {
            throw .unreachable("the process is gone")
        }
    }
}

extension Outcome {
    fileprivate var words: String {
        switch self {
        case .accepted(let acceptance): "accepted \(acceptance.jobs.count)"
        case .refused(let refusal): "refused: \(refusal.cause.rawValue)"
        case .unknown(let reason, _): "unknown: \(reason)"
        case .notSent(let reason, _): "not sent: \(reason)"
        }
    }
}
