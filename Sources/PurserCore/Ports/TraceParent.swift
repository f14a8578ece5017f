/// The trace a call belongs to, as the header `traceparent` of W3C Trace Context names it.
///
/// Whoever takes a request in binds `current` around it, and the provider passes it on: a trace is about the request as a
/// whole, so it follows the task and not the arguments.
package struct TraceParent: Sendable, Equatable, CustomStringConvertible {
    @TaskLocal package static var current: TraceParent?

    /// As it came, and as it is passed on.
    package let description: String

    /// `nil` unless it is of version 00: two digits, 32 of the trace, 16 of the parent, 2 of flags, all hexadecimal in
    /// lower case, and neither id all zeros.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [2, 32, 16, 2], parts[0] == "00",
            parts.allSatisfy({ $0.utf8.allSatisfy(Self.isDigit) }),
            !parts[1...2].contains(where: { $0.utf8.allSatisfy { $0 == UInt8(ascii: "0") } })
        else { return nil }
        description = String(text)
    }

    /// The 32 digits that name the trace.
    package var traceID: Substring { description.dropFirst(3).prefix(32) }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
