import PurserCore
import Synchronization

/// When the service was last heard of, and when it last could not be reached.
final class UpstreamPulse: Sendable {
    private struct State {
        var seenAt: Timestamp?
        var missedAt: Timestamp?
        /// In a row.
        var misses = 0
    }

    private let state = Mutex(State())

    func seen(at now: Timestamp) {
        state.withLock { state in
            state.seenAt = now
            state.misses = 0
        }
    }

    func missed(at now: Timestamp) {
        state.withLock { state in
            state.missedAt = now
            state.misses += 1
        }
    }

    /// `nil`: not since the gateway began.
    var seenAt: Timestamp? { state.withLock(\.seenAt) }

    /// When the service was last heard of, by this gateway or by whoever wrote a reading of an account down.
    func seenAt(among accounts: [AccountOverview]) -> Timestamp? {
        (accounts.compactMap(\.lastObserved?.at) + [seenAt].compactMap { $0 }).max()
    }

    /// Whether it could not be reached several times in a row, the last within a minute: once is nobody's failure.
    func isMissing(at now: Timestamp) -> Bool {
        state.withLock { state in
            guard state.misses >= Self.tolerated, let missedAt = state.missedAt else {
                return false
            }
            return now < missedAt + Self.remembered
        }
    }

    static let tolerated = 3
    /// Longer, and a gateway that gets no more work because of it would never learn better.
    static let remembered = Duration.seconds(60)
    /// What was heard of longer ago says nothing of now.
    static let recently = Duration.seconds(300)
}

/// How long the service took while a request was answered; what runs side by side counts once.
final class UpstreamTime: Sendable {
    private struct State {
        var underWay = 0
        var begun = ContinuousClock.now
        var total = Duration.zero
    }

    /// The one of the request that the task works for.
    @TaskLocal static var current: UpstreamTime?

    private let state = Mutex(State())

    var total: Duration { state.withLock(\.total) }

    func begin() {
        state.withLock { state in
            if state.underWay == 0 { state.begun = .now }
            state.underWay += 1
        }
    }

    func end() {
        state.withLock { state in
            state.underWay -= 1
            if state.underWay == 0 { state.total += state.begun.duration(to: .now) }
        }
    }
}

/// A provider that tells how long its calls took, and whether they got through.
struct WatchedProvider: Provider {
    let provider: any Provider
    let pulse: UpstreamPulse
    let now: @Sendable () -> Timestamp

    func submit(
        path: String,
        body: Payload,
        contentType: String,
        with credential: borrowing OpenCredential
    ) async -> Outcome {
        let time = UpstreamTime.current
        time?.begin()
        defer { time?.end() }
        let outcome = await provider.submit(
            path: path,
            body: body,
            contentType: contentType,
            with: credential
        )
        switch outcome {
        case .accepted, .refused, .unknown(_, .some): pulse.seen(at: now())
        case .unknown(_, nil), .notSent(_, nil): pulse.missed(at: now())
        case .notSent(_, .some): break
        }
        return outcome
    }

    func status(
        of jobs: [StatusQuery],
        shape: ResponseShape,
        with credential: borrowing OpenCredential
    ) async throws(ProviderFailure) -> StatusReading {
        let time = UpstreamTime.current
        time?.begin()
        defer { time?.end() }
        do throws(ProviderFailure) {
            let reading = try await provider.status(of: jobs, shape: shape, with: credential)
            pulse.seen(at: now())
            return reading
        } catch {
            note(error)
            throw error
        }
    }

    func credits(
        with credential: borrowing OpenCredential
    ) async throws(ProviderFailure) -> CreditsReading {
        let time = UpstreamTime.current
        time?.begin()
        defer { time?.end() }
        do throws(ProviderFailure) {
            let reading = try await provider.credits(with: credential)
            pulse.seen(at: now())
            return reading
        } catch {
            note(error)
            throw error
        }
    }

    /// A credential that does not fit is this side's fault, and says nothing of the service.
    private func note(_ failure: ProviderFailure) {
        switch failure {
        case .unreachable: pulse.missed(at: now())
        case .refused, .unreadable: pulse.seen(at: now())
        case .credential: break
        }
    }
}
