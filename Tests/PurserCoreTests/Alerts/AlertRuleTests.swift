import PurserCore
import Testing

private let now = Timestamp(milliseconds: 1_795_262_400_000)
private let account = AccountID(high: 1, low: 1)
private let member = MemberID(high: 2, low: 2)

struct AlertRuleTests {
    private var rule = AlertRule(lowCredits: [1000, 200], tokenDays: [7, 1])

    private func watched(
        state: AccountState = .enabled,
        pausedByServiceAt: Timestamp? = nil,
        version: UInt64 = 1,
        expiresAt: Timestamp? = nil,
        command: TokenCommand? = nil,
        drift: Int64? = nil,
        posted: Int64? = 5000
    ) -> AlertSituation {
        let watched = AlertSituation.WatchedAccount(
            id: account,
            name: "a",
            state: state,
            pausedByServiceAt: pausedByServiceAt,
            credentialVersion: version,
            tokenExpiresAt: expiresAt,
            tokenCommand: command,
            drift: drift.map { Credits(unchecked: $0) },
            posted: posted.map { Credits(unchecked: $0) }
        )
        return AlertSituation(accounts: [watched], spending: [])
    }

    private func spent(
        _ spent: Int64,
        held: Int64 = 0,
        of credits: Int64 = 500,
        _ window: SpendingWindow = .day,
        warnAt: Int? = 80,
        owner: SpendingOwner = .member(member)
    ) -> AlertSituation {
        let status = SpendingStatus(
            owner: owner,
            limit: SpendingLimit(
                window: window,
                credits: Credits(unchecked: credits),
                warnAt: warnAt
            ),
            spent: Credits(unchecked: spent),
            held: Credits(unchecked: held),
            resetsAt: window.days(at: now)?.upperBound.start
        )
        let name = owner == .team ? "" : "ada"
        return AlertSituation(
            accounts: [],
            spending: [AlertSituation.Spent(name: name, status: status)]
        )
    }

    /// The thresholds of what is told, then of what is covered.
    private func thresholds(
        _ situation: AlertSituation,
        open: [Alert] = [],
        at time: Timestamp = now
    ) -> (told: [Int64], covered: [Int64]) {
        let alerts = rule.holding(in: situation, open: Set(open.map(\.key)), at: time)
        return (
            alerts.filter { !$0.isCovered }.map(\.key.threshold),
            alerts.filter(\.isCovered).map(\.key.threshold)
        )
    }

    private func alerts(_ situation: AlertSituation, at time: Timestamp = now) -> [Alert] {
        rule.holding(in: situation, open: [], at: time)
    }

    @Test func `an account in order is not worth a word`() {
        #expect(alerts(watched()).isEmpty)
    }

    @Test(
        arguments: [
            (1000, [], []), (999, [1000], []), (200, [1000], []), (199, [200], [1000]),
            (0, [200], [1000]), (-5, [200], [1000]), (nil, [], []),
        ] as [(Int64?, [Int64], [Int64])]
    )
    func `the strictest threshold of credits is told, a balance nobody knows never`(
        posted: Int64?,
        told: [Int64],
        covered: [Int64]
    ) {
        #expect(thresholds(watched(posted: posted)) == (told, covered))
    }

    @Test func `a refund that lifts the balance a little above the threshold ends nothing`() {
        let open = alerts(watched(posted: 190))
        #expect(thresholds(watched(posted: 219), open: open).told == [200])
        #expect(thresholds(watched(posted: 220), open: open).told == [1000])
        #expect(thresholds(watched(posted: 1099), open: open).told == [1000])
        #expect(thresholds(watched(posted: 1100), open: open).told == [])
    }

    @Test func `a threshold that nobody asks for any more is open until it ends, and not raised`() {
        let open = alerts(watched(posted: 190))
        var other = self
        other.rule = AlertRule(lowCredits: [], tokenDays: [])
        #expect(other.thresholds(watched(posted: 190), open: open).told == [200])
        #expect(other.thresholds(watched(posted: 500), open: open).told == [1000])
        #expect(other.alerts(watched(posted: 0)).isEmpty)
    }

    @Test(
        arguments: [
            (8 * 86_400, [], []), (7 * 86_400, [7], []), (86_401, [7], []), (86_400, [1], [7]),
            (1, [1], [7]), (0, [0], [1, 7]), (-9, [0], [1, 7]),
        ] as [(Int, [Int64], [Int64])]
    )
    func `a token is told of days before its end, and at its end`(
        seconds: Int,
        told: [Int64],
        covered: [Int64]
    ) {
        let situation = watched(expiresAt: now + .seconds(seconds))
        #expect(thresholds(situation) == (told, covered))
        #expect(alerts(watched(expiresAt: nil)).isEmpty)
    }

    @Test func `another token is another occasion`() throws {
        let soon = now + .seconds(3600)
        let first = try #require(alerts(watched(expiresAt: soon)).first)
        let second = try #require(alerts(watched(version: 2, expiresAt: soon)).first)
        #expect(first.key != second.key)
        let dead = AccountState.needsRotation(reason: "refused")
        let keys = [1, 2].compactMap { alerts(watched(state: dead, version: $0)).first?.key }
        #expect(keys.map(\.kind) == [.tokenDead, .tokenDead])
        #expect(keys[0] != keys[1])
    }

