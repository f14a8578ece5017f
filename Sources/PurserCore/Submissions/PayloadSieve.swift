/// Parts a body, while it arrives, into what must be in memory to be read and the insides of long strings, which need not
/// be: the image of an upload.
///
/// Aside goes what has followed on `longestRun` bytes of plain ASCII (and escapes of two characters, which some writers
/// put before every slash) inside one string. Whatever could be wrong in a body, or ends a string, stays; so
/// `RequestBody` judges what stayed as it would judge the whole, and each hole costs a run in memory.
package struct PayloadSieve {
    /// Plain bytes in a row that stay.
    package static let longestRun = 64 << 10

    /// What stayed so far.
    package private(set) var bytes: [UInt8] = []
    private var holes: [Payload.Hole] = []
    private let longestRun: Int
    private var isInString = false
    /// Whether a backslash waits for what it escapes.
    private var isEscaping = false
    private var run = 0

    /// `longestRun` is 8 at least, so that an escape stays whole.
    package init(longestRun: Int = Self.longestRun) {
        precondition(longestRun >= 8, "an escape stays whole")
        self.longestRun = longestRun
    }

    /// Takes the bytes that follow, and adds to `aside` what of them goes to the file, at its end.
    package mutating func take(_ part: [UInt8], aside: inout [UInt8]) {
        var index = 0
        while index < part.count {
            if isEscaping {
                takeEscaped(part[index], &aside)
                index += 1
                continue
            }
            let isInString = isInString
            let plain = part[index...].prefix {
                isInString ? $0.isPlainText : $0 != UInt8(ascii: "\"")
            }
            if isInString { takePlain(plain, &aside) } else { bytes += plain }
            index = plain.endIndex
            guard index < part.count else { return }
            isEscaping = isInString && part[index] == UInt8(ascii: "\\")
            if !isEscaping { keep(part[index]) }
            index += 1
        }
    }

    /// The body, when all of it has come; `file` holds what went aside.
    package consuming func payload(in file: (any PayloadFile)?) -> Payload {
        if isEscaping { bytes.append(UInt8(ascii: "\\")) }
        return Payload(bytes, holes: holes, in: file)
    }

    private mutating func takeEscaped(_ byte: UInt8, _ aside: inout [UInt8]) {
        isEscaping = false
        if byte.isEscapedAlone {
            takePlain([UInt8(ascii: "\\"), byte], &aside)
        } else {
            bytes += [UInt8(ascii: "\\"), byte]
            run = 0
        }
    }

    private mutating func takePlain(_ plain: ArraySlice<UInt8>, _ aside: inout [UInt8]) {
        // An escape is never torn: it stays or goes as one.
        let room = max(longestRun - run, 0)
        let kept = plain.first == UInt8(ascii: "\\") && room < plain.count ? 0 : room
        bytes += plain.prefix(kept)
        run += plain.count
        let rest = plain.dropFirst(kept)
        guard !rest.isEmpty else { return }
        aside += rest
        let end = holes.last?.source.upperBound ?? 0
        if let last = holes.last, last.place == bytes.count {
            holes[holes.count - 1] = .init(
                place: last.place,
                source: last.source.lowerBound..<end + rest.count
            )
        } else {
            holes.append(.init(place: bytes.count, source: end..<end + rest.count))
        }
    }

    /// A quote, or what does not belong in a string unescaped or in ASCII.
    private mutating func keep(_ byte: UInt8) {
        if byte == UInt8(ascii: "\"") { isInString.toggle() }
        bytes.append(byte)
        run = 0
    }
}

extension UInt8 {
    /// Whether it stands for itself in a string, and for a whole character.
    fileprivate var isPlainText: Bool {
        (0x20..<0x80).contains(self) && self != UInt8(ascii: "\"") && self != UInt8(ascii: "\\")
    }

    /// Whether it is all that an escape has after its backslash.
    fileprivate var isEscapedAlone: Bool {
        switch self {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            true
        default: false
        }
    }
}
