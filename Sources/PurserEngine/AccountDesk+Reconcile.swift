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

    /// Reads the balances of `accounts`, and again after the quiet time where a second reading decides, and says what was
    /// booked and what stays open.
    ///
    /// `waits` hears how many need the second reading, before the wait.
    package func reconcile(
        _ accounts: [Account],
        waiting: Bool = true,
        progress: @escaping @Sendable (Refreshed) -> Void = { _ in },
        waits: @Sendable (Int) -> Void = { _ in }
    ) async throws -> [Reconciled] {
        _ = try await engine.store.sweep(at: engine.ambient.now())
        let first = await refresh(accounts, progress: progress)
        var second: [AccountID: Refreshed] = [:]
        let undecided = first.filter(\.waits).map(\.account)
        if waiting, !undecided.isEmpty {
            waits(undecided.count)
            try await engine.ambient.sleep(engine.settings.quietAfter)
            for refreshed in await refresh(undecided, progress: progress) {
                second[refreshed.account.id] = refreshed
            }
        }
        let overviews = Dictionary(
            uniqueKeysWithValues: try await engine.store.accounts().map { ($0.account.id, $0) }
        )
        return first.map { refreshed in
            let readings = [refreshed] + [second[refreshed.account.id]].compactMap { $0 }
            return Self.reconciled(readings, overviews[refreshed.account.id])
        }
    }

    private static func reconciled(
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
            account: readings[0].account,
            credits: credits,
            bookings: bookings,
            opened: opened,
            overview: overview,
            reason: failure == nil ? reason(readings[readings.count - 1], overview) : nil,
            error: failure
        )
    }

    /// Why the last reading decided not everything.
    private static func reason(_ last: Refreshed, _ overview: AccountOverview?) -> String? {
        guard let overview else { return "it was removed meanwhile" }
        let underWay = (overview.balance?.held.amount ?? 0) - overview.unknown.amount
        if last.waits {
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
