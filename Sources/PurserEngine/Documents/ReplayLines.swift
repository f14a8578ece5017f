package import PurserCore

/// Files of one JSON object a line, as `purser simulate` reads them: histories and pools.
///
/// Strict: a key nobody knows, a wrong type or a value out of range is an error with its line.
package enum ReplayLines {
    /// The most videos a line may ask for at once.
    private static let mostVideos: Int64 = 100
    /// The highest plan and balance that a line may name; a price may be a tenth of it.
    private static let mostCredits: Int64 = 1_000_000

    /// `{"at": "2026-11-01T09:00:00Z", "model": "veo_3_1_t2v_fast", "count": 2}`; in place of `model`,
    /// `"prices": {"tier-one": 20, "ultra": 10}`.
    ///
    /// `count` is 1 where it is left out. Lines need not be in order of time.
    package static func trace(
        _ bytes: [UInt8],
        in catalogue: Catalogue
    ) throws(LineFailure) -> Trace {
        var requests: [Trace.Request] = []
        var span: ClosedRange<Timestamp>?
        for line in try lines(of: bytes) {
            try line.check(["at", "model", "prices", "count"])
            let at = try instant(of: line)
            let known = span ?? at...at
            let wider = min(known.lowerBound, at)...max(known.upperBound, at)
            let days = CalendarDay(wider.upperBound).number - CalendarDay(wider.lowerBound).number
            guard days < Replay.longestDays else {
                throw line.failure(
                    "at: more than a hundred years from a line before",
                    hint: "a history of at most a hundred years can be replayed"
                )
            }
            span = wider
            let count = try line.integer("count", within: 1...mostVideos) ?? 1
            let model = try model(of: line, in: catalogue)
            requests.append(Trace.Request(at: at, model: model, count: Int(count)))
        }
        return Trace(requests)
    }

    /// `{"name": "pro-1", "tier": "tier-one", "credits": 640, "monthly-credits": 1000, "renews-on": 12}`; also `reserve` and
    /// `max-in-flight`, named and meant as in `accounts.toml`.
    package static func pool(_ bytes: [UInt8]) throws(LineFailure) -> [Candidate] {
        var names: Set<String> = []
        var pool: [Candidate] = []
        for line in try lines(of: bytes) {
            let candidate = try candidate(of: line)
            guard names.insert(candidate.account.name).inserted else {
                throw line.failure(
                    "there is a second \(candidate.account.name)",
                    hint: "give each account a name of its own"
                )
            }
            pool.append(candidate)
        }
        return pool
    }

    private static func instant(of line: Line) throws(LineFailure) -> Timestamp {
        let text = try line.string("at")
        guard let at = Timestamp(iso8601: text) else {
            throw line.failure(
                "at: \(text.debugDescription) is no instant",
                hint: "write 2026-11-01T09:00:00Z"
            )
        }
        return at
    }

    private static func model(
        of line: Line,
        in catalogue: Catalogue
    ) throws(LineFailure) -> Model {
        guard let prices = line.members["prices"] else {
            guard line.members["model"] != nil else {
                throw line.failure(
                    "model or prices is wanted",
                    hint:
                        #"write "model": "veo_3_1_t2v_fast", or "prices": {"tier-one": 20, "ultra": 10}"#
                )
            }
            let key = try line.string("model")
            if let model = catalogue.model(forKey: key) { return model }
            let near = catalogue.nearest(to: key, limit: 3).joined(separator: ", ")
            throw line.failure(
                "model: nobody knows \(key.debugDescription)",
                hint: near.isEmpty ? "purser models; or prices in place of model" : "near: \(near)"
            )
        }
        if line.members["model"] != nil {
            throw line.failure("model and prices exclude each other", hint: "leave one of them out")
        }
        guard case .object(let named) = prices, !named.isEmpty else {
            throw line.failure(
                "prices: an object of prices by tier is wanted",
                hint: #"{"tier-one": 20, "ultra": 10}"#
            )
        }
        var offers: [Tier: Offer] = [:]
        var name = "prices"
        for (key, value) in named.sorted(by: { $0.key < $1.key }) {
            guard let tier = Tier(rawValue: key) else {
                throw line.failure(
                    "prices: \(key.debugDescription) is no tier",
                    hint: Tier.allCases.map(\.rawValue).joined(separator: ", ")
                )
            }
            guard let price = value.integer, (0...mostCredits / 10).contains(price) else {
                throw line.failure(
                    "prices.\(key): a whole number from 0 to \(mostCredits / 10) is wanted"
                )
            }
            name += " \(key)=\(price)"
            offers[tier] = Offer(key: name, price: Credits(unchecked: price), source: "prices")
        }
        return Model(id: ModelID(name), title: name, endpoint: nil, offers: offers)
    }

    private static func candidate(of line: Line) throws(LineFailure) -> Candidate {
        try line.check([
            "name", "tier", "credits", "monthly-credits", "renews-on", "reserve", "max-in-flight",
        ])
        let name = try line.string("name")
        guard Account.isName(name) else {
            throw line.failure(
                "name: \(name.debugDescription) is no name of an account",
                hint: "it has 1 to 64 letters, digits, \".\", \"_\" or \"-\""
            )
        }
        let text = try line.string("tier")
        guard let tier = Tier(rawValue: text) else {
            throw line.failure(
                "tier: \(text.debugDescription) is no tier",
                hint: Tier.allCases.map(\.rawValue).joined(separator: ", ")
            )
        }
        let plan = try line.integer("monthly-credits", within: 0...mostCredits)
        guard let credits = try line.integer("credits", within: 0...mostCredits) ?? plan else {
            throw line.failure(
                "credits or monthly-credits is wanted",
                hint: #"write "credits": 640"#
            )
        }
        let settings = AccountSettings(
            maxInFlight: Int(
                try line.integer("max-in-flight", within: 1...1000)
                    ?? Int64(AccountSettings.defaultMaxInFlight)
            ),
            reserve: Credits(
                unchecked: try line.integer("reserve", within: 0...mostCredits) ?? 0
            ),
            monthlyCredits: plan.map { Credits(unchecked: $0) },
            renewsOnDay: try line.integer("renews-on", within: 1...31).map(Int.init)
        )
        let account = Account(
            id: AccountID(high: 0, low: UInt64(line.number)),
            createdAt: Timestamp(milliseconds: 0),
            name: name,
            tier: tier,
            settings: settings
        )
        let balance = Balance(posted: Credits(unchecked: credits), held: .zero)
        return Candidate(account: account, balance: balance)
    }

    /// The lines that are not empty.
    private static func lines(of bytes: [UInt8]) throws(LineFailure) -> [Line] {
        var lines: [Line] = []
        let parts = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (place, part) in parts.enumerated() {
            let isEmpty = part.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
            guard !isEmpty else { continue }
            guard case .object(let members) = JSONValue(Array(part)) else {
                throw LineFailure(
                    line: place + 1,
                    reason: "one JSON object is wanted, with no key twice",
                    hint: nil
                )
            }
            lines.append(Line(number: place + 1, members: members))
        }
        return lines
    }
}

