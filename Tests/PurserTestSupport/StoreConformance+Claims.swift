import PurserCore
import Testing

extension StoreConformance {
    static let claimCases: [Case] = [
        Case("a claim holds credits, budget and slot, or nothing") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount(
                "a",
                credits: 35,
                settings: AccountSettings(maxInFlight: 3)
            )
            let member = try await fixture.addMember("m", budget: 100)
            let claim = try await fixture.claim(fixture.order(member, videos: 2))
            #expect(claim.price == Credits(unchecked: 20))
            #expect(claim.elements.map(\.modelKey) == ["veo_test_ultra", "veo_test_ultra"])
            let overview = try await fixture.overview(of: account)
            #expect(overview.balance?.available == Credits(unchecked: 15))
            #expect(overview.candidate.jobsInFlight == 2)
            #expect(
                await failure { _ = try await fixture.claim(fixture.order(member, videos: 2)) }
                    != nil
            )
            _ = try await fixture.claim(fixture.order(member))
            let full = await failure {
                _ = try await fixture.claim(fixture.order(member, videos: 0))
            }
            #expect(full == nil)
            #expect(try await fixture.findings() == [])
        },
        Case("the same operation id is the same claim") { fixture in
            try await fixture.createVault()
            _ = try await fixture.addAccount("a", credits: 10)
            let member = try await fixture.addMember("m")
            let order = fixture.order(member)
            let claim = try await fixture.claim(order)
            #expect(try await fixture.claim(order) == claim)
            let other = fixture.order(member, fingerprint: [2], operation: order.operation)
            let reused = await failure { _ = try await fixture.claim(other) }
            #expect(reused?.contains("was used before with other content") == true)
            #expect(try await fixture.store.entries(EntryFilter()).count == 2)
        },
        Case("a key repeats the stored answer and conflicts with another request") { fixture in
            try await fixture.createVault()
            _ = try await fixture.addAccount("a")
            let member = try await fixture.addMember("m")
            let claim = try await fixture.claim(fixture.order(member, key: "k"))
            let busy = await failure {
                _ = try await fixture.claim(fixture.order(member, key: "k"))
            }
            #expect(busy?.contains("still under way") == true)
            let answer = SealedAnswer(status: 200, contentType: "json", epoch: 1, sealed: [8])
            try await fixture.settle(claim, answer: answer)
            let record = try await fixture.repeated(fixture.order(member, key: "k"))
            #expect(record.answer == answer)
            #expect(record.id == claim.submissionID)
            let other = fixture.order(member, key: "k", fingerprint: [2])
            #expect(
                await failure { _ = try await fixture.claim(other) }?.contains("another request")
                    == true
            )
        },
        Case("a key whose attempts were voided without an answer is free again") { fixture in
            try await fixture.createVault()
            _ = try await fixture.addAccount("a")
            let member = try await fixture.addMember("m")
            let claim = try await fixture.claim(fixture.order(member, key: "k"))
            try await fixture.void(claim)
            _ = try await fixture.claim(fixture.order(member, key: "k"))
            let second = fixture.order(
                member,
                key: "k",
                submission: claim.submissionID,
                attempt: 2
            )
            #expect(await failure { _ = try await fixture.claim(second) } != nil)
        },
        Case("a further attempt is a hold of its own") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a")
            let member = try await fixture.addMember("m")
            let first = try await fixture.claim(fixture.order(member, key: "k"))
            try await fixture.void(first)
            let second = try await fixture.claim(
                fixture.order(member, key: "k", submission: first.submissionID, attempt: 2)
            )
            #expect(second.holdSequence == 4)
            try await fixture.settle(second)
            #expect(
                try await fixture.overview(of: account).balance
                    == Balance(posted: Credits(unchecked: 990), held: .zero)
            )
        },
        Case("media bind a request to their account") { fixture in
            try await fixture.createVault()
            _ = try await fixture.addAccount("a")
            let owner = try await fixture.addAccount("b", credits: 50)
            let member = try await fixture.addMember("m")
            let made = try await fixture.claim(fixture.order(member, only: owner))
            try await fixture.end(made, .voided, mediaIDs: ["x"])
            let claim = try await fixture.claim(fixture.order(member, media: ["x"]))
            #expect(claim.account.id == owner.id)
        },
        Case("rests and pauses keep an account out until they end") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a")
            let member = try await fixture.addMember("m")
            let rest = Rest(
                accountID: account.id,
                modelID: nil,
                until: start + .seconds(60),
                reason: .throttled,
                strikes: 1
            )
            let refused = try await fixture.claim(fixture.order(member))
            #expect(refused.earlierRests == [])
            try await fixture.end(refused, .voided, rests: [rest])
            #expect(await failure { _ = try await fixture.claim(fixture.order(member)) } != nil)
            let next = try await fixture.claim(fixture.order(member), at: start + .seconds(60))
            #expect(next.earlierRests == [rest])
            #expect(try await fixture.overview(of: account).candidate.rests == [rest])
        },
    ]
}
