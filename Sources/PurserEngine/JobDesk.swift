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

    /// Asks once about every open job that `filter` names, each on the account that owns it.
    package func ask(_ filter: JobFilter) async throws -> Checked {
        var openOnly = filter
        openOnly.openOnly = true
        let open = try await engine.store.jobs(openOnly)
        let accounts = try await accountsByID()
        var unlikeTheBooks: Set<AccountID> = []
        var checked = Checked()
        let groups = Dictionary(grouping: open) {
            Group(account: $0.accountID, version: $0.credentialVersion, shape: $0.shape)
        }
        for (group, jobs) in groups.sorted(by: { $0.key < $1.key }) {
            let name = accounts[group.account]?.name ?? group.account.description
            do {
                for start in stride(from: 0, to: jobs.count, by: Self.batch) {
                    let some = Array(jobs[start..<min(start + Self.batch, jobs.count)])
                    if try await ask(some, group).contains(where: \.callsForReading) {
                        unlikeTheBooks.insert(group.account)
                    }
                }
            } catch {
                checked.failures.append((name, error))
            }
        }
        await AccountDesk(engine).readAgain(unlikeTheBooks.sorted().compactMap { accounts[$0] })
        let after = try await engine.store.jobs(filter.includingEnded)
        let asked = Set(open.map(\.id))
        checked.ended = after.filter { asked.contains($0.id) && $0.state.hasEnded }
        checked.open = after.filter { !$0.state.hasEnded }
        return checked
    }

    private static let batch = 50

    private struct Group: Hashable, Comparable {
        let account: AccountID
        let version: UInt64
        let shape: ResponseShape

        static func < (a: Group, b: Group) -> Bool {
            (a.account, a.version, a.shape.rawValue) < (b.account, b.version, b.shape.rawValue)
        }
    }

    /// Returns what the reasons of those that failed mean.
    private func ask(_ jobs: [Job], _ group: Group) async throws -> [RefusalCause] {
        let queries = jobs.map {
            StatusQuery(
                operationName: $0.operationName,
                sceneID: $0.sceneID,
                projectID: $0.projectID,
                state: $0.state
            )
        }
        let reading = try await status(of: queries, group)
        let byName = Dictionary(
            reading.jobs.map { ($0.operationName, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        let updates = jobs.compactMap { job in
            byName[job.operationName].map {
                JobUpdate(
                    jobID: job.id,
                    state: $0.state,
                    failure: $0.failure,
                    mediaIDs: $0.mediaIDs,
                    cause: $0.cause,
                    operation: engine.ambient.newID()
                )
            }
        }
        try await engine.store.recordJobs(updates, of: group.account, at: engine.ambient.now())
        if let remaining = reading.remaining {
            _ = try await engine.store.observe(
                group.account,
                reading: CreditsReading(credits: remaining),
                operation: engine.ambient.newID(),
                at: engine.ambient.now()
            )
        }
        return updates.compactMap(\.cause)
    }

    /// Uses the token that submitted the jobs while it works, then the one in place: a rotation
    /// must not disturb work under way, and an old token may die before its jobs end; then a fresh one.
    private func status(of queries: [StatusQuery], _ group: Group) async throws -> StatusReading {
        let tokens = TokenDesk(engine)
        var version = group.version
        // That of the jobs, the one in place, and a fresh one: more there is not.
        for _ in 0..<2 {
            let (refused, result) = try await status(of: queries, group, version: version)
            guard result.isTokenDead else { return try result.get() }
            switch await tokens.replacement(of: group.account, refused: refused) {
            case .success(let fresh): version = fresh
            case .failure(.none):
                await tokens.markDead(
                    group.account,
                    version: refused,
                    reason: AccountState.tokenRefused
                )
                return try result.get()
            case .failure(let reason):
                await tokens.noteDead(group.account, version: refused, .failure(reason))
                return try result.get()
            }
        }
        let (refused, result) = try await status(of: queries, group, version: version)
        if result.isTokenDead {
            await tokens.noteDead(group.account, version: refused, .success(version))
        }
        return try result.get()
    }

    /// One question, and the version it was asked with: where `version` was purged it is the one in place.
    private func status(
        of queries: [StatusQuery],
        _ group: Group,
        version: UInt64
    ) async throws -> (version: UInt64, result: Result<StatusReading, ProviderFailure>) {
        try await engine.keyring.withCredential(of: group.account, version: version) { credential in
            let used = credential.version
            do throws(ProviderFailure) {
                let reading = try await engine.provider.status(
                    of: queries,
                    shape: group.shape,
                    with: credential
                )
                return (used, .success(reading))
            } catch {
                return (used, .failure(error))
            }
        }
    }

    private func accountsByID() async throws -> [AccountID: Account] {
        Dictionary(
            uniqueKeysWithValues: try await engine.store.accounts().map {
                ($0.account.id, $0.account)
            }
        )
    }

    /// Polls until every job that `filter` names has ended, or `limit` has passed.
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
        while true {
            for failure in try await ask(filter).failures { failed(failure.account, failure.error) }
            let jobs = try await engine.store.jobs(filter)
            progress(jobs)
            if jobs.allSatisfy(\.state.hasEnded) { return jobs }
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

extension JobFilter {
    fileprivate var includingEnded: JobFilter {
        var filter = self
        filter.openOnly = false
        return filter
    }
}
