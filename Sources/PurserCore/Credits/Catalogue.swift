/// The models that can be bought: for each, the key and the price of every tier it is sold to.
///
/// Any key of a model names it, whichever tier the key is for.
package struct Catalogue: Sendable {
    /// In order of their ids.
    package let models: [Model]
    /// Where each key's model stands in `models`.
    ///
    /// Keys that an override replaced stay, so that a request written with one still finds its model.
    private let places: [String: Int]

    /// `aliases`: further keys and the model each names.
    init(models: [Model], aliases: [String: ModelID]) {
        let models = models.sorted { $0.id < $1.id }
        var places: [String: Int] = [:]
        places.reserveCapacity(2 * models.count)
        var placeOfID: [ModelID: Int] = [:]
        for (place, model) in models.enumerated() {
            placeOfID[model.id] = place
            places[model.id.rawValue] = place
            for offer in model.offers.values { places[offer.key] = place }
        }
        for (key, id) in aliases where places[key] == nil { places[key] = placeOfID[id] }
        self.models = models
        self.places = places
    }

    init(listed: [ListedModel]) {
        var aliases: [String: ModelID] = [:]
        var models: [Model] = []
        for group in listed {
            guard let model = group.model else { continue }
            models.append(model)
            for listing in group.listings { aliases[listing.key] = model.id }
        }
        self.init(models: models, aliases: aliases)
    }

    /// The model that a key of any tier names; `nil` when no model has it.
    package func model(forKey key: String) -> Model? {
        places[key].map { models[$0] }
    }

    /// Known keys that `key` may have been meant to be, nearest first; empty when none is near.
    ///
    /// A key that begins as `key` does counts as near: people leave the end off.
    package func nearest(to key: String, limit: Int) -> [String] {
        // What nobody types by accident is not compared: the cost grows with the square.
        guard !key.isEmpty, key.utf8.count <= 128 else { return [] }
        let wanted = Array(key.utf8)
        let farthest = max(2, wanted.count / 3)
        let near = places.keys.compactMap { known -> (key: String, rank: (Int, Int))? in
            let distance = editDistance(wanted, Array(known.utf8))
            let rank = known.hasPrefix(key) ? min(distance, 2) : distance
            return rank <= farthest ? (known, (rank, distance)) : nil
        }
        return near.sorted { ($0.rank.0, $0.rank.1, $0.key) < ($1.rank.0, $1.rank.1, $1.key) }
            .prefix(max(limit, 0)).map(\.key)
    }

    /// The catalogue with an operator's additions and corrections over it.
    ///
    /// An override names a model by its id or by any of its keys. What it leaves out stays; a name that
    /// no model has adds one. Refused as a whole when one of them does not hold together.
    package func adding(_ overrides: [ModelOverride]) throws(CatalogueError) -> Catalogue {
        var changed = Dictionary(uniqueKeysWithValues: models.map { ($0.id, $0) })
        var aliases = places.mapValues { models[$0].id }
        var seen: Set<ModelID> = []
        for override in overrides {
            let known = aliases[override.id.rawValue].flatMap { changed[$0] }
            let model = try override.model(over: known)
            guard seen.insert(model.id).inserted else { throw .repeated(model.id) }
            for offer in model.offers.values {
                if let owner = aliases[offer.key], owner != model.id {
                    throw .keyTaken(offer.key, by: owner, wantedBy: model.id)
                }
                aliases[offer.key] = model.id
            }
            aliases[model.id.rawValue] = model.id
            changed[model.id] = model
        }
        return Catalogue(models: Array(changed.values), aliases: aliases)
    }
}
