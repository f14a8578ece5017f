import Foundation
import Testing

/// Looks for secrets in every writing they could leak in.
struct Canary: Sendable {
    private let writings: [Data]

    /// The tests' tokens and passphrase, and what else a run has for secrets.
    init(_ further: [String] = []) {
        let own = [CommandHome.ultraToken, CommandHome.tierOneToken, CommandHome.passphrase]
        writings = (own + further).flatMap(Self.writings)
    }

    func isIn(_ data: Data) -> Bool { writings.contains { data.range(of: $0) != nil } }

    func isIn(_ text: String) -> Bool { isIn(Data(text.utf8)) }

    /// The files below a folder that hold a secret; those named in `besides` may.
    func files(below folder: String, besides: Set<String>) throws -> [String] {
        let names = try #require(FileManager.default.enumerator(atPath: folder))
        return names.compactMap { $0 as? String }.filter { name in
            guard !besides.contains(name) else { return false }
            let data = try? Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
            return isIn(Data(name.utf8)) || data.map(isIn) ?? false
        }
    }

    /// Raw, reversed, hexadecimal, percent-encoded, UTF-16 of both orders, and base64 at each of its three alignments.
    private static func writings(of secret: String) -> [Data] {
        let bytes = Array(secret.utf8)
        let hex = bytes.map { String(format: "%02x", $0) }.joined()
        let percent = bytes.map { String(format: "%%%02X", $0) }.joined()
        let aligned = (0..<3).map { shift -> String in
            let text = Data([UInt8](repeating: 0x20, count: shift) + bytes).base64EncodedString()
            // The first and last groups mix in neighbours; what lies between is the secret's own.
            return String(text.dropFirst(4).dropLast(4))
        }
        let urlSafe = aligned.map {
            $0.replacing("+", with: "-").replacing("/", with: "_")
        }
        let texts = [
            secret, String(secret.reversed()), hex, hex.uppercased(), percent, percent.lowercased(),
            secret.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? secret,
        ]
        let wide = [String.Encoding.utf16LittleEndian, .utf16BigEndian].compactMap {
            secret.data(using: $0)
        }
        return (texts + aligned + urlSafe).map { Data($0.utf8) } + wide
    }
}
