import Testing

@testable import PurserCore

struct QueueForecastTests {
    private func seconds(_ values: some Sequence<Int>) -> [Duration] {
        values.map { .seconds($0) }
    }

    @Test func `with a slot free nobody waits, whatever is known`() throws {
        let forecast = QueueForecast(waiting: 2, freeSlots: 3, ages: [], durations: [])
        #expect(forecast.wait == .init(low: .zero, expected: .zero, high: .zero))
    }

    @Test func `of few ended jobs nothing is told`() {
        let few = seconds(1...9)
        #expect(QueueForecast(waiting: 0, freeSlots: 0, ages: [.zero], durations: few).wait == nil)
        let none = QueueForecast(waiting: 0, freeSlots: 0, ages: [], durations: seconds(1...10))
        #expect(none.wait == nil, "nothing runs that could end")
    }

    @Test func `the next slot comes when the first job ends, as jobs of its age did`() throws {
        let all = seconds(1...100)
        let young = QueueForecast(waiting: 0, freeSlots: 0, ages: [.zero], durations: all)
        #expect(
            young.wait == .init(low: .seconds(10), expected: .seconds(50), high: .seconds(90))
        )
        // 20 of the 100 took longer than 80 s.
        let old = QueueForecast(waiting: 0, freeSlots: 0, ages: [.seconds(80)], durations: all)
        #expect(old.wait == .init(low: .seconds(2), expected: .seconds(10), high: .seconds(18)))
    }

    @Test func `whoever is further back waits for later ends`() throws {
        let even = seconds(repeatElement(60, count: 20))
        let ages = seconds([50, 40, 10])
        let waits = (0..<5).map {
            QueueForecast(waiting: $0, freeSlots: 0, ages: ages, durations: even).wait?.expected
        }
        // The three end after 10, 20 and 50 s; the first in line then keeps its slot for 60 s.
        #expect(waits == [.seconds(10), .seconds(20), .seconds(50), .seconds(70), .seconds(80)])
    }

    @Test func `slots that others in line will take count from now`() {
        let even = seconds(repeatElement(60, count: 20))
        let forecast = QueueForecast(
            waiting: 2,
            freeSlots: 2,
            ages: [.seconds(30)],
            durations: even
        )
        #expect(forecast.wait?.expected == .seconds(30))
    }

    @Test func `a job older than any that ended is nobody's hope`() {
        let even = seconds(repeatElement(60, count: 20))
        let stuck = QueueForecast(waiting: 0, freeSlots: 0, ages: [.seconds(61)], durations: even)
        #expect(stuck.wait == nil)
    }

    @Test func `an account's free slots are those it would give away`() {
        let now = Timestamp.midNovember
        var four = AccountSettings()
        four.maxInFlight = 4
        let expired = now - .seconds(1)
        #expect(Candidate.sample("a", jobs: 1, settings: four).freeSlots(at: now) == 3)
        #expect(Candidate.sample("a", jobs: 9, settings: four).freeSlots(at: now) == 0)
        let paused = Candidate.sample("a", state: .paused(reason: "test"), settings: four)
        #expect(paused.freeSlots(at: now) == 0)
        #expect(Candidate.sample("a", expires: expired, settings: four).freeSlots(at: now) == 0)
    }
}
