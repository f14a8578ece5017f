import Glibc

/// How much is tried: a few minutes for each change, hours for a night or a release.
enum Tier: String {
    case gate, night, release

    static let current = setting("PURSER_PROOF").flatMap(Tier.init) ?? .gate

    /// How many; the variable overrules the tier.
    ///
    /// Fewer than `least` would prove nothing.
    static func size(
        _ variable: String,
        gate: Int,
        night: Int,
        release: Int,
        least: Int = 1
    ) throws -> Int {
        if let words = setting(variable) {
            guard let size = Int(words), size >= least else {
                throw ProofError("\(variable): '\(words)' is no number of at least \(least)")
            }
            return size
        }
        return switch current {
        case .gate: gate
        case .night: night
        case .release: release
        }
    }

    /// What chance begins with; the same in every run under one `PURSER_SEED`.
    static var seed: UInt64 { setting("PURSER_SEED").flatMap(UInt64.init) ?? 1 }

    static func setting(_ variable: String) -> String? {
        getenv(variable).map { String(cString: $0) }
    }
}

/// The generator of Steele, Lea and Flood (2014): small, and the same everywhere.
struct Chance: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
