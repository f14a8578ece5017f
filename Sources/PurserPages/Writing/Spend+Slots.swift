import PurserCore
import PurserEngine

extension SpendView {
    func slots(_ voice: Voice, _ viewer: Viewer?) -> Slots {
        let mayAll = viewer?.may(.allCredits) ?? false
        let keys = SpendKey.allCases.filter { mayAll || $0 == .model || $0 == key }
        return [
            "spendAt": PagePath.spend.rawValue,
            "from": from.description, "to": to.description,
            "keys": keys.map { choice in
                ["value": choice.rawValue, "name": voice[choice], "chosen": choice == key] as Slots
            },
            "refusals": refusal.map { [voice[$0]] } ?? [],
            "ownOnly": !mayAll,
            "chart": chart(voice).slots(voice),
            "sums": rows.isEmpty ? [] : [sums(voice).slots(voice)],
        ]
    }

    /// A bar a day, or a stretch of days; the labels that cost most, and the others together.
    func chart(_ voice: Voice) -> Chart {
        let buckets = DayBuckets(from: from, to: to)
        let byLabel = Dictionary(grouping: rows, by: \.label)
        let ranked = totals().map(\.label)
        var series = ranked.prefix(Self.shown).map { label in
            Chart.Series(label, buckets.sums((byLabel[label] ?? []).map { ($0.day, $0.net) }))
        }
        let others = ranked.dropFirst(Self.shown).flatMap { byLabel[$0] ?? [] }
        if !others.isEmpty {
            let sums = buckets.sums(others.map { ($0.day, $0.net) })
            series.append(Chart.Series(voice[CommonWord.others], sums))
        }
        return .stackedBars(
            title: buckets.length == 1
                ? voice[SpendWord.spendPerDay]
                : voice(
                    "Credits spent, \(buckets.length) days to a bar",
                    "积分消耗（每 \(buckets.length) 天一柱）"
                ),
            labels: rows.isEmpty ? [] : buckets.labels,
            series: series
        )
    }

    /// One fewer than there are styles, so that the others have one too.
    private static let shown = Drawing.styles - 1

    private struct Total {
        let label: String
        var videos: Int64 = 0
        var charged: Int64 = 0
        var refunded: Int64 = 0
        var net: Int64 { charged - refunded }
    }

    /// By what was spent, most first.
    private func totals() -> [Total] {
        let groups = Dictionary(grouping: rows, by: \.label).map { label, rows in
            Self.total(label, rows)
        }
        return groups.sorted { ($1.net, $0.label) < ($0.net, $1.label) }
    }

    private static func total(_ label: String, _ rows: [Row]) -> Total {
        Total(
            label: label,
            videos: Chart.sum(rows.map { Int64($0.videos) }) ?? 0,
            charged: Chart.sum(rows.map(\.charged.amount)) ?? 0,
            refunded: Chart.sum(rows.map(\.refunded.amount)) ?? 0
        )
    }

    private func sums(_ voice: Voice) -> TableView {
        func cells(_ total: Total) -> [Cell] {
            [.text(total.label)]
                + [total.videos, total.charged, total.refunded, total.net].map { .number($0) }
        }
        let words = [SpendWord.videos, .charged, .refunded, .net]
        return TableView(
            caption: voice[SpendWord.spendSums],
            columns: [.init(voice[key])] + words.map { .init(voice[$0], isNumber: true) },
            rows: totals().map(cells),
            total: cells(Self.total(voice[CommonWord.total], rows))
        )
    }
}

extension SpendView.Row {
    /// Charged less refunded.
    fileprivate var net: Int64 { charged.amount - refunded.amount }
}
