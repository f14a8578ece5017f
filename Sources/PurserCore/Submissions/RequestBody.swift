/// The body of a request as it came, and the places in it that belong to an account.
///
/// Routing changes those and nothing else: unknown fields, numbers, order and whitespace stay byte for
/// byte. Only comments and trailing commas, which the command line takes, are left out of what is sent.
package struct RequestBody: Sendable, Equatable {
    /// One element of `requests[]`: one video, one charge.
    package struct Element: Sendable, Equatable {
        package let index: Int
        /// The `videoModelKey` as it came, escapes resolved.
        package let modelKey: String
        let keyPlace: Range<Int>
    }

    /// The most elements one request may have.
    package static let elementLimit = 20
    /// Media that one body may name: each is looked up inside the transaction of the claim.
    package static let mediaLimit = 200

    /// From the path, else from the fields; `nil` where only the model's own endpoint decides.
    package let call: ProviderCall?
    /// Empty for uploads and cancellations.
    package let elements: [Element]
    /// Media the request names, each once, in order: they belong to an account.
    package let mediaIDs: [String]
    /// `clientContext.userPaygateTier` as it came.
    package let tierName: String?
    package let projectID: String?

    let payload: Payload
    let range: Range<Int>
    let removals: [Range<Int>]
    let places: Places

    /// Where in the bytes the values stand that belong to an account.
    struct Places: Sendable, Equatable {
        /// Just past a `{`, and whether a comma must follow what is inserted there.
        struct Opening: Sendable, Equatable {
            let offset: Int
            let isEmpty: Bool
        }

        var body = Opening(offset: 0, isEmpty: true)
        var context: Opening?
        var tier: Range<Int>?
        var project: Range<Int>?
    }

    package var count: Int { elements.count }

    /// Reads a body.
    ///
    /// Refused, with line, column and path: what is not JSON, a key that matters twice or in a second
    /// spelling (the service would choose one, and it may not be the one that was priced), a value of
    /// the wrong type, no element or too many, an element without a model.
    package static func parse(
        _ bytes: [UInt8],
        for call: ProviderCall? = nil,
        dialect: JSONDialect = .strict
    ) throws(RequestBodyError) -> RequestBody {
        try parse(Payload(bytes), for: call, dialect: dialect)
    }

    /// The same of a body that is partly in a file; a text that matters must be all in memory.
    package static func parse(
        _ payload: Payload,
        for call: ProviderCall?
    ) throws(RequestBodyError) -> RequestBody {
        try parse(payload, for: call, dialect: .strict)
    }

    static func parse(
        _ payload: Payload,
        in range: Range<Int>? = nil,
        for call: ProviderCall?,
        dialect: JSONDialect
    ) throws(RequestBodyError) -> RequestBody {
        let range = range ?? payload.bytes.indices
        var scanner = try JSONScanner(
            payload.bytes,
            in: range,
            holes: payload.holes,
            dialect: dialect
        )
        var reader = RequestBodyReader(call: call)
        try reader.read(&scanner)
        return RequestBody(
            call: call ?? reader.guess,
            elements: reader.elements,
            mediaIDs: reader.mediaIDs,
            tierName: reader.tierName,
            projectID: reader.projectID,
            payload: payload,
            range: range,
            removals: scanner.removals,
            places: reader.places
        )
    }
}

// MARK: - Rewriting

extension RequestBody {
    /// The body as strict JSON, for an account of `tier`.
    ///
    /// `modelKeys` holds one key for each element, in order. `projectID` is the account's own project;
    /// the caller's is kept where it has none. What `clientContext` lacks is added to it, except to
    /// an upload or a cancellation: there only what is there already is replaced.
    package func rewritten(tier: Tier, modelKeys: [String], projectID: String? = nil) -> Payload {
        precondition(modelKeys.count == elements.count, "one model key for each element")
        var edits = zip(elements, modelKeys).map { element, key in
            Edit(element.keyPlace, key.jsonQuoted)
        }
        var added: [String] = []
        if let projectID {
            if let place = places.project {
                edits.append(Edit(place, projectID.jsonQuoted))
            } else {
                added.append("\"projectId\":" + projectID.jsonQuoted)
            }
        }
        if let place = places.tier {
            edits.append(Edit(place, tier.wireName.jsonQuoted))
        } else {
            added.append("\"userPaygateTier\":" + tier.wireName.jsonQuoted)
        }
        if !added.isEmpty, call?.makesVideos ?? true { edits.append(insertion(of: added)) }
        return applying(edits)
    }

    /// The body as strict JSON, otherwise as it came.
    package var strict: Payload { applying([]) }

    private struct Edit {
        let place: Range<Int>
        let text: String

        init(_ place: Range<Int>, _ text: String) {
            self.place = place
            self.text = text
        }
    }

    private func insertion(of members: [String]) -> Edit {
        var text = members.joined(separator: ",")
        let opening = places.context ?? places.body
        if places.context == nil { text = "\"clientContext\":{\(text)}" }
        return Edit(opening.offset..<opening.offset, opening.isEmpty ? text : text + ",")
    }

    private func applying(_ edits: [Edit]) -> Payload {
        let edits = (edits + removals.map { Edit($0, "") }).sorted {
            ($0.place.lowerBound, $0.place.upperBound) < ($1.place.lowerBound, $1.place.upperBound)
        }
        if edits.isEmpty, range == payload.bytes.indices { return payload }
        var result: [UInt8] = []
        result.reserveCapacity(range.count + 256)
        var holes: [Payload.Hole] = []
        var kept = range.lowerBound
        func keep(upTo end: Int) {
            for hole in payload.holes where (kept..<end).contains(hole.place) {
                holes.append(
                    .init(place: result.count + hole.place - kept, source: hole.source)
                )
            }
            result += payload.bytes[kept..<end]
        }
        for edit in edits {
            keep(upTo: edit.place.lowerBound)
            result += edit.text.utf8
            kept = edit.place.upperBound
        }
        keep(upTo: range.upperBound)
        return Payload(result, holes: holes, in: payload.file)
    }
}
