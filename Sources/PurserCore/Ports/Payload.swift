/// The bytes of a request: all in memory or, of a large upload, the insides of its long strings in a file.
package struct Payload: Sendable {
    /// Bytes that lie in the file and stand between those in memory.
    package struct Hole: Sendable, Equatable {
        /// Before which of the bytes in memory they stand.
        package let place: Int
        /// Where they lie in the file.
        package let source: Range<Int>
    }

    /// What is in memory, in order.
    package let bytes: [UInt8]
    /// In order of their places.
    package let holes: [Hole]
    /// How many bytes there are in all.
    package let count: Int
    let file: (any PayloadFile)?

    package init(_ bytes: [UInt8]) {
        self.init(bytes, holes: [], in: nil)
    }

    init(_ bytes: [UInt8], holes: [Hole], in file: (any PayloadFile)?) {
        self.bytes = bytes
        self.holes = holes
        self.file = file
        count = bytes.count + holes.reduce(0) { $0 + $1.source.count }
    }

    /// Whether all of it is in memory.
    package var isWhole: Bool { holes.isEmpty }

    /// The next bytes from an offset on: `limit` of them, or as many as there are.
    ///
    /// - Throws: What the file throws when it cannot be read.
    package func part(from start: Int, upTo limit: Int) async throws -> [UInt8] {
        let wanted = start..<min(start + limit, count)
        var part: [UInt8] = []
        part.reserveCapacity(wanted.count)
        var (offset, place) = (0, 0)
        func memory(upTo end: Int) -> ArraySlice<UInt8> {
            let here = wanted.clamped(to: offset..<offset + end - place)
            defer { (offset, place) = (offset + end - place, end) }
            return bytes[here.lowerBound - offset + place..<here.upperBound - offset + place]
        }
        for hole in holes where offset < wanted.upperBound {
            part += memory(upTo: hole.place)
            let here = wanted.clamped(to: offset..<offset + hole.source.count)
            if let file, !here.isEmpty {
                let first = hole.source.lowerBound + here.lowerBound - offset
                part += try await file.read(first..<first + here.count)
            }
            offset += hole.source.count
        }
        return part + memory(upTo: bytes.count)
    }

    /// How much of it is worth reading at a time.
    package static let partSize = 256 << 10
}

extension Payload: Equatable {
    /// Two of equal bytes in different files are not equal: nothing is read to compare them.
    package static func == (a: Payload, b: Payload) -> Bool {
        a.bytes == b.bytes && a.holes == b.holes && a.file === b.file
    }
}

/// Holds what of a request is not in memory, as long as anyone refers to it.
package protocol PayloadFile: AnyObject, Sendable {
    /// Exactly these bytes of it.
    ///
    /// - Throws: Where it cannot be read, or is not that long any more.
    func read(_ range: Range<Int>) async throws -> [UInt8]
}
