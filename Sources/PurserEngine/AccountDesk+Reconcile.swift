package import PurserCore

extension AccountDesk {
    /// What bringing one account's books and the service together came to.
    package struct Reconciled: Sendable {
        package let account: Account
        /// The service's last number; `nil` where it could not be read.
        package let credits: Credits?
        /// Every difference that was booked, in order; `opened` where this was the account's first reading.
        package let bookings: [Booking]
        package let opened: Credits?
        /// The account as it is afterwards; `nil` when it was removed meanwhile.
        package let overview: AccountOverview?
        /// Why something is still open; `nil` when nothing is.
        package let reason: String?
        package let error: (any Error)?
    }

    /// Reads the balances of `accounts`, and again after the quiet time where another reading decides, and says what was
    /// booked and what stays open.
    ///
    /// `waits` hears how many need another reading, before each wait.
    package func reconcile(
        _ accounts: [Account],
        waiting: Bool = true,
        progress: @escaping @Sendable (Refreshed) -> Void = { _ in },
        waits: @Sendable (Int) -> Void = { _ in }
    ) async throws -> [Reconciled] {
        _ = try await engine.store.sweep(at: engine.ambient.now())
        let read = try await readUntilDecided(
            accounts,
            waiting: waiting,
            progress: progress,
            waits: waits
        )
        let overviews = Dictionary(
            uniqueKeysWithValues: try await engine.store.accounts().map { ($0.account.id, $0) }
        )
        return zip(accounts, read).map { account, readings in
            Self.reconciled(account, readings, overviews[account.id])
        }
    }

    /// The readings of each of `accounts`, in order: one, a second after `quietAfter` where that will decide something,
    /// and up to four of an account that the books took out of work for it, whose last job may end meanwhile.
    func readUntilDecided(
        _ accounts: [Account],
        waiting: Bool,
        progress: @escaping @Sendable (Refreshed) -> Void = { _ in },
        waits: @Sendable (Int) -> Void = { _ in }
    ) async throws -> [[Refreshed]] {
        var readings = await refresh(accounts, progress: progress).map { [$0] }
        for round in 1..<4 where waiting {
            var undecided = readings.indices.filter { readings[$0].last?.waits == true }
            if round > 1, !undecided.isEmpty {
                let paused = try await pausedForQuiet()
                undecided = undecided.filter { paused.contains(accounts[$0].id) }
            }
            if undecided.isEmpty { break }
            waits(undecided.count)
            try await engine.ambient.sleep(engine.settings.quietAfter)
            let again = await refresh(undecided.map { accounts[$0] }, progress: progress)
            for (index, refreshed) in zip(undecided, again) { readings[index].append(refreshed) }
        }
        return readings
    }

    private func pausedForQuiet() async throws -> Set<AccountID> {
        let now = engine.ambient.now()
        let paused = try await engine.store.accounts().filter { $0.waitsForQuiet(at: now) }
        return Set(paused.map(\.account.id))
    }

    private static func reconciled(
        _ account: Account,
        _ readings: [Refreshed],
        _ overview: AccountOverview?
    ) -> Reconciled {
        var credits: Credits?
        var bookings: [Booking] = []
        var opened: Credits?
        var failure: (any Error)?
        for reading in readings {
            switch reading.result {
            case .success((let told, let result)):
                (credits, failure) = (told.credits, nil)
                if case .booked(let more) = result { bookings += more }
                if case .opened(let sum) = result { opened = sum }
            case .failure(let error): failure = error
            }
        }
        return Reconciled(
            account: account,
            credits: credits,
            bookings: bookings,
            opened: opened,
            overview: overview,
            reason: failure == nil ? reason(readings.last?.waits == true, overview) : nil,
            error: failure
        )
    }

    /// Why the last reading decided not everything.
    private static func reason(_ waits: Bool, _ overview: AccountOverview?) -> String? {
        guard let overview else { return "it was removed meanwhile" }
        let underWay = (overview.balance?.held.amount ?? 0) - overview.unknown.amount
        if waits {
            if underWay > 0 {
                return "\(underWay) credits are under way: differences are booked when nothing is"
            }
            return "no two equal readings of a quiet time yet: run it again in a while"
        }
        if overview.refundsDue > .zero {
            return "refunds of \(overview.refundsDue) are due that the service does not show yet"
        }
        if overview.unknown > .zero {
            return "outcomes of \(overview.unknown) credits are unknown"
        }
        return underWay > 0 ? "\(underWay) credits are under way" : nil
    }
}

extension AccountDesk.Refreshed {
    /// Whether another reading will decide something.
    fileprivate var waits: Bool {
        switch result {
        case .success((_, .waits)), .success((_, .outside)): true
        default: false
        }
    }
}

extension AccountOverview {
    /// Whether the books took the account out of work to have its balance read in quiet.
    func waitsForQuiet(at now: Timestamp) -> Bool {
        candidate.rests.contains { $0.reason == .quietPoint && now < $0.until }
    }
}
