package import PurserCore
import Testing

extension StoreConformance {
    static let memberCases: [Case] = [
        Case("members, keys and limits come back as they were written") { fixture in
            try await fixture.createVault()
            let limits = MemberLimits(
                tiers: [.ultra, .free],
                tags: ["video"],
                models: [ModelID("veo_test")],
                spending: [
                    SpendingLimit(window: .day, credits: Credits(unchecked: 5), warnAt: 80),
                    SpendingLimit(window: .cycle(day: 28), credits: Credits(unchecked: 9)),
                ]
            )
            let member = try await fixture.addMember("m", role: .auditor, limits: limits, key: "A")
            let read = try await fixture.member(member)
            #expect(read.member == member)
            #expect(read.keys.map(\.id) == ["AAAAAAAA"])
            var change = MemberChange()
            change.tiers = .some(nil)
            change.tags = .some([])
            change.spending = SpendingChange(
                set: [SpendingLimit(window: .total, credits: Credits(unchecked: 7))],
                cleared: [.day]
            )
            try await fixture.update(member, change)
            let changed = try await fixture.member(member).member
            #expect(changed.role == .auditor)
            #expect(changed.limits.tiers == nil)
            #expect(changed.limits.tags == [])
            #expect(changed.limits.models == limits.models)
            #expect(changed.limits.spending.map(\.window) == [.cycle(day: 28), .total])
            let owner = try await fixture.store.members().first { $0.member.role == .owner }
            #expect(owner?.member.name == Member.ownerName)
        },
        Case("every change of members, keys and limits is another revision") { fixture in
            try await fixture.createVault()
            _ = try await fixture.addAccount("a")
            let member = try await fixture.addMember("m", key: "A")
            var last = try await fixture.revision()
            func moves(_ what: String, _ work: () async throws -> Void) async throws {
                try await work()
                let next = try await fixture.revision()
                #expect(next > last, "\(what)")
                last = next
            }
            try await moves("a member") { _ = try await fixture.addMember("o") }
            try await moves("a limit") {
                try await fixture.limit(member, .day, to: 5)
            }
            try await moves("the team's limit") { try await fixture.limitTeam(.day, to: 50) }
            try await moves("a key") { try await fixture.addKey("B", of: member, overlap: .zero) }
            try await moves("a key's end") { try await fixture.revoke(member, key: "BBBBBBBB") }
            try await moves("a member's end") { try await fixture.revoke(member) }
            #expect(try await fixture.store.memberDirectory(changedSince: last) == nil)
            let claim = try await fixture.claim(fixture.order(try await fixture.addMember("n")))
            last = try await fixture.revision()
            try await fixture.settle(claim)
            // Work moves nothing there.
            #expect(try await fixture.revision() == last)
        },
        Case("a new key ends the others after the overlap, and a revoked one stays revoked") {
            fixture in
            try await fixture.createVault()
            let member = try await fixture.addMember("m", key: "A")
            try await fixture.addKey("B", of: member, overlap: .seconds(60))
            try await fixture.addKey("C", of: member, overlap: .seconds(90))
            let keys = try await fixture.member(member).keys
            let ends = Dictionary(uniqueKeysWithValues: keys.map { ($0.id, $0.expiresAt) })
            #expect(ends["AAAAAAAA"] == start + .seconds(60))
            #expect(ends["BBBBBBBB"] == start + .seconds(90))
            #expect(ends["CCCCCCCC"] == .some(nil))
            try await fixture.revoke(member, key: "CCCCCCCC")
            try await fixture.revoke(member, key: "CCCCCCCC", at: start + .seconds(5))
            let revoked = try await fixture.member(member).keys.first { $0.id == "CCCCCCCC" }
            #expect(revoked?.revokedAt == start)
            let missing = await failure { try await fixture.revoke(member, key: "XXXXXXXX") }
            #expect(missing == "there is no key XXXXXXXX")
        },
        Case("a revoked member's work is refused, and taken again when they are restored") {
            fixture in
            try await fixture.createVault()
            _ = try await fixture.addAccount("a")
            let member = try await fixture.addMember("m", key: "A")
            let claim = try await fixture.claim(fixture.order(member))
            try await fixture.revoke(member)
            // What is under way goes on.
            try await fixture.settle(claim)
            let refused = await failure { _ = try await fixture.claim(fixture.order(member)) }
            #expect(refused == "m was revoked and sends no work")
            var change = MemberChange()
            change.restores = true
            try await fixture.update(member, change)
            _ = try await fixture.claim(fixture.order(member))
            #expect(try await fixture.member(member).keys.allSatisfy { $0.revokedAt != nil })
        },
        Case("a member's work goes only where their limits let it") { fixture in
            try await fixture.createVault()
            let plain = try await fixture.addAccount("plain", credits: 2000)
            let tagged = try await fixture.addAccount(
                "tagged",
                tier: .tierOne,
                settings: AccountSettings(maxInFlight: 1000, tags: ["x", "video"])
            )
            // Where several may, the one with more credits is chosen.
            for (limits, expected) in [
                (MemberLimits(), plain), (MemberLimits(tags: ["video", "y"]), tagged),
                (MemberLimits(tiers: [.tierOne]), tagged),
                (MemberLimits(models: [ModelID("veo_test")]), plain),
            ] {
                let chosen = try await fixture.chosen(within: limits)
                #expect(chosen == expected.id, "\(limits.words)")
            }
            let other = await failure {
                _ = try await fixture.chosen(
                    within: MemberLimits(tiers: [.ultra], models: [ModelID("other")])
                )
            }
            #expect(other?.contains("plain: the member may not use veo_test") == true)
            #expect(other?.contains("tagged: the member may not use tier-one") == true)
            let nowhere = await failure {
                _ = try await fixture.chosen(within: MemberLimits(tags: ["z"]))
            }
            #expect(nowhere?.contains("the member may use accounts tagged z") == true)
        },
    ]

