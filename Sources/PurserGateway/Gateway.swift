import Hummingbird
import HummingbirdCore
import Logging
import PurserCore
package import PurserEngine
import ServiceLifecycle

/// The members' door: the service's own calls over HTTP, for whoever has a member's key.
///
/// A service that runs until it is shut down or cancelled. Shut down gracefully it takes no more connections and lets
/// requests under way end; after `GatewaySettings.drain` it refuses those that wait, and answers what was sent to the
/// service when that has answered. Cancelled, it waits for that too, but nobody is told.
package struct Gateway: Service {
    private let settings: GatewaySettings
    let responder: GatewayResponder
    /// The engine it serves with, whose calls of the service `/readyz` and the metrics know of: for what works beside it.
    package let engine: Engine
    private let tls: TLSContext?
    let logger: Logger
    private let onBound: @Sendable (Int) async -> Void

    /// Requests wait in `line` while every account is busy.
    ///
    /// Uploads lie in files without a name in `folder` while they are under way. `onBound` is called once, with the port
    /// it listens on.
    ///
    /// - Throws: ``GatewayError`` for settings it does not serve under, ``TLSError`` for files it cannot use.
    package init(
        engine: Engine,
        line: WaitingLine,
        settings: GatewaySettings,
        folder: String,
        onBound: @escaping @Sendable (Int) async -> Void = { _ in }
    ) throws {
        try settings.check()
        self.settings = settings
        self.onBound = onBound
        tls = try settings.tls.map { files throws(TLSError) in try TLSContext(files) }
        logger = engine.logger
        let pulse = UpstreamPulse()
        let engine = engine.watched(by: pulse)
        self.engine = engine
        let members = MemberDesk(engine)
        let admission = Admission(settings.limits)
        let brake = FailureBrake()
        responder = GatewayResponder(
            engine: engine,
            members: members,
            requests: RequestDesk(engine, line: line),
            jobs: StatusDesk(engine, line: line),
            line: line,
            limits: settings.limits,
            folder: folder,
            admission: admission,
            brake: brake,
            underWay: UnderWay(),
            counters: Counters(),
            pulse: pulse,
            readiness: Readiness(engine, pulse: pulse),
            page: settings.hasPage
                ? try PageDoor(
                    engine,
                    members: members,
                    line: line,
                    admission: admission,
                    brake: brake,
                    hasTLS: settings.tls != nil
                ) : nil,
            logger: engine.logger
        )
    }

    package func run() async throws {
        // The library tells of its own starting and stopping, which nobody needs twice.
        var logger = logger
        logger.logLevel = max(logger.logLevel, .warning)
        let (limits, tls, responder) = (settings.limits, tls, responder)
        let application = Application(
            responder: responder,
            server: HTTPServerBuilder {
                GatewayChannel($0, limits: limits, tls: tls) { responder.refuse($0, from: $1) }
            },
            configuration: ApplicationConfiguration(
                address: .hostname(settings.bareHost, port: settings.port),
                availableConnectionsDelegate: .maximum(limits.connections, logger: logger)
            ),
            onServerRunning: { channel in
                if let port = channel.localAddress?.port { await onBound(port) }
            },
            logger: logger
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            group.addTask { try await end() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Returns when the time to end in is over, what was sent is settled, and clients had a moment to take their answers.
    private func end() async throws {
        try await gracefulShutdown()
        try await Task.sleep(for: settings.drain)
        await responder.underWay.end()
        try await Task.sleep(for: settings.farewell)
    }

    /// Takes up the certificate and key that the files hold now; connections that are open keep theirs.
    ///
    /// Returns whether there is a certificate at all.
    @discardableResult
    package func reload() throws -> Bool {
        guard let tls else { return false }
        try tls.reload()
        return true
    }
}

extension Engine {
    /// The same, whose calls of the service are noted.
    fileprivate func watched(by pulse: UpstreamPulse) -> Engine {
        Engine(
            store: store,
            provider: WatchedProvider(provider: provider, pulse: pulse, now: ambient.now),
            keyring: keyring,
            catalogue: catalogue,
            settings: settings,
            actor: actor,
            ambient: ambient,
            logger: logger,
            tokenCommands: tokenCommands
        )
    }
}

extension GatewaySettings {
    /// Without the brackets that an address of IPv6 has in a URL.
    fileprivate var bareHost: String {
        host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    }

    /// Where it listens, on the port that it got.
    package func url(port: Int) -> String {
        let host = bareHost.contains(":") ? "[\(bareHost)]" : bareHost
        return "\(tls == nil ? "http" : "https")://\(host):\(port)"
    }
}
