import FoundationEssentials

/// A request as the sandbox received it; the bearer is never in it.
package struct SeenRequest: Codable, Equatable, Sendable {
    package let index: Int
    /// Since the start of the sandbox.
    package let seconds: Double
    package let method: String
    /// Path and query as they came.
    package let path: String
    /// The label of the account whose bearer it carried; nil for none or a dead one.
    package let account: String?
    package let userAgent: String?
    /// By lower-case name; a header that came twice is joined by a comma, the bearer is left out.
    package let headers: [String: String]
    /// The body read as UTF-8.
    package let body: String
    /// The body byte for byte.
    package let bodyBase64: String
    /// What was answered; nil when the connection was cut before the first byte.
    package internal(set) var status: Int?
}

/// A request on its way in.
struct Incoming: Sendable {
    let method: String
    let target: String
    let headers: [(name: String, value: String)]
    let body: [UInt8]

    /// The target without its query.
    var path: String { String(target.prefix { $0 != "?" }) }

    /// The bearer, or nil where there is none.
    var bearer: String? {
        guard let value = headers.first(where: { $0.name == "authorization" })?.value else {
            return nil
        }
        let words = value.split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
        return String(words[1])
    }
}

/// The requests seen, newest last; the oldest fall out of a full log.
struct RequestLog: Sendable {
    private(set) var entries: [SeenRequest] = []
    private var count = 0
    private static let limit = 10_000

    mutating func append(
        _ request: Incoming,
        account: String?,
        status: Int?,
        at time: Duration
    ) {
        if entries.count == Self.limit { entries.removeFirst(Self.limit / 10) }
        var headers: [String: String] = [:]
        for (name, value) in request.headers where name != "authorization" {
            headers[name] = headers[name].map { "\($0), \(value)" } ?? value
        }
        entries.append(
            SeenRequest(
                index: count,
                seconds: time.inSeconds,
                method: request.method,
                path: request.target,
                account: account,
                userAgent: headers["user-agent"],
                headers: headers,
                body: String(decoding: request.body, as: UTF8.self),
                bodyBase64: Data(request.body).base64EncodedString(),
                status: status
            )
        )
        count += 1
    }

    mutating func clear() {
        entries = []
    }
}

extension Duration {
    /// For answers to people; rules compare durations.
    var inSeconds: Double { self / .seconds(1) }
}
