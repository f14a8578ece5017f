import PurserCore
import Testing

extension StoreConformance {
    static let repeatCases: [Case] = [
        Case("a settlement repeated is the same, and its id is good for no other") { fixture in
            try await fixture.createVault()
            _ = try await fixture.addAccount("a")
            let member = try await fixture.addMember("m")
            let claim = try await fixture.claim(fixture.order(member))
            let operation = fixture.id(LedgerEntry.self)
            let price = claim.price
            let settled = Settlement.Ending.settled(charged: price, jobs: fixture.jobs(of: claim))
            for _ in 0..<2 {
                try await fixture.end(claim, settled, observed: price, operation: operation)
            }
            let less = Settlement.Ending.settled(charged: .zero, jobs: [])
            let reused = await failure {
                try await fixture.end(claim, less, operation: operation)
            }
            #expect(reused?.contains("was used before with other content") == true)
            let second = try await fixture.claim(fixture.order(member))
            let taken = await failure {
                try await fixture.end(second, .voided, operation: operation)
            }
            #expect(taken?.contains("was used before with other content") == true)
            #expect(try await fixture.store.entries(EntryFilter()).count == 5)
            #expect(try await fixture.findings() == [])
        },
        Case("a settlement after a reading freed the hold is taken in once") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a", credits: 100)
            let member = try await fixture.addMember("m")
            let claim = try await fixture.claim(fixture.order(member))
            try await fixture.markUnknown(claim)
            let later = start + .seconds(10)
            _ = try await fixture.observe(account, 100, at: later)
            _ = try await fixture.observe(account, 100, at: later + quietAfter)
            let operation = fixture.id(LedgerEntry.self)
            let late = Settlement.Ending.settled(
                charged: claim.price,
                jobs: fixture.jobs(of: claim)
            )
            for _ in 0..<2 {
                try await fixture.end(claim, late, observed: claim.price, operation: operation)
            }
            let entries = try await fixture.store.entries(EntryFilter())
            #expect(entries.suffix(3).map(\.kind) == [.observe, .free, .observe])
            let told = try await fixture.store.audit().map(\.record.verb)
            #expect(told.count { $0 == "ledger.late_settlement" } == 1)
            #expect(try await fixture.store.jobs(JobFilter()).count == 1)
        },
        Case("a claim without a hold is repeated too") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a", credits: nil)
            let member = try await fixture.addMember("m", budget: 10)
            let order = fixture.order(member, videos: 0)
            let claim = try await fixture.claim(order)
            #expect(claim.holdSequence == 0)
            #expect(try await fixture.claim(order) == claim)
            // Where the choice would now fall on an account with a balance.
            _ = try await fixture.addAccount("b")
            #expect(try await fixture.claim(order) == claim)
            _ = try await fixture.observe(account, 70, at: start)
            #expect(try await fixture.claim(order) == claim)
            let other = fixture.order(
                member,
                videos: 0,
                fingerprint: [2],
                submission: order.submissionID,
                operation: order.operation
            )
            let reused = await failure { _ = try await fixture.claim(other) }
            #expect(reused?.contains("was used before with other content") == true)
        },
        Case("a reading repeated says what was booked") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a", credits: 100)
            let member = try await fixture.addMember("m")
            let jobs = try await fixture.settle(try await fixture.claim(fixture.order(member)))
            try await fixture.record(jobs[0], .failed)
            let unknown = try await fixture.claim(fixture.order(member, videos: 2))
            try await fixture.markUnknown(unknown)
            let later = start + .seconds(300)
            _ = try await fixture.observe(account, 105, at: later)
            let operation = fixture.id(LedgerEntry.self)
            var results: [Reconciliation] = []
            for _ in 0..<2 {
                results.append(
                    try await fixture.store.observe(
                        account.id,
                        reading: CreditsReading(credits: Credits(unchecked: 105)),
                        operation: operation,
                        at: later + quietAfter
                    )
                )
            }
            guard case .booked(let bookings) = results[0] else {
                throw LedgerFixture.Unexpected(what: "nothing was booked")
            }
            #expect(bookings.count == 3)
            #expect(results[1] == .booked(bookings))
        },
        Case("a reading repeated later does not say it booked what it did not") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a", credits: 100)
            let member = try await fixture.addMember("m")
            let claim = try await fixture.claim(fixture.order(member))
            let operation = fixture.id(LedgerEntry.self)
            let reading = CreditsReading(credits: Credits(unchecked: 90))
            let later = start + .seconds(10)
            func observe(at now: Timestamp) async throws -> Reconciliation {
                try await fixture.store.observe(
                    account.id,
                    reading: reading,
                    operation: operation,
                    at: now
                )
            }
            guard case .waits = try await observe(at: later) else {
                throw LedgerFixture.Unexpected(what: "work under way was decided")
            }
            try await fixture.settle(claim, at: later)
            let again = try await observe(at: later + quietAfter + quietAfter)
            if case .booked = again { Issue.record("\(again)") }
            #expect(try await fixture.store.entries(EntryFilter()).count == 4)
        },
        Case("a job name that comes again is told of and bound to the first") { fixture in
            try await fixture.createVault()
            _ = try await fixture.addAccount("a")
            let member = try await fixture.addMember("m")
            let first = try await fixture.claim(fixture.order(member))
            let jobs = try await fixture.settle(first)
            let second = try await fixture.claim(fixture.order(member))
            let again = Job(
                id: fixture.id(),
                operationName: jobs[0].operationName,
                shape: .operations,
                sceneID: nil,
                projectID: nil,
                accountID: second.account.id,
                memberID: second.memberID,
                submissionID: second.submissionID,
                credentialVersion: 1,
                modelID: jobs[0].modelID,
                modelKey: jobs[0].modelKey,
                price: second.price,
                createdAt: start
            )
            let ending = Settlement.Ending.settled(charged: second.price, jobs: [again])
            try await fixture.end(second, ending)
            #expect(try await fixture.store.jobs(JobFilter()).map(\.id) == [jobs[0].id])
            let told = try await fixture.store.audit().map(\.record.verb)
            #expect(told.last == "ledger.job_name_reused")
        },
    ]
}
