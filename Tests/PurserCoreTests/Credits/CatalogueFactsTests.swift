import Foundation
import PurserCore
import Testing

/// The built-in table against the facts it was made from.
struct CatalogueFactsTests {
    private struct Fact: Decodable {
        let key: String
        let family: String
        let version: String
        let quality: String
        let aspect: String
        let seconds: Int?
        let endpoint: String?
        let credits: [String: Int64?]
        let counterpart: String?
        let status: String
        let confidence: String

        func isSame(as other: Fact) -> Bool {
            family == other.family && version == other.version && quality == other.quality
                && aspect == other.aspect && seconds == other.seconds
        }
    }

    /// `flow/models.json` beside the folder of vectors.
    private static func facts() throws -> [Fact] {
        let url = URL(filePath: try #require(vectors)).deletingLastPathComponent()
            .appending(path: "flow/models.json")
        return try JSONDecoder().decode([Fact].self, from: Data(contentsOf: url))
    }

    @Test(
        .enabled(
            if: vectors != nil,
            "PURSER_VECTORS is not set, so flow/models.json is not at hand"
        )
    )
    func `every key of the facts is in the table with its prices, and no other`() throws {
        let facts = try Self.facts()
        let listings = Dictionary(
            uniqueKeysWithValues: Catalogue.builtinListings.map { ($0.key, $0) }
        )
        #expect(Set(listings.keys) == Set(facts.map(\.key)))
        for fact in facts {
            let listing = try #require(listings[fact.key])
            let told = Dictionary(
                uniqueKeysWithValues: listing.prices.map { ($0.key.wireName, $0.value?.amount) }
            )
            #expect(told == fact.credits, "\(fact.key)")
            #expect(fact.status.hasPrefix(listing.status.rawValue), "\(fact.key)")
            #expect(fact.confidence == listing.confidence.rawValue, "\(fact.key)")
        }
    }

    @Test(
        .enabled(
            if: vectors != nil,
            "PURSER_VECTORS is not set, so flow/models.json is not at hand"
        )
    )
    func `keys form one model exactly where the facts say that they are counterparts`() throws {
        let facts = try Self.facts()
        let byKey = Dictionary(uniqueKeysWithValues: facts.map { ($0.key, $0) })
        for fact in facts {
            let model = try #require(Catalogue.builtin.model(forKey: fact.key))
            #expect(model.endpoint == fact.endpoint, "\(fact.key)")
            let mate = fact.counterpart.flatMap { byKey[$0] }
            let isMate = mate.map { $0.counterpart == fact.key && $0.isSame(as: fact) } ?? false
            let expected = isMate ? [fact.key, fact.counterpart] : [fact.key]
            let actual = facts.filter {
                Catalogue.builtin.model(forKey: $0.key)?.id == model.id
            }
            #expect(Set(actual.map(\.key)) == Set(expected.compactMap { $0 }), "\(fact.key)")
        }
    }
}

private let vectors = ProcessInfo.processInfo.environment["PURSER_VECTORS"]
