import PurserCore
import PurserEngine
import PurserPages
import ServiceLifecycle

/// The forecast as it was a while ago: to reckon it takes longer than a page may, and it changes from day to day.
///
/// Who comes first waits; later ones get what there is, while the next is reckoned beside them.
actor ForecastKeeper {
    /// How old it may be before another is reckoned.
    static let kept = Duration.seconds(600)

    /// How long the next waits after one that failed.
    static let pause = Duration.seconds(60)

    private let now: @Sendable () -> Timestamp
    private let reckon: @concurrent @Sendable () async -> CreditForecast?
    private var current: CreditForecast?
    private var failedAt: Timestamp?
    private var next: Task<Void, Never>?
    private var waiting: [AsyncStream<Void>.Continuation] = []

    init(_ engine: Engine) {
        let desk = ForecastDesk(store: engine.store, now: engine.ambient.now)
        self.init(now: engine.ambient.now) { try? await desk.forecast() }
    }

    /// `reckon`: answers `nil` where it fails; runs beside the keeper, which meanwhile gives what there is.
    init(
        now: @escaping @Sendable () -> Timestamp,
        reckon: @escaping @concurrent @Sendable () async -> CreditForecast?
    ) {
        self.now = now
        self.reckon = reckon
    }

    /// One for each account, each tier and the pool; empty where it could not be reckoned, and for a request that went
    /// away, or a gateway that is to end, before it was.
    func views() async -> [CreditForecastView] {
        if next == nil, isDue(at: now()) { next = Task { take(await reckon()) } }
        if current == nil, next != nil {
            let (end, continuation) = AsyncStream.makeStream(of: Void.self)
            waiting.append(continuation)
            for await _ in end.cancelOnGracefulShutdown() {}
        }
        return current?.rows.map(CreditForecastView.init) ?? []
    }

    private func isDue(at now: Timestamp) -> Bool {
        if let failedAt, failedAt <= now, now < failedAt + Self.pause { return false }
        return current.map { now < $0.at || $0.at + Self.kept <= now } ?? true
    }

    private func take(_ forecast: CreditForecast?) {
        current = forecast ?? current
        failedAt = forecast == nil ? now() : nil
        next = nil
        for one in waiting { one.finish() }
        waiting = []
    }
}

extension CreditForecastView {
    init(_ row: CreditForecast.Row) {
        let subject: Subject =
            switch row.scope {
            case .account(let name, _): .account(name)
            case .tier(let tier): .tier(tier)
            case .pool: .pool
            }
        self.init(subject: subject, outcome: Outcome(row.result))
    }
}

extension CreditForecastView.Outcome {
    fileprivate init(_ result: CreditForecast.Result) {
        switch result {
        case .unknownBalance: self = .unknownBalance
        case .stopped: self = .stopped
        case .notEnoughHistory: self = .notEnoughData
        case .outlook(let outlook):
            self = .known(
                runsOut: CreditForecastView.RunsOut(
                    earliest: outlook.runsOut.low,
                    middle: outlook.runsOut.median,
                    latest: outlook.runsOut.high
                ),
                chance: outlook.chance,
                left: outlook.unused.map { lapse in
                    CreditForecastView.Left(
                        on: lapse.on,
                        credits: lapse.credits.low...max(lapse.credits.low, lapse.credits.high)
                    )
                }
            )
        }
    }
}
