/// A call of the provider, read from the path of a request.
package enum ProviderCall: Sendable, Hashable {
    /// Makes videos; `endpoint` is the path after `/v1/`.
    case generate(endpoint: String)
    /// Uploads an image; two paths are in use.
    case upload(path: String)
    case cancel
    case status
    case credits

    /// Reads a path with or without `/v1/`, or a whole URL.
    ///
    /// A query is dropped: no call has one. `nil` for a path that no call has.
    package init?(_ text: some StringProtocol) {
        let path = Self.relativePath(of: String(text))
        switch path {
        case Self.creditsPath: self = .credits
        case Self.statusPath: self = .status
        case Self.cancelPath: self = .cancel
        case "flow/uploadImage", ":uploadUserImage": self = .upload(path: path)
        default:
            let kind = path.dropFirst(Self.generatePrefix.count)
            guard path.hasPrefix(Self.generatePrefix), !kind.isEmpty,
                kind.utf8.allSatisfy(Self.isAlphanumeric)
            else { return nil }
            self = .generate(endpoint: path)
        }
    }

    /// The path after `/v1/`.
    ///
    /// The older upload's begins with a colon and follows `/v1` at once.
    package var path: String {
        switch self {
        case .generate(let endpoint): endpoint
        case .upload(let path): path
        case .cancel: Self.cancelPath
        case .status: Self.statusPath
        case .credits: Self.creditsPath
        }
    }

    /// Whether the body has `requests[]`, each of which costs what its model costs.
    package var makesVideos: Bool {
        if case .generate = self { true } else { false }
    }

    private static let creditsPath = "credits"
    private static let statusPath = "video:batchCheckAsyncVideoGenerationStatus"
    private static let cancelPath = "flowMedia:cancelGeneration"
    private static let generatePrefix = "video:batchAsyncGenerateVideo"

    private static func relativePath(of text: String) -> String {
        var rest = text[...]
        if let scheme = rest.firstRange(of: "://") {
            let authority = rest[scheme.upperBound...]
            rest = authority.drop { $0 != "/" }
        }
        rest = rest.prefix { $0 != "?" && $0 != "#" }
        if rest.hasPrefix("/") { rest = rest.dropFirst() }
        if rest.hasPrefix("v1/") { rest = rest.dropFirst(3) }
        if rest.hasPrefix("v1:") { rest = rest.dropFirst(2) }
        return String(rest)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}

extension ProviderCall {
    /// What the fields of one element say, where no path was given.
    ///
    /// `nil` where they do not decide it: a `videoInput` alone may be extended or edited, which only
    /// the model's own endpoint tells.
    static func guess(fromFields fields: Set<String>) -> ProviderCall? {
        func call(_ kind: String) -> ProviderCall { .generate(endpoint: generatePrefix + kind) }
        if fields.contains("referenceImages") { return call("ReferenceImages") }
        if fields.contains("startImage") {
            return call(fields.contains("endImage") ? "StartAndEndImage" : "StartImage")
        }
        if fields.contains("videoInput") {
            return fields.contains("resolution") ? call("UpsampleVideo") : nil
        }
        return fields.contains("textInput") && !fields.contains("endImage") ? call("Text") : nil
    }
}
