/// Pseudo-random numbers that a seed determines (SplitMix64).
struct Chance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 ^ 0xD1B5_4A32_D192_ED03
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    /// A generator for another part of the same run: drawing from one does not move the other.
    mutating func branch() -> Chance { Chance(seed: next()) }

    /// True `count` times in a thousand.
    mutating func happens(_ count: Int) -> Bool { int(in: 0..<1000) < count }

    mutating func int(in range: Range<Int>) -> Int { Int.random(in: range, using: &self) }

    mutating func one<Element>(of elements: [Element]) -> Element {
        elements[int(in: 0..<elements.count)]
    }

    /// A span between one second and `most`, short ones as likely as long ones.
    mutating func span(upTo most: Duration) -> Duration {
        let doublings = 64 - UInt64(most.components.seconds).leadingZeroBitCount
        let top = 1000 << int(in: 0..<max(doublings, 1))
        return .milliseconds(int(in: top / 2..<top + 1))
    }
}
