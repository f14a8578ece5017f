import CStorageProbe
import Glibc
import PurserCore
import PurserStore

/// T18: homes of earlier schemas open with this program, their keys, tokens and ledger in order.
struct UpgradeProof {
    let findings: Findings
    /// Where the homes lie: `schema-N.sql` as SQLite dumps it, `schema-N.key` to open it with.
    private let folder: String

    init(findings: Findings, _ words: [String]) throws {
        guard let folder = words.first else { throw ProofError("upgrade FOLDER") }
        self.findings = findings
        self.folder = folder
    }

    func run() async throws {
        var version = 1
        // What the first home is brought to; every schema before that must lie in the folder.
        var current = 2
        while version < current {
            do {
                current = try await open(version)
            } catch {
                findings.add("schema \(version): \(error)")
            }
            version += 1
        }
        Findings.figure("schemas", version - 1)
    }

    /// Opens the home of one schema and writes to it; the schema that it has then.
    private func open(_ version: Int) async throws -> Int {
        let scratch = try Scratch(in: Scratch.memory)
        let sql = Scratch.read("\(folder)/schema-\(version).sql") + [0]
        let code = sql.withUnsafeBufferPointer { sql in
            sql.withMemoryRebound(to: CChar.self) {
                probe_load("\(scratch.path)/\(Household.database)", $0.baseAddress, Int32(version))
            }
        }
        guard code == 0 else { throw ProofError("the dump cannot be read: code \(code)") }
        let store = try await SQLiteStore.open(home: scratch.path, options: Household.options())
        var household = try await Household(
            opening: store,
            key: Scratch.read("\(folder)/schema-\(version).key"),
            seed: 1
        )
        let entries = try await store.entries(EntryFilter()).count
        for fault in try await household.faults() { findings.add("schema \(version): \(fault)") }
        if household.accounts.count < 2 || entries < 5 {
            findings.add(
                "schema \(version): \(household.accounts.count) accounts, \(entries) entries"
            )
        }
        // What is written from here on fits what was there.
        _ = try await household.hold()
        try await household.rotate(household.accounts[0])
        try await household.removeSlot("guest")
        for fault in try await household.faults() {
            findings.add("schema \(version), written to: \(fault)")
        }
        try await store.close()
        // `user_version` in the file's header.
        return Scratch.read("\(scratch.path)/\(Household.database)")[60..<64]
            .reduce(0) { $0 << 8 | Int($1) }
    }
}
