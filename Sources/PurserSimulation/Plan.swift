import PurserCore

/// What one seed is put through; drawn from the seed, so that each world is harsh in ways of its own.
struct Plan: Sendable {
    let processes: Int
    let accounts: Int
    let policy: PolicyName
    let quietAfter: Duration
    /// How old a number of the service may be at most.
    let staleness: Duration
    /// Faults in a thousand effects: a process dies, the store is busy or fails, an answer comes twice.
    let deaths: Int
    let storeFaults: Int
    let repeats: Int
    /// In a thousand submissions.
    let refusals: Int
    let timeouts: Int
    /// In a thousand readings.
    let unreadable: Int
    /// Whether somebody spends, tops up or changes plans besides Purser.
    let hasOutsiders: Bool
    let hasRenewals: Bool
    let hasTierChanges: Bool
    let hasClockJumps: Bool
    let hasTokenDeaths: Bool
    /// Whether an answer may be booked after its process is thought dead.
    let hasGhosts: Bool

    init(_ chance: inout Chance) {
        processes = chance.int(in: 2..<5)
        accounts = chance.int(in: 2..<5)
        policy = chance.one(of: PolicyName.allCases)
        // Three worlds in four keep the promise that two readings so far apart cannot both be old.
        quietAfter = chance.one(of: [.seconds(30), .seconds(300), .seconds(300), .seconds(300)])
        staleness = chance.one(of: [.zero, .seconds(20), .seconds(120)])
        deaths = chance.one(of: [0, 2, 6, 20])
        storeFaults = chance.one(of: [0, 0, 5, 25])
        repeats = chance.one(of: [0, 10, 50])
        refusals = chance.one(of: [0, 100, 300])
        timeouts = chance.one(of: [0, 50, 200])
        unreadable = chance.one(of: [0, 50, 200])
        hasOutsiders = chance.happens(350)
        hasRenewals = chance.happens(350)
        hasTierChanges = chance.happens(250)
        hasClockJumps = chance.happens(250)
        hasTokenDeaths = chance.happens(300)
        hasGhosts = chance.happens(250)
    }

    /// Whether two equal readings `quietAfter` apart prove something: the later one is younger than the first.
    ///
    /// The longest delay of a charge after its time-out is part of it, and the way of an answer.
    var readingsProve: Bool { quietAfter > staleness + Upstream.latestCharge + Self.way }

    /// Longer than any answer is on its way to the books.
    static let way = Duration.seconds(150)
}
