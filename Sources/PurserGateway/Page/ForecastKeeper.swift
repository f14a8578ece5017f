import PurserCore
import PurserEngine
import PurserPages

/// The forecast as it was a while ago: to reckon it takes longer than a page may, and it changes from day to day.
///
/// Who comes first waits; later ones get what there is, while the next is reckoned beside them.
actor ForecastKeeper {
    /// How old it may be before another is reckoned.
    static let kept = Duration.seconds(600)

    private let desk: ForecastDesk
    private let now: @Sendable () -> Timestamp
    private var current: CreditForecast?
    private var next: Task<CreditForecast?, Never>?

    init(_ engine: Engine) {
        now = engine.ambient.now
        desk = ForecastDesk(store: engine.store, now: engine.ambient.now)
    }

    /// One for each account, each tier and the pool; empty where it could not be reckoned.
    func views() async -> [CreditForecastView] {
        let isFresh = current.map { $0.at <= now() && now() < $0.at + Self.kept } ?? false
        if !isFresh, next == nil {
            let desk = desk
            next = Task {
                let reckoned = await Self.reckon(desk)
                take(reckoned)
                return reckoned
            }
        }
        if let current { return current.rows.map(CreditForecastView.init) }
        return await next?.value?.rows.map(CreditForecastView.init) ?? []
    }

    /// Beside the keeper, which meanwhile gives what there is.
    @concurrent private static func reckon(_ desk: ForecastDesk) async -> CreditForecast? {
        try? await desk.forecast()
    }

    private func take(_ forecast: CreditForecast?) {
        current = forecast ?? current
        next = nil
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
