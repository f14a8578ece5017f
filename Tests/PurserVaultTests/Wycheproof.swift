import Foundation
import Testing

/// The published vectors in the folder that `PURSER_VECTORS` names.
enum Wycheproof {
    static let folder = ProcessInfo.processInfo.environment["PURSER_VECTORS"]

    /// Decodes one file; fails when the folder is named and the file is not there.
    static func groups<Group: Decodable>(_ name: String, as _: Group.Type) throws -> [Group] {
        let folder = try #require(folder)
        let url = URL(fileURLWithPath: "\(folder)/wycheproof/\(name)_test.json")
        return try JSONDecoder().decode(File<Group>.self, from: Data(contentsOf: url)).testGroups
    }

    private struct File<Group: Decodable>: Decodable {
        let testGroups: [Group]
    }

    struct Group<Vector: Decodable>: Decodable {
        let tests: [Vector]
        let keySize: Int?
        let ivSize: Int?
        let tagSize: Int?
        let publicKey: PublicKey?
    }

    struct PublicKey: Decodable {
        let pk: String
    }

    struct Cipher: Decodable {
        let tcId: Int
        let key, iv, aad, msg, ct, tag, result: String
    }

    struct Code: Decodable {
        let tcId: Int
        let key, msg, tag, result: String
    }

    struct Derivation: Decodable {
        let tcId: Int
        let ikm, salt, info, okm, result: String
        let size: Int
    }

    struct Agreement: Decodable {
        let tcId: Int
        let `public`, `private`, shared, result: String
    }

    struct Signature: Decodable {
        let tcId: Int
        let msg, sig, result: String
    }

    struct Chunked: Decodable {
        let tcId: Int
        let key, ctx, ct, result: String
        let msgLength: Int?
        let msgSha512: String?
    }
}

/// Raw DEFLATE (RFC 1951) inside zlib's two-byte head: the chunked vectors are kept compressed.
struct Inflate {
    struct Malformed: Error {}

    private let input: [UInt8]
    private var position = 2
    private var bits = 0
    private var bitCount = 0
    private var output: [UInt8] = []

    static func zlib(_ bytes: [UInt8]) throws -> [UInt8] {
        var inflate = Inflate(input: bytes)
        try inflate.run()
        return inflate.output
    }

    private init(input: [UInt8]) {
        self.input = input
    }

    private mutating func take(_ count: Int) throws -> Int {
        while bitCount < count {
            guard position < input.count else { throw Malformed() }
            bits |= Int(input[position]) << bitCount
            position += 1
            bitCount += 8
        }
        defer {
            bits >>= count
            bitCount -= count
        }
        return bits & (1 << count - 1)
    }

    private mutating func run() throws {
        var isLast = false
        while !isLast {
            isLast = try take(1) == 1
            switch try take(2) {
            case 0: try copyStored()
            case 1: try decode(Self.fixedLiterals, Self.fixedDistances)
            case 2:
                let (literals, distances) = try readTables()
                try decode(literals, distances)
            default: throw Malformed()
            }
        }
    }

    private mutating func copyStored() throws {
        bits = 0
        bitCount = 0
        guard position + 4 <= input.count else { throw Malformed() }
        let count = Int(input[position]) | Int(input[position + 1]) << 8
        position += 4
        guard position + count <= input.count else { throw Malformed() }
        output += input[position..<position + count]
        position += count
    }

    /// Canonical Huffman codes: how many of each length, and the symbols in order.
    private struct Table {
        var counts = [Int](repeating: 0, count: 16)
        var symbols: [Int] = []

        init(_ lengths: [Int]) {
            for length in lengths { counts[length] += 1 }
            counts[0] = 0
            symbols = lengths.indices.filter { lengths[$0] > 0 }
                .sorted { (lengths[$0], $0) < (lengths[$1], $1) }
        }
    }

    private static let fixedLiterals = Table(
        (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 }
    )
    private static let fixedDistances = Table([Int](repeating: 5, count: 30))
    private static let lengthBases = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115,
        131, 163, 195, 227, 258,
    ]
    private static let distanceBases = [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537,
        2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577,
    ]

    private mutating func symbol(_ table: Table) throws -> Int {
        var code = 0
        var first = 0
        var index = 0
        for length in 1...15 {
            code |= try take(1)
            let count = table.counts[length]
            if code - count < first { return table.symbols[index + code - first] }
            index += count
            first = (first + count) << 1
            code <<= 1
        }
        throw Malformed()
    }

    private mutating func readTables() throws -> (Table, Table) {
        let literals = try take(5) + 257
        let distances = try take(5) + 1
        let codes = try take(4) + 4
        let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
        var lengths = [Int](repeating: 0, count: 19)
        for index in 0..<codes { lengths[order[index]] = try take(3) }
        let table = Table(lengths)
        lengths = []
        while lengths.count < literals + distances {
            let symbol = try symbol(table)
            switch symbol {
            case 0..<16: lengths.append(symbol)
            case 16:
                guard let last = lengths.last else { throw Malformed() }
                lengths += repeatElement(last, count: 3 + (try take(2)))
            case 17: lengths += repeatElement(0, count: 3 + (try take(3)))
            default: lengths += repeatElement(0, count: 11 + (try take(7)))
            }
        }
        return (Table(Array(lengths[..<literals])), Table(Array(lengths[literals...])))
    }

    private mutating func decode(_ literals: Table, _ distances: Table) throws {
        while true {
            let symbol = try symbol(literals)
            if symbol == 256 { return }
            guard symbol > 256 else {
                output.append(UInt8(symbol))
                continue
            }
            let index = symbol - 257
            let extra = index < 8 || index == 28 ? 0 : (index - 4) / 4
            let count = Self.lengthBases[index] + (try take(extra))
            let code = try self.symbol(distances)
            let far = Self.distanceBases[code] + (try take(code < 4 ? 0 : (code - 2) / 2))
            guard far <= output.count else { throw Malformed() }
            let start = output.count - far
            if far == 1 {
                output += repeatElement(output[start], count: count)
            } else {
                for offset in 0..<count { output.append(output[start + offset]) }
            }
        }
    }
}
