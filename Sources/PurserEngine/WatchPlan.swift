import PurserCore

/// Which open jobs to ask about next: those whose time has come, the longest overdue first, never two questions to one
/// account at a time.
///
/// Pure. A job's pauses grow with its age, for most end within minutes and those that did not may never; an account that
/// cannot be asked is left alone for longer and longer.
struct WatchPlan: Sendable {
    /// What one call asks about.
    struct Batch: Sendable {
        let group: JobInquiry.Group
        let jobs: [Job]
    }

    /// The pause between two questions about a young job.
    let pollEvery: Duration

    static let longestPause = Duration.seconds(600)
    /// A lost job is asked about so often, and not at all once it is so old.
    static let lostPause = Duration.seconds(6 * 3600)
    static let lostForGood = Duration.seconds(30 * 86_400)
    /// A job is asked about again after this part of its age.
    private static let share = 32

    private var lastAsked: [JobID: Timestamp] = [:]
    private var troubles: [AccountID: Trouble] = [:]
    private var busy: Set<AccountID> = []
    private var queue: [Batch] = []

    private struct Trouble {
        let until: Timestamp
        let pause: Duration
    }

    init(pollEvery: Duration) {
        self.pollEvery = pollEvery
    }

    /// How many batches wait to be taken.
    var waiting: Int { queue.count }

    /// Plans anew, from every job that is open.
    mutating func plan(_ open: [Job], at now: Timestamp) {
        let ids = Set(open.map(\.id))
        lastAsked = lastAsked.filter { ids.contains($0.key) }
        troubles = troubles.filter { now < $0.value.until + Self.longestPause }
        var groups: [JobInquiry.Group: [(due: Timestamp, job: Job)]] = [:]
        for job in open {
            let due = due(job, at: now)
            let isLeftAlone = troubles[job.accountID].map { now < $0.until } ?? false
            let isGone = job.state == .lost && now - job.createdAt > Self.lostForGood
            guard due <= now, !isLeftAlone, !isGone else { continue }
            let group = JobInquiry.Group(
                account: job.accountID,
                version: job.credentialVersion,
                shape: job.shape
            )
            groups[group, default: []].append((due, job))
        }
        var batches: [(isLost: Bool, due: Timestamp, batch: Batch)] = []
        for (group, jobs) in groups {
            let jobs = jobs.sorted { ($0.due, $0.job.id) < ($1.due, $1.job.id) }.map(\.job)
            for some in JobInquiry.batches(of: jobs) {
                let batch = Batch(group: group, jobs: some)
                batches.append((some[0].state == .lost, due(some[0], at: now), batch))
            }
        }
        // Nobody waits for a lost one; after a restart every one of them is overdue.
        batches.sort { a, b in
            a.isLost == b.isLost
                ? (a.due, a.batch.group) < (b.due, b.batch.group) : b.isLost
        }
        queue = batches.map(\.batch)
    }

    /// Takes the next question, of an account that no question is under way to; it must be `finish`ed.
    mutating func next(at now: Timestamp) -> Batch? {
        while let index = queue.firstIndex(where: { !busy.contains($0.group.account) }) {
            let batch = queue.remove(at: index)
            // It may have been asked about since the plan was made.
            let jobs = batch.jobs.filter { due($0, at: now) <= now }
            guard !jobs.isEmpty else { continue }
            busy.insert(batch.group.account)
            return Batch(group: batch.group, jobs: jobs)
        }
        return nil
    }

    mutating func finish(_ batch: Batch, failed: Bool, at now: Timestamp) {
        let account = batch.group.account
        busy.remove(account)
        if failed {
            let pause = troubles[account].map { $0.pause * 2 } ?? pollEvery
            let bounded = min(pause, Self.longestPause)
            troubles[account] = Trouble(until: now + bounded, pause: bounded)
            queue.removeAll { $0.group.account == account }
        } else {
            troubles[account] = nil
        }
        // After a failure, too: or one job that cannot be asked about would keep the account's others from it.
        for job in batch.jobs { lastAsked[job.id] = now }
    }

    /// When a job is to be asked about.
    private func due(_ job: Job, at now: Timestamp) -> Timestamp {
        guard let last = lastAsked[job.id] else { return job.createdAt + pollEvery }
        if job.state == .lost { return last + Self.lostPause }
        let pause = max(pollEvery, (last - job.createdAt) / Self.share)
        return last + min(pause, Self.longestPause)
    }
}
