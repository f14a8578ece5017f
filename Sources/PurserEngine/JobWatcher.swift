import Logging
import PurserCore
import PurserVault
import Synchronization

/// Looks after jobs and books while nobody asks: open jobs, outcomes and refunds to decide, dead processes, tokens that near
/// their end, checkpoints.
///
/// What goes wrong with one account is a line in the log and concerns no other.
package struct JobWatcher: Sendable {
    package struct Settings: Sendable {
        /// Questions under way at the same time, each to another account.
        package var width: Int
        /// How often it looks which jobs to ask about.
        package var tick: Duration
        /// How often it looks what is undecided, and for dead processes.
        package var decideEvery: Duration
        /// How often it looks for tokens to renew, and writes a checkpoint if one is due.
        package var tendEvery: Duration

        package init(
            width: Int = 32,
            tick: Duration = .seconds(1),
            decideEvery: Duration = .seconds(10),
            tendEvery: Duration = .seconds(60)
        ) {
            self.width = width
            self.tick = tick
            self.decideEvery = decideEvery
            self.tendEvery = tendEvery
        }
    }

    private let engine: Engine
    private let settings: Settings
    private let line: WaitingLine?

    /// `line`: who waits there is told when a job has ended.
    package init(_ engine: Engine, settings: Settings = Settings(), line: WaitingLine? = nil) {
        self.engine = engine
        self.settings = settings
        self.line = line
    }

    /// Watches until it is cancelled.
    package func run() async {
        let readings = ReadingPlan(quietAfter: engine.settings.quietAfter)
        await withTaskGroup { group in
            group.addTask { await askAboutJobs(readings) }
            group.addTask { await decide(readings) }
            group.addTask {
                await every(settings.tendEvery, "tokens and checkpoint") { try await tend() }
            }
        }
    }

    private func every(
        _ span: Duration,
        _ what: String,
        _ body: () async throws -> Void
    ) async {
        while !Task.isCancelled {
            do {
                try await body()
            } catch is CancellationError where Task.isCancelled {
                return
            } catch {
                engine.logger.warning(
                    "the watcher could not do its work",
                    metadata: ["work": "\(what)", "error": "\(error)"]
                )
            }
            do { try await engine.ambient.sleep(span) } catch { return }
        }
    }

    // MARK: Jobs

    private func askAboutJobs(_ readings: ReadingPlan) async {
        let watch = Watch(pollEvery: engine.settings.pollEvery)
        await withDiscardingTaskGroup { group in
            await every(settings.tick, "open jobs") {
                let accounts = Set(try await engine.store.accounts().map(\.account.id))
                let open = try await engine.store.jobs(JobFilter(openOnly: true))
                    .filter { accounts.contains($0.accountID) }
                let now = engine.ambient.now()
                let more = watch.state.withLock { state in
                    state.plan.plan(open, at: now)
                    let more = max(min(settings.width - state.drains, state.plan.waiting), 0)
                    state.drains += more
                    return more
                }
                for _ in 0..<more { group.addTask { await drain(watch, readings) } }
            }
        }
    }

    /// Asks one question after another until none is left.
    private func drain(_ watch: Watch, _ readings: ReadingPlan) async {
        while let batch = watch.next(at: engine.ambient.now(), mayGoOn: !Task.isCancelled) {
            var failed = false
            do {
                try await ask(batch, readings)
            } catch {
                failed = true
                engine.logger.warning(
                    "an account could not be asked about its jobs",
                    metadata: ["account.id": "\(batch.group.account)", "error": "\(error)"]
                )
            }
            let then = engine.ambient.now()
            watch.state.withLock { $0.plan.finish(batch, failed: failed, at: then) }
        }
    }

    private func ask(_ batch: WatchPlan.Batch, _ readings: ReadingPlan) async throws {
        let questions = batch.jobs.map { JobInquiry.Question($0) }
        let told = try await JobInquiry(engine).ask(questions, batch.group)
        if told.callsForReading { readings.want(batch.group.account) }
        if told.readings.values.contains(where: \.state.hasEnded) { line?.stir() }
    }

    /// The plan, shared by those who carry it out.
    private final class Watch: Sendable {
        struct State {
            var plan: WatchPlan
            /// How many ask, or are about to.
            var drains = 0
        }

        let state: Mutex<State>

        init(pollEvery: Duration) {
            state = Mutex(State(plan: WatchPlan(pollEvery: pollEvery)))
        }

        /// The next question; where there is none, whoever asks is done.
        func next(at now: Timestamp, mayGoOn: Bool) -> WatchPlan.Batch? {
            state.withLock { state in
                let batch = mayGoOn ? state.plan.next(at: now) : nil
                if batch == nil { state.drains -= 1 }
                return batch
            }
        }
    }

    // MARK: What is undecided

    /// Sweeps, then reads the balance of every account that has something to decide: a second reading comes with a later
    /// look, so nobody waits for one.
    private func decide(_ readings: ReadingPlan) async {
        await withDiscardingTaskGroup { group in
            await every(settings.decideEvery, "what is undecided") {
                await Dispatcher(engine).bookWhatWaits()
                _ = try await engine.store.sweep(at: engine.ambient.now())
                let accounts = try await engine.store.accounts()
                let undecided = accounts.filter { $0.unknown > .zero || $0.refundsDue > .zero }
                let free = try await freeUnknowns()
                let due = readings.take(
                    accounts,
                    undecided: Set(undecided.map(\.account.id)).union(free),
                    atMost: settings.width,
                    at: engine.ambient.now()
                )
                for account in due {
                    group.addTask {
                        await AccountDesk(engine).readAgain([account])
                        readings.finish(account.id, at: engine.ambient.now())
                    }
                }
            }
        }
    }

    /// Accounts with an unknown outcome, also of work that costs nothing.
    private func freeUnknowns() async throws -> [AccountID] {
        try await engine.store.unknownHolds(of: nil).map(\.accountID)
    }

    // MARK: Tokens and checkpoints

    private func tend() async throws {
        let accounts = try await engine.store.accounts().map(\.account)
            .filter { $0.tokenCommand != nil }
        _ = await sideBySide(accounts, width: Self.renewals) {
            await TokenDesk(engine).renewIfDue($0)
        }
        _ = try await engine.store.pruneJobAnswers(
            endedBefore: engine.ambient.now() - Self.answersLast
        )
        let vault = try await engine.keyring.contents().vault
        try await engine.store.writeCheckpoint(at: engine.ambient.now(), epoch: vault.epoch) {
            vault.ledgerMAC($0)
        }
    }

    /// How long what the service said at a job's end is kept; the job itself stays.
    package static let answersLast = Duration.seconds(30 * 86_400)
    /// Token-commands that run at the same time.
    private static let renewals = 4
}

