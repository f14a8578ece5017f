import PurserCore

/// Keeps books of its own from the entries as they appear, and compares them with what the service really did.
///
/// It is a second, simple implementation: it shares no rule with the ledger, and knows what the ledger cannot.
final class Auditor {
    struct Hold {
        let amount: Int64
        let submission: SubmissionID?
        var isUnknown = false
        var unknownAt: Timestamp?
        var isEnded = false
        var charged: Int64 = 0
        var refunded: Int64 = 0
        /// Whether a balance decided it, and no answer.
        var isInferred = false
    }

    /// One ledger account, as its entries say.
    struct View {
        var sequence: Int64 = 0
        var posted: Int64 = 0
        var held: Int64 = 0
        var opened: Int64 = 0
        var fromOutside: Int64 = 0
        /// What had come from outside before the books began.
        var before: Int64 = 0
        var charged: Int64 = 0
        var refunded: Int64 = 0
        var holds: [Int64: Hold] = [:]
        var refundsDue: [JobID: Timestamp] = [:]
        var refundedJobs: Set<JobID> = []
        var periods: Set<String> = []
        /// Whether two causes once came together in one difference, so that no reading could tell them apart.
        var isBlurred = false
    }

    /// What a caller asked for, under one number that the service sees.
    struct Request {
        let member: MemberID
        let key: String?
    }

    let file: BooksFile
    let upstream: Upstream
    let plan: Plan
    private(set) var findings: [String] = []
    private(set) var counts = Counts()
    var views: [BooksFile.Book: View] = [:]
    var requests: [Int: Request] = [:]
    var numbers: [SubmissionID: Int] = [:]
    /// Requests that a balance said were free, wrongly: their key was given away in good faith.
    var wronglyFreed: Set<Int> = []
    var clockMovedAt: Timestamp?
    /// Jobs that were lost for so long that nobody asks about them any more.
    private(set) var givenUp: Set<String> = []
    private var lastEntry: Int64 = 0

    /// What was looked at, so that a run that tested nothing shows.
    struct Counts: Sendable {
        var entries = 0
        var inferred = 0
        var inferredExactly = 0
        var accounts = 0
        var sharpAccounts = 0

        static func += (a: inout Counts, b: Counts) {
            a.entries += b.entries
            a.inferred += b.inferred
            a.inferredExactly += b.inferredExactly
            a.accounts += b.accounts
            a.sharpAccounts += b.sharpAccounts
        }
    }

    init(file: BooksFile, upstream: Upstream, plan: Plan) {
        self.file = file
        self.upstream = upstream
        self.plan = plan
    }

    /// A lost job is asked about for 30 days: one that is older now keeps its end, and its refund, to the service.
    func giveUpLostJobs(at now: Timestamp) throws {
        givenUp = try file.lostJobs(before: now - .seconds(30 * 86_400))
    }

    func report(_ words: String) { findings.append(words) }

    func count(_ body: (inout Counts) -> Void) { body(&counts) }

    /// Reads what one step added.
    func look(at now: Timestamp) throws {
        let entries = try file.entries(after: lastEntry)
        guard let last = entries.last else { return }
        lastEntry = last.id
        counts.entries += entries.count
        let inferences = try Inferences(entries, in: self, at: now)
        for entry in entries { visit(entry, at: now) }
        try inferences.check(entries, in: self)
        let undecided = try file.undecided()
        for (book, view) in views where book.isCredits {
            let open = undecided[book.owner] ?? 0
            if view.held != open {
                report("\(view.held) are held on an account, \(open) for attempts not decided")
            }
        }
    }

    // MARK: Entries

