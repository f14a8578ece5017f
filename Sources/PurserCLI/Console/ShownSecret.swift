import PurserEngine
import PurserVault

/// A secret that a command made and shows once: it stays in locked memory until it is written.
final class ShownSecret: Sendable {
    let secret: Secret

    init(_ secret: consuming Secret) {
        self.secret = secret
    }
}

extension JSONOutput {
    /// Stands for a secret until the console writes it there; secrets come in the order of their numbers.
    static func secret(_ number: Int) -> JSONOutput { .string(mark(number)) }

    fileprivate static func mark(_ number: Int) -> String { "@purser-secret-\(number)@" }
}

extension Console {
    /// A line of a result with a secret in it.
    func out(_ before: ConsoleText, secret: ShownSecret, _ after: ConsoleText) {
        write(before.rendered(color: output.hasColor))
        write(secret)
        write(after.rendered(color: output.hasColor) + "\n")
    }

    /// A JSON result with secrets in it.
    func out(_ value: JSONOutput, secrets: [ShownSecret]) {
        var rest = Substring(value.pretty + "\n")
        for (number, secret) in secrets.enumerated() {
            guard let place = rest.firstRange(of: JSONOutput.mark(number)) else { continue }
            write(String(rest[..<place.lowerBound]))
            write(secret)
            rest = rest[place.upperBound...]
        }
        write(String(rest))
    }

    private func write(_ secret: ShownSecret) {
        secret.secret.withBytes { bytes in
            guard let writeBytes = output.writeBytes else {
                return write(String(decoding: bytes, as: UTF8.self))
            }
            writeBytes(bytes)
        }
    }
}
