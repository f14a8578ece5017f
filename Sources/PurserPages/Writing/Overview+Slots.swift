import PurserCore
import PurserEngine

extension OverviewView {
    func slots(_ voice: Voice, _ viewer: Viewer?) -> Slots {
        let mayChange = viewer?.may(.changeAccounts) ?? false
        return [
            "now": Cell.time(now).slots(voice),
            "own": own.flatMap { isAnyNews($0) ? [$0.slots(voice)] : nil } ?? [],
            "alerts": accounts == nil ? [] : [alertSlots(voice)],
            "balances": accounts.map { [balances($0, voice, withActions: mayChange)] } ?? [],
            "queue": queue.map { [$0.slots(voice)] } ?? [],
            "forecast": forecast.map { [$0.slots(voice)] } ?? [],
            "history": [historyChart(voice).slots(voice)],
        ]
    }

    /// Who sees the accounts and has neither budget nor limit is not told so first.
    private func isAnyNews(_ own: OwnSpending) -> Bool {
        accounts == nil || own.budget != nil || !own.limits.isEmpty
    }

    // MARK: Alerts

    private func alertSlots(_ voice: Voice) -> Slots {
        let table = TableView(
            caption: voice[OverviewWord.alerts],
            columns: [.init(voice[OverviewWord.about]), .init(voice[OverviewWord.whatIsWrong])],
            rows: alerts.map { alert in
                [
                    .text(alert.name.isEmpty ? voice[OverviewWord.team] : alert.name),
                    .state(alert.words(voice), .bad),
                ]
            }
        )
        return ["table": alerts.isEmpty ? [] : [table.slots(voice)], "none": alerts.isEmpty]
    }

    // MARK: Balances

    private func balances(
        _ accounts: [AccountOverview],
        _ voice: Voice,
        withActions: Bool
    ) -> Slots {
        var columns: [TableView.Column] = [
            .init(voice[AccountWord.account]), .init(voice[AccountWord.tier]),
            .init(voice[AccountWord.state]), .init(voice[AccountWord.available], isNumber: true),
            .init(voice[AccountWord.held], isNumber: true),
            .init(voice[AccountWord.jobsOfMost], isNumber: true), .init(voice[AccountWord.renews]),
            .init(voice[AccountWord.tokenEnds]),
        ]
        if withActions { columns.append(.init(voice[AccountWord.actions])) }
        let table = TableView(
            caption: voice[OverviewWord.accounts],
            columns: columns,
            rows: accounts.map { $0.cells(voice, at: now, withActions: withActions) }
        )
        return [
            "none": accounts.isEmpty,
            "tables": accounts.isEmpty
                ? [] : [tierTable(accounts, voice).slots(voice), table.slots(voice)],
        ]
    }

    /// What the accounts of each tier have together; an unknown balance makes no sum wrong, it is said beside it.
    private func tierTable(_ accounts: [AccountOverview], _ voice: Voice) -> TableView {
        func cells(_ name: String, _ accounts: [AccountOverview]) -> [Cell] {
            let totals = AccountTotals(accounts)
            let unknown = accounts.count { $0.balance == nil }
            let isKnown = unknown < accounts.count
            let available = Cell.number(isKnown ? totals.available?.amount : nil)
            let note = voice("+ \(unknown) unknown", "另有 \(unknown) 个未知")
            return [
                .text(name), .number(Int64(accounts.count)),
                unknown > 0 && isKnown ? .lines([available, .text(note)]) : available,
                .number(isKnown ? totals.held?.amount : nil), .number(Int64(totals.jobs)),
            ]
        }
        return TableView(
            caption: voice[OverviewWord.byTier],
            columns: [
                .init(voice[AccountWord.tier]),
                .init(voice[OverviewWord.accounts], isNumber: true),
                .init(voice[AccountWord.available], isNumber: true),
                .init(voice[AccountWord.held], isNumber: true),
                .init(voice[AccountWord.jobsOfMost], isNumber: true),
            ],
            rows: Tier.allCases.reversed().compactMap { tier in
                let those = accounts.filter { $0.account.tier == tier }
                return those.isEmpty ? nil : cells(tier.rawValue, those)
            },
            total: cells(voice[CommonWord.total], accounts)
        )
    }

    // MARK: History

    private func historyChart(_ voice: Voice) -> Chart {
        let title = voice[OverviewWord.history]
        guard let first = history.map(\.day).min() else {
            return .stackedBars(title: title, labels: [], series: [])
        }
        let buckets = DayBuckets(from: first, to: max(first, CalendarDay(now)))
        let values = buckets.sums(history.map { ($0.day, $0.spent.amount) })
        return .stackedBars(
            title: title,
            labels: buckets.labels,
            series: [.init(voice[OverviewWord.spent], values)]
        )
    }
}

extension ForecastView {
    fileprivate func slots(_ voice: Voice) -> Slots {
        let table = TableView(
            caption: voice[OverviewWord.forecastTable],
            columns: [
                .init(voice[OverviewWord.about]), .init(voice[OverviewWord.runsOut]),
                .init(voice[OverviewWord.chance], isNumber: true),
                .init(voice[OverviewWord.leftAtRenewal], isNumber: true),
            ],
            // What all have together comes first.
            rows: rows.sorted { $0.subject.place < $1.subject.place }.map { $0.cells(voice) }
        )
        let chart = rows.first { $0.subject == .pool && !$0.points.isEmpty }
        return [
            "at": Cell.time(at).slots(voice), "table": table.slots(voice),
            "chart": chart.map { [$0.chart(voice).slots(voice)] } ?? [],
        ]
    }
}

extension OwnSpending {
    fileprivate func slots(_ voice: Voice) -> Slots {
        [
            "budget": budget.map { voice.number($0.available) } ?? voice[ListWord.noBudget],
            "limits": limits.isEmpty
                ? [] : [limits.table(caption: voice[ListWord.limits], voice).slots(voice)],
        ]
    }
}

extension QueueView {
    fileprivate func slots(_ voice: Voice) -> Slots {
        let wait = forecast.wait.map { wait in
            wait.low == wait.high
                ? voice.duration(wait.expected)
                : voice(
                    "\(voice.duration(wait.expected)) (\(voice.duration(wait.low)) to "
                        + "\(voice.duration(wait.high)))",
                    "\(voice.duration(wait.expected))（\(voice.duration(wait.low)) 至 "
                        + "\(voice.duration(wait.high))）"
                )
        }
        return [
            "waiting": "\(voice.number(Int64(waiting))) / \(voice.number(Int64(limit)))",
            "underWay": voice.number(Int64(underWay)),
            "freeSlots": voice.number(Int64(forecast.freeSlots)),
            "wait": wait ?? voice[OverviewWord.noWaitForecast],
        ]
    }
}
