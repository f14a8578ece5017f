import Glibc
import Hummingbird
import PurserCore
import PurserPages

/// The fields of a form (`application/x-www-form-urlencoded`), as bytes that are wiped when it goes: one may be a key
/// or a token.
///
/// What the connection itself buffered is not in its hands.
final class PageForm {
    private var fields: [FormField: [UInt8]] = [:]

    /// Reads a body of at most `limit` bytes.
    ///
    /// Throws a ``Problem`` for what is no form: a field that is not known, twice there or not UTF-8 is a mistake.
    convenience init(
        of request: Request,
        upTo limit: Int,
        _ context: GatewayContext,
        in place: Admission.Place?
    ) async throws {
        guard RequestFields(request).isForm else {
            throw Problem(.invalidRequest, .form(.noForm))
        }
        let promised = RequestFields(request).contentLength ?? 0
        guard promised <= limit else { throw Problem.bodyTooLarge(limit) }
        try place?.reserve(.memory, promised)
        try await context.askForBody(of: request)
        var bytes: [UInt8] = []
        defer { Self.wipe(&bytes) }
        for try await part in request.body {
            let count = bytes.count + part.readableBytes
            guard count <= limit else { throw Problem.bodyTooLarge(limit) }
            try place?.reserve(.memory, count)
            Self.makeRoom(for: count, in: &bytes)
            bytes += part.readableBytesView
        }
        try self.init(bytes)
    }

    init(_ body: [UInt8]) throws(Problem) {
        for pair in body.split(separator: UInt8(ascii: "&")) {
            let end = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            guard let name = Self.plain(pair[..<end]),
                let field = FormField(rawValue: String(decoding: name, as: UTF8.self)),
                fields[field] == nil
            else { throw Problem(.invalidRequest, .form(.unknownField)) }
            fields[field] = Self.plain(pair[end...].dropFirst())
            guard Self.isText(fields[field]) else {
                throw Problem(.invalidRequest, .form(.unreadable(field)))
            }
        }
    }

    /// Whether the bytes are UTF-8; it makes no copy, for they may be a key or a token.
    private static func isText(_ bytes: [UInt8]?) -> Bool {
        guard let bytes else { return false }
        do {
            _ = try UTF8Span(validating: bytes.span)
            return true
        } catch { return false }
    }

    deinit {
        Self.wipe(&fields)
    }

    /// A field's text, where it is some; empty is nothing.
    subscript(_ field: FormField) -> String? {
        guard let bytes = fields[field], !bytes.isEmpty else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// A field's bytes without the white space that pasting brings with it.
    func withPasted<Result>(
        _ field: FormField,
        _ body: ([UInt8]) async throws -> Result
    ) async rethrows -> Result {
        var pasted = fields[field]?.withUnsafeBytes(Self.withoutBlanks) ?? []
        defer { Self.wipe(&pasted) }
        return try await body(pasted)
    }

    /// A copy that owns its bytes: an array of a slice of all would have another owner, and not be wiped in place.
    private static func withoutBlanks(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        let isBlank = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
        let first = bytes.firstIndex { !isBlank($0) } ?? bytes.endIndex
        let end = bytes.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? first
        return Array(bytes[first..<end])
    }

    /// Without its escapes; `nil` where they are none.
    private static func plain(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(digit),
                    let low = rest.popFirst().flatMap(digit)
                else {
                    wipe(&bytes)
                    return nil
                }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return bytes
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    // MARK: Wiping

    /// Wipes every field where it lies: a loop over the dictionary itself would be a second owner, and copies be wiped.
    static func wipe(_ fields: inout [FormField: [UInt8]]) {
        for field in FormField.allCases { fields[field]?.withUnsafeMutableBytes(wipe) }
    }

    /// Grows an array without leaving a copy behind.
    private static func makeRoom(for count: Int, in bytes: inout [UInt8]) {
        guard count > bytes.capacity else { return }
        var larger: [UInt8] = []
        larger.reserveCapacity(max(count, 2 * bytes.capacity))
        larger += bytes
        wipe(&bytes)
        bytes = larger
    }

    private static func wipe(_ bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes(wipe)
    }

    private static func wipe(_ bytes: UnsafeMutableRawBufferPointer) {
        if let start = bytes.baseAddress { explicit_bzero(start, bytes.count) }
    }
}

extension RequestFields {
    /// Whether the body says it is what a form without files sends.
    fileprivate var isForm: Bool {
        let type = contentType.prefix { $0 != ";" }
        return type.lowercased().filter { $0 != " " } == "application/x-www-form-urlencoded"
    }
}
