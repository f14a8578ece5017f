import Foundation
import Testing

@testable import PurserCLI

/// Homes, pins and key files that are damaged, foreign, or not to be read or written.
struct BadHomeTests {
    @Test func `a file of 1 GiB is refused by its size, with little memory`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try home.write("", to: "big")
            #expect(truncate(home.folder + "/big", 1 << 30) == 0)
            let vaultID = try #require(home.pins.first?.dropLast(4))
            for (line, words) in [
                ("send ~/big", "big: is larger than 33,554,432 bytes"),
                ("accounts list --config ~/big", "big: is larger than 1,048,576 bytes"),
                ("accounts rotate ultra-1 --token-file ~/big", "longer than 4097 bytes"),
                ("accounts versions ultra-1 --passphrase-file ~/big", "longer than 4096 bytes"),
                ("accounts versions ultra-1 --key-file ~/big", "at most 64 KiB"),
            ] {
                let result = try await home.run(line, under: [limit, "--data=400000000"])
                #expect(![0, 139, 134, 137].contains(result.status), "\(line)")
                #expect(result.messages.contains(words), "\(line): \(result.messages)")
                #expect(result.messages.contains("/big: "), "\(line): \(result.messages)")
            }
            #expect(truncate(home.folder + "/state/purser/\(vaultID).pin", 1 << 30) == 0)
            let pinned = try await home.purser("accounts versions ultra-1", expecting: 74)
            #expect(pinned.messages.contains("\(vaultID).pin: not a regular file"))
        }
    }

    @Test func `a named pipe without a writer keeps nobody waiting`() async throws {
        try await withCommandHome { home in
            #expect(mkfifo(home.folder + "/pipe", 0o600) == 0)
            for line in ["send ~/pipe", "accounts list --config ~/pipe"] {
                let result = try await home.purser(line, expecting: 74)
                #expect(result.messages.contains("pipe: is not a regular file"))
            }
        }
    }

    @Test(arguments: [
        ("an emptied database", "", Int32(66), "purser.db is empty"),
        ("a database of zeros", "\0\0\0\0", 66, "not a database"),
        ("another kind of file", "%PDF-1.7 %PDF-1.7 ", 66, "not a database"),
    ])
    func `a database that holds nothing of ours is an error, and stays as it is`(
        _ what: String,
        _ content: String,
        _ status: Int32,
        _ words: String
    ) async throws {
        try await withCommandHome { home in
            try home.removeLog()
            let bytes = Array(String(repeating: content, count: 300).utf8)
            try home.write(bytes, to: "home/" + "purser.db")
            for line in ["accounts list", "send ~/capture.txt", "ledger verify"] {
                let result = try await home.purser(line, expecting: status)
                #expect(result.messages.contains(words), "\(result.messages)")
                #expect(result.messages.contains("purser.db"), "\(result.messages)")
                #expect(result.messages.contains("hint: restore a backup"))
            }
            #expect(FileManager.default.contents(atPath: home.database).map(Array.init) == bytes)
        }
    }

    @Test(arguments: [
        ("DROP TABLE job", Int32(66), "no such table: job", "restore a backup"),
        ("PRAGMA user_version = 99", 67, "version 99", "update purser"),
        ("PRAGMA application_id = 7", 65, "not Purser's", "--home"),
    ])
    func `a schema that is not ours is told apart`(
        _ change: String,
        _ status: Int32,
        _ words: String,
        _ hint: String
    ) async throws {
        try await withCommandHome { home in
            try home.changeDatabase("PRAGMA foreign_keys = OFF; \(change)")
            let result = try await home.purser("accounts list", expecting: status)
            #expect(result.messages.contains(words), "\(result.messages)")
            #expect(result.messages.contains(hint), "\(result.messages)")
        }
    }

    @Test func `a folder where the database should be is no disk error`() async throws {
        try await withCommandHome { home in
            try FileManager.default.removeItem(atPath: home.folder + "/home")
            try FileManager.default.createDirectory(
                atPath: home.database,
                withIntermediateDirectories: true
            )
            let result = try await home.purser("accounts list", expecting: 65)
            #expect(result.messages.contains("purser.db is not a file"))
        }
    }

    @Test func `what may not be read or written is named, and nothing is changed`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            // That this user opened the vault is written down once, and rightly.
            _ = try await home.run("accounts versions ultra-1", under: powerless)
            let before = try await home.books()
            let pin = "state/purser/" + (try #require(home.pins.first))
            try home.write(CommandHome.tierOneToken, to: "fresh.token")
            let fresh = "accounts rotate ultra-1 --no-probe --token-file ~/fresh.token"
            for (path, mode, line, words) in [
                ("home/" + "purser.db.lock", 0o400, "accounts pause ultra-1", "purser.db.lock"),
                ("home", 0o000, "accounts list", "home"),
                ("home/" + "purser.db", 0o400, "accounts pause ultra-1", "purser.db"),
                ("home/" + "purser.db", 0o000, "accounts list", "purser.db"),
                ("state/purser", 0o500, fresh, "state/purser"),
                (pin, 0o000, fresh, pin),
                ("test.key", 0o000, fresh, "test.key"),
                ("capture.txt", 0o000, "send ~/capture.txt", "capture.txt"),
                ("fresh.token", 0o000, fresh, "fresh.token"),
                ("accounts.toml", 0o000, "accounts list", "accounts.toml"),
            ] {
                let place = home.folder + "/" + path
                var old = stat()
                #expect(stat(place, &old) == 0)
                #expect(chmod(place, mode_t(mode)) == 0)
                let result = try await home.run(line, under: powerless)
                #expect(chmod(place, old.st_mode & 0o777) == 0)
                #expect(![0, 1].contains(result.status), "\(path): \(result.messages)")
                #expect(result.messages.contains("purser: error:"), "\(path)")
                #expect(result.messages.contains(words), "\(path): \(result.messages)")
            }
            #expect(try await home.books() == before)
        }
    }

    @Test func `a key file or a secret that others may read is told of`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            let passphrase = home.folder + "/passphrase"
            let quiet = "accounts versions ultra-1 --passphrase-file ~/passphrase"
            #expect(try await !home.purser(quiet).messages.contains("others may read"))
            #expect(chmod(passphrase, 0o644) == 0)
            let warned = try await home.purser(quiet)
            #expect(warned.messages.contains("warning: others may read \(passphrase)"))
            #expect(warned.messages.contains("chmod 600"))
            #expect(chmod(home.folder + "/test.key", 0o640) == 0)
            let refused = try await home.purser("accounts versions ultra-1", expecting: 78)
            #expect(refused.messages.contains("others may read it"))
        }
    }

    @Test(arguments: [
        ("garbage", "x\n", Int32(66), "not a PURSER-KEY-1… line"), ("empty", "", 66, "PURSER-KEY"),
        ("a wrong character", "PURSER-KEY-1" + String(repeating: "Q", count: 58), 66, "checksum"),
    ])
    func `a damaged key file is named with its place`(
        _ what: String,
        _ text: String,
        _ status: Int32,
        _ words: String
    ) async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try home.write(text, to: "other.key")
            let line = "accounts versions ultra-1 --key-file ~/other.key"
            let result = try await home.purser(line, expecting: status)
            #expect(result.messages.contains("other.key: "), "\(result.messages)")
            #expect(result.messages.contains(words), "\(result.messages)")
            #expect(result.messages.contains("another way"), "\(result.messages)")
        }
    }

    @Test(arguments: ["", "x\n", "purser pin 1\nvault_id ab\n", "\0\0\0"])
    func `a damaged pin is named, and not taken for a damaged vault`(_ text: String) async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            let pin = "state/purser/" + (try #require(home.pins.first))
            try home.write(text, to: pin)
            let result = try await home.purser("accounts versions ultra-1", expecting: 66)
            #expect(result.messages.contains(pin), "\(result.messages)")
            #expect(result.messages.contains("remove this machine's pin"), "\(result.messages)")
            #expect(!result.messages.contains("restore a backup"))
        }
    }

    private let limit = "/usr/bin/prlimit"

    /// For root too, a file's mode counts once all capabilities are gone.
    private var powerless: [String] {
        geteuid() == 0
            ? ["/usr/bin/setpriv", "--bounding-set=-all", "--inh-caps=-all", "--"] : []
    }
}

