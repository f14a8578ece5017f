import Glibc
import PurserCore
import PurserStore
import PurserVault

/// The credit report and `ledger verify` over long books, beside plain SQL that sums the same, beside SHA-256 over as
/// many bytes, and beside hledger on the same entries.
struct BooksBenchmark {
    /// hledger keeps the whole journal in memory.
    private static let mostForHledger = 1_000_000

    let folder: String
    let sizes: [Int]

    func run() async throws {
        var checks = FigureTable(
            "books: seconds for a check of every rule",
            columns: [
                "entries", "made in", "verify", "entries a second", "hashing alone",
                "integrity_check alone", "export", "hledger check", "hledger's spending",
            ]
        )
        for size in sizes {
            let scratch = try ScratchFolder(in: folder)
            defer { scratch.remove() }
            let home = try await BooksHome(path: scratch.path + "/home")
            let made = try await home.work(entries: size)
            let raw = try RawDatabase(path: home.database)
            var reports = ReportFigures(home: home, raw: raw)
            try await reports.measure(size)
            reports.table.show()
            try await measureChecks(home, raw, size, made, scratch, &checks)
            try await home.store.close()
        }
        checks.show()
    }

    private func seconds(_ work: () async throws -> Void) async throws -> Double {
        let begun = ContinuousClock.now
        try await work()
        return (ContinuousClock.now - begun).microseconds / 1e6
    }

    // MARK: Checks

    private func measureChecks(
        _ home: BooksHome,
        _ raw: RawDatabase,
        _ size: Int,
        _ made: Duration,
        _ scratch: ScratchFolder,
        _ table: inout FigureTable
    ) async throws {
        var found: LedgerVerification?
        let verify = try await seconds {
            found = try await home.store.verify(at: home.end, checkpointMAC: nil)
        }
        guard let found, found.findings.isEmpty else {
            throw BenchmarkError("the books are wrong: \(found?.findings.first as Any)")
        }
        let hashing = try await seconds { Self.hash(found.entries) }
        let integrity = try await seconds {
            _ = try raw.rows("PRAGMA integrity_check")
        }
        let journal = scratch.path + "/books.journal"
        let purser = ChildProcess(
            try ChildProcess.purser(),
            ["ledger", "export", "--format", "hledger", "--output", journal, "--quiet"],
            ["PURSER_HOME=\(scratch.path)/home", "HOME=\(scratch.path)"]
        )
        let export = try purser.run().microseconds / 1e6
        let check = try hledger(["check", "--strict"], journal, size)
        let spending = ["balance", "expenses:spent", "--depth", "2", "--output-format", "csv"]
        let balance = try hledger(spending, journal, size)
        table.add(
            found.entries.grouped,
            (made.microseconds / 1e6).shown(1),
            verify.shown(2),
            (Double(found.entries) / verify).shown(0),
            hashing.shown(2),
            integrity.shown(2),
            export.shown(2),
            check,
            balance
        )
    }

    /// As many digests as entries, each over an entry's usual number of bytes.
    private static func hash(_ entries: Int) {
        var message = [UInt8](repeating: 1, count: 340)
        for _ in 0..<entries {
            let digest = Digest.sha256(message)
            message.replaceSubrange(0..<32, with: digest)
        }
    }

    private func hledger(_ words: [String], _ journal: String, _ size: Int) throws -> String {
        let program = "/usr/bin/hledger"
        guard access(program, X_OK) == 0 else { return "not installed" }
        guard size <= Self.mostForHledger else { return "not run" }
        let process = ChildProcess(program, ["-f", journal] + words, ["LANG=C.UTF-8"])
        return (try process.run().microseconds / 1e6).shown(2)
    }
}
