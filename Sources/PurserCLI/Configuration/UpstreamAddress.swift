import PurserCore

/// Why no token may be sent to an address.
struct RefusedAddress: Error, Equatable {
    let words: String
    let hint: String?
}

extension Origin {
    /// Reads the base URL of a service that tokens are sent to.
    ///
    /// `https`, or `http` to this machine alone (the sandbox): a token must not cross a network in
    /// clear because of a typing error.
    init(upstream text: String) throws(RefusedAddress) {
        guard let origin = Origin(text), origin.hasPlainHost else {
            throw RefusedAddress(
                words: "is not a base URL",
                hint: "write https://host or https://host:port, without a path"
            )
        }
        guard origin.scheme == "https" || origin.isLoopback else {
            throw RefusedAddress(
                words: "would send tokens in clear to \(origin.host)",
                hint: "use https; http is for 127.0.0.1, [::1] and localhost"
            )
        }
        self = origin
    }

    /// Checks the address of a webhook, which may have a path and a query.
    ///
    /// Messages name accounts and members, so they cross no network in clear either.
    static func checkWebhook(_ text: String) throws(RefusedAddress) {
        let afterScheme = text.firstRange(of: "://")?.upperBound ?? text.endIndex
        let end = text[afterScheme...].firstIndex { "/?".contains($0) } ?? text.endIndex
        let isPlain = text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") }
        guard isPlain, text.utf8.count <= 2048, let origin = Origin(String(text[..<end])),
            origin.hasPlainHost
        else {
            throw RefusedAddress(
                words: "is not the address of a webhook",
                hint: "write https://host/path"
            )
        }
        guard origin.scheme == "https" || origin.isLoopback else {
            throw RefusedAddress(
                words: "would send messages in clear to \(origin.host)",
                hint: "use https; http is for 127.0.0.1, [::1] and localhost"
            )
        }
    }

    /// Whether the host is this machine by its very name: no lookup that someone else could answer.
    var isLoopback: Bool {
        if host == "localhost" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127"
            && parts.allSatisfy { part in
                part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
                    && UInt8(part) != nil
            }
    }

    private var hasPlainHost: Bool {
        if host.hasPrefix("["), host.hasSuffix("]") {
            return host.dropFirst().dropLast().allSatisfy {
                $0.isHexDigit || $0 == ":" || $0 == "."
            }
        }
        return host.utf8.allSatisfy { byte in
            let character = Character(Unicode.Scalar(byte))
            return character.isASCII
                && (character.isLetter || character.isNumber || character == "."
                    || character == "-" || character == "_")
        }
    }
}
