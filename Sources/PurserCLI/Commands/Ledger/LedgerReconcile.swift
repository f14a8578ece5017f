import ArgumentParser
import PurserCore
import PurserEngine
import Synchronization

struct LedgerReconcile: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract:
            "Bring the books and the service together: read balances, book every difference by its cause.",
        discussion: """
            Where something is undecided or differs, the balance is read twice, [upstream.flow] quiet-after apart, \
            for one reading proves nothing. What stays open is told with the reason. Exits with 1 when a balance could \
            not be read.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Unlocking") var unlock: UnlockOptions

    @Flag(help: "Read balances once, and leave the second reading to a later run.")
    var noWait = false

    @Argument(help: "The accounts' names; without any, all accounts.")
    var names: [String] = []

    func run() async throws {
        try await Context.run(global) { context in
            let all = try await context.store.accounts().map(\.account)
            for name in names where !all.contains(where: { $0.name == name }) {
                throw StoreError.noSuch("account", name)
            }
            let chosen = names.isEmpty ? all : all.filter { names.contains($0.name) }
            let results = try await context.withEngine(unlock) { engine in
                try await reconcile(chosen, engine, context)
            }
            context.console.endProgress()
            context.console.out(report(results), as: context.format)
            if results.contains(where: { $0.error != nil }) {
                throw ExitCode(ExitStatus.status(of: .failed))
            }
        }
    }

    private func reconcile(
        _ accounts: [Account],
        _ engine: Engine,
        _ context: Context
    ) async throws -> [AccountDesk.Reconciled] {
        let console = context.console
        let state = Mutex((done: 0, of: accounts.count))
        return try await AccountDesk(engine).reconcile(accounts, waiting: !noWait) { _ in
            let (done, count) = state.withLock {
                $0.done += 1
                return $0
            }
            console.progress("read \(done) of \(count) balances", isCount: true)
        } waits: { count in
            state.withLock { $0 = (0, count) }
            let span = engine.settings.quietAfter.text
            console.progress("\(count) of them read again in \(span)")
        }
    }

    private func report(_ results: [AccountDesk.Reconciled]) -> Report {
        Report(
            "accounts",
            columns: [
                .init("name", "ACCOUNT"), .init("credits", "CREDITS", .right),
                .init("booked", "BOOKED", isFlexible: true), .init("unknown", "UNKNOWN", .right),
                .init("refunds_due", "DUE", .right), .init("drift", "DRIFT", .right),
                .init("open", "STILL OPEN", isFlexible: true),
            ],
            rows: results.map { result in
                var booked = result.bookings.map(\.words)
                if let opened = result.opened {
                    booked.insert("opened at \(opened.grouped)", at: 0)
                }
                let open = result.error.map { ($0 as? any Failure)?.message ?? "\($0)" }
                let credits = result.credits.map { $0.grouped } ?? "unknown"
                return [
                    .init(result.account.name, .bold),
                    .init(JSONOutput(result.credits), shown: credits),
                    .init(
                        .array(booked.map { .string($0) }),
                        shown: booked.isEmpty ? "–" : booked.joined(separator: ", ")
                    ),
                    .init(result.overview?.unknown), .init(result.overview?.refundsDue),
                    .init(result.overview?.drift),
                    open.map { .init($0, .red) } ?? .init(result.reason),
                ]
            },
            emptyText: "no account yet: purser accounts add NAME"
        )
    }
}
