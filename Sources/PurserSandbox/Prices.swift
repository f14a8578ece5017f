/// What each model key costs an account of each tier; a key an account's tier is not in is not sold to it.
struct Prices: Sendable {
    /// What may be said about one key and one tier.
    enum Sale: Equatable {
        case price(Int)
        case notSold
        case unknownKey
    }

    private var credits: [String: [String: Int]]

    /// The built-in table with a scenario's additions over it; an addition replaces the whole key.
    init(additions: [SandboxScenario.Model]) {
        credits = Self.builtIn
        for model in additions {
            credits[model.key] = model.credits
        }
    }

    func sale(of key: String, to tier: String) -> Sale {
        guard let tiers = credits[key] else { return .unknownKey }
        return tiers[tier].map(Sale.price) ?? .notSold
    }

    private static let builtIn: [String: [String: Int]] = {
        let tiers = ["PAYGATE_TIER_NOT_PAID", "PAYGATE_TIER_ONE", "PAYGATE_TIER_TWO"]
        var table: [String: [String: Int]] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 4 else { continue }
            var row: [String: Int] = [:]
            for (tier, word) in zip(tiers, words.dropFirst()) {
                row[tier] = Int(word)
            }
            table[String(words[0])] = row
        }
        return table
    }()

    // One key a line, then the price for the free, Pro and Ultra tiers; a dash is a tier it is not
    // sold to. Four keys were never seen with a price (veo_3_0_r2v_fast_portrait and its _ultra,
    // veo_3_0_t2v_fast_portrait, veo_3_1_r2v_fast): a pretended service has to charge something, so
    // they carry the usual price of a fast model, 20 and 10.
    private static let text = """
        veo_2_camera_control - 10 10
        veo_2_0_i2v - 100 100
        veo_2_0_object_insertion_landscape - 20 20
        veo_2_0_object_insertion_portrait - 20 20
        veo_2_0_object_removal_landscape - 20 -
        veo_2_r2v - - 100
        veo_2_r2v_fast - - 10
        veo_2_0_t2v - 100 100
        veo_2_1080p_upsampler_8s - 0 0
        veo_2_1_fast_d_15_with_video_extension - 10 10
        veo_2_1_fast_d_15_i2v - 10 10
        veo_2_1_fast_d_15_with_start_image_and_end_image_interpolation - 10 10
        veo_2_1_fast_d_15_t2v - 10 10
        veo_3_0_reshoot_landscape - 20 -
        veo_3_i2v_s - - 100
        veo_3_i2v_s_fast - 20 20
        veo_3_i2v_s_fast_portrait_ultra - - 0
        veo_3_i2v_s_fast_ultra - - 0
        veo_3_i2v_s_portrait - - 100
        veo_3_0_r2v_fast - 20 20
        veo_3_0_r2v_fast_portrait - 20 -
        veo_3_0_r2v_fast_portrait_ultra - - 10
        veo_3_0_r2v_fast_portrait_ultra_relaxed - - 0
        veo_3_0_r2v_fast_ultra - - 10
        veo_3_0_r2v_fast_ultra_relaxed - - 0
        veo_3_0_t2v - - 100
        veo_3_0_t2v_fast - 20 20
        veo_3_0_t2v_fast_portrait - 20 -
        veo_3_0_t2v_fast_portrait_ultra - - 0
        veo_3_0_t2v_fast_ultra - - 0
        veo_3_0_t2v_portrait - - 100
        veo_3_1_edit_lite - 20 -
        veo_3_1_extend_fast_landscape 20 20 -
        veo_3_1_extend_fast_landscape_ultra - - 10
        veo_3_1_extend_fast_portrait 20 20 -
        veo_3_1_extend_fast_portrait_ultra - - 10
        veo_3_1_extend_landscape 100 100 100
        veo_3_1_extend_portrait 100 100 100
        veo_3_1_extension_lite 10 10 5
        veo_3_1_extension_lite_low_priority - - 0
        veo_3_1_i2v_lite 10 10 5
        veo_3_1_i2v_lite_low_priority - - 0
        veo_3_1_i2v_s 100 100 100
        veo_3_1_i2v_s_fast 20 20 -
        veo_3_1_i2v_s_fast_4s - - 10
        veo_3_1_i2v_s_fast_6s - - 10
        veo_3_1_i2v_s_fast_portrait 20 20 -
        veo_3_1_i2v_s_fast_portrait_ultra - - 10
        veo_3_1_i2v_s_fast_portrait_ultra_relaxed - - 0
        veo_3_1_i2v_s_fast_ultra - - 10
        veo_3_1_i2v_s_fast_ultra_relaxed - - 0
        veo_3_1_i2v_s_lite_4s - - 5
        veo_3_1_i2v_s_lite_4s_low_priority - - 0
        veo_3_1_i2v_s_lite_6s - - 5
        veo_3_1_i2v_s_lite_6s_low_priority - - 0
        veo_3_1_i2v_s_portrait 100 100 100
        veo_3_1_i2v_s_quality_4s - - 100
        veo_3_1_i2v_s_quality_6s - - 100
        veo_3_1_i2v_s_fast_4s_fl - - 10
        veo_3_1_i2v_s_fast_6s_fl - - 10
        veo_3_1_i2v_s_fast_fl 20 20 -
        veo_3_1_i2v_s_fast_fl_ultra_relaxed - - 0
        veo_3_1_i2v_s_fast_portrait_fl 20 20 -
        veo_3_1_i2v_s_fast_portrait_fl_ultra_relaxed - - 0
        veo_3_1_i2v_s_fast_portrait_ultra_fl - - 10
        veo_3_1_i2v_s_fast_ultra_fl - - 10
        veo_3_1_i2v_s_fl 100 100 100
        veo_3_1_i2v_s_lite_4s_fl - - 5
        veo_3_1_i2v_s_lite_4s_fl_low_priority - - 0
        veo_3_1_i2v_s_lite_6s_fl - - 5
        veo_3_1_i2v_s_lite_6s_fl_low_priority - - 0
        veo_3_1_i2v_s_portrait_fl 100 100 100
        veo_3_1_i2v_s_quality_4s_fl - - 100
        veo_3_1_i2v_s_quality_6s_fl - - 100
        veo_3_1_interpolation_lite 10 10 5
        veo_3_1_interpolation_lite_low_priority - - 0
        veo_3_1_r2v_fast - 20 -
        veo_3_1_r2v_fast_landscape 20 20 -
        veo_3_1_r2v_fast_landscape_ultra - - 10
        veo_3_1_r2v_fast_landscape_ultra_relaxed - - 0
        veo_3_1_r2v_fast_portrait 20 20 -
        veo_3_1_r2v_fast_portrait_ultra - - 10
        veo_3_1_r2v_fast_portrait_ultra_relaxed - - 0
        veo_3_1_r2v_lite 10 10 5
        veo_3_1_r2v_lite_low_priority - - 0
        veo_3_1_t2v 100 100 100
        veo_3_1_t2v_fast 20 20 -
        veo_3_1_t2v_fast_4s - - 10
        veo_3_1_t2v_fast_6s - - 10
        veo_3_1_t2v_fast_portrait 20 20 -
        veo_3_1_t2v_fast_portrait_ultra - - 10
        veo_3_1_t2v_fast_portrait_ultra_relaxed - - 0
        veo_3_1_t2v_fast_ultra - - 10
        veo_3_1_t2v_fast_ultra_relaxed - - 0
        veo_3_1_t2v_lite 10 10 5
        veo_3_1_t2v_lite_4s - - 5
        veo_3_1_t2v_lite_4s_low_priority - - 0
        veo_3_1_t2v_lite_6s - - 5
        veo_3_1_t2v_lite_6s_low_priority - - 0
        veo_3_1_t2v_lite_low_priority - - 0
        veo_3_1_t2v_portrait 100 100 100
        veo_3_1_t2v_quality_4s - - 100
        veo_3_1_t2v_quality_6s - - 100
        veo_3_1_upsampler_1080p - 0 0
        veo_3_1_upsampler_4k - - 50
        abra_edit 20 20 20
        abra_i2v_10s 15 15 15
        abra_i2v_4s 7 7 7
        abra_i2v_6s 10 10 10
        abra_i2v_8s 12 12 12
        abra_r2v_10s 15 15 15
        abra_r2v_4s 7 7 7
        abra_r2v_6s 10 10 10
        abra_r2v_8s 12 12 12
        abra_t2v_10s 15 15 15
        abra_t2v_4s 7 7 7
        abra_t2v_6s 10 10 10
        abra_t2v_8s 12 12 12
        """
}
