import Glibc

/// Which vault a home held when this machine first opened it: a file beside the pins, named after the home's path.
///
/// A pin is found by the vault's id, and who writes the database may choose a new id; where the home lies they do not
/// choose. Without this, a whole vault of a thief's own would be met as one never seen before.
package struct HomePin: Sendable {
    private let path: String

    /// `home` must exist; links in its path are followed.
    package init(directory: String, home: String) throws {
        guard let real = unsafe realpath(home, nil) else { throw VaultError.systemError(home) }
        defer { unsafe free(real) }
        let place = unsafe Digest.sha256(Array(String(cString: real).utf8))
        path = "\(directory)/\(place.prefix(16).hexadecimal).home"
    }

    /// The vault's id, in hexadecimal; `nil` when this machine has not opened the home.
    package func read() throws -> String? {
        guard unsafe access(path, F_OK) == 0 else {
            guard errno == ENOENT else { throw VaultError.systemError(path) }
            return nil
        }
        return try unsafe Secret.readFile(path).trimmingNewline().withBytes { bytes in
            unsafe String(decoding: bytes, as: UTF8.self)
        }
    }

    /// Refuses a vault that is not the one this home held.
    package func check(_ vaultID: [UInt8]) throws {
        guard let known = try read(), known != vaultID.hexadecimal else { return }
        throw VaultError.untrusted("this home held the vault \(known), not \(vaultID.hexadecimal)")
    }

    /// Remembers the vault, over whatever was remembered: after a check, or a fingerprint that was compared.
    package func write(_ vaultID: [UInt8]) throws {
        guard try read() != vaultID.hexadecimal else { return }
        let temporary = path + ".tmp"
        let file = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw VaultError.systemError(temporary) }
        defer { close(file) }
        let bytes = Array((vaultID.hexadecimal + "\n").utf8)
        guard unsafe Glibc.write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0,
            unsafe rename(temporary, path) == 0
        else { throw VaultError.systemError(path) }
    }
}
