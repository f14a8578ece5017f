import Foundation
import PurserCore
import Testing

struct CatalogueTests {
    private let catalogue = Catalogue.builtin

    @Test func `both keys of the capture's model name the same model`() throws {
        let model = try #require(catalogue.model(forKey: "veo_3_0_r2v_fast_ultra"))
        #expect(catalogue.model(forKey: "veo_3_0_r2v_fast") == model)
        #expect(model.id.rawValue == "veo_3_0_r2v_fast")
        #expect(model.title == "Veo 3.0 reference-to-video, fast, landscape, 8 s")
        #expect(model.endpoint == "video:batchAsyncGenerateVideoReferenceImages")
        #expect(model.offers[.tierOne]?.key == "veo_3_0_r2v_fast")
        #expect(model.offers[.tierOne]?.price?.amount == 20)
        // The plain key is sold to ULTRA too, at 20; the key made for ULTRA wins.
        #expect(model.offers[.ultra]?.key == "veo_3_0_r2v_fast_ultra")
        #expect(model.offers[.ultra]?.price?.amount == 10)
        #expect(model.offers[.free] == nil)
        #expect(model.offers[.ultra]?.source == "built-in 2026-03")
        #expect(model.status == .legacy)
    }

    @Test func `a model that waits in another queue is another model`() {
        #expect(
            catalogue.model(forKey: "veo_3_1_t2v_fast_ultra_relaxed")?.id
                != catalogue.model(forKey: "veo_3_1_t2v_fast_ultra")?.id
        )
        #expect(catalogue.model(forKey: "veo_3_1_t2v_fast")?.offers[.ultra]?.price?.amount == 10)
        #expect(
            catalogue.model(forKey: "veo_3_1_t2v_lite_low_priority")?.offers.keys.sorted()
                == [.ultra]
        )
    }

    @Test func `a price nobody has seen is absent, not zero`() {
        let rumour = catalogue.model(forKey: "veo_3_1_r2v_fast")?.offers[.tierOne]
        #expect(rumour?.key == "veo_3_1_r2v_fast")
        #expect(rumour?.price == nil)
        #expect(rumour?.status == .unverified)
        #expect(rumour?.confidence == .low)
        #expect(
            catalogue.model(forKey: "veo_3_1_upsampler_1080p")?.offers[.ultra]?.price == .zero
        )
    }

    @Test func `models stand in order, once each, and every key finds its own`() {
        #expect(catalogue.models.map(\.id) == catalogue.models.map(\.id).sorted())
        #expect(Set(catalogue.models.map(\.id)).count == catalogue.models.count)
        for model in catalogue.models {
            #expect(catalogue.model(forKey: model.id.rawValue) == model)
            for offer in model.offers.values {
                #expect(catalogue.model(forKey: offer.key) == model)
            }
            let lowest = model.offers.min { $0.key < $1.key }?.value
            #expect(lowest?.key == model.id.rawValue)
        }
    }

    @Test func `an unknown key finds the nearest ones`() {
        #expect(catalogue.model(forKey: "veo_3_0_r2v_fsat") == nil)
        #expect(catalogue.nearest(to: "veo_3_0_r2v_fsat", limit: 3).first == "veo_3_0_r2v_fast")
        #expect(catalogue.nearest(to: "veo_3_1_upsam", limit: 5).count == 2)
        #expect(
            catalogue.nearest(to: "veo_3_1_t2v_fast_ulta", limit: 1) == ["veo_3_1_t2v_fast_ultra"]
        )
        #expect(catalogue.nearest(to: "something else entirely", limit: 3) == [])
        #expect(catalogue.nearest(to: "", limit: 3) == [])
    }

    // MARK: Overrides

    private func change(
        _ id: String,
        _ offers: [Tier: ModelOverride.Change] = [:]
    ) -> ModelOverride {
        ModelOverride(id: ModelID(id), offers: offers)
    }

    private func price(_ amount: Int64, key: String? = nil) -> ModelOverride.Change {
        ModelOverride.Change(key: key, price: Credits(unchecked: amount))
    }

    @Test func `a price is corrected by any key, and the rest stays`() throws {
        let corrected = try catalogue.adding([
            change("veo_3_0_r2v_fast_ultra", [.ultra: price(12)])
        ])
        let model = try #require(corrected.model(forKey: "veo_3_0_r2v_fast"))
        #expect(model.offers[.ultra]?.price?.amount == 12)
        #expect(model.offers[.ultra]?.key == "veo_3_0_r2v_fast_ultra")
        #expect(model.offers[.ultra]?.source == "accounts.toml")
        #expect(
            model.offers[.tierOne] == catalogue.model(forKey: "veo_3_0_r2v_fast")?.offers[.tierOne]
        )
        #expect(corrected.models.count == catalogue.models.count)
    }

    @Test func `a model is added, and a key that was replaced still names its model`() throws {
        let larger = try catalogue.adding([
            change("veo_4_t2v", [.tierOne: price(30), .ultra: price(15, key: "veo_4_t2v_ultra")]),
            change("veo_3_1_t2v_fast", [.ultra: price(10, key: "veo_3_1_t2v_fast_u2")]),
        ])
        #expect(larger.model(forKey: "veo_4_t2v_ultra")?.id.rawValue == "veo_4_t2v")
        #expect(larger.model(forKey: "veo_4_t2v")?.offers[.tierOne]?.key == "veo_4_t2v")
        #expect(larger.models.count == catalogue.models.count + 1)
        let old = larger.model(forKey: "veo_3_1_t2v_fast_ultra")
        #expect(old?.offers[.ultra]?.key == "veo_3_1_t2v_fast_u2")
        #expect(larger.models.map(\.id) == larger.models.map(\.id).sorted())
    }

    @Test func `an override that does not hold together is refused`() {
        let cases: [([ModelOverride], CatalogueError)] = [
            (
                [change("veo_3_0_r2v_fast"), change("veo_3_0_r2v_fast_ultra")],
                .repeated(ModelID("veo_3_0_r2v_fast"))
            ),
            (
                [change("new", [.ultra: price(1, key: "veo_3_1_t2v")])],
                .misnamed(ModelID("new"), lowestKey: "veo_3_1_t2v")
            ),
            (
                [change("new", [.free: price(1), .ultra: price(1, key: "veo_3_1_t2v")])],
                .keyTaken(
                    "veo_3_1_t2v",
                    by: ModelID("veo_3_1_t2v"),
                    wantedBy: ModelID("new")
                )
            ),
            (
                [change("veo_3_1_t2v", [.ultra: price(-1)])],
                .negativePrice(ModelID("veo_3_1_t2v"), .ultra)
            ),
            (
                [change("a b", [.ultra: price(1)])],
                .malformedKey("a b", model: ModelID("a b"))
            ),
            ([change("new")], .soldToNobody(ModelID("new"))),
        ]
        for (overrides, error) in cases {
            #expect(throws: error) { try catalogue.adding(overrides) }
        }
    }
}
