import PurserCore
import PurserEngine

extension Engine {
    /// How long whoever joins the line now would wait.
    func queueForecast(
        _ line: WaitingLine,
        among candidates: [Candidate],
        at now: Timestamp
    ) async throws -> QueueForecast {
        let inUse = Set(candidates.filter { $0.isInUse(at: now) }.map(\.account.id))
        // A slot that comes free where nothing may go is nobody's.
        let open = try await store.jobs(JobFilter(openOnly: true, limit: Self.mostOpenJobs))
            .filter { $0.state.isUnderWay && inUse.contains($0.accountID) }
        let recent = try await store.jobs(JobFilter(limit: Self.recentJobs))
        return QueueForecast(
            waiting: line.count,
            freeSlots: candidates.reduce(0) { $0 + $1.freeSlots(at: now) },
            ages: open.map { now - $0.createdAt },
            durations: recent.compactMap { job in job.endedAt.map { $0 - job.createdAt } }
        )
    }

    private static let mostOpenJobs = 5000
    /// Enough for a tenth of them to mean something.
    private static let recentJobs = 500
}