/// Whose balance to read next: at once, then again after pauses that grow as long as nothing changes.
private final class ReadingPlan: Sendable {
    private struct Entry {
        /// What is undecided: when it changes, the pauses begin again.
        let sums: [Credits]
        var at: Timestamp
        var pause: Duration
        /// When it was last read.
        var read: Timestamp?
    }

    private struct State {
        var entries: [AccountID: Entry] = [:]
        var underWay: Set<AccountID> = []
        var wanted: Set<AccountID> = []
    }

    private let quietAfter: Duration
    private let state = Mutex(State())

    init(quietAfter: Duration) {
        self.quietAfter = quietAfter
    }

    /// Has an account read once, whatever is undecided.
    func want(_ account: AccountID) {
        state.withLock { _ = $0.wanted.insert(account) }
    }

    /// The accounts to read now, each of which must be `finish`ed.
    func take(
        _ accounts: [AccountOverview],
        undecided: Set<AccountID>,
        atMost limit: Int,
        at now: Timestamp
    ) -> [Account] {
        state.withLock { state in
            state.entries = state.entries.filter { undecided.contains($0.key) }
            var due: [(at: Timestamp, account: Account)] = []
            for overview in accounts {
                let id = overview.account.id
                guard !state.underWay.contains(id) else { continue }
                if undecided.contains(id) {
                    let sums = [overview.unknown, overview.refundsDue]
                    if state.entries[id]?.sums != sums {
                        state.entries[id] = Entry(sums: sums, at: now, pause: quietAfter)
                    }
                }
                // The books stopped the account for two readings so far apart: a later one would find it at work again.
                if overview.waitsForQuiet(at: now), let entry = state.entries[id],
                    let read = entry.read
                {
                    state.entries[id]?.at = min(entry.at, read + quietAfter)
                }
                let isWanted = state.wanted.contains(id)
                guard let at = state.entries[id]?.at ?? (isWanted ? now : nil),
                    at <= now || isWanted
                else { continue }
                due.append((at, overview.account))
            }
            due.sort { ($0.at, $0.account.name) < ($1.at, $1.account.name) }
            let taken = due.prefix(max(limit - state.underWay.count, 0)).map(\.account)
            for account in taken {
                state.underWay.insert(account.id)
                state.wanted.remove(account.id)
            }
            return Array(taken)
        }
    }

    func finish(_ account: AccountID, at now: Timestamp) {
        state.withLock { state in
            state.underWay.remove(account)
            guard var entry = state.entries[account] else { return }
            entry.at = now + entry.pause
            entry.read = now
            entry.pause = min(entry.pause * 2, WatchPlan.longestPause)
            state.entries[account] = entry
        }
    }
}
