import PurserCore
import Testing

/// The rules for a reading of the provider's number, case by case.
struct ReconciliationTests {
    private let now = Timestamp.midNovember
    private let quiet = Duration.seconds(30)
    private let opened = CalendarDay(number: 20_760)

    private func hold(_ amount: Int64, _ sequence: Int64) -> OpenHold {
        OpenHold(
            accountID: AccountID(high: 1, low: 1),
            sequence: sequence,
            submissionID: SubmissionID(high: 1, low: UInt64(sequence)),
            amount: Credits(unchecked: amount),
            heldAt: now - .seconds(600),
            unknownSince: now - .seconds(500)
        )
    }

    private func refund(_ amount: Int64, _ job: UInt64) -> DueRefund {
        DueRefund(
            jobID: JobID(high: 0, low: job),
            holdSequence: Int64(job),
            amount: Credits(unchecked: amount),
            dueSince: now - .seconds(400)
        )
    }

    /// 700 posted; quiet for a minute unless told otherwise.
    private func state(
        posted: Int64 = 700,
        unknown: [OpenHold] = [],
        underWay: Int64 = 0,
        refunds: [DueRefund] = [],
        openJobs: Int64 = 0,
        recentlySettled: Int64 = 0,
        equalFor seconds: Int64? = 60,
        plan: Int64? = nil,
        renewsOn: Int? = nil,
        period: CalendarDay? = nil
    ) -> ReconciliationState {
        let held = unknown.reduce(underWay) { $0 + $1.amount.amount }
        return ReconciliationState(
            balance: Balance(posted: Credits(unchecked: posted), held: Credits(unchecked: held)),
            unknown: unknown,
            underWay: Credits(unchecked: underWay),
            refundsDue: refunds,
            openJobs: Credits(unchecked: openJobs),
            recentlySettled: Credits(unchecked: recentlySettled),
            equalSince: seconds.map { now - .seconds($0) },
            monthlyCredits: plan.map { Credits(unchecked: $0) },
            renewsOnDay: renewsOn,
            period: period ?? opened,
            quietAfter: quiet
        )
    }

    private func judge(
        _ state: ReconciliationState,
        _ credits: Int64,
        topUp: Int64? = nil
    ) throws -> Reconciliation {
        let reading = CreditsReading(
            credits: Credits(unchecked: credits),
            topUp: topUp.map { Credits(unchecked: $0) }
        )
        return try state.judge(reading, at: now)
    }

    private func credits(_ amount: Int64) -> Credits { Credits(unchecked: amount) }

    // MARK: What explains a difference to the credit

