import FoundationEssentials
import Glibc
import PurserCore
import PurserEngine
import PurserStore
import PurserVault

/// The credit report and `ledger verify` over long books, beside plain SQL that sums the same, beside SHA-256 over as
/// many bytes, and beside hledger on the same entries, whose sums are the report's.
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
                "integrity_check alone", "export", "hledger check", "hledger by member and model",
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
        let sums = scratch.path + "/sums.csv"
        let spent = ["balance", "expenses:spent", "--flat", "--no-total", "--output-format", "csv"]
        let balance = try hledger(spent, journal, size, output: sums)
        if balance != nil {
            let report = try await CreditReport(
                home.store,
                by: .memberAndModel,
                over: .days(from: nil, before: nil)
            )
            guard try Self.amounts(in: sums) == report.charges else {
                throw BenchmarkError("the report's sums are not those of hledger")
            }
        }
        table.add(
            found.entries.grouped,
            (made.microseconds / 1e6).shown(1),
            verify.shown(2),
            (Double(found.entries) / verify).shown(0),
            hashing.shown(2),
            integrity.shown(2),
            export.shown(2),
            check?.shown(2) ?? "not run",
            balance?.shown(2) ?? "not run"
        )
    }

    /// The amounts of lines such as `"expenses:spent:ana:veo","640 credits"`, least first.
    private static func amounts(in csv: String) throws -> [Int64] {
        try String(contentsOfFile: csv, encoding: .utf8).split(separator: "\n").dropFirst()
            .compactMap { line in
                line.split(separator: "\"").last?.split(separator: " ").first.flatMap { Int64($0) }
            }
            .sorted()
    }

    /// As many digests as entries, each over an entry's usual number of bytes.
    private static func hash(_ entries: Int) {
        var message = [UInt8](repeating: 1, count: 340)
        for _ in 0..<entries {
            let digest = Digest.sha256(message)
            message.replaceSubrange(0..<32, with: digest)
        }
    }

    /// Seconds; nil where hledger is not installed, or the journal too long for it.
    private func hledger(
        _ words: [String],
        _ journal: String,
        _ size: Int,
        output: String = "/dev/null"
    ) throws -> Double? {
        let program = "/usr/bin/hledger"
        guard access(program, X_OK) == 0, size <= Self.mostForHledger else { return nil }
        let process = ChildProcess(program, ["-f", journal] + words, ["LANG=C.UTF-8"])
        return try process.run(output: output).microseconds / 1e6
    }
}
