extension JSONScanner {
    /// The string with its escapes resolved, so that two spellings of one key are the same key.
    func text(of string: JSONString) -> String {
        guard string.isEscaped else {
            return String(decoding: bytes[string.content], as: UTF8.self)
        }
        var units: [UInt16] = []
        var index = string.content.lowerBound
        var plainStart = index
        func plain(upTo place: Int) -> String.UTF16View {
            String(decoding: bytes[plainStart..<place], as: UTF8.self).utf16
        }
        while index < string.content.upperBound {
            guard bytes[index] == UInt8(ascii: "\\") else {
                index += 1
                continue
            }
            units += plain(upTo: index)
            let (unit, length) = escape(at: index)
            units.append(unit)
            index += length
            plainStart = index
        }
        units += plain(upTo: index)
        // Half of a surrogate pair becomes U+FFFD, which no key that matters has.
        return String(decoding: units, as: UTF16.self)
    }

    private func escape(at index: Int) -> (unit: UInt16, length: Int) {
        switch bytes[index + 1] {
        case UInt8(ascii: "b"): (0x08, 2)
        case UInt8(ascii: "f"): (0x0C, 2)
        case UInt8(ascii: "n"): (0x0A, 2)
        case UInt8(ascii: "r"): (0x0D, 2)
        case UInt8(ascii: "t"): (0x09, 2)
        case UInt8(ascii: "u"):
            (
                UInt16(String(decoding: bytes[index + 2..<index + 6], as: UTF8.self), radix: 16)
                    ?? 0, 6
            )
        case let same: (UInt16(same), 2)
        }
    }

    /// An error at this place, or at another one of the same value.
    func error(_ problem: RequestBodyError.Problem, at place: Int? = nil) -> RequestBodyError {
        let place = place ?? offset
        let before = bytes[..<place]
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return RequestBodyError(
            problem,
            line: 1 + before.count { $0 == 0x0A },
            // A byte that continues a character is not a character of its own.
            column: 1 + before[lineStart...].count { $0 & 0xC0 != 0x80 }
                + holes.filter { (lineStart...place).contains($0.place) }
                .reduce(0) { $0 + $1.source.count },
            path: pathText
        )
    }

    func unexpected(_ expected: String, at place: Int? = nil) -> RequestBodyError {
        let place = place ?? offset
        guard place < end else { return error(.endsEarly(expected: expected), at: end) }
        switch bytes[place] {
        case 0: return error(.nulByte, at: place)
        case UInt8(ascii: "'"):
            return error(.looserSpelling("the text is in single quotes"), at: place)
        default:
            let text = String(decoding: bytes[place..<min(place + 16, end)], as: UTF8.self)
            let found = text.first.map { $0.isWhitespace ? "a blank" : "'\($0)'" } ?? ""
            return error(.unexpected(found: found, expected: expected), at: place)
        }
    }

    func wrongType(expected: String) -> RequestBodyError {
        next == nil ? error(.endsEarly(expected: expected)) : error(.wrongType(expected: expected))
    }

    private var pathText: String {
        path.reduce(into: "") { text, step in
            switch step {
            case .key(let key): text += (text.isEmpty ? "" : ".") + self.text(of: key)
            case .index(let index): text += "[\(index)]"
            }
        }
    }
}
