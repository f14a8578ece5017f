package import PurserCore

/// Follows jobs to their end, and decides what was left unknown.
package struct JobDesk: Sendable {
    let engine: Engine

    package init(_ engine: Engine) {
        self.engine = engine
    }

    /// What a round of questions found.
    package struct Checked: Sendable {
        /// Jobs that ended in this round.
        package var ended: [Job] = []
        /// Jobs still open after it.
        package var open: [Job] = []
        /// What the readings of balances came to, by account name.
        package var reconciled: [(account: String, result: Reconciliation)] = []
        /// What could not be asked, by account name.
        package var failures: [(account: String, error: any Error)] = []
    }

    // MARK: Asking about jobs

    /// Asks once about every open job that `filter` names, each on the account that owns it; about lost ones, which are
    /// asked about one by one, where told to, and while an end could still come.
    package func ask(_ filter: JobFilter, lostToo: Bool = true) async throws -> Checked {
        var openOnly = filter
        openOnly.openOnly = true
        let accounts = try await accountsByID()
        let now = engine.ambient.now()
        let open = try await engine.store.jobs(openOnly).filter { job in
            // Of a removed account only lost jobs are left, and no token.
            guard accounts[job.accountID] != nil else { return false }
            guard job.state == .lost else { return true }
            return lostToo && now - job.createdAt <= WatchPlan.lostForGood
        }
        var unlikeTheBooks: Set<AccountID> = []
        var checked = Checked()
        let inquiry = JobInquiry(engine)
        let groups = Dictionary(grouping: open) {
            JobInquiry.Group(
                account: $0.accountID,
                version: $0.credentialVersion,
                shape: $0.shape
            )
        }
        for (group, jobs) in groups.sorted(by: { $0.key < $1.key }) {
            let name = accounts[group.account]?.name ?? group.account.description
            do {
                for some in JobInquiry.batches(of: jobs) {
                    let told = try await inquiry.ask(some.map { .init($0) }, group)
                    if told.callsForReading { unlikeTheBooks.insert(group.account) }
                    // That a lost job is still unknown there is no news.
                    if let refusal = told.refusal, some.contains(where: \.state.isUnderWay) {
                        checked.failures.append((name, ProviderFailure.refused(refusal)))
                    }
                }
            } catch {
                checked.failures.append((name, error))
            }
        }
        await AccountDesk(engine).readAgain(unlikeTheBooks.sorted().compactMap { accounts[$0] })
        checked.open = try await engine.store.jobs(openOnly)
        checked.ended = try await again(open, but: checked.open).filter(\.state.hasEnded)
        return checked
    }

    /// Those of `jobs` that are not among `known`, as they are now.
    ///
    /// Read along their submissions: what was ever made is much more.
    private func again(_ jobs: [Job], but known: [Job]) async throws -> [Job] {
        let known = Set(known.map(\.id))
        let gone = jobs.filter { !known.contains($0.id) }
        let ids = Set(gone.map(\.id))
        var found: [Job] = []
        for submission in Set(gone.map(\.submissionID)) {
            found += try await engine.store.jobs(JobFilter(submissionID: submission))
                .filter { ids.contains($0.id) }
        }
        return found.sorted { ($1.createdAt, $0.id) < ($0.createdAt, $1.id) }
    }

    private func accountsByID() async throws -> [AccountID: Account] {
        Dictionary(
            uniqueKeysWithValues: try await engine.store.accounts().map {
                ($0.account.id, $0.account)
            }
        )
    }

    /// Polls until every job that `filter` names has ended or is lost, or `limit` has passed; answers those it named at
    /// any time, the ended ones last where it names open ones.
    ///
    /// A limit that passes changes nothing: the jobs stay open, and settled, for a later check. A question that fails is
    /// asked again at the next turn; `failed` hears of it, for work that was accepted must not look refused.
    package func wait(
        _ filter: JobFilter,
        limit: Duration?,
        failed: @escaping @Sendable (_ account: String, _ error: any Error) -> Void = { _, _ in },
        progress: @escaping @Sendable ([Job]) -> Void
    ) async throws -> [Job] {
        let deadline = limit.map { engine.ambient.now() + $0 }
        var jobs = try await engine.store.jobs(filter)
        while true {
            for failure in try await ask(filter, lostToo: false).failures {
                failed(failure.account, failure.error)
            }
            let named = try await engine.store.jobs(filter)
            jobs = named + (try await again(jobs, but: named))
            progress(jobs)
            if !jobs.contains(where: \.state.isUnderWay) { return jobs }
            if let deadline, engine.ambient.now() >= deadline { return jobs }
            try await engine.ambient.sleep(engine.settings.pollEvery)
        }
    }

    // MARK: Deciding what is unknown

    /// Asks about open jobs, then reads the balance of every account that has something to decide:
    /// an unknown outcome, or a refund that is due.
    ///
    /// Where a second reading is needed it waits for it, if told to; where a busy account had to stop for it, a little
    /// longer.
    package func check(waitingForQuiet: Bool) async throws -> Checked {
        _ = try await engine.store.sweep(at: engine.ambient.now())
        var checked = try await ask(JobFilter())
        let undecided = try await undecidedAccounts()
        guard !undecided.isEmpty else { return checked }
        let desk = AccountDesk(engine)
        // What was decided by an earlier reading stays in the report.
        for readings in try await desk.readUntilDecided(undecided, waiting: waitingForQuiet) {
            guard let refreshed = readings.last else { continue }
            switch refreshed.result {
            case .success((_, let reconciliation)):
                checked.reconciled.append((refreshed.account.name, reconciliation))
            case .failure(let error):
                checked.failures.append((refreshed.account.name, error))
            }
        }
        return checked
    }

    /// Accounts with an unknown outcome or a refund due.
    ///
    /// Deciding them may take `quietAfter`.
    package func undecidedAccounts() async throws -> [Account] {
        let unknown = Set(try await engine.store.unknownHolds(of: nil).map(\.accountID))
        return try await engine.store.accounts()
            .filter { unknown.contains($0.account.id) || $0.refundsDue > .zero }
            .map(\.account)
    }
}
