import PurserCore
import PurserTestSupport
import Synchronization
import Testing

@testable import PurserEngine

/// The line alone: slots are a number, and a look finds one or does not.
struct WaitingLineTests {
    /// What a test's requests share: free slots, and who got one, in order.
    private final class Slots: Sendable {
        struct State {
            var free = 0
            var looks: [ClaimOrder] = []
            var batches: [Int] = []
            var served: [(member: MemberID, number: Int)] = []
            var revision: Int64 = 0
        }

        let state = Mutex(State())

        func free(_ count: Int) {
            state.withLock {
                $0.free += count
                $0.revision += 1
            }
        }

        /// Serves as many as there are slots, in the order they come in.
        func look(_ orders: [ClaimOrder]) -> [Result<ClaimResult, any Error>] {
            state.withLock { state in
                state.batches.append(orders.count)
                return orders.map { order in
                    state.looks.append(order)
                    // The model "free" needs no slot.
                    if order.request.models.first?.id == ModelID("free") { return Self.taken }
                    guard state.free > 0 else { return .failure(Self.busy) }
                    state.free -= 1
                    state.served.append((order.memberID, order.attempt))
                    return Self.taken
                }
            }
        }

        static var taken: Result<ClaimResult, any Error> {
            var generator = SystemRandomNumberGenerator()
            let record = SubmissionRecord(
                id: SubmissionID(using: &generator),
                state: .finished,
                accountID: nil,
                price: .zero,
                modelKeys: [],
                createdAt: Timestamp(milliseconds: 0),
                answer: nil
            )
            return .success(.repeated(record))
        }

        static var busy: RoutingRefusal {
            var generator = SystemRandomNumberGenerator()
            let line = RouteExplanation.Line(
                accountID: AccountID(using: &generator),
                name: "a",
                tier: .ultra,
                modelKeys: [],
                price: nil,
                available: nil,
                rank: nil,
                score: nil,
                ineligibilities: [.noFreeSlot(inFlight: 1, maximum: 1)]
            )
            return RoutingRefusal(
                explanation: RouteExplanation(policy: .balanced, lines: [line])
            )
        }

        var served: [(member: MemberID, number: Int)] { state.withLock(\.served) }
        var looks: Int { state.withLock(\.looks.count) }
    }

    private let clock = ManualClock()
    private let slots = Slots()
    private let members: [MemberID]

    init() {
        var generator = SystemRandomNumberGenerator()
        members = (0..<8).map { _ in MemberID(using: &generator) }
    }

    private func line(wait: Duration = .seconds(30), limit: Int = 1000) -> WaitingLine {
        let (clock, slots) = (clock, slots)
        let ambient = Ambient(
            now: { clock.now },
            sleep: { try await clock.sleep(for: $0) },
            randomWords: { (0, 0) }
        )
        return WaitingLine(wait: wait, limit: limit, ambient: ambient) {
            await Task.yield()
            return slots.look($0)
        } revision: {
            let revision = slots.state.withLock { $0.revision }
            return RoutingRevision(lastEntry: revision, accounts: 0)
        }
    }

    private func order(_ member: Int, _ number: Int, _ model: String = "m") -> ClaimOrder {
        var generator = SystemRandomNumberGenerator()
        return ClaimOrder(
            submissionID: SubmissionID(using: &generator),
            attempt: number,
            memberID: members[member],
            idempotencyKey: nil,
            fingerprint: [],
            path: "",
            request: RouteRequest(
                models: [Model(id: ModelID(model), title: "", endpoint: nil, offers: [:])]
            ),
            mediaIDs: [],
            operation: OperationID(using: &generator)
        )
    }

    /// Waits for a slot as a request does; whether it got one, and `nil` where the line was full.
    private func request(
        _ line: WaitingLine,
        _ member: Int,
        _ number: Int,
        _ model: String = "m"
    ) async throws -> Bool? {
        do {
            let order = order(member, number, model)
            return try await line.claim(order, until: clock.now + line.wait) != nil
        } catch let refusal as WaitRefusal {
            #expect([.queue, .share].contains(refusal.lacking))
            return nil
        }
    }

    /// Lets everybody who can go on do so.
    private func settle(until isDone: () -> Bool) async {
        while !isDone() { await Task.yield() }
    }

