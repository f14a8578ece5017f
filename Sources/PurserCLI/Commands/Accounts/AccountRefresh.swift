import ArgumentParser
import PurserCore
import PurserEngine
import Synchronization

struct AccountRefresh: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refresh",
        abstract: "Read balances from the service, and book differences by their cause.",
        discussion: """
            A difference is booked by its cause once two equal readings lie far enough apart \
            ([upstream.flow] quiet-after) and nothing is under way. A balance that cannot be read stays \
            what it was.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Unlocking") var unlock: UnlockOptions

    @Argument(help: "The accounts' names; without any, all accounts.")
    var names: [String] = []

    func run() async throws {
        try await Context.run(global) { context in
            let all = try await context.store.accounts().map(\.account)
            for name in names where !all.contains(where: { $0.name == name }) {
                throw StoreError.noSuch("account", name)
            }
            let chosen = names.isEmpty ? all : all.filter { names.contains($0.name) }
            let done = Mutex(0)
            let results = try await context.withEngine(unlock) { engine in
                await AccountDesk(engine).refresh(chosen) { _ in
                    let count = done.withLock {
                        $0 += 1
                        return $0
                    }
                    context.console.progress(
                        "read \(count) of \(chosen.count) balances",
                        isCount: true
                    )
                }
            }
            context.console.endProgress()
            context.console.out(report(results), as: context.format)
            let failures = results.compactMap { refreshed -> (any Failure)? in
                if case .failure(let error as any Failure) = refreshed.result { error } else { nil }
            }
            for hint in Set(failures.compactMap(\.hint)).sorted() {
                context.console.hint("\(hint)")
            }
            if results.contains(where: { if case .failure = $0.result { true } else { false } }) {
                throw ExitCode(ExitStatus.status(of: .failed))
            }
        }
    }

    private func report(_ results: [AccountDesk.Refreshed]) -> Report {
        Report(
            "accounts",
            columns: [
                .init("name", "ACCOUNT"), .init("credits", "CREDITS", .right),
                .init("tier", "TIER"), .init("result", "RESULT", isFlexible: true),
            ],
            rows: results.map { refreshed in
                let name = Report.Cell(refreshed.account.name, .bold)
                switch refreshed.result {
                case .success((let reading, let reconciliation)):
                    let tier = reading.tier?.rawValue ?? reading.tierName
                    return [
                        name, .init(reading.credits), .init(tier), .init(reconciliation.words),
                    ]
                case .failure(let error):
                    let message = (error as? any Failure)?.message ?? "\(error)"
                    return [
                        name, .init(JSONOutput.null, shown: "unknown"), .init(JSONOutput.null),
                        .init(message, .red),
                    ]
                }
            },
            emptyText: "no account yet: purser accounts add NAME"
        )
    }
}

extension Reconciliation {
    /// What came of a reading, in words.
    var words: String {
        switch self {
        case .opened(let credits): "opened at \(credits.grouped)"
        case .agrees: "agrees with the books"
        case .waits(let difference, _):
            difference == .zero
                ? "agrees; a second reading decides what is open"
                : "differs by \(difference.grouped); a second reading decides"
        case .outside(let by):
            "differs by \(by.grouped) beyond what is open: purser ledger reconcile decides"
        case .booked(let bookings): bookings.map(\.words).joined(separator: ", ")
        }
    }
}

extension Booking {
    var words: String {
        switch self {
        case .refund(let due): "refund of \(due.amount.grouped) seen"
        case .charge(_, let actual): "unknown was charged \(actual.grouped)"
        case .free(let hold): "unknown of \(hold.amount.grouped) was free"
        case .adjust(let amount, let cause):
            "adjusted by \(amount.grouped) (\(cause.rawValue))"
        case .periodClose(let unused, _): "period closed with \(unused.grouped) unused"
        case .refill(let credits, _): "refilled with \(credits.grouped)"
        }
    }
}
