/// An operator's word on a model: a `[[models]]` table of `accounts.toml`.
package struct ModelOverride: Sendable, Equatable {
    /// The model, by its id or any of its keys; of a new model, the key sold to its lowest tier.
    package let id: ModelID
    package let title: String?
    package let endpoint: String?
    package let offers: [Tier: Change]

    package init(
        id: ModelID,
        title: String? = nil,
        endpoint: String? = nil,
        offers: [Tier: Change] = [:]
    ) {
        self.id = id
        self.title = title
        self.endpoint = endpoint
        self.offers = offers
    }

    /// What changes of one tier's offer; what is `nil` stays.
    package struct Change: Sendable, Equatable {
        /// `nil` for a tier that had no offer: the model's own id is the key.
        package let key: String?
        package let price: Credits?

        package init(key: String? = nil, price: Credits? = nil) {
            self.key = key
            self.price = price
        }
    }

    static let source = "accounts.toml"

    /// The model with this override laid over what was known of it.
    func model(over known: Model?) throws(CatalogueError) -> Model {
        let id = known?.id ?? id
        var merged = known?.offers ?? [:]
        for (tier, change) in offers.sorted(by: { $0.key < $1.key }) {
            let before = merged[tier]
            let key = change.key ?? before?.key ?? id.rawValue
            guard Self.isKey(key) else { throw .malformedKey(key, model: id) }
            if let price = change.price, price < .zero { throw .negativePrice(id, tier) }
            merged[tier] = Offer(
                key: key,
                price: change.price ?? before?.price,
                source: Self.source,
                status: .current,
                confidence: .high,
                note: before?.note
            )
        }
        guard let lowest = merged.min(by: { $0.key < $1.key })?.value else {
            throw .soldToNobody(id)
        }
        if known == nil, lowest.key != id.rawValue { throw .misnamed(id, lowestKey: lowest.key) }
        return Model(
            id: id,
            title: title ?? known?.title ?? id.rawValue,
            endpoint: endpoint ?? known?.endpoint,
            offers: merged
        )
    }

    /// Letters, digits and `_.:-`: what can stand in a body and in a table without surprises.
    private static func isKey(_ key: String) -> Bool {
        let allowed = key.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "_.:-".utf8.contains(byte)
            }
        }
        return allowed && (1...128).contains(key.utf8.count)
    }
}

/// Why an override cannot be laid over the catalogue.
package enum CatalogueError: Failure, Equatable {
    case repeated(ModelID)
    case keyTaken(String, by: ModelID, wantedBy: ModelID)
    case malformedKey(String, model: ModelID)
    case negativePrice(ModelID, Tier)
    case soldToNobody(ModelID)
    case misnamed(ModelID, lowestKey: String)

    package var kind: FailureKind { .invalidInput }

    package var message: String {
        switch self {
        case .repeated(let id): "the model \(id) is given twice"
        case .keyTaken(let key, let owner, let id):
            "the model \(id) cannot have the key \(key): it is a key of \(owner)"
        case .malformedKey(let key, let id):
            "the model \(id) cannot have the key \(key.debugDescription)"
        case .negativePrice(let id, let tier):
            "the model \(id) has a negative price for \(tier.rawValue)"
        case .soldToNobody(let id): "the model \(id) is not sold to any tier"
        case .misnamed(let id, let lowestKey):
            "the new model \(id) is sold to its lowest tier under another key, \(lowestKey)"
        }
    }

    package var hint: String? {
        switch self {
        case .repeated: "put everything about a model into one [[models]] table"
        case .keyTaken: "a key names one model only; purser models explain shows what has it"
        case .malformedKey: "a key is up to 128 letters, digits and _ . : -"
        case .negativePrice: "a price is a whole number of credits from 0 up"
        case .soldToNobody: "give it a key and a price for at least one tier"
        case .misnamed(_, let lowestKey): "name the model \(lowestKey)"
        }
    }
}
