import PurserCore
import Testing

extension StoreConformance {
    static let alertCases: [Case] = [
        Case("an alert is raised once, ends with what it tells of, and is raised again after") {
            fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a", credits: 150)
            let unknown = try await fixture.addAccount("b", credits: nil)
            let first = try await fixture.judge()
            #expect(first.map(\.alert.key.threshold) == [200, 1000])
            #expect(first.map(\.delivery) == [.due, .covered])
            #expect(first.map(\.alert.name) == ["a", "a"])
            #expect(first.map(\.alert.amount) == [Credits(150), Credits(150)])
            #expect(try await fixture.judge() == [])
            // A refund of little, then a renewal, then low again.
            try await fixture.balance(account, 205, at: start + .seconds(1000))
            #expect(try await fixture.judge(at: start + .seconds(2000)) == [])
            try await fixture.balance(account, 2000, at: start + .seconds(3000))
            #expect(try await fixture.judge(at: start + .seconds(4000)) == [])
            #expect(try await fixture.store.alerts(openOnly: true, limit: nil) == [])
            let all = try await fixture.store.alerts(openOnly: false, limit: nil)
            #expect(all.map(\.clearedAt) == [start + .seconds(4000), start + .seconds(4000)])
            try await fixture.balance(account, 150, at: start + .seconds(5000))
            let again = try await fixture.judge(at: start + .seconds(6000))
            #expect(again.map(\.alert.key) == first.map(\.alert.key))
            #expect(Set((again + first).map(\.id)).count == 4)
            #expect(try await fixture.store.alerts(openOnly: false, limit: 2).count == 2)
            #expect(try await fixture.overview(of: unknown).balance == nil)
        },
        Case("tokens, pauses of the service and limits come out of the books") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a", credits: 5000)
            let member = try await fixture.addMember("m")
            try await fixture.limit(member, .day, to: 20, warnAt: 50)
            try await fixture.limitTeam(.total, to: 10)
            #expect(try await fixture.judge() == [])
            let claim = try await fixture.claim(fixture.order(member))
            let spent = try await fixture.judge()
            #expect(spent.map(\.alert.key.kind) == [.spending, .spending])
            #expect(spent.map(\.alert.key.threshold) == [50, 100])
            #expect(spent.map(\.alert.name) == ["m", ""])
            #expect(spent.map(\.alert.detail) == ["day", "total"])
            try await fixture.end(
                claim,
                .voided,
                state: .paused(reason: "unusual"),
                credentialVersion: 1
            )
            // What came back is no end of the window.
            let paused = try await fixture.judge()
            #expect(paused.map(\.alert.key.kind) == [.paused])
            #expect(paused.map(\.alert.detail) == ["unusual"])
            try await fixture.pauseByHand(account)
            #expect(try await fixture.judge() == [])
            #expect(try await fixture.store.alerts(openOnly: true, limit: nil).count == 2)
            try await fixture.enable(account)
            try await fixture.store.markTokenDead(
                account.id,
                version: 1,
                reason: "401",
                by: LedgerFixture.actor,
                at: start
            )
            #expect(try await fixture.judge().map(\.alert.key.kind) == [.tokenDead])
            try await fixture.rotate(account, to: 2)
            #expect(try await fixture.judge() == [])
            #expect(try await fixture.store.alerts(openOnly: true, limit: nil).count == 2)
        },
        Case("a message is one sender's until its lease ends, and the last sender's word counts") {
            fixture in
            try await fixture.createVault()
            let store = fixture.store
            _ = try await fixture.addAccount("a", credits: 1)
            _ = try await fixture.judge()
            let lease = start + .seconds(60)
            let first = try #require(try await store.takeAlert(until: lease, at: start))
            #expect(first.attempts == 1)
            #expect(first.alert.key.threshold == 200)
            #expect(try await store.takeAlert(until: lease, at: start + .seconds(59)) == nil)
            let second = try #require(
                try await store.takeAlert(until: lease + .seconds(60), at: lease)
            )
            #expect((second.id, second.attempts) == (first.id, 2))
            // The first, back from a long sleep, does not bring the message forward.
            try await store.finishAlert(first, as: .failed("late", again: start), at: lease)
            try await store.finishAlert(first, as: .givenUp("late"), at: lease)
            #expect(try await store.takeAlert(until: lease, at: lease) == nil)
            let again = lease + .seconds(2)
            try await store.finishAlert(second, as: .failed("500", again: again), at: lease)
            #expect(try await fixture.first().failure == "500")
            let third = try #require(try await store.takeAlert(until: again, at: again))
            try await store.finishAlert(third, as: .delivered, at: again)
            try await store.finishAlert(third, as: .failed("x", again: again), at: again)
            let told = try await fixture.first()
            #expect(told.delivery == .delivered && told.deliveredAt == again)
            #expect(told.attempts == 3 && told.failure == "")
            let later = again + .seconds(1_000_000)
            #expect(try await store.takeAlert(until: later, at: later) == nil)
        },
        Case("a message that arrived after it was given up has arrived") { fixture in
            try await fixture.createVault()
            _ = try await fixture.addAccount("a", credits: 1)
            _ = try await fixture.judge()
            let store = fixture.store
            let taken = try #require(try await store.takeAlert(until: start, at: start))
            try await store.finishAlert(taken, as: .givenUp("3 days"), at: start)
            #expect(try await fixture.first().delivery == .givenUp)
            #expect(try await store.takeAlert(until: start, at: start) == nil)
            try await store.finishAlert(taken, as: .delivered, at: start)
            #expect(try await fixture.first().delivery == .delivered)
        },
    ]
}

extension LedgerFixture {
    /// Judges by thresholds of 1,000 and 200 credits.
    func judge(at now: Timestamp = start) async throws -> [RaisedAlert] {
        try await store.judgeAlerts(
            by: AlertRule(lowCredits: [1000, 200]),
            newID: { self.id() },
            at: now
        )
    }

    /// The alert of the strictest threshold.
    fileprivate func first() async throws -> RaisedAlert {
        let all = try await store.alerts(openOnly: false, limit: nil)
        return try #require(all.first { !$0.alert.isCovered })
    }

    /// Has the books take over another balance, at a quiet point.
    fileprivate func balance(_ account: Account, _ credits: Int64, at now: Timestamp) async throws {
        _ = try await observe(account, credits, at: now)
        _ = try await observe(account, credits, at: now + StoreConformance.quietAfter)
    }

    fileprivate func pauseByHand(_ account: Account) async throws {
        try await change(account, .enabled)
        try await change(account, .paused(reason: "holidays"))
    }

    fileprivate func enable(_ account: Account) async throws { try await change(account, .enabled) }

    private func change(_ account: Account, _ state: AccountState) async throws {
        try await store.updateAccount(
            account.id,
            AccountChange(state: state),
            audit: AuditRecord(actor: Self.actor, verb: "account.set", subject: account.name),
            at: Self.start
        )
    }
}
