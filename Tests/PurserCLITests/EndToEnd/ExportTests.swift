import Foundation
import PurserCore
import PurserSandbox
import PurserVault
import Testing

@testable import PurserCLI

/// Books that were exported say what the books say.
struct ExportTests {
    /// Charges, a refund, an unknown that was charged, spending elsewhere, a budget, an account that is gone.
    private func makeBooks(_ home: CommandHome) async throws {
        try await home.addUltra()
        try await home.addTierOne()
        try await home.purser("members add ana --budget 500")
        try await home.purser("send ~/capture.txt --member ana --wait")
        try home.sandbox.arm(SandboxFault(preset: "fail-jobs"))
        try await home.purser("send ~/capture.txt --member ana --wait", expecting: 82)
        try await home.purser("jobs check")
        try home.sandbox.arm(SandboxFault(preset: "cut-after-charge"))
        try await home.purser("send ~/capture.txt --account pro-1", expecting: 83)
        try await home.purser("jobs check")
        try home.sandbox.changeCredits(of: "tier-one", by: -33)
        try await home.purser("ledger reconcile")
        try await home.purser("send ~/capture.txt --account pro-1 --wait")
        try await home.purser("members set ana --add-budget -100")
        try await home.purser("accounts remove pro-1 --yes")
        try await home.addTierOne()
        try home.sandbox.arm(SandboxFault(preset: "cut-after-charge"))
        try await home.purser("send ~/capture.txt --account pro-1", expecting: 83)
    }

    @Test func `JSON lines hold every entry with its chain, and CSV the same fields`() async throws
    {
        try await withCommandHome { home in
            try await makeBooks(home)
            let lines = try await home.purser("ledger export").output.split(separator: "\n")
            let entries = try lines.map {
                try #require(
                    try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
                )
            }
            let listed = try await home.json("ledger list --limit 10000")["entries"] as? [Any]
            #expect(entries.count == listed?.count)
            var last: [String: String] = [:]
            for entry in entries {
                let account = try #require(entry["ledger_account"] as? String)
                let zeros = String(repeating: "0", count: 64)
                #expect(entry["prev_hash"] as? String == last[account] ?? zeros)
                last[account] = entry["hash"] as? String
            }
            #expect(entries.contains { $0["member"] as? String == "ana" })
            let told = try await home.json("ledger export --format csv --output ~/books.csv")
            #expect(told["entries"] as? Int == entries.count)
            let csv = try String(contentsOfFile: home.folder + "/books.csv", encoding: .utf8)
            #expect(csv.split(separator: "\r\n").count == entries.count + 1)
            let mode = try FileManager.default.attributesOfItem(atPath: home.folder + "/books.csv")
            #expect(mode[.posixPermissions] as? Int == 0o600)
            let again = try await home.purser("ledger export --output ~/books.csv", expecting: 76)
            #expect(again.messages.contains("is there already"))
            let one = try await home.purser("ledger export --account ultra-1").output
            #expect(one.split(separator: "\n").count < entries.count)
        }
    }

    /// Whether hledger is to be had; under `PURSER_HLEDGER=1` its absence is a failure, not a skip.
    private static let hasHledger =
        FileManager.default.isExecutableFile(atPath: "/usr/bin/hledger")
        || ProcessInfo.processInfo.environment["PURSER_HLEDGER"] == "1"

    @Test(.enabled(if: hasHledger, "hledger is not installed: Scripts/requirements --proof"))
    func `hledger accepts the journal, and its balances are ours`() async throws {
        try await withCommandHome { home in
            try await makeBooks(home)
            let journal = home.folder + "/books.journal"
            try await home.purser("ledger export --format hledger --output \(journal)")
            try check(journal)
            let balances = try balances(journal)
            let accounts = try await home.json("accounts list")["accounts"] as? [[String: Any]]
            for account in try #require(accounts) {
                let name = try #require(account["name"] as? String)
                #expect(balances["assets:provider:\(name):held"] ?? 0 == account["held"] as? Int)
                #expect(
                    balances["assets:provider:\(name):available"] == account["available"] as? Int
                )
            }
            let members = try await home.json("members list")["members"] as? [[String: Any]]
            let ana = try #require(members?.first { $0["name"] as? String == "ana" })
            #expect(balances["budget:ana:available"] == ana["available"] as? Int)
            let models = try await home.json("credits --by model")["spending"] as? [[String: Any]]
            for model in try #require(models) {
                let name = try #require(model["model"] as? String)
                let spent = balances.filter {
                    $0.key.hasPrefix("expenses:spent:") && $0.key.hasSuffix(":\(name)")
                }
                #expect(spent.values.reduce(0, +) == model["spent"] as? Int)
            }
            #expect(balances["equity:adjustments:external_spend"] == 33)
            // A span begins with what was brought forward.
            home.skipped.add(.seconds(2 * 86_400))
            try await home.purser("send ~/capture.txt --account ultra-1")
            let day = CalendarDay(Timestamp.now + home.skipped.span)
            let tail = home.folder + "/tail.journal"
            try await home.purser("ledger export --format hledger --from \(day) --output \(tail)")
            try check(tail)
            let shown = try await home.json("accounts show ultra-1")
            let later = try self.balances(tail)["assets:provider:ultra-1:available"]
            #expect(later == shown["available"] as? Int)
        }
    }

    private func check(_ journal: String) throws {
        let (status, output) = try hledger(["-f", journal, "check", "--strict"])
        #expect(status == 0, "\(output)")
    }

    private func balances(_ journal: String) throws -> [String: Int] {
        let (_, output) = try hledger(
            ["-f", journal, "balance", "--flat", "--empty", "--no-total", "--output-format", "csv"]
        )
        var balances: [String: Int] = [:]
        for line in output.split(separator: "\n").dropFirst() {
            let cells = line.split(separator: "\",\"").map { $0.replacing("\"", with: "") }
            guard cells.count == 2 else { continue }
            balances[String(cells[0])] = Int(cells[1].split(separator: " ")[0])
        }
        return balances
    }

    private func hledger(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/hledger")
        process.arguments = arguments
        process.environment = ["LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