/// What is wrong in a file of lines, and in which line.
package struct LineFailure: Failure, Equatable {
    /// From 1.
    package let line: Int
    package let reason: String
    package let hint: String?

    package var kind: FailureKind { .invalidInput }
    package var message: String { "line \(line): \(reason)" }
}

private struct Line {
    let number: Int
    let members: [String: JSONValue]

    func failure(_ reason: String, hint: String? = nil) -> LineFailure {
        LineFailure(line: number, reason: reason, hint: hint)
    }

    func check(_ known: [String]) throws(LineFailure) {
        for key in members.keys.sorted() where !known.contains(key) {
            throw failure(
                "nobody knows the key \(key.debugDescription)",
                hint: "there are \(known.joined(separator: ", "))"
            )
        }
    }

    func string(_ key: String) throws(LineFailure) -> String {
        guard let text = members[key]?.string else {
            throw failure("\(key): a string is wanted", hint: "write \"\(key)\": \"…\"")
        }
        return text
    }

    func integer(
        _ key: String,
        within range: ClosedRange<Int64>
    ) throws(LineFailure) -> Int64? {
        guard let value = members[key] else { return nil }
        guard let number = value.integer, range.contains(number) else {
            throw failure(
                "\(key): a whole number from \(range.lowerBound) to \(range.upperBound) is wanted"
            )
        }
        return number
    }
}
