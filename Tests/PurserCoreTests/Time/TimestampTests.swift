import PurserCore
import Testing

struct TimestampTests {
    private let first = Timestamp(milliseconds: .min)
    private let last = Timestamp(milliseconds: .max)

    @Test func `an instant and a duration add in milliseconds`() {
        let instant = Timestamp(milliseconds: 1000)
        #expect(instant + .milliseconds(1) == Timestamp(milliseconds: 1001))
        #expect(instant - .seconds(2) == Timestamp(milliseconds: -1000))
        #expect(instant - Timestamp(milliseconds: 400) == .milliseconds(600))
        #expect(instant < Timestamp(milliseconds: 1001))
    }

    @Test func `sums stop at the ends instead of trapping`() {
        #expect(last + .seconds(1) == last)
        #expect(first - .seconds(1) == first)
        #expect(last + .seconds(Int64.max) == last)
        #expect(first + .seconds(Int64.min) == first)
        #expect((last - first).milliseconds == .max)
        #expect((first - last).milliseconds == .min)
    }

    @Test func `durations lose what is below a millisecond, towards zero`() {
        #expect(Duration.microseconds(1999).milliseconds == 1)
        #expect(Duration.microseconds(-1999).milliseconds == -1)
        #expect(Duration.seconds(Int64.max).milliseconds == .max)
        #expect(Duration.seconds(Int64.min).milliseconds == .min)
    }
}