    private func visit(_ entry: BooksFile.Entry, at now: Timestamp) {
        var view = views[entry.book] ?? View()
        view.sequence += 1
        view.posted += entry.deltaPosted
        view.held += entry.deltaHeld
        if entry.sequence != view.sequence || entry.posted != view.posted || entry.held != view.held
        {
            report("entry \(entry.id): \(entry.kind) does not follow from the one before")
        }
        switch entry.kind {
        case "open": open(entry, &view, at: now)
        case "hold": hold(entry, &view)
        case "unknown":
            change(entry, &view) {
                $0.isUnknown = true
                $0.unknownAt = now
            }
        case "settle", "void", "charge", "free": end(entry, &view)
        case "refund_due": entry.job.map { view.refundsDue[$0] = now }
        case "refund": refund(entry, &view)
        case "refill", "period_close":
            view.fromOutside += entry.deltaPosted
            let period = entry.kind + entry.detail.prefix(10)
            if !view.periods.insert(period).inserted { report("\(period) was booked twice") }
        case "adjust": view.fromOutside += entry.deltaPosted
        case "observe": break
        default: report("entry \(entry.id) is of the unknown kind \(entry.kind)")
        }
        views[entry.book] = view
    }

    private func open(_ entry: BooksFile.Entry, _ view: inout View, at now: Timestamp) {
        view.opened = entry.deltaPosted
        // Balances that were known from the start are as old as the world.
        guard entry.detail.hasPrefix("first reading"), let id = AccountID(bytes: entry.book.owner),
            let real = upstream.books(of: id)
        else { return }
        view.before = real.fromOutside
        view.isBlurred = real.strangeAt.map { now - $0 <= plan.staleness + Plan.way } ?? false
    }

    private func hold(_ entry: BooksFile.Entry, _ view: inout View) {
        if entry.deltaHeld > 0, view.held > view.posted {
            report("entry \(entry.id) holds more than there is: \(view.held) of \(view.posted)")
        }
        view.holds[entry.sequence] = Hold(amount: entry.deltaHeld, submission: entry.submission)
    }

    private func change(
        _ entry: BooksFile.Entry,
        _ view: inout View,
        _ body: (inout Hold) -> Void
    ) {
        guard let place = entry.hold, view.holds[place] != nil else {
            return report("entry \(entry.id): \(entry.kind) names no hold")
        }
        if view.holds[place]?.isEnded == true, entry.kind != "refund" {
            report("entry \(entry.id): \(entry.kind) of a hold that has ended")
        }
        view.holds[place].map { hold in
            var hold = hold
            body(&hold)
            view.holds[place] = hold
        }
    }

    private func end(_ entry: BooksFile.Entry, _ view: inout View) {
        change(entry, &view) { hold in
            if entry.deltaHeld != -hold.amount {
                report("entry \(entry.id) releases \(-entry.deltaHeld) of \(hold.amount)")
            }
            if hold.isUnknown != (entry.kind == "charge" || entry.kind == "free") {
                report("entry \(entry.id): \(entry.kind) of a hold unknown \(hold.isUnknown)")
            }
            hold.isEnded = true
            hold.charged = -entry.deltaPosted
            hold.isInferred = entry.observed != nil
        }
        view.charged -= entry.deltaPosted
    }

    private func refund(_ entry: BooksFile.Entry, _ view: inout View) {
        change(entry, &view) { hold in
            hold.refunded += entry.deltaPosted
            if hold.refunded > hold.charged { report("entry \(entry.id) gives back too much") }
        }
        view.refunded += entry.deltaPosted
        guard let job = entry.job else { return report("entry \(entry.id): a refund of no job") }
        view.refundsDue[job] = nil
        if !view.refundedJobs.insert(job).inserted { report("a job was given back twice") }
    }
}

extension Auditor {
    /// What came back for jobs whose names never reached the books, or whose end nobody asks for: nobody can say whose it
    /// is.
    func lostRefunds(on account: [UInt8]) throws -> Int64 {
        let known = try file.jobs()
        return upstream.refunds.filter { name, job in
            job.account.bytes == account && (known[name] == nil || givenUp.contains(name))
        }.map(\.value.price).reduce(0, +)
    }

    /// What the service took for a request, in one account.
    func truth(of number: Int, on account: [UInt8]) -> Int64 {
        upstream.charges(of: number).filter { $0.account.bytes == account }
            .map(\.amount).reduce(0, +)
    }
}
