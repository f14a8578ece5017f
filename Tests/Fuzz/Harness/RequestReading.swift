@testable import PurserCore

/// A body that is read, rewritten and read again has the routed values and otherwise the same bytes.
func fuzzRequest(_ bytes: [UInt8]) {
    if let body = try? RequestBody.parse(bytes) {
        require(body.strict.bytes == bytes, "a strict body stays as it is")
        checkRewriting(body)
    }
    guard let body = try? RequestBody.parse(bytes, dialect: .relaxed) else { return }
    checkRewriting(body)
}

/// What is found in a capture is a body like any other.
func fuzzCapture(_ bytes: [UInt8]) {
    for call in [nil, ProviderCall.upload(path: "flow/uploadImage"), .cancel] {
        guard let body = try? CaptureFile.parse(bytes, for: call) else { continue }
        checkRewriting(body)
    }
}

private func checkRewriting(_ body: RequestBody) {
    let strict = body.strict.bytes
    guard let plain = try? RequestBody.parse(strict, for: body.call) else {
        return require(false, "a body without its comments is strict JSON")
    }
    require(plain.elements.map(\.modelKey) == body.elements.map(\.modelKey), "the models stay")
    require(plain.mediaIDs == body.mediaIDs, "the media stay")

    let keys = body.elements.map { "veo_\"\($0.index)" }
    let project = "p-1"
    let rewritten = body.rewritten(tier: .ultra, modelKeys: keys, projectID: project).bytes
    guard let again = try? RequestBody.parse(rewritten, for: body.call) else {
        return require(false, "a rewritten body is strict JSON")
    }
    require(again.elements.map(\.modelKey) == keys, "the model keys are the account's")
    require(again.mediaIDs == body.mediaIDs, "the media stay as they were")
    let isRouted = body.call?.makesVideos ?? true
    if isRouted || body.tierName != nil {
        require(again.tierName == Tier.ultra.wireName, "the tier is the account's")
    }
    if isRouted || body.projectID != nil {
        require(again.projectID == project, "the project is the account's")
    }
    guard plain.places.tier != nil, plain.places.project != nil else {
        return requireSameTree(plain, again)
    }
    require(
        strict.without(plain.routed) == rewritten.without(again.routed),
        "every other byte stays as it was"
    )
}

/// Where members had to be added, the values beside them are compared.
private func requireSameTree(_ plain: RequestBody, _ rewritten: RequestBody) {
    guard let before = JSONValue(plain.strict.bytes)?.unrouted,
        let after = JSONValue(rewritten.strict.bytes)?.unrouted
    else { return }
    require(before == after, "every other value stays as it was")
}

extension RequestBody {
    /// The places of what routing may change, in order.
    fileprivate var routed: [Range<Int>] {
        (elements.map(\.keyPlace) + [places.tier, places.project].compactMap { $0 })
            .sorted { $0.lowerBound < $1.lowerBound }
    }
}

extension [UInt8] {
    fileprivate func without(_ places: [Range<Int>]) -> [UInt8] {
        var kept: [UInt8] = []
        var start = 0
        for place in places {
            kept += self[start..<place.lowerBound]
            start = place.upperBound
        }
        return kept + self[start...]
    }
}

extension JSONValue {
    /// The tree without what routing may change or add.
    fileprivate var unrouted: JSONValue {
        guard case .object(var members) = self else { return self }
        var context: [String: JSONValue] = [:]
        if case .object(let found)? = members["clientContext"] { context = found }
        context["userPaygateTier"] = nil
        context["projectId"] = nil
        members["clientContext"] = .object(context)
        if case .array(let elements)? = members["requests"] {
            members["requests"] = .array(elements.map(\.withoutModel))
        }
        return .object(members)
    }

    private var withoutModel: JSONValue {
        guard case .object(var members) = self else { return self }
        members["videoModelKey"] = nil
        return .object(members)
    }
}
