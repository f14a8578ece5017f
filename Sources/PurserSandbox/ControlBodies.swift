// The bodies of control calls. All of them are strict, like a scenario.

struct CreditsChange: Decodable {
    let delta: Int?
    let set: Int?

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case delta
        case set
    }

    init(from decoder: any Decoder) throws {
        let keys = try StrictKeys(decoder, CodingKeys.self)
        delta = try keys.optional(.delta)
        set = try keys.optional(.set)
    }
}

/// Without a token and without the old one, the account accepts no bearer at all.
struct TokenChange: Decodable {
    let token: String?
    let keepOld: Bool

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case token
        case keepOld
    }

    init(from decoder: any Decoder) throws {
        let keys = try StrictKeys(decoder, CodingKeys.self)
        token = try keys.optional(.token)
        keepOld = try keys.value(.keepOld, or: false)
    }
}

struct TierChange: Decodable {
    let tier: String

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case tier
    }

    init(from decoder: any Decoder) throws {
        tier = try StrictKeys(decoder, CodingKeys.self).required(.tier)
    }
}

/// The state without the wire's prefix; one the sandbox does not know leaves the job under way.
struct StateChange: Decodable {
    let state: String
    let reason: String?

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case state
        case reason
    }

    init(from decoder: any Decoder) throws {
        let keys = try StrictKeys(decoder, CodingKeys.self)
        state = try keys.required(.state)
        reason = try keys.optional(.reason)
    }
}

struct ClockChange: Decodable {
    let advanceSeconds: Double

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case advanceSeconds
    }

    init(from decoder: any Decoder) throws {
        advanceSeconds = try StrictKeys(decoder, CodingKeys.self).required(.advanceSeconds)
    }
}
