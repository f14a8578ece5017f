import PurserCore

extension CreditForecastView {
    /// A row of the table of forecasts.
    func cells(_ voice: Voice) -> [Cell] {
        let name = Cell.text(subject.name(voice))
        switch outcome {
        case .unknownBalance: return [name, .number(nil), .none, .none]
        case .stopped: return [name, .text(voice[OverviewWord.stopped]), .none, .none]
        case .notEnoughData: return [name, .text(voice[OverviewWord.notEnoughData]), .none, .none]
        case .known(let runsOut, let chance, let left):
            return [
                name, .text(runsOut.words(voice)), .text("\(chance) %"),
                left.map { .lines([.text($0.words(voice)), .day($0.on)]) } ?? .none,
            ]
        }
    }

    func chart(_ voice: Voice) -> Chart {
        .range(
            title: voice.pair(voice[OverviewWord.forecastChart], subject.name(voice)),
            labels: points.map(\.day.description),
            low: .init(voice[CommonWord.low], points.map(\.low.amount)),
            middle: .init(voice[CommonWord.middle], points.map(\.middle.amount)),
            high: .init(voice[CommonWord.high], points.map(\.high.amount))
        )
    }
}

extension CreditForecastView.RunsOut {
    /// The first and the last day, or a word where it may not happen at all.
    fileprivate func words(_ voice: Voice) -> String {
        let never = voice[OverviewWord.notBeforeEnd]
        guard let earliest else { return never }
        guard earliest != latest else { return earliest.description }
        return "\(earliest) – \(latest?.description ?? never)"
    }
}

extension CreditForecastView.Left {
    fileprivate func words(_ voice: Voice) -> String {
        "\(voice.number(credits.lowerBound)) – \(voice.number(credits.upperBound))"
    }
}

extension CreditForecastView.Subject {
    /// The pool before tiers, tiers before accounts; among each other they stay as they came.
    var place: Int {
        switch self {
        case .pool: 0
        case .tier: 1
        case .account: 2
        }
    }

    fileprivate func name(_ voice: Voice) -> String {
        switch self {
        case .account(let name): name
        case .tier(let tier): "\(voice[OverviewWord.tierSubject]) \(tier.rawValue)"
        case .pool: voice[OverviewWord.pool]
        }
    }
}
