import FoundationEssentials
import Glibc

/// A folder of a proof's own, removed with it.
final class Scratch: Sendable {
    /// Where what need not survive anything is fast; a place with a disk below it otherwise.
    static let memory = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    static let disk = "/var/tmp"

    let path: String

    init(in folder: String) throws {
        var template = Array("\(folder)/purser-prove.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ProofError.system(folder) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { Self.remove(path) }

    static func remove(_ path: String) {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// All bytes of a file; empty where there is none.
    static func read(_ path: String) -> [UInt8] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var status = stat()
        guard fstat(fileno(file), &status) == 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { buffer, count in
            count = fread(buffer.baseAddress, 1, buffer.count, file)
        }
    }

    /// A file of `/proc` has no size.
    static func firstLine(of path: String) -> [UInt8] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var line: [UInt8] = []
        while case let character = getc(file), character != EOF, character != 10 {
            line.append(UInt8(truncatingIfNeeded: character))
        }
        return line
    }

    static func write(_ bytes: [UInt8], to path: String) throws {
        guard let file = fopen(path, "w") else { throw ProofError.system(path) }
        defer { fclose(file) }
        guard chmod(path, 0o600) == 0, fwrite(bytes, 1, bytes.count, file) == bytes.count else {
            throw ProofError.system(path)
        }
    }

    /// A folder with the files of another.
    static func copy(_ files: [String: [UInt8]], to folder: String) throws {
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw ProofError.system(folder) }
        for (name, bytes) in files { try write(bytes, to: "\(folder)/\(name)") }
    }
}
