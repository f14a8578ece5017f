import PurserCore

extension CreditForecastView {
    /// A row of the table of forecasts.
    func cells(_ voice: Voice, _ now: Timestamp) -> [Cell] {
        let name = Cell.text(subject.name(voice))
        guard !points.isEmpty else {
            let unknown = Cell.text(voice[OverviewWord.notEnoughData])
            return [name, unknown, unknown]
        }
        let left = leftAtRenewal.map { range in
            "\(voice.number(range.lowerBound)) – \(voice.number(range.upperBound))"
        }
        return [name, .text(runsOut(voice)), left.map(Cell.text) ?? .none]
    }

    /// The first and the last day, or a word where it may not happen at all.
    private func runsOut(_ voice: Voice) -> String {
        let never = voice[OverviewWord.notBeforeEnd]
        guard let first = runsOutEarliest else { return never }
        let last = runsOutLatest?.description ?? never
        return first == runsOutLatest ? last : voice("\(first) – \(last)", "\(first) – \(last)")
    }

    func chart(_ voice: Voice) -> Chart {
        .range(
            title: "\(voice[OverviewWord.forecast])\(voice(": ", "："))\(subject.name(voice))",
            labels: points.map(\.day.description),
            low: .init(voice[CommonWord.low], points.map(\.low.amount)),
            middle: .init(voice[CommonWord.middle], points.map(\.middle.amount)),
            high: .init(voice[CommonWord.high], points.map(\.high.amount))
        )
    }
}

extension CreditForecastView.Subject {
    fileprivate func name(_ voice: Voice) -> String {
        switch self {
        case .account(let name): name
        case .tier(let tier): "\(voice[OverviewWord.tierSubject]) \(tier.rawValue)"
        case .pool: voice[OverviewWord.pool]
        }
    }
}