extension CommandHome {
    /// The names of this machine's pins.
    fileprivate var pins: [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder + "/state/purser")
        return (names ?? []).filter { $0.hasSuffix(".pin") }
    }

    /// Empties the write-ahead log into the database, and removes it.
    fileprivate func removeLog() throws {
        for suffix in ["-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: database + suffix)
        }
    }

    /// Runs a command line as a process under another program, such as one that takes rights away.
    func run(_ line: String, under words: [String]) async throws -> Result {
        let process = try process(line)
        if let program = words.first {
            let own = [try Self.binary().path] + (process.arguments ?? [])
            process.executableURL = URL(fileURLWithPath: program)
            process.arguments = words.dropFirst() + own
        }
        return try await Self.finish(process)
    }

    /// Runs a process to its end, reading what it writes.
    static func finish(_ process: Process) async throws -> Result {
        let pipes = [process.standardOutput, process.standardError].compactMap { $0 as? Pipe }
        try process.run()
        return await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                // Both stay far below what a pipe holds.
                let texts = pipes.map { pipe in
                    let data = try? pipe.fileHandleForReading.readToEnd()
                    return String(decoding: data ?? Data(), as: UTF8.self)
                }
                process.waitUntilExit()
                continuation.resume(
                    returning: Result(
                        status: process.terminationStatus,
                        output: texts[0],
                        messages: texts[1]
                    )
                )
            }
        }
    }

    /// Does to the database what only somebody with the file could.
    fileprivate func changeDatabase(_ statements: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
        process.arguments = [database, statements]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }
}
