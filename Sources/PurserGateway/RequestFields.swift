import HTTPTypes
import Hummingbird
import PurserCore

/// What the gateway reads of a request's head.
struct RequestFields {
    private let fields: HTTPFields

    init(_ request: Request) {
        fields = request.headers
    }

    /// The key of `Authorization: Bearer <key>`; the scheme's case does not matter.
    var bearer: String? {
        guard let value = fields[.authorization] else { return nil }
        let parts = value.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1])
    }

    /// The caller's own name for a request.
    ///
    /// - Throws: where it has not 1 to 255 visible ASCII characters: one that was cut or changed on the way would be another key.
    var idempotencyKey: String? {
        get throws(Problem) {
            guard let key = fields[named: "Idempotency-Key"] else { return nil }
            guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ 0x21...0x7e ~= $0 })
            else {
                throw Problem(
                    .invalidRequest,
                    "Idempotency-Key takes 1 to 255 visible ASCII characters"
                )
            }
            return key
        }
    }

    /// The id under which the caller's own logs know the request, where it is fit for ours.
    var requestID: String? {
        guard let id = fields[named: "X-Request-Id"], (1...64).contains(id.utf8.count),
            id.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) })
        else { return nil }
        return id
    }

    var trace: TraceParent? { fields[named: "traceparent"].flatMap { TraceParent($0) } }

    var contentType: String { fields[.contentType] ?? "application/json" }

    /// What the service is told a body is: the caller's own word only where it is one that the service is known to take.
    ///
    /// Every body is JSON here, whatever else the caller's client calls it of its own accord.
    var upstreamContentType: String {
        let told = fields[values: .contentType]
        let words = told.first?.prefix { $0 != ";" }.split(whereSeparator: \.isWhitespace) ?? []
        guard told.count == 1, words.count == 1,
            Self.contentTypes.contains(words[0].lowercased())
        else { return "application/json" }
        return told[0]
    }

    private static let contentTypes: Set = ["application/json", "text/plain"]

    /// What `Content-Length` promises; `nil` where it promises nothing.
    var contentLength: Int? { fields[.contentLength].flatMap { Int($0) } }
}

extension HTTPFields {
    /// A field by a name that the library has no constant for.
    ///
    /// A value that cannot stand in a header is not set.
    subscript(named name: String) -> String? {
        get { HTTPField.Name(name).flatMap { self[$0] } }
        set {
            guard let name = HTTPField.Name(name),
                newValue.map(HTTPField.isValidValue) ?? true
            else { return }
            self[name] = newValue
        }
    }
}
