/// Reads JSON that has one spelling only: known keys in order, no spaces, `\"` and `\\` the only escapes.
@safe struct CanonicalJSON {
    struct Misfit: Error {}

    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    /// `bytes` must stay valid for as long as the value lives.
    init(_ bytes: UnsafeRawBufferPointer) {
        unsafe self.bytes = unsafe bytes
    }

    static func isEscaped(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// The JSON spelling of printable text.
    static func string(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    var isAtEnd: Bool { unsafe position == bytes.count }

    mutating func skip(_ text: StaticString) -> Bool {
        let wanted = unsafe UnsafeRawBufferPointer(
            start: text.utf8Start,
            count: text.utf8CodeUnitCount
        )
        guard unsafe bytes.dropFirst(position).starts(with: wanted) else { return false }
        position += text.utf8CodeUnitCount
        return true
    }

    mutating func expect(_ text: StaticString) throws(Misfit) {
        guard skip(text) else { throw Misfit() }
    }

    mutating func integer<Number: FixedWidthInteger>() throws(Misfit) -> Number {
        let digits = unsafe bytes.dropFirst(position).prefix {
            $0 == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        }
        let text = unsafe String(decoding: digits, as: UTF8.self)
        guard let number = Number(text), String(number) == text else { throw Misfit() }
        unsafe position += digits.count
        return number
    }

    mutating func optional<Value>(
        _ read: (inout CanonicalJSON) throws(Misfit) -> Value
    ) throws(Misfit) -> Value? {
        skip("null") ? nil : try read(&self)
    }

    mutating func string() throws(Misfit) -> String {
        var text: [UInt8] = []
        try characters { text.append($0) }
        guard let string = String(validating: text, as: UTF8.self) else { throw Misfit() }
        return string
    }

    /// A string that goes straight into locked memory.
    mutating func secret() throws -> Secret {
        try unsafe Secret(capacity: bytes.count - position) { buffer in
            var count = 0
            try characters { byte in
                unsafe buffer[count] = byte
                count += 1
            }
            return count
        }
    }

    private mutating func characters(_ emit: (UInt8) -> Void) throws(Misfit) {
        try expect("\"")
        while unsafe position < bytes.count {
            var byte = unsafe bytes[position]
            position += 1
            if byte == UInt8(ascii: "\"") { return }
            if byte == UInt8(ascii: "\\") {
                guard unsafe position < bytes.count, unsafe Self.isEscaped(bytes[position]) else {
                    throw Misfit()
                }
                byte = unsafe bytes[position]
                position += 1
            }
            emit(byte)
        }
        throw Misfit()
    }
}
