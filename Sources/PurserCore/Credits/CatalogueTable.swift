/// One key of the catalogue's table: what it is, and what each tier pays under it.
package struct Listing: Sendable, Equatable {
    /// What it costs under this key; `nil`, it is sold but nobody has seen the price.
    package let prices: [Tier: Credits?]
    package let key: String
    package let status: ModelStatus
    /// The month of the evidence: `2026-08`.
    package let seen: String
    package let confidence: Confidence
    package var note: String?

    /// The lowest tier it is sold to.
    var lowestTier: Tier { prices.keys.min() ?? .free }
}

/// The keys of one model, under what they have in common.
struct ListedModel {
    let title: String
    let endpoint: String?
    var listings: [Listing] = []

    /// The model its keys form; `nil` without keys.
    ///
    /// A tier that can buy under two keys gets the one made for it: the key whose lowest tier is the
    /// highest.
    var model: Model? {
        guard let lowest = listings.min(by: { $0.lowestTier < $1.lowestTier }) else { return nil }
        var offers: [Tier: Offer] = [:]
        for listing in listings.sorted(by: { $0.lowestTier < $1.lowestTier }) {
            for (tier, price) in listing.prices {
                offers[tier] = Offer(
                    key: listing.key,
                    price: price,
                    source: "built-in " + listing.seen,
                    status: listing.status,
                    confidence: listing.confidence,
                    note: listing.note
                )
            }
        }
        return Model(id: ModelID(lowest.key), title: title, endpoint: endpoint, offers: offers)
    }
}

/// Reads the catalogue's table: a line that begins at the margin starts a model, one indented by four
/// is a key of it, one indented by eight is a note on that key.
///
/// Lines that do not fit are skipped; a test compares the outcome with the facts it was made from.
enum CatalogueTable {
    static func models(in text: String) -> [ListedModel] {
        var models: [ListedModel] = []
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
            let indent = line.prefix { $0 == UInt8(ascii: " ") }.count
            if indent == 8 {
                guard let model = models.indices.last,
                    let listing = models[model].listings.indices.last
                else { continue }
                models[model].listings[listing].note = String(line.dropFirst(indent))
                continue
            }
            let words = line.split(separator: UInt8(ascii: " ")).map { String(Substring($0)) }
            if indent == 0, let model = listedModel(words) {
                models.append(model)
            } else if let last = models.indices.last, let listing = listing(words) {
                models[last].listings.append(listing)
            }
        }
        return models
    }

    /// `family version quality aspect seconds`.
    private static func listedModel(_ words: [String]) -> ListedModel? {
        guard words.count == 5, let family = families[words[0]] else { return nil }
        let maker = words[1] == "omni" ? "Omni" : "Veo " + words[1]
        var title = "\(maker) \(family.title), \(qualities[words[2]] ?? words[2])"
        title += words[3] == "both" ? ", any aspect" : ", " + words[3]
        if words[4] != "-" { title += ", \(words[4]) s" }
        return ListedModel(title: title, endpoint: family.endpoint)
    }

    /// `key free tier-one ultra status seen confidence`: a price, `-` for not sold, `?` for unknown.
    private static func listing(_ words: [String]) -> Listing? {
        guard words.count == 7, let status = ModelStatus(rawValue: words[4]),
            let confidence = Confidence(rawValue: words[6])
        else { return nil }
        var prices: [Tier: Credits?] = [:]
        for (tier, word) in zip(Tier.allCases, words[1...3]) where word != "-" {
            prices.updateValue(Int64(word).flatMap { Credits($0) }, forKey: tier)
        }
        return Listing(
            prices: prices,
            key: words[0],
            status: status,
            seen: words[5],
            confidence: confidence
        )
    }

    private static let qualities = ["low_priority": "low priority", "4k": "4K"]

    private static let families: [String: (title: String, endpoint: String?)] = {
        func call(_ name: String) -> String { "video:batchAsyncGenerateVideo" + name }
        return [
            "t2v": ("text-to-video", call("Text")),
            "i2v": ("image-to-video", call("StartImage")),
            "i2v_fl": ("first-and-last-frame", call("StartAndEndImage")),
            "r2v": ("reference-to-video", call("ReferenceImages")),
            "extend": ("extension", call("ExtendVideo")),
            "upsample": ("upscale", call("UpsampleVideo")),
            "camera": ("camera control", call("ReshootVideo")),
            "edit": ("edit", call("EditVideo")),
            "object_insertion": ("object insertion", nil),
            "object_removal": ("object removal", nil),
        ]
    }()
}
