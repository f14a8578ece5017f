import Hummingbird
import Logging
import PurserCore
import PurserEngine

/// Whether work could be taken on now: the vault is open, its store answers and can be written, and the service was not
/// lost sight of.
///
/// Anybody may ask, and asking writes: so the answer of a moment ago is given again, and who asks meanwhile waits for it.
actor Readiness {
    private let engine: Engine
    private let pulse: UpstreamPulse
    private var last: Task<Response, Never>?
    /// When the last look was over; `nil` while it is under way.
    private var endedAt: Timestamp?

    init(_ engine: Engine, pulse: UpstreamPulse) {
        self.engine = engine
        self.pulse = pulse
    }

    func answer(at now: Timestamp) async -> Response {
        if let last {
            guard let endedAt else { return await last.value }
            // A clock that was set back must not keep an old answer.
            if endedAt <= now, now < endedAt + Self.kept { return await last.value }
        }
        let (engine, pulse) = (engine, pulse)
        let look = Task { await Self.look(engine, pulse, at: now) }
        (last, endedAt) = (look, nil)
        let answer = await look.value
        endedAt = engine.ambient.now()
        return answer
    }

    private static let kept = Duration.seconds(1)

    private static func look(
        _ engine: Engine,
        _ pulse: UpstreamPulse,
        at now: Timestamp
    ) async -> Response {
        let isFresh = { (seenAt: Timestamp?) in
            seenAt.map { now < $0 + UpstreamPulse.recently } ?? false
        }
        var seenAt = pulse.seenAt
        do {
            if !isFresh(seenAt) { seenAt = pulse.seenAt(among: try await engine.store.accounts()) }
            _ = try await engine.keyring.contents()
            _ = try await engine.store.sweep(at: now)
            if pulse.isMissing(at: now) {
                throw ProviderFailure.unreachable("not within the last minute")
            }
        } catch {
            engine.logger.warning("not ready", metadata: ["error": "\(error)"])
            let reason = Problem(error, at: now).reason.rawValue
            let body: JSONOutput = ["status": "not ready", "reason": .string(reason)]
            var response = Response.json(body.compact)
            response.status = .serviceUnavailable
            return response
        }
        let body: JSONOutput = [
            "status": "ready", "upstream": .string(isFresh(seenAt) ? "seen" : "unknown"),
            "upstream_seen_at": JSONOutput(seenAt),
        ]
        return .json(body.compact)
    }
}
