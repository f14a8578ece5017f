import Glibc

/// Which vault a home held when this machine first opened it: a file beside the pins, named after the home's path.
///
/// A pin is found by the vault's id, and who writes the database may choose a new id; where the home lies they do not
/// choose. Without this, a whole vault of a thief's own would be met as one never seen before.
package struct HomePin: Sendable {
    private let directory: String
    private let path: String

    /// `home` must exist; links in its path are followed.
    package init(directory: String, home: String) throws {
        guard let real = unsafe realpath(home, nil) else { throw VaultError.systemError(home) }
        defer { unsafe free(real) }
        let place = unsafe Digest.sha256(Array(String(cString: real).utf8))
        self.directory = directory
        path = "\(directory)/\(place.prefix(16).hexadecimal).home"
    }

    /// The vault's id and its fingerprint, in hexadecimal; `nil` when this machine has not opened the home.
    ///
    /// Without a fingerprint where an earlier version wrote it.
    package func read() throws -> (vaultID: String, fingerprint: String?)? {
        guard unsafe access(path, F_OK) == 0 else {
            guard errno == ENOENT else { throw VaultError.systemError(path) }
            return nil
        }
        let text = try unsafe Secret.readFile(path).withBytes { bytes in
            unsafe String(decoding: bytes, as: UTF8.self)
        }
        let lines = text.split(separator: "\n").map(String.init)
        return (lines.first ?? "", lines.dropFirst().first)
    }

    /// Refuses a vault that is not the one this home held: another id, or the same one over another first header.
    package func check(_ vaultID: [UInt8], fingerprint: String) throws {
        guard let known = try read() else { return }
        guard known.vaultID == vaultID.hexadecimal else {
            throw VaultError.untrusted(
                "this home held the vault \(known.vaultID), not \(vaultID.hexadecimal)"
            )
        }
        guard known.fingerprint == nil || known.fingerprint == fingerprint else {
            throw VaultError.untrusted("its fingerprint is not that of the vault this home held")
        }
    }

    /// Remembers the vault, over whatever was remembered: after a check, or a fingerprint that was compared.
    package func write(_ vaultID: [UInt8], fingerprint: String) throws {
        if let known = try read(), known == (vaultID.hexadecimal, fingerprint) { return }
        try replaceFile(
            path,
            in: directory,
            with: "\(vaultID.hexadecimal)\n\(fingerprint)\n"
        )
    }
}