    /// Each of them looks in vain, so nothing but the turns decides who looks when.
    @Test func `a member with many needs does not have all the looks`() async {
        let line = line()
        await withThrowingTaskGroup { group in
            for (member, model) in [(0, "a"), (0, "b"), (0, "c"), (1, "a")] {
                let before = line.count
                group.addTask { _ = try await request(line, member, 0, model) }
                await settle { line.count == before + 1 }
            }
            await settle { slots.looks == 4 }
            slots.state.withLock { $0.looks = [] }
            line.stir()
            await settle { slots.looks == 4 }
            let looks = slots.state.withLock(\.looks).map {
                "\(members.firstIndex(of: $0.memberID) ?? 9)\($0.request.models[0].id)"
            }
            #expect(looks == ["0a", "1a", "0b", "0c"])
            group.cancelAll()
            while let result = await group.nextResult() {
                if case .failure(let error) = result { #expect(error is CancellationError) }
            }
        }
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `members take turns, and each is served in order of arrival`(seed: UInt64) async throws {
        var random = SplitMix(state: seed)
        let line = line()
        try await withThrowingTaskGroup { group in
            var numbers = Array(repeating: 0, count: 4)
            // The first member asks for far more than the others.
            for _ in 0..<120 {
                let member =
                    Int.random(in: 0..<10, using: &random) < 7
                    ? 0 : Int.random(in: 1..<4, using: &random)
                let number = numbers[member]
                numbers[member] += 1
                let before = line.count
                group.addTask { _ = try await request(line, member, number) }
                await settle { line.count == before + 1 }
            }
            // Everybody has looked once, in vain: of one member's requests one stands for all.
            await settle { slots.looks == numbers.count { $0 > 0 } }
            var freed = 0
            while freed < 120 {
                let more = min(Int.random(in: 1..<9, using: &random), 120 - freed)
                let before = slots.looks
                freed += more
                slots.free(more)
                line.stir()
                await settle { slots.served.count == freed && line.count == 120 - freed }
                await settle { !line.isLooking }
                // In vain look at most as many as were served, and one for each member.
                #expect(slots.looks <= before + 2 * more + numbers.count)
            }
            try await group.waitForAll()
            var left = numbers
            for (index, served) in slots.served.enumerated() {
                let member = try #require(members.firstIndex(of: served.member))
                #expect(served.number == numbers[member] - left[member])
                left[member] -= 1
                // While all four wait, every four in a row are four members.
                let isCrowded = left.allSatisfy { $0 > 0 }
                if isCrowded, index >= 3 {
                    let last = slots.served[index - 3...index].map { $0.member }
                    #expect(Set(last).count == 4, "seed \(seed), place \(index): \(last)")
                }
            }
        }
        #expect(line.count == 0)
    }

    @Test func `what nobody can take is looked for once, and again only when something moved`()
        async throws
    {
        let line = line()
        try await withThrowingTaskGroup { group in
            for number in 0..<50 { group.addTask { try await request(line, 0, number) } }
            await settle { line.count == 50 && clock.sleepers == 1 && !line.isLooking }
            let looks = slots.looks
            // The first look of the line's own counts as one more.
            #expect(looks <= 2)
            for _ in 0..<40 {
                clock.advance(by: WaitingLine.lookEvery)
                await settle { clock.sleepers == 1 }
            }
            #expect(slots.looks <= looks + 1)
            // Another process frees one: it is seen at the next look, without a word.
            slots.free(1)
            clock.advance(by: WaitingLine.lookEvery)
            await settle { slots.served.count == 1 }
            clock.advance(by: .seconds(30))
            var served = 0
            for try await result in group where result == true { served += 1 }
            #expect(served == 1)
        }
    }

    @Test func `whoever gives up leaves at once, and the next one has the turn`() async throws {
        let line = line()
        let first = Task { try await request(line, 0, 0) }
        await settle { line.count == 1 }
        let second = Task { try await request(line, 1, 1) }
        await settle { line.count == 2 }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        #expect(line.count == 1)
        slots.free(1)
        line.stir()
        #expect(try await second.value == true)
        #expect(slots.served.map(\.member) == [members[1]])
    }

    @Test func `as many as fit look together, in few batches`() async throws {
        let line = line()
        try await withThrowingTaskGroup { group in
            for number in 0..<100 { group.addTask { _ = try await request(line, 0, number) } }
            await settle { line.count == 100 && !line.isLooking }
            slots.state.withLock { $0.batches = [] }
            slots.free(100)
            line.stir()
            try await group.waitForAll()
        }
        #expect(slots.state.withLock(\.batches) == [1, 2, 4, 8, 16, 32, 37])
    }

    @Test func `what another account can take does not wait behind what none can`() async throws {
        let line = line()
        let stuck = Task { try await request(line, 0, 0) }
        await settle { line.count == 1 && !line.isLooking }
        #expect(try await request(line, 0, 1, "free") == true)
        #expect(try await request(line, 1, 2, "free") == true)
        #expect(line.count == 1)
        #expect(slots.looks == 3)
        stuck.cancel()
        await #expect(throws: CancellationError.self) { try await stuck.value }
    }

    @Test func `one member has a quarter of the line at most`() async throws {
        let line = line(limit: 8)
        let waiting = [0, 0, 1, 1].enumerated().map { number, member in
            Task { try await request(line, member, number) }
        }
        await settle { line.count == 4 }
        let refusal = await #expect(throws: WaitRefusal.self) {
            try await line.claim(order(0, 9), until: clock.now + line.wait)
        }
        #expect(refusal?.lacking == .share)
        #expect(refusal?.retryAfter == .seconds(5))
        let other = Task { try await request(line, 2, 0) }
        await settle { line.count == 5 }
        for task in waiting + [other] { task.cancel() }
        for task in waiting + [other] {
            await #expect(throws: CancellationError.self) { try await task.value }
        }
        #expect(line.count == 0)
    }

    @Test func `beyond its limit nobody enters, and nobody waits for longer than they may`()
        async throws
    {
        let line = line(wait: .seconds(10), limit: 2)
        #expect(line.share == 1)
        let waiting = [0, 1].map { number in Task { try await request(line, number, number) } }
        await settle { line.count == 2 && clock.sleepers == 1 }
        #expect(try await request(line, 2, 2) == nil)
        for _ in 0..<40 {
            clock.advance(by: WaitingLine.lookEvery)
            await settle { clock.sleepers == 1 || line.count == 0 }
        }
        for task in waiting { #expect(try await task.value == false) }
        #expect(line.count == 0)
    }
}