    @Test func `the refunds that come to a rise are booked, though an older one is smaller`()
        throws
    {
        let due = [refund(10, 1), refund(100, 2), refund(20, 3)]
        #expect(try judge(state(refunds: due), 800) == .booked([.refund(due[1])]))
        #expect(
            try judge(state(refunds: due), 820) == .booked([.refund(due[1]), .refund(due[2])])
        )
    }

    @Test func `the holds that come to a fall are charged whole, and the others free`() throws {
        let unknown = [hold(10, 1), hold(20, 2), hold(30, 3)]
        #expect(
            try judge(state(unknown: unknown), 650)
                == .booked([
                    .free(unknown[0]), .charge(unknown[1], actual: credits(20)),
                    .charge(unknown[2], actual: credits(30)),
                ])
        )
    }

    @Test func `a refund and a charge together explain what neither does alone`() throws {
        let waiting = state(unknown: [hold(10, 1)], refunds: [refund(20, 2)])
        #expect(
            try judge(waiting, 710)
                == .booked([.refund(refund(20, 2)), .charge(hold(10, 1), actual: credits(10))])
        )
    }

    @Test func `a job that nobody asked about may have been given back already`() throws {
        let asked = state(refunds: [refund(5, 1)], openJobs: 20)
        for reading in [Int64(700), 705, 720, 725] {
            let waits = Reconciliation.waits(
                difference: credits(reading - 700),
                again: now + quiet
            )
            #expect(try judge(asked, reading) == waits)
        }
        #expect(try judge(asked, 726) == .outside(by: credits(1)))
        #expect(try judge(asked, 699) == .outside(by: credits(-1)))
    }

    // MARK: What one reading can say

    @Test func `a reading that is what the books say agrees at once`() throws {
        #expect(try judge(state(equalFor: nil), 700) == .agrees)
        #expect(try judge(state(), 700) == .agrees)
    }

    @Test func `inside what waits a reading only waits, with the time of the next`() throws {
        let unknown = state(unknown: [hold(20, 1)], equalFor: nil)
        for reading in [Int64(680), 690, 700] {
            let difference = credits(reading - 700)
            #expect(
                try judge(unknown, reading) == .waits(difference: difference, again: now + quiet)
            )
        }
        let begun = state(unknown: [hold(20, 1)], equalFor: 10)
        #expect(
            try judge(begun, 680) == .waits(difference: credits(-20), again: now + .seconds(20))
        )
    }

    @Test func `outside what waits a reading is reported, not booked`() throws {
        let waiting = state(
            unknown: [hold(20, 1)],
            underWay: 10,
            refunds: [refund(5, 1)],
            recentlySettled: 40
        )
        #expect(try judge(waiting, 669) == .outside(by: credits(-1)))
        #expect(try judge(waiting, 746) == .outside(by: credits(1)))
        for reading in [Int64(670), 745] {
            guard case .waits = try judge(waiting, reading) else {
                Issue.record("\(reading) lies inside")
                continue
            }
        }
        #expect(try judge(state(equalFor: nil), 650) == .outside(by: credits(-50)))
    }

    @Test func `nothing is booked while work is under way, just settled, or the number is young`()
        throws
    {
        let restless = [
            state(unknown: [hold(20, 1)], underWay: 10),
            state(unknown: [hold(20, 1)], recentlySettled: 10),
            state(unknown: [hold(20, 1)], equalFor: 29),
            state(unknown: [hold(20, 1)], equalFor: nil),
        ]
        for state in restless {
            guard case .waits = try judge(state, 680) else {
                Issue.record("booked without a quiet point")
                continue
            }
        }
        #expect(
            try judge(state(unknown: [hold(20, 1)], equalFor: 30), 680)
                == .booked([.charge(hold(20, 1), actual: credits(20))])
        )
    }

    // MARK: At a quiet point

    @Test func `no fall at all: what was unknown was free`() throws {
        let unknown = [hold(20, 1), hold(0, 2)]
        #expect(try judge(state(unknown: unknown), 700) == .booked(unknown.map { .free($0) }))
    }

    @Test func `a fall charges the unknown, oldest first, and frees the rest`() throws {
        let holds = [hold(30, 1), hold(30, 2), hold(30, 3)]
        #expect(
            try judge(state(unknown: holds), 640)
                == .booked([
                    .charge(holds[0], actual: credits(30)), .charge(holds[1], actual: credits(30)),
                    .free(holds[2]),
                ])
        )
    }

    @Test func `free for sure is only what no other explanation has charged`() {
        let alike = [hold(30, 1), hold(30, 2)]
        let unlike = [hold(100, 1), hold(20, 2)]
        func isSure(_ holds: [OpenHold], _ place: Int, _ reading: Int64) -> Bool {
            state(unknown: holds).isSurelyFree(holds[place], at: credits(reading))
        }
        #expect(isSure(alike, 0, 700) && isSure(alike, 1, 700))
        #expect(!isSure(alike, 0, 670) && !isSure(alike, 1, 670))
        #expect(isSure(unlike, 0, 680))
        // 5 were spent elsewhere, or charged for one of them.
        #expect(!isSure(unlike, 0, 695))
        // Given back for one, charged for the other, or neither.
        let balanced = state(unknown: [hold(30, 1)], refunds: [refund(30, 9)])
        #expect(!balanced.isSurelyFree(hold(30, 1), at: credits(700)))
        #expect(balanced.isSurelyFree(hold(30, 1), at: credits(730)))
        #expect(state(unknown: [hold(0, 1)]).isSurelyFree(hold(0, 1), at: credits(650)))
    }

    @Test func `a hold of exactly what is missing explains it better than an older one`() throws {
        let holds = [hold(100, 1), hold(20, 2)]
        #expect(
            try judge(state(unknown: holds), 680)
                == .booked([.free(holds[0]), .charge(holds[1], actual: credits(20))])
        )
    }

    @Test func `a fall past the unknown was spent elsewhere`() throws {
        let holds = [hold(20, 1), hold(10, 2)]
        #expect(
            try judge(state(unknown: holds), 650)
                == .booked([
                    .charge(holds[0], actual: credits(20)), .charge(holds[1], actual: credits(10)),
                    .adjust(credits(-20), .externalSpend),
                ])
        )
        #expect(
            try judge(state(), 650) == .booked([.adjust(credits(-50), .externalSpend)])
        )
    }

    @Test func `a rise is refunds first, oldest first, and the rest came from outside`() throws {
        let refunds = [refund(20, 1), refund(10, 2)]
        #expect(
            try judge(state(refunds: refunds), 720) == .booked([.refund(refunds[0])])
        )
        #expect(
            try judge(state(unknown: [hold(5, 9)], refunds: refunds), 737)
                == .booked([
                    .refund(refunds[0]), .refund(refunds[1]), .free(hold(5, 9)),
                    .adjust(credits(7), .externalCredit),
                ])
        )
    }

    @Test func `a refund that is due and not seen stays due`() throws {
        #expect(try judge(state(refunds: [refund(20, 1)]), 700) == .agrees)
    }

    // MARK: Renewals

    @Test func `a renewal closes the old period and opens the new one`() throws {
        let start = CalendarDay(now).latest(dayOfMonth: 15)
        #expect(
            try judge(state(posted: 90, plan: 1000, renewsOn: 15), 1000)
                == .booked([
                    .periodClose(unused: credits(90), period: start),
                    .refill(credits(1000), period: start),
                ])
        )
    }

    @Test func `what was bought on top does not lapse`() throws {
        let start = CalendarDay(now).latest(dayOfMonth: 15)
        #expect(
            try judge(state(posted: 590, plan: 1000, renewsOn: 15), 1500, topUp: 500)
                == .booked([
                    .periodClose(unused: credits(90), period: start),
                    .refill(credits(1000), period: start),
                ])
        )
    }

    @Test func `a period is booked once`() throws {
        let start = CalendarDay(now).latest(dayOfMonth: 15)
        #expect(
            try judge(state(posted: 900, plan: 1000, renewsOn: 15, period: start), 1000)
                == .booked([.adjust(credits(100), .externalCredit)])
        )
    }

    @Test func `without a known day a rise of half a plan counts, and only after twenty days`()
        throws
    {
        let today = CalendarDay(now)
        let old = CalendarDay(number: today.number - 20)
        let young = CalendarDay(number: today.number - 19)
        #expect(
            try judge(state(posted: 90, plan: 1000, period: old), 1000)
                == .booked([
                    .periodClose(unused: credits(90), period: today),
                    .refill(credits(1000), period: today),
                ])
        )
        for state in [
            state(posted: 90, plan: 1000, period: young), state(posted: 90, period: old),
        ] {
            #expect(try judge(state, 1000) == .booked([.adjust(credits(910), .externalCredit)]))
        }
    }

    @Test func `a rise that a refund explains is no renewal`() throws {
        let refunds = [refund(20, 1)]
        #expect(
            try judge(state(posted: 900, refunds: refunds, plan: 1000, renewsOn: 15), 920)
                == .booked([.refund(refunds[0])])
        )
    }

    @Test func `what waits at a renewal is decided with it`() throws {
        let start = CalendarDay(now).latest(dayOfMonth: 15)
        let refunds = [refund(20, 1)]
        #expect(
            try judge(
                state(
                    posted: 90,
                    unknown: [hold(10, 9)],
                    refunds: refunds,
                    plan: 1000,
                    renewsOn: 15
                ),
                1000
            )
                == .booked([
                    .charge(hold(10, 9), actual: credits(10)), .refund(refunds[0]),
                    .periodClose(unused: credits(100), period: start),
                    .refill(credits(1000), period: start),
                ])
        )
    }

    @Test func `an unknown that nothing was left to charge for was free`() throws {
        let start = CalendarDay(now).latest(dayOfMonth: 15)
        #expect(
            try judge(state(posted: 0, unknown: [hold(10, 9)], plan: 1000, renewsOn: 15), 1000)
                == .booked([
                    .free(hold(10, 9)), .periodClose(unused: .zero, period: start),
                    .refill(credits(1000), period: start),
                ])
        )
    }

    @Test func `the first reading of a renewal waits for a second and alarms nobody`() throws {
        #expect(
            try judge(state(posted: 90, equalFor: nil, plan: 1000, renewsOn: 15), 1000)
                == .waits(difference: credits(910), again: now + quiet)
        )
    }

    @Test func `the next reading is never asked for in the past`() throws {
        guard
            case .waits(_, let again) = try judge(state(underWay: 10, equalFor: 3600), 690)
        else {
            Issue.record("work is under way")
            return
        }
        #expect(again >= now)
    }

    // MARK: Every case

    /// What the bookings do to the two running numbers.
    private func applied(
        _ bookings: [Booking],
        to balance: Balance
    ) -> (posted: Int64, held: Int64) {
        var (posted, held) = (balance.posted.amount, balance.held.amount)
        for booking in bookings {
            switch booking {
            case .refund(let refund): posted += refund.amount.amount
            case .charge(let hold, let actual):
                posted -= actual.amount
                held -= hold.amount.amount
            case .free(let hold): held -= hold.amount.amount
            case .adjust(let amount, _): posted += amount.amount
            case .periodClose(let unused, _): posted -= unused.amount
            case .refill(let amount, _): posted += amount.amount
            }
        }
        return (posted, held)
    }

    @Test func `after booking the books are what was read, and nothing is held`() throws {
        var random = SplitMix(state: 11)
        func pick(_ values: [Int64]) -> Int64 { values.randomElement(using: &random) ?? 0 }
        for _ in 0..<4000 {
            let holds = (0..<pick([0, 1, 3])).map { hold(pick([0, 10, 20, 100]), $0 + 1) }
            let refunds = (0..<pick([0, 0, 2])).map { refund(pick([10, 20]), UInt64($0)) }
            let plan = pick([0, 1000])
            let state = state(
                posted: pick([0, 15, 700, 1200]),
                unknown: holds,
                refunds: refunds,
                plan: plan == 0 ? nil : plan,
                renewsOn: pick([0, 1]) == 0 ? nil : 15
            )
            let reading = pick([0, 5, 15, 680, 700, 720, 1000, 1200])
            guard case .booked(let bookings) = try judge(state, reading, topUp: pick([0, 100]))
            else { continue }
            let (posted, held) = applied(bookings, to: state.balance)
            #expect(posted == reading)
            #expect(held == 0)
        }
    }
}
