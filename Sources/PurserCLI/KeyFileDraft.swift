import Glibc
import PurserVault

/// A key file to be written, in the form in which it lies there.
final class KeyFileDraft: Sendable {
    let path: String
    private let text: Secret

    /// `path` is whole; a place beside the database, or below it, is refused.
    init(_ seed: borrowing SlotSeed, path: String, databaseDirectory: String?) throws {
        if let databaseDirectory {
            try KeyFile.checkPlace(path, databaseDirectory: databaseDirectory)
        }
        self.path = path
        text = try seed.text()
    }

    /// Never over another file; durable when it returns.
    func write() throws {
        try makePrivateFile(path) { file in
            try text.withBytes { try writeFully($0, to: file, path: path) }
            try [UInt8(ascii: "\n")].withUnsafeBytes {
                try writeFully($0, to: file, path: path)
            }
        }
    }

    /// Takes the file away again, where what it opens was not made.
    func remove() { unlink(path) }
}
