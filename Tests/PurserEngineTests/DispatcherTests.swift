import PurserCore
import PurserEngine
import PurserTestSupport
import Testing

struct DispatcherTests {
    @Test func `an ultra account gets its own tier, key and price`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.answer(.accepted("op-1", remaining: 680))

            let receipt = try await home.send(.capture)

            let sent = try #require(home.provider.sent.first)
            #expect(sent.path == "video:batchAsyncGenerateVideoReferenceImages")
            #expect(sent.body.contains("\"userPaygateTier\": \"PAYGATE_TIER_TWO\""))
            #expect(sent.body.contains("\"videoModelKey\": \"veo_3_0_r2v_fast_ultra\""))
            #expect(receipt.charged == Credits(unchecked: 10))
            #expect(receipt.remaining == Credits(unchecked: 680))
            #expect(try await home.balance("ultra-1") == .init(posted: 680, held: 0))
        }
    }

    @Test func `a tier-one account keeps the plain key and pays twenty`() async throws {
        try await withEngine { home in
            try await home.add("pro-1", .tierOne, credits: 700)
            home.provider.answer(.accepted("op-1", remaining: 680))

            let receipt = try await home.send(.capture)

            #expect(receipt.modelKeys == ["veo_3_0_r2v_fast"])
            #expect(receipt.charged == Credits(unchecked: 20))
            #expect(try await home.balance("pro-1") == .init(posted: 680, held: 0))
        }
    }

    @Test func `the hold is in the books while the request is under way`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.answer(.accepted("op-1", remaining: 680))
            let seen = Seen<HomeBalance>()
            home.provider.whileSending {
                await seen.record { try await home.balance("ultra-1") }
            }

            _ = try await home.send(.capture)

            #expect(try seen.value() == .init(posted: 690, held: 10))
        }
    }

    @Test func `an unknown outcome keeps its hold and is not sent again`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            try await home.add("ultra-2", .ultra, credits: 690)
            home.provider.answer(.unknown(reason: "connection reset", answer: nil))

            await #expect(throws: DispatchError.self) { try await home.send(.capture) }

            #expect(home.provider.sent.count == 1)
            #expect(try await home.totalHeld() == 10)
        }
    }

    @Test func `what was never sent is released at once`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.answer(.notSent(reason: "connection refused"))

            await #expect(throws: DispatchError.self) { try await home.send(.capture) }

            #expect(try await home.balance("ultra-1") == .init(posted: 690, held: 0))
        }
    }

    @Test func `a repeat under the same key gets the first answer and is not charged`() async throws
    {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.answer(.accepted("op-1", remaining: 680))

            let first = try await home.send(.capture, key: "shot-7")
            let second = try await home.send(.capture, key: "shot-7")

            #expect(second.isRepeat)
            #expect(second.answer == first.answer)
            #expect(second.charged == .zero)
            #expect(home.provider.sent.count == 1)
            #expect(try await home.balance("ultra-1") == .init(posted: 680, held: 0))
        }
    }

    @Test func `the same key with another body is refused`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.answer(.accepted("op-1", remaining: 680))
            _ = try await home.send(.capture, key: "shot-7")

            await #expect(throws: StoreError.self) {
                try await home.send(.capture.replacing("19000", with: "19001"), key: "shot-7")
            }
            #expect(home.provider.sent.count == 1)
        }
    }

    @Test func `a throttled account rests and another one serves`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            try await home.add("ultra-2", .ultra, credits: 690)
            home.provider.answer(
                .refused(.scripted(.throttled, status: 429)),
                .accepted("op-1", remaining: 680)
            )

            let receipt = try await home.send(.capture)

            #expect(receipt.isAccepted)
            #expect(receipt.earlier.count == 1)
            let accounts = try await home.engine.store.accounts()
            #expect(accounts.flatMap(\.candidate.rests).map(\.reason) == [.throttled])
            #expect(try await home.totalHeld() == 0)
        }
    }

    @Test func `a second throttling soon after the first doubles the rest`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.answer(.refused(.scripted(.throttled, status: 429)))
            _ = try await home.send(.capture)
            home.clock.advance(by: .seconds(61))
            home.provider.answer(.refused(.scripted(.throttled, status: 429)))
            _ = try await home.send(.capture)

            let rests = try await home.engine.store.accounts().flatMap(\.candidate.rests)
            let longest = try #require(rests.map(\.until).max())
            #expect(longest - home.clock.now == .seconds(120))
        }
    }

    @Test(arguments: [RefusalCause.unusualActivity, .moderation, .networkRefused, .accountUnusable])
    func `no other account is tried after these`(_ cause: RefusalCause) async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            try await home.add("ultra-2", .ultra, credits: 690)
            home.provider.answer(.refused(.scripted(cause, status: 403)))

            let receipt = try await home.send(.capture)

            #expect(!receipt.isAccepted)
            #expect(home.provider.sent.count == 1)
            #expect(try await home.totalHeld() == 0)
        }
    }

    @Test func `unusual activity pauses the account for an operator`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.answer(.refused(.scripted(.unusualActivity, status: 403)))
            _ = try await home.send(.capture)

            let account = try await home.account("ultra-1")
            guard case .paused = account.state else {
                Issue.record("expected a pause, found \(account.state)")
                return
            }
        }
    }

    @Test func `moderation never blames the account`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.answer(.refused(.scripted(.moderation, status: 400)))
            _ = try await home.send(.capture)

            let overview = try #require(try await home.engine.store.accounts().first)
            #expect(overview.account.state == .enabled)
            #expect(overview.candidate.rests.isEmpty)
        }
    }

    @Test func `a busy service is asked again later, on the same account`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.answer(
                .refused(.scripted(.serviceBusy, status: 503)),
                .accepted("op-1", remaining: 680)
            )
            let before = home.clock.now

            let receipt = try await home.send(.capture)

            #expect(receipt.isAccepted)
            #expect(home.clock.now - before == .seconds(2))
            #expect(try await home.balance("ultra-1") == .init(posted: 680, held: 0))
        }
    }

    @Test func `attempts are bounded by the configuration`() async throws {
        try await withEngine { home in
            for index in 1...6 { try await home.add("ultra-\(index)", .ultra, credits: 690) }
            for _ in 1...6 { home.provider.answer(.refused(.scripted(.throttled, status: 429))) }

            let receipt = try await home.send(.capture)

            #expect(receipt.answer.status == 429)
            #expect(home.provider.sent.count == 3)
        }
    }

    @Test func `a dead token takes its account out until a rotation`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.answer(.refused(.scripted(.tokenDead, status: 401)))
            _ = try await home.send(.capture)

            await #expect(throws: RoutingRefusal.self) { try await home.send(.capture) }
        }
    }

    @Test func `an unknown key is refused with the nearest names`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            let typo = String.capture.replacing("veo_3_0_r2v_fast", with: "veo_3_0_r2v_fats")
            let error = await #expect(throws: ModelError.self) { try await home.send(typo) }
            #expect(error?.hint?.contains("veo_3_0_r2v_fast") == true)
            #expect(home.provider.sent.isEmpty)
        }
    }

    @Test func `a member whose budget bears one account's price is served by that account`()
        async throws
    {
        try await withEngine(policy: .mostCredits) { home in
            try await home.add("pro-1", .tierOne, credits: 700)
            try await home.add("ultra-1", .ultra, credits: 690)
            let member = try await home.member("ana", budget: 15)
            home.provider.answer(.refused(.scripted(.throttled, status: 429)))
            // Only pro-1 is left, beyond the budget: the answer at hand stands.
            let refused = try await home.send(.capture, member: member)
            #expect(refused.accountName == "ultra-1" && refused.answer.status == 429)
            await #expect(throws: StoreError.self) { try await home.send(.capture, member: member) }
            home.clock.advance(by: .seconds(60))
            home.provider.answer(.accepted("op-1"))
            let receipt = try await home.send(.capture, member: member)
            #expect(receipt.accountName == "ultra-1")
            #expect(try await home.budget("ana") == .init(posted: 5, held: 0))
        }
    }

    @Test func `a member's budget is held with the account's credits, or neither`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            let member = try await home.member("ana", budget: 15)
            home.provider.answer(.accepted("op-1", remaining: 680))
            _ = try await home.send(.capture, member: member)

            await #expect(throws: StoreError.self) {
                try await home.send(.capture, member: member)
            }

            #expect(try await home.balance("ultra-1") == .init(posted: 680, held: 0))
            #expect(try await home.budget("ana") == .init(posted: 5, held: 0))
        }
    }
}
