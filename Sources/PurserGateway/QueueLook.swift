import PurserCore

extension Store {
    /// How long whoever joins the line now would wait behind those who wait already.
    func queueForecast(
        behind waiting: Int,
        among candidates: [Candidate],
        at now: Timestamp
    ) async throws -> QueueForecast {
        let inUse = Set(candidates.filter { $0.isInUse(at: now) }.map(\.account.id))
        // A slot that comes free where nothing may go is nobody's.
        let open = try await jobs(JobFilter(openOnly: true, limit: mostOpenJobs))
            .filter { $0.state.isUnderWay && inUse.contains($0.accountID) }
        let recent = try await jobs(JobFilter(limit: recentJobs))
        return QueueForecast(
            waiting: waiting,
            freeSlots: candidates.reduce(0) { $0 + $1.freeSlots(at: now) },
            ages: open.map { now - $0.createdAt },
            durations: recent.compactMap { job in job.endedAt.map { $0 - job.createdAt } }
        )
    }
}

private let mostOpenJobs = 5000
/// Enough for a tenth of them to mean something.
private let recentJobs = 500