    static let spendingCases: [Case] = [
        Case("a limit counts what is spent in its window and every open hold") { fixture in
            try await fixture.createVault()
            _ = try await fixture.addAccount("a")
            let member = try await fixture.addMember("m")
            try await fixture.limit(member, .day, to: 30, warnAt: 60)
            let first = try await fixture.claim(fixture.order(member))
            #expect(first.warnings.isEmpty)
            let second = try await fixture.claim(fixture.order(member))
            #expect(second.warnings.map(\.held) == [Credits(unchecked: 20)])
            try await fixture.settle(first)
            try await fixture.markUnknown(second)
            _ = try await fixture.claim(fixture.order(member))
            let refused = await failure { _ = try await fixture.claim(fixture.order(member)) }
            #expect(
                refused
                    == "m may spend 30 a day (warning at 60 %): 10 are spent and 20 held, 10 are needed"
            )
            let allowance = try await fixture.store.allowance(of: member.id, at: start)
            #expect(allowance.left == .zero)
            #expect(allowance.limits.map(\.spent) == [Credits(unchecked: 10)])
            // Others are not bound, and what costs nothing is not either.
            _ = try await fixture.claim(fixture.order(try await fixture.addMember("n")))
            _ = try await fixture.claim(fixture.order(member, videos: 0))
            #expect(try await fixture.findings() == [])
        },
        Case("a window ends at midnight, and open holds count in the next") { fixture in
            try await fixture.createVault()
            _ = try await fixture.addAccount("a")
            let member = try await fixture.addMember("m")
            try await fixture.limit(member, .day, to: 20)
            let late = start + .seconds(12 * 3600 - 1)
            let first = try await fixture.claim(fixture.order(member), at: late)
            let second = try await fixture.claim(fixture.order(member), at: late)
            try await fixture.settle(first, at: late)
            let midnight = start + .seconds(12 * 3600)
            _ = try await fixture.claim(fixture.order(member), at: midnight)
            let refused = await failure {
                _ = try await fixture.claim(fixture.order(member), at: midnight)
            }
            #expect(refused?.contains("0 are spent and 20 held") == true)
            try await fixture.settle(second, at: midnight)
            let status = try await fixture.spending(member, at: midnight)
            #expect(status.map(\.spent) == [Credits(unchecked: 10)])
            #expect(status.map(\.resetsAt) == [midnight + .seconds(24 * 3600)])
        },
        Case("the team's limit binds all, and the longest of several is told") { fixture in
            try await fixture.createVault()
            _ = try await fixture.addAccount("a")
            let members = [try await fixture.addMember("m"), try await fixture.addMember("n")]
            try await fixture.limitTeam(.month, to: 20)
            try await fixture.limit(members[0], .day, to: 10)
            for member in members {
                try await fixture.settle(try await fixture.claim(fixture.order(member)))
            }
            for member in members {
                let refused = await failure { _ = try await fixture.claim(fixture.order(member)) }
                #expect(
                    refused
                        == "the team may spend 20 a month: 20 are spent and 0 held, 10 are needed"
                )
            }
            let december = start + .seconds(11 * 86_400)
            _ = try await fixture.claim(fixture.order(members[1]), at: december)
            let team = try await fixture.store.spending(of: .team, at: december)
            #expect(team.map(\.held) == [Credits(unchecked: 10)])
        },
        Case("a refund gives back in the window in which it arrives") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a")
            let member = try await fixture.addMember("m")
            try await fixture.limit(member, .day, to: 10)
            let claim = try await fixture.claim(fixture.order(member))
            let jobs = try await fixture.settle(claim)
            try await fixture.record(jobs[0], .failed)
            #expect(await failure { _ = try await fixture.claim(fixture.order(member)) } != nil)
            let later = start + .seconds(600)
            for wait in [Duration.zero, quietAfter] {
                _ = try await fixture.observe(account, 1000, at: later + wait)
            }
            let status = try await fixture.spending(member, at: later + quietAfter)
            #expect(status.map(\.spent) == [.zero])
            _ = try await fixture.claim(fixture.order(member), at: later + quietAfter)
            #expect(try await fixture.findings(at: later + quietAfter) == [])
        },
        Case("a limit steers to the account that it can bear") { fixture in
            try await fixture.createVault()
            let dear = try await fixture.addAccount("dear", tier: .tierOne, credits: 5000)
            let cheap = try await fixture.addAccount("cheap", tier: .ultra, credits: 100)
            let member = try await fixture.addMember("m")
            try await fixture.limit(member, .week, to: 30)
            // The account with most credits costs 20, of which 10 are left after it.
            for expected in [dear, cheap] {
                let claim = try await fixture.claim(fixture.order(member))
                #expect(claim.account.id == expected.id)
            }
            let explained = try await fixture.store.explain(
                fixture.order(member).request,
                mediaIDs: [],
                for: member.id,
                at: start
            )
            #expect(explained.lines.allSatisfy { $0.accountID != dear.id || $0.rank == nil })
        },
        Case("claims side by side spend to the limit and no further") { fixture in
            try await fixture.createVault()
            _ = try await fixture.addAccount("a", credits: 100_000)
            var members: [Member] = []
            for name in ["m", "n", "o"] { members.append(try await fixture.addMember(name)) }
            try await fixture.limit(members[0], .day, to: 100)
            try await fixture.limitTeam(.week, to: 300)
            let orders = (0..<120).map { fixture.order(members[$0 % 3]) }
            let spent = try await withThrowingTaskGroup(of: Int.self) { group in
                for order in orders {
                    group.addTask {
                        do {
                            let claim = try await fixture.claim(order)
                            if claim.submissionID.low % 3 == 0 { return 10 }
                            try await fixture.settle(claim)
                            return 10
                        } catch StoreError.overSpending {
                            return 0
                        }
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(spent == 300)
            let own = try await fixture.spending(members[0])
            #expect(own.allSatisfy { $0.spent.amount + $0.held.amount <= 100 })
            let team = try await fixture.store.spending(of: .team, at: start)
            #expect(team.map { $0.spent.amount + $0.held.amount } == [300])
            #expect(try await fixture.findings() == [])
        },
    ]
}

extension LedgerFixture {
    func memberKey(_ letter: Character, of member: Member) -> MemberKey {
        MemberKey(
            id: String(repeating: letter, count: 8),
            memberID: member.id,
            digest: [UInt8](repeating: letter.asciiValue ?? 0, count: 32),
            createdAt: Self.start
        )
    }

    fileprivate func addKey(
        _ letter: Character,
        of member: Member,
        overlap: Duration
    ) async throws {
        try await store.addMemberKey(
            memberKey(letter, of: member),
            overlapEnd: Self.start + overlap,
            audit: AuditRecord(actor: Self.actor, verb: "member.rotate", subject: member.name),
            at: Self.start
        )
    }

    package func revoke(
        _ member: Member,
        key: String? = nil,
        at now: Timestamp = LedgerFixture.start
    ) async throws {
        try await store.revokeMember(
            member.id,
            key: key,
            audit: AuditRecord(actor: Self.actor, verb: "member.revoke", subject: member.name),
            at: now
        )
    }

    fileprivate func update(_ member: Member, _ change: MemberChange) async throws {
        try await store.updateMember(
            member.id,
            change,
            audit: AuditRecord(actor: Self.actor, verb: "member.set", subject: member.name),
            at: Self.start
        )
    }

    func limit(
        _ member: Member,
        _ window: SpendingWindow,
        to credits: Int64,
        warnAt: Int? = nil
    ) async throws {
        var change = MemberChange()
        change.spending.set = [
            SpendingLimit(window: window, credits: Credits(unchecked: credits), warnAt: warnAt)
        ]
        try await update(member, change)
    }

    func limitTeam(_ window: SpendingWindow, to credits: Int64) async throws {
        let limit = SpendingLimit(window: window, credits: Credits(unchecked: credits))
        try await store.updateTeam(
            SpendingChange(set: [limit]),
            audit: AuditRecord(actor: Self.actor, verb: "team.set", subject: "team"),
            at: Self.start
        )
    }

    func spending(
        _ member: Member,
        at now: Timestamp = LedgerFixture.start
    ) async throws -> [SpendingStatus] {
        try await store.spending(of: .member(member.id), at: now)
    }

    /// The account that takes the work of a new member with those limits.
    fileprivate func chosen(within limits: MemberLimits) async throws -> AccountID {
        let member = try await addMember("m\(random(0..<1_000_000))", limits: limits)
        return try await claim(order(member)).account.id
    }

    fileprivate func member(_ member: Member) async throws -> MemberOverview {
        guard let found = try await store.members().first(where: { $0.member.id == member.id })
        else { throw Unexpected(what: "the member is gone") }
        return found
    }

    fileprivate func revision() async throws -> Int64 {
        try await store.memberDirectory(changedSince: nil)?.revision ?? -1
    }
}
