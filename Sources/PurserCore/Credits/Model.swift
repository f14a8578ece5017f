/// Names a model, whatever the tier; one of its model keys, the one sold to the lowest tier.
package struct ModelID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: String

    package init(_ rawValue: String) {
        self.rawValue = rawValue
    }

    package var description: String { rawValue }

    package static func < (a: ModelID, b: ModelID) -> Bool { a.rawValue < b.rawValue }
}

/// What is bought: one kind of generation, sold to each tier under a key and at a price of its own.
package struct Model: Sendable, Equatable, Identifiable {
    package let id: ModelID
    /// "Veo 3.0 reference-to-video, fast, landscape, 8 s".
    package let title: String
    /// The path after `/v1/` that serves it, where that is known.
    package let endpoint: String?
    package let offers: [Tier: Offer]

    package init(id: ModelID, title: String, endpoint: String?, offers: [Tier: Offer]) {
        self.id = id
        self.title = title
        self.endpoint = endpoint
        self.offers = offers
    }

    /// The best that is said of any of its offers: a model is current while one tier can buy it.
    package var status: ModelStatus {
        offers.values.map(\.status).min() ?? .unverified
    }
}

/// A model as sold to one tier.
package struct Offer: Sendable, Equatable {
    /// The wire's `videoModelKey`.
    package let key: String
    /// `nil`: nobody has seen what it costs, so nothing can be held for it and it is not routed.
    package let price: Credits?
    /// Where key and price were seen, and when: `built-in 2026-08`, `accounts.toml`.
    package let source: String
    package let status: ModelStatus
    package let confidence: Confidence
    /// What else is known of the key, for people.
    package let note: String?

    package init(
        key: String,
        price: Credits?,
        source: String,
        status: ModelStatus = .unverified,
        confidence: Confidence = .low,
        note: String? = nil
    ) {
        self.key = key
        self.price = price
        self.source = source
        self.status = status
        self.confidence = confidence
        self.note = note
    }
}

/// Whether the service still sells a key, best first.
///
/// It is shown, and never decides: the service's answer does.
package enum ModelStatus: String, Sendable, CaseIterable, Comparable {
    case current
    /// Replaced by a newer model, or no longer listed.
    case legacy
    /// Announced to go away.
    case deprecated
    /// Told by somebody, seen by nobody.
    case unverified

    package static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// How well key and price are known.
package enum Confidence: String, Sendable, CaseIterable {
    case high
    case medium
    case low
}
