import PurserCore

// What must be true when everything has become quiet.

extension Auditor {
    /// Compares the end with what the service knows.
    func conclude() throws {
        try checkBalances()
        try checkSums()
        checkRequests()
        try checkJobs()
        for (account, tier) in try file.tiers() {
            let real = AccountID(bytes: account).flatMap { upstream.books(of: $0)?.tier }
            if real?.rawValue != tier { report("an account is kept as \(tier), and is another") }
        }
    }

    /// Liveness: nothing is left open, and the books say what the service says.
    private func checkBalances() throws {
        for (book, view) in views where book.isCredits {
            guard let id = AccountID(bytes: book.owner), let real = upstream.books(of: id) else {
                report("the books have an account that nobody added")
                continue
            }
            count { $0.accounts += 1 }
            if view.posted != real.credits {
                report("\(view.posted) are posted where the service has \(real.credits)")
            }
            if view.held != 0 { report("\(view.held) are still held") }
            let open = view.holds.values.count { !$0.isEnded }
            if open > 0 { report("\(open) holds were never decided") }
            let moved = view.opened + view.fromOutside - view.charged + view.refunded
            if moved != view.posted { report("\(moved) moved, \(view.posted) are posted") }
            let lost = try lostRefunds(on: book.owner)
            if view.fromOutside != real.fromOutside - view.before + lost,
                plan.hasOutsiders || plan.hasRenewals
            {
                // What one spent elsewhere and another gave back can cancel out, and no reading shows either.
                views[book]?.isBlurred = true
                continue
            }
            guard !view.isBlurred, plan.readingsProve else { continue }
            count { $0.sharpAccounts += 1 }
            if !view.refundsDue.isEmpty {
                report("\(view.refundsDue.count) refunds are still waited for")
            }
            let refunded = real.refunded - lost
            if view.charged != real.charged || view.refunded != refunded {
                report(
                    "\(view.charged) charged and \(view.refunded) given back, "
                        + "for the service \(real.charged) and \(refunded)"
                )
            }
        }
        for (book, view) in views where !book.isCredits && view.held != 0 {
            report("\(view.held) of a budget are still held")
        }
    }

    /// Every credit belongs to a member: the reports say what the entries say, and what the service took.
    private func checkSums() throws {
        var booked: [BooksFile.Spending: Int64] = [:]
        var real: [BooksFile.Spending: Int64] = [:]
        for (book, view) in views where book.isCredits {
            for hold in view.holds.values {
                guard let number = number(hold), let request = requests[number] else {
                    report("a hold belongs to no request")
                    continue
                }
                let place = BooksFile.Spending(account: book.owner, member: request.member.bytes)
                booked[place, default: 0] += hold.charged - hold.refunded
            }
        }
        for (number, charges) in upstream.charged {
            guard let request = requests[number] else { continue }
            for charge in charges {
                let place = BooksFile.Spending(
                    account: charge.account.bytes,
                    member: request.member.bytes
                )
                real[place, default: 0] += charge.amount
            }
        }
        let known = try file.jobs()
        for (name, job) in upstream.refunds where known[name] != nil && !givenUp.contains(name) {
            guard let request = requests[job.submission] else { continue }
            let place = BooksFile.Spending(
                account: job.account.bytes,
                member: request.member.bytes
            )
            real[place, default: 0] -= job.price
        }
        let usage = try file.usage()
        for place in Set(booked.keys).union(real.keys).union(usage.keys) {
            let sum = booked[place] ?? 0
            if usage[place] ?? 0 != sum {
                report("a report says \(usage[place] ?? 0) for a member, the entries \(sum)")
            }
            let view = views[BooksFile.Book(isCredits: true, owner: place.account)]
            guard view?.isBlurred == false, plan.readingsProve else { continue }
            if real[place] ?? 0 != sum {
                report("\(sum) are a member's, whose work cost \(real[place] ?? 0)")
            }
        }
    }

    /// A request is charged once, however often it is repeated under its key.
    private func checkRequests() {
        for (number, charges) in upstream.charged where !wronglyFreed.contains(number) {
            // No balance ever tells of work that costs nothing.
            let times = charges.count { $0.amount > 0 }
            if times > 1 { report("request \(number) was charged \(times) times") }
        }
    }

    /// Work whose acceptance was booked is bound to the account that did it.
    private func checkJobs() throws {
        for (name, bound) in try file.jobs() {
            guard let job = upstream.job(name) else {
                report("\(name) is bound, and the service never made it")
                continue
            }
            if bound.account != job.account.bytes { report("\(name) is bound to another account") }
            if bound.state != job.end.shortName, !givenUp.contains(name) {
                report("\(name) is \(bound.state) in the books and \(job.end.shortName) in truth")
            }
        }
    }
}
