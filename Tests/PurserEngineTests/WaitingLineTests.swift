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
            var looks = 0
            var served: [(member: Int, number: Int)] = []
            var revision: Int64 = 0
        }

        let state = Mutex(State())

        func free(_ count: Int) {
            state.withLock {
                $0.free += count
                $0.revision += 1
            }
        }

        func take(_ member: Int, _ number: Int) -> Bool {
            state.withLock { state in
                state.looks += 1
                guard state.free > 0 else { return false }
                state.free -= 1
                state.served.append((member, number))
                return true
            }
        }

        var served: [(member: Int, number: Int)] { state.withLock(\.served) }
        var looks: Int { state.withLock(\.looks) }
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
            let revision = slots.state.withLock { $0.revision }
            return RoutingRevision(lastEntry: revision, accounts: 0)
        }
    }

    /// Waits for a slot as a request does; whether it got one, and `nil` where the line was full.
    private func request(_ line: WaitingLine, _ member: Int, _ number: Int) async throws -> Bool? {
        let need = WaitingLine.Need(
            member: members[member],
            models: [ModelID("m")],
            mediaIDs: [],
            only: nil,
            onlyTier: nil,
            maxCredits: nil
        )
        let deadline = clock.now + line.wait
        guard let place = line.enter(for: need, until: deadline, looksAnyway: false) else {
            return nil
        }
        var isServed = false
        defer { line.leave(place, served: isServed) }
        while try await line.turn(of: place) {
            isServed = slots.take(member, number)
            if isServed { return true }
            line.refuse(place, wakesAt: nil)
        }
        return false
    }

    /// Lets everybody who can go on do so.
    private func settle(until isDone: () -> Bool) async {
        while !isDone() { await Task.yield() }
    }

    /// Who looked, by place.
    private final class Looks: Sendable {
        let order = Mutex<[Int]>([])
    }

    /// Each of them looks in vain, so nothing but the turns decides who looks when.
    @Test func `a member with many needs does not have all the looks`() async {
        let line = line()
        let looks = Looks()
        let places = [(0, "a"), (0, "b"), (0, "c"), (1, "a")].compactMap { member, model in
            line.enter(
                for: .init(
                    member: members[member],
                    models: [ModelID(model)],
                    mediaIDs: [],
                    only: nil,
                    onlyTier: nil,
                    maxCredits: nil
                ),
                until: clock.now + line.wait,
                looksAnyway: false
            )
        }
        await withThrowingTaskGroup { group in
            for (index, place) in places.enumerated() {
                group.addTask {
                    defer { line.leave(place, served: false) }
                    while try await line.turn(of: place) {
                        looks.order.withLock { $0.append(index) }
                        line.refuse(place, wakesAt: nil)
                    }
                }
            }
            await settle { looks.order.withLock(\.count) == 4 }
            #expect(looks.order.withLock { $0 } == [0, 3, 1, 2])
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
                let more = min(Int.random(in: 1..<5, using: &random), 120 - freed)
                let before = slots.looks
                freed += more
                slots.free(more)
                line.stir()
                await settle { slots.served.count == freed }
                let waiting = numbers.indices.count { member in
                    slots.served.count { $0.member == member } < numbers[member]
                }
                await settle { slots.looks == before + more + waiting }
            }
            try await group.waitForAll()
            var left = numbers
            for (index, served) in slots.served.enumerated() {
                #expect(served.number == numbers[served.member] - left[served.member])
                left[served.member] -= 1
                // While all four wait, every four in a row are four members.
                let isCrowded = left.allSatisfy { $0 > 0 }
                if isCrowded, index >= 3 {
                    let last = slots.served[index - 3...index].map(\.member)
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
            await settle { line.count == 50 && clock.sleepers == 1 }
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
        #expect(slots.served.map(\.member) == [1])
    }

    @Test func `beyond its limit nobody enters, and nobody waits for longer than they may`()
        async throws
    {
        let line = line(wait: .seconds(10), limit: 2)
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