    @Test func `a token that a command renews counts only when the command failed`() {
        let past = now - .seconds(1)
        let works = TokenCommand(failures: 0, notBefore: nil)
        let fails = TokenCommand(failures: 1, notBefore: nil)
        #expect(alerts(watched(expiresAt: past, command: works)).isEmpty)
        #expect(thresholds(watched(expiresAt: past, command: fails)).told == [0])
        #expect(alerts(watched(expiresAt: now + .seconds(9), command: fails)).isEmpty)
    }

    @Test func `a pause by the service is told with its words, an operator's is not`() {
        let paused = AccountState.paused(reason: "unusual activity")
        #expect(alerts(watched(state: paused)).isEmpty)
        let told = alerts(watched(state: paused, pausedByServiceAt: now))
        #expect(told.map(\.key.kind) == [.paused])
        #expect(told.map(\.detail) == ["unusual activity"])
        let again = alerts(watched(state: paused, pausedByServiceAt: now + .seconds(1)))
        #expect(again.map(\.key) != told.map(\.key))
        // Resumed: the note of the pause may still be there.
        #expect(alerts(watched(pausedByServiceAt: now)).isEmpty)
    }

    @Test func `drift is told with its amount, and is the same alert at another amount`() {
        let first = alerts(watched(drift: -40))
        #expect(first.map(\.amount) == [Credits(unchecked: -40)])
        #expect(first.map(\.key) == alerts(watched(drift: -60)).map(\.key))
    }

    @Test(
        arguments: [
            (399, 0, [], []), (390, 10, [80], []), (499, 0, [80], []), (480, 20, [100], [80]),
            (900, 0, [100], [80]), (-20, 0, [], []),
        ] as [(Int64, Int64, [Int64], [Int64])]
    )
    func `a limit is told at its warning and when it is reached, with what is held`(
        charged: Int64,
        held: Int64,
        told: [Int64],
        covered: [Int64]
    ) {
        #expect(thresholds(spent(charged, held: held)) == (told, covered))
    }

    @Test func `a limit without a warning, and one that warns at 100, are told once`() {
        #expect(thresholds(spent(450, warnAt: nil)).told == [])
        #expect(thresholds(spent(500, warnAt: nil)) == ([100], []))
        #expect(thresholds(spent(500, warnAt: 100)) == ([100], []))
        // Whoever may spend nothing has reached nothing by being there.
        #expect(alerts(spent(0, of: 0, warnAt: nil)).isEmpty)
        #expect(alerts(spent(1, of: 0, warnAt: nil)).map(\.key.threshold) == [100])
    }

    @Test func `what comes back ends nothing before the window does`() {
        let open = alerts(spent(400))
        #expect(thresholds(spent(100), open: open).told == [80])
        let tomorrow = now + .seconds(86_400)
        #expect(thresholds(spent(100), open: open, at: tomorrow).told == [])
        let next = rule.holding(in: spent(400), open: Set(open.map(\.key)), at: tomorrow)
        #expect(next.count == 1 && next.map(\.key) != open.map(\.key))
    }

    @Test func `another limit, another window and the team are other occasions`() {
        let all = [
            spent(400), spent(600, of: 700), spent(400, .month), spent(400, .total),
            spent(400, owner: .team),
        ].flatMap { alerts($0) }
        #expect(all.count == 5)
        #expect(Set(all.map(\.key)).count == 5)
        #expect(all.map(\.name) == ["ada", "ada", "ada", "ada", ""])
    }
}

struct AlertRetryTests {
    private func raised(attempts: Int) -> RaisedAlert {
        RaisedAlert(
            id: AlertID(high: 1, low: 1),
            alert: Alert(
                key: AlertKey(kind: .drift, subject: AlertSubjectID(high: 1, low: 1)),
                name: "a"
            ),
            raisedAt: now,
            clearedAt: nil,
            delivery: .due,
            attempts: attempts,
            deliveredAt: nil,
            failure: ""
        )
    }

    @Test func `pauses double from a second to an hour, and half of each is chance`() {
        for attempts in 1...40 {
            let longest = min(Int64(1000) << min(attempts - 1, 20), 3_600_000)
            let pauses = [0, 1, 12_345, UInt64.max].map {
                AlertRetry.pause(afterAttempts: attempts, chance: $0).milliseconds
            }
            #expect(pauses.allSatisfy { (longest / 2...longest).contains($0) }, "\(attempts)")
            #expect(pauses[0] == longest / 2)
        }
        #expect(AlertRetry.pause(afterAttempts: 1, chance: 500).milliseconds == 1000)
    }

    @Test func `after three days it is given up, and said so`() {
        func attempt(_ span: Duration) -> AlertAttempt {
            AlertRetry.attempt(failing: "no", of: raised(attempts: 1), chance: 0, at: now + span)
        }
        let end = AlertRetry.patience
        #expect(attempt(.zero) == .failed("no", again: now + .milliseconds(500)))
        #expect(attempt(end) == .givenUp("not delivered within 3 days: no"))
        guard case .failed = attempt(end - .seconds(1)) else {
            Issue.record("given up too early")
            return
        }
    }
}
