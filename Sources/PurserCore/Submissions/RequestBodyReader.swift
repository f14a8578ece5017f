/// Walks a body once and notes what routing needs.
struct RequestBodyReader {
    let call: ProviderCall?
    private(set) var elements: [RequestBody.Element] = []
    private(set) var mediaIDs: [String] = []
    private(set) var tierName: String?
    private(set) var projectID: String?
    private(set) var places = RequestBody.Places()
    private var guesses: Set<ProviderCall?> = []
    private var seenMedia: Set<String> = []

    init(call: ProviderCall?) {
        self.call = call
    }

    /// What the fields say, where all elements agree.
    var guess: ProviderCall? {
        guesses.count == 1 ? guesses.first.flatMap { $0 } : nil
    }

    mutating func read(_ scanner: inout JSONScanner) throws(RequestBodyError) {
        try scanner.skipBlanks()
        guard scanner.next != nil else { throw scanner.error(.empty) }
        let start = scanner.offset
        if call == .status || call == .credits { throw scanner.error(.statusQuery) }
        var fields = Fields(["clientContext", "requests", "mediaId", "operations", "media"])
        try scanner.readObject { (scanner, key) throws(RequestBodyError) in
            switch try fields.admit(key, scanner) {
            case "clientContext": try readContext(&scanner)
            case "requests": try readElements(&scanner)
            case "mediaId" where call == .cancel: try readMediaID(&scanner)
            default: try scanner.skipValue()
            }
        }
        places.body = .init(offset: start + 1, isEmpty: fields.isEmpty)
        if call?.makesVideos ?? true, !fields.seen.contains("requests") {
            let isQuery = !fields.seen.isDisjoint(with: ["operations", "media"])
            throw scanner.error(isQuery ? .statusQuery : fields.missing("requests"), at: start)
        }
        if call == .cancel, mediaIDs.isEmpty {
            throw scanner.error(fields.missing("mediaId"), at: start)
        }
        try scanner.finish()
    }

    private mutating func readContext(_ scanner: inout JSONScanner) throws(RequestBodyError) {
        let start = scanner.offset
        var fields = Fields(["userPaygateTier", "projectId"])
        try scanner.readObject { (scanner, key) throws(RequestBodyError) in
            switch try fields.admit(key, scanner) {
            case "userPaygateTier":
                let value = try scanner.readName()
                tierName = scanner.text(of: value)
                places.tier = value.quoted
            case "projectId":
                let value = try scanner.readName()
                projectID = scanner.text(of: value)
                places.project = value.quoted
            default: try scanner.skipValue()
            }
        }
        places.context = .init(offset: start + 1, isEmpty: fields.isEmpty)
    }

    private mutating func readElements(_ scanner: inout JSONScanner) throws(RequestBodyError) {
        let start = scanner.offset
        try scanner.readArray { (scanner, index) throws(RequestBodyError) in
            guard index < RequestBody.elementLimit else {
                throw scanner.error(.tooManyElements(limit: RequestBody.elementLimit))
            }
            try readElement(&scanner, index)
        }
        if elements.isEmpty { throw scanner.error(.noElements, at: start) }
    }

    private mutating func readElement(
        _ scanner: inout JSONScanner,
        _ index: Int
    ) throws(RequestBodyError) {
        let start = scanner.offset
        var fields = Fields([
            "videoModelKey", "startImage", "endImage", "referenceImages", "videoInput", "textInput",
            "resolution",
        ])
        var model: (key: String, place: Range<Int>)?
        try scanner.readObject { (scanner, key) throws(RequestBodyError) in
            switch try fields.admit(key, scanner) {
            case "videoModelKey":
                let value = try scanner.readName()
                model = (scanner.text(of: value), value.quoted)
                if value.content.isEmpty {
                    throw scanner.error(.emptyValue, at: value.quoted.lowerBound)
                }
            case "startImage", "endImage", "videoInput": try readMedium(&scanner)
            case "referenceImages":
                try scanner.readArray { (scanner, _) throws(RequestBodyError) in
                    try readMedium(&scanner)
                }
            default: try scanner.skipValue()
            }
        }
        guard let model else { throw scanner.error(fields.missing("videoModelKey"), at: start) }
        elements.append(.init(index: index, modelKey: model.key, keyPlace: model.place))
        guesses.insert(ProviderCall.guess(fromFields: fields.seen))
    }

    private mutating func readMedium(_ scanner: inout JSONScanner) throws(RequestBodyError) {
        var fields = Fields(["mediaId"])
        try scanner.readObject { (scanner, key) throws(RequestBodyError) in
            if try fields.admit(key, scanner) == nil {
                try scanner.skipValue()
            } else {
                try readMediaID(&scanner)
            }
        }
    }

    private mutating func readMediaID(_ scanner: inout JSONScanner) throws(RequestBodyError) {
        let id = scanner.text(of: try scanner.readName())
        guard seenMedia.insert(id).inserted else { return }
        guard mediaIDs.count < RequestBody.mediaLimit else {
            throw scanner.error(.tooManyMedia(limit: RequestBody.mediaLimit))
        }
        mediaIDs.append(id)
    }
}

/// The fields of one object that are read, each at most once and in one spelling.
private struct Fields {
    let known: [String]
    private(set) var seen: Set<String> = []
    private var others: [String] = []
    private(set) var isEmpty = true

    init(_ known: [String]) {
        self.known = known
    }

    /// The field's name, or `nil` when it is not one that is read.
    mutating func admit(
        _ key: JSONString,
        _ scanner: JSONScanner
    ) throws(RequestBodyError) -> String? {
        isEmpty = false
        let name = scanner.text(of: key)
        guard known.contains(name) else {
            // The service's JSON takes `video_model_key` for `videoModelKey` (proto3's rule), so one
            // could be priced and the other charged.
            if name.contains("_") {
                let joined = name.filter { $0 != "_" }.lowercased()
                if let meant = known.first(where: { $0.lowercased() == joined }) {
                    throw scanner.error(.otherSpelling(of: meant), at: key.quoted.lowerBound)
                }
            }
            if others.count < 32, name.utf8.count <= 64 { others.append(name) }
            return nil
        }
        guard seen.insert(name).inserted else {
            throw scanner.error(.duplicateKey(name), at: key.quoted.lowerBound)
        }
        return name
    }

    func missing(_ field: String) -> RequestBodyError.Problem {
        // Upper and lower case are the same.
        let wanted = Array(field.lowercased())
        let nearest = others.map {
            (name: $0, distance: editDistance(Array($0.lowercased()), wanted))
        }
        .filter { $0.distance <= 4 }
        .min { $0.distance < $1.distance }
        return .missing(field: field, nearest: nearest?.name)
    }
}
