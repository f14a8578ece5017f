extension Catalogue {
    /// What is known of the service's models; part of the binary, so that it has a version.
    package static let builtin = Catalogue(listed: CatalogueTable.models(in: table))

    /// Every key of the built-in table with the prices that were seen under it, the ones included that
    /// no account is sent because its tier has a key of its own.
    package static var builtinListings: [Listing] {
        CatalogueTable.models(in: table).flatMap(\.listings)
    }

    // Model keys, tiers and prices as several independent public clients captured them up to August
    // 2026, besides the project's own capture of December 2025. A model is `family version quality
    // aspect seconds`; below it stand its keys: `key free tier-one ultra status seen confidence`, where
    // a price is in credits a video, `-` means not sold to that tier, and `?` a price nobody has seen.
    // Two keys form one model only where each was seen as the other's counterpart and family, version,
    // quality, aspect and length are the same: `relaxed` and `low_priority` wait in another queue than
    // `fast`, so they are other models, and nobody gets one for the other.
    private static let table = """
        camera 2.0 fast landscape 8
            veo_2_camera_control - 10 10 legacy 2025-10 high
        i2v 2.0 quality landscape 8
            veo_2_0_i2v - 100 100 legacy 2025-10 high
        object_insertion 2.0 fast landscape 8
            veo_2_0_object_insertion_landscape - 20 20 legacy 2025-10 high
        object_insertion 2.0 fast portrait 8
            veo_2_0_object_insertion_portrait - 20 20 legacy 2025-10 high
        object_removal 2.0 fast landscape 8
            veo_2_0_object_removal_landscape - 20 - unverified 2026-08 low
        r2v 2.0 quality landscape 8
            veo_2_r2v - - 100 legacy 2025-10 high
        r2v 2.0 fast landscape 8
            veo_2_r2v_fast - - 10 legacy 2025-10 high
        t2v 2.0 quality landscape 8
            veo_2_0_t2v - 100 100 legacy 2025-10 high
        upsample 2.0 1080p landscape 8
            veo_2_1080p_upsampler_8s - 0 0 legacy 2025-10 high
                remainingCredits stayed the same in a capture
        extend 2.1 fast landscape 8
            veo_2_1_fast_d_15_with_video_extension - 10 10 legacy 2025-10 high
        i2v 2.1 fast landscape 8
            veo_2_1_fast_d_15_i2v - 10 10 legacy 2025-10 high
        i2v_fl 2.1 fast landscape 8
            veo_2_1_fast_d_15_with_start_image_and_end_image_interpolation - 10 10 legacy 2025-10 high
        t2v 2.1 fast landscape 8
            veo_2_1_fast_d_15_t2v - 10 10 legacy 2025-10 high
                also used for portrait by a client; the dump of 2025-10 lists landscape only
        camera 3.0 fast landscape 8
            veo_3_0_reshoot_landscape - 20 - unverified 2026-08 low
        i2v 3.0 quality landscape 8
            veo_3_i2v_s - - 100 deprecated 2025-10 high
        i2v 3.0 fast landscape 8
            veo_3_i2v_s_fast - 20 20 deprecated 2025-10 high
            veo_3_i2v_s_fast_ultra - - 0 deprecated 2025-10 high
                spelled veo_3_, without _0; the plain key was sold to ultra too, at 20
        i2v 3.0 fast portrait 8
            veo_3_i2v_s_fast_portrait_ultra - - 0 deprecated 2025-10 high
                spelled veo_3_, without _0; a tier-one key veo_3_i2v_s_fast_portrait was never listed
        i2v 3.0 quality portrait 8
            veo_3_i2v_s_portrait - - 100 deprecated 2025-10 high
        r2v 3.0 fast landscape 8
            veo_3_0_r2v_fast - 20 20 legacy 2026-03 high
                the capture of 2025-12 used it for tier-one; landscape only at that time
            veo_3_0_r2v_fast_ultra - - 10 legacy 2026-03 high
                the plain key was sold to ultra too, at 20
        r2v 3.0 fast portrait 8
            veo_3_0_r2v_fast_portrait - ? - unverified 2026-08 low
        r2v 3.0 fast portrait 8
            veo_3_0_r2v_fast_portrait_ultra - - ? unverified 2026-08 low
        r2v 3.0 relaxed portrait 8
            veo_3_0_r2v_fast_portrait_ultra_relaxed - - 0 unverified 2026-08 low
        r2v 3.0 relaxed landscape 8
            veo_3_0_r2v_fast_ultra_relaxed - - 0 legacy 2026-03 medium
        t2v 3.0 quality landscape 8
            veo_3_0_t2v - - 100 deprecated 2025-10 high
        t2v 3.0 fast landscape 8
            veo_3_0_t2v_fast - 20 20 deprecated 2025-10 high
            veo_3_0_t2v_fast_ultra - - 0 deprecated 2025-10 high
                the plain key was sold to ultra too, at 20
        t2v 3.0 fast portrait 8
            veo_3_0_t2v_fast_portrait - ? - unverified 2026-08 low
            veo_3_0_t2v_fast_portrait_ultra - - 0 deprecated 2025-10 high
        t2v 3.0 quality portrait 8
            veo_3_0_t2v_portrait - - 100 deprecated 2025-10 high
        edit 3.1 lite both 8
            veo_3_1_edit_lite - 20 - unverified 2026-08 low
        extend 3.1 fast landscape 8
            veo_3_1_extend_fast_landscape 20 20 - current 2026-08 high
            veo_3_1_extend_fast_landscape_ultra - - 10 current 2026-08 high
        extend 3.1 fast portrait 8
            veo_3_1_extend_fast_portrait 20 20 - current 2026-08 high
            veo_3_1_extend_fast_portrait_ultra - - 10 current 2026-08 high
        extend 3.1 quality landscape 8
            veo_3_1_extend_landscape 100 100 100 current 2026-08 high
        extend 3.1 quality portrait 8
            veo_3_1_extend_portrait 100 100 100 current 2026-08 high
        extend 3.1 lite both 8
            veo_3_1_extension_lite 10 10 5 current 2026-08 high
        extend 3.1 low_priority both 8
            veo_3_1_extension_lite_low_priority - - 0 current 2026-08 high
                the larger ultra plan only, it is said; the service names both plans alike
        i2v 3.1 lite both 8
            veo_3_1_i2v_lite 10 10 5 current 2026-08 high
        i2v 3.1 low_priority both 8
            veo_3_1_i2v_lite_low_priority - - 0 current 2026-08 high
                the larger ultra plan only, it is said; the service names both plans alike
        i2v 3.1 quality landscape 8
            veo_3_1_i2v_s 100 100 100 current 2026-08 high
        i2v 3.1 fast landscape 8
            veo_3_1_i2v_s_fast 20 20 - current 2026-08 high
                an ultra dump of 2025-10-30 lists this key too, without a price
            veo_3_1_i2v_s_fast_ultra - - 10 current 2026-08 high
        i2v 3.1 fast both 4
            veo_3_1_i2v_s_fast_4s - - 10 current 2026-08 high
        i2v 3.1 fast both 6
            veo_3_1_i2v_s_fast_6s - - 10 current 2026-08 high
        i2v 3.1 fast portrait 8
            veo_3_1_i2v_s_fast_portrait 20 20 - current 2026-08 high
            veo_3_1_i2v_s_fast_portrait_ultra - - 10 current 2026-08 high
        i2v 3.1 relaxed portrait 8
            veo_3_1_i2v_s_fast_portrait_ultra_relaxed - - 0 legacy 2026-08 medium
                not in the catalogue of 2026-08
        i2v 3.1 relaxed landscape 8
            veo_3_1_i2v_s_fast_ultra_relaxed - - 0 legacy 2026-08 medium
                not in the catalogue of 2026-08
        i2v 3.1 lite both 4
            veo_3_1_i2v_s_lite_4s - - 5 current 2026-08 high
        i2v 3.1 low_priority both 4
            veo_3_1_i2v_s_lite_4s_low_priority - - 0 current 2026-08 high
        i2v 3.1 lite both 6
            veo_3_1_i2v_s_lite_6s - - 5 current 2026-08 high
        i2v 3.1 low_priority both 6
            veo_3_1_i2v_s_lite_6s_low_priority - - 0 current 2026-08 high
        i2v 3.1 quality portrait 8
            veo_3_1_i2v_s_portrait 100 100 100 current 2026-08 high
        i2v 3.1 quality both 4
            veo_3_1_i2v_s_quality_4s - - 100 current 2026-08 high
        i2v 3.1 quality both 6
            veo_3_1_i2v_s_quality_6s - - 100 current 2026-08 high
        i2v_fl 3.1 fast both 4
            veo_3_1_i2v_s_fast_4s_fl - - 10 current 2026-08 high
        i2v_fl 3.1 fast both 6
            veo_3_1_i2v_s_fast_6s_fl - - 10 current 2026-08 high
        i2v_fl 3.1 fast landscape 8
            veo_3_1_i2v_s_fast_fl 20 20 - current 2026-08 high
                with a start frame alone, clients drop _fl and call StartImage
            veo_3_1_i2v_s_fast_ultra_fl - - 10 current 2026-08 high
                word order: _ultra_fl, not _fl_ultra
        i2v_fl 3.1 relaxed landscape 8
            veo_3_1_i2v_s_fast_fl_ultra_relaxed - - 0 legacy 2026-08 medium
                not in the catalogue of 2026-08; word order: _fl_ultra_relaxed
        i2v_fl 3.1 fast portrait 8
            veo_3_1_i2v_s_fast_portrait_fl 20 20 - current 2026-08 high
                with a start frame alone, clients drop _fl and call StartImage
            veo_3_1_i2v_s_fast_portrait_ultra_fl - - 10 current 2026-08 high
                word order: _ultra_fl, not _fl_ultra
        i2v_fl 3.1 relaxed portrait 8
            veo_3_1_i2v_s_fast_portrait_fl_ultra_relaxed - - 0 legacy 2026-08 medium
                not in the catalogue of 2026-08; word order: _fl_ultra_relaxed
        i2v_fl 3.1 quality landscape 8
            veo_3_1_i2v_s_fl 100 100 100 current 2026-08 high
        i2v_fl 3.1 lite both 4
            veo_3_1_i2v_s_lite_4s_fl - - 5 current 2026-08 high
        i2v_fl 3.1 low_priority both 4
            veo_3_1_i2v_s_lite_4s_fl_low_priority - - 0 current 2026-08 high
        i2v_fl 3.1 lite both 6
            veo_3_1_i2v_s_lite_6s_fl - - 5 current 2026-08 high
        i2v_fl 3.1 low_priority both 6
            veo_3_1_i2v_s_lite_6s_fl_low_priority - - 0 current 2026-08 high
        i2v_fl 3.1 quality portrait 8
            veo_3_1_i2v_s_portrait_fl 100 100 100 current 2026-08 high
        i2v_fl 3.1 quality both 4
            veo_3_1_i2v_s_quality_4s_fl - - 100 current 2026-08 high
        i2v_fl 3.1 quality both 6
            veo_3_1_i2v_s_quality_6s_fl - - 100 current 2026-08 high
        i2v_fl 3.1 lite both 8
            veo_3_1_interpolation_lite 10 10 5 current 2026-08 high
        i2v_fl 3.1 low_priority both 8
            veo_3_1_interpolation_lite_low_priority - - 0 current 2026-08 high
                the larger ultra plan only, it is said; the service names both plans alike
        r2v 3.1 fast landscape 8
            veo_3_1_r2v_fast - ? - unverified 2026-08 low
                one client's tier-one key; others and the catalogue of 2026-08 use veo_3_1_r2v_fast_landscape
        r2v 3.1 fast landscape 8
            veo_3_1_r2v_fast_landscape 20 20 - current 2026-08 high
                unlike text-to-video, the landscape key carries _landscape (since 2026-03-07)
            veo_3_1_r2v_fast_landscape_ultra - - 10 current 2026-08 high
        r2v 3.1 relaxed landscape 8
            veo_3_1_r2v_fast_landscape_ultra_relaxed - - 0 legacy 2026-08 medium
                not in the catalogue of 2026-08
        r2v 3.1 fast portrait 8
            veo_3_1_r2v_fast_portrait 20 20 - current 2026-08 high
            veo_3_1_r2v_fast_portrait_ultra - - 10 current 2026-08 high
        r2v 3.1 relaxed portrait 8
            veo_3_1_r2v_fast_portrait_ultra_relaxed - - 0 legacy 2026-08 medium
                not in the catalogue of 2026-08
        r2v 3.1 lite both 8
            veo_3_1_r2v_lite 10 10 5 current 2026-08 high
                one client says that lite has no reference-to-video; the catalogue of 2026-08 lists it
        r2v 3.1 low_priority both 8
            veo_3_1_r2v_lite_low_priority - - 0 current 2026-08 high
                the larger ultra plan only, it is said; the service names both plans alike
        t2v 3.1 quality landscape 8
            veo_3_1_t2v 100 100 100 current 2026-08 high
        t2v 3.1 fast landscape 8
            veo_3_1_t2v_fast 20 20 - current 2026-08 high
                the landscape key carries no _landscape
            veo_3_1_t2v_fast_ultra - - 10 current 2026-08 high
        t2v 3.1 fast both 4
            veo_3_1_t2v_fast_4s - - 10 current 2026-08 high
        t2v 3.1 fast both 6
            veo_3_1_t2v_fast_6s - - 10 current 2026-08 high
        t2v 3.1 fast portrait 8
            veo_3_1_t2v_fast_portrait 20 20 - current 2026-08 high
            veo_3_1_t2v_fast_portrait_ultra - - 10 current 2026-08 high
        t2v 3.1 relaxed portrait 8
            veo_3_1_t2v_fast_portrait_ultra_relaxed - - 0 legacy 2026-08 medium
                the lower-priority queue of 2025-11 to 2026-05; low priority took its place
        t2v 3.1 relaxed landscape 8
            veo_3_1_t2v_fast_ultra_relaxed - - 0 legacy 2026-08 medium
                the lower-priority queue of 2025-11 to 2026-05; low priority took its place
        t2v 3.1 lite both 8
            veo_3_1_t2v_lite 10 10 5 current 2026-08 high
        t2v 3.1 lite both 4
            veo_3_1_t2v_lite_4s - - 5 current 2026-08 high
        t2v 3.1 low_priority both 4
            veo_3_1_t2v_lite_4s_low_priority - - 0 current 2026-08 high
        t2v 3.1 lite both 6
            veo_3_1_t2v_lite_6s - - 5 current 2026-08 high
        t2v 3.1 low_priority both 6
            veo_3_1_t2v_lite_6s_low_priority - - 0 current 2026-08 high
        t2v 3.1 low_priority both 8
            veo_3_1_t2v_lite_low_priority - - 0 current 2026-08 high
                the larger ultra plan only, it is said; the service names both plans alike
        t2v 3.1 quality portrait 8
            veo_3_1_t2v_portrait 100 100 100 current 2026-08 high
        t2v 3.1 quality both 4
            veo_3_1_t2v_quality_4s - - 100 current 2026-08 high
        t2v 3.1 quality both 6
            veo_3_1_t2v_quality_6s - - 100 current 2026-08 high
        upsample 3.1 1080p both -
            veo_3_1_upsampler_1080p - 0 0 current 2026-08 high
                the result is <source>_upsampled, and is kept by the service
        upsample 3.1 4k both -
            veo_3_1_upsampler_4k - - 50 current 2026-08 high
                the result is kept by the service
        edit omni flash both 10
            abra_edit 20 20 20 current 2026-08 high
                its call must not carry useV2ModelConfig
        i2v omni flash both 10
            abra_i2v_10s 15 15 15 current 2026-08 high
                also used for first and last frame
        i2v omni flash both 4
            abra_i2v_4s 7 7 7 current 2026-08 high
                also used for first and last frame
        i2v omni flash both 6
            abra_i2v_6s 10 10 10 current 2026-08 high
                also used for first and last frame
        i2v omni flash both 8
            abra_i2v_8s 12 12 12 current 2026-08 high
                also used for first and last frame
        r2v omni flash both 10
            abra_r2v_10s 15 15 15 current 2026-08 high
        r2v omni flash both 4
            abra_r2v_4s 7 7 7 current 2026-08 high
        r2v omni flash both 6
            abra_r2v_6s 10 10 10 current 2026-08 high
        r2v omni flash both 8
            abra_r2v_8s 12 12 12 current 2026-08 high
        t2v omni flash both 10
            abra_t2v_10s 15 15 15 current 2026-08 high
        t2v omni flash both 4
            abra_t2v_4s 7 7 7 current 2026-08 high
        t2v omni flash both 6
            abra_t2v_6s 10 10 10 current 2026-08 high
        t2v omni flash both 8
            abra_t2v_8s 12 12 12 current 2026-08 high
        """
}
