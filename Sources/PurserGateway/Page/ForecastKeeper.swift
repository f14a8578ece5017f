import PurserCore
import PurserEngine
import PurserPages
import ServiceLifecycle

/// The forecast as it was a while ago, of the accounts that there are now: to reckon it takes longer than a page may.
///
/// Whoever finds none that fits waits; meanwhile, and while one that grows old is reckoned again, others get theirs.
actor ForecastKeeper {
    /// How old it may be: what was spent since is not in it.
    static let kept = Duration.seconds(600)

    /// How old it is when the next is reckoned, beside those who look at it.
    static let renewed = Duration.seconds(300)

    /// How long the next waits after one that failed.
    static let pause = Duration.seconds(60)

    private let now: @Sendable () -> Timestamp
    private let reckon: @concurrent @Sendable ([AccountOverview]) async -> CreditForecast?
    private var current: (basis: ForecastBasis, forecast: CreditForecast)?
    private var failedAt: Timestamp?
    private var next: Task<Void, Never>?
    private var ended = 0
    private var waiting: [AsyncStream<Void>.Continuation] = []

    init(_ engine: Engine) {
        let desk = ForecastDesk(store: engine.store, now: engine.ambient.now)
        self.init(now: engine.ambient.now) { try? await desk.forecast(of: $0) }
    }

    /// `reckon`: answers `nil` where it fails; runs beside the keeper, which meanwhile gives what there is.
    init(
        now: @escaping @Sendable () -> Timestamp,
        reckon: @escaping @concurrent @Sendable ([AccountOverview]) async -> CreditForecast?
    ) {
        self.now = now
        self.reckon = reckon
    }

    /// One that fits the accounts as they are; `nil` where it could not be reckoned, and for a request that went away,
    /// or a gateway that is to end, before it was.
    func forecast(of accounts: [AccountOverview]) async -> CreditForecast? {
        let basis = ForecastBasis(accounts, at: now())
        while true {
            let age = current.flatMap { $0.basis == basis ? now() - $0.forecast.at : nil }
            // A clock that was set back makes it no younger.
            let fits = age.map { .zero <= $0 && $0 < Self.kept } ?? false
            if next == nil, !hasJustFailed, !fits || age.map({ Self.renewed <= $0 }) ?? true {
                next = Task { take(await reckon(accounts), of: basis) }
            }
            if fits { return current?.forecast }
            guard next != nil else { return nil }
            let endedBefore = ended
            let (end, continuation) = AsyncStream.makeStream(of: Void.self)
            waiting.append(continuation)
            for await _ in end.cancelOnGracefulShutdown() {}
            // Who was woken by nothing that ended is to go.
            guard ended != endedBefore else { return nil }
        }
    }

    private var hasJustFailed: Bool {
        let now = now()
        return failedAt.map { $0 <= now && now < $0 + Self.pause } ?? false
    }

    private func take(_ forecast: CreditForecast?, of basis: ForecastBasis) {
        if let forecast { current = (basis, forecast) }
        failedAt = forecast == nil ? now() : nil
        next = nil
        ended += 1
        for one in waiting { one.finish() }
        waiting = []
    }
}

extension ForecastView {
    init(_ forecast: CreditForecast) {
        self.init(at: forecast.at, rows: forecast.rows.map(CreditForecastView.init))
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
