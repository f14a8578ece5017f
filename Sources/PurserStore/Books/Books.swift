import PurserCore

/// What every transaction needs besides the database.
struct Surroundings: Sendable {
    let options: StoreOptions
    let instance: InstanceFile
}

/// What the writer remembers between transactions, so that a claim reads little.
///
/// It is only ever what the database says: another connection's commit refreshes it, a rollback
/// drops it.
struct Memory: Sendable {
    var snapshot: RoutingSnapshot
    var heads: [LedgerAccountID: Head] = [:]
    var members: [MemberID: Member] = [:]
    /// `nil`, not read yet.
    var teamLimits: [SpendingLimit]?
    /// The day whose choices the snapshot's demand is for; `nil`, none was read yet.
    var demandDay: Int?
    /// `PRAGMA data_version` when it was true; `nil`, nothing was loaded yet.
    var dataVersion: Int64?
    /// The newest entry and revision that it takes into account, own ones included.
    var lastEntry: Int64 = 0
    var lastRevision: Int64 = 0
    var isInstanceRegistered = false

    init(policy: PolicyName) {
        snapshot = RoutingSnapshot(policy: policy)
    }
}

/// The books inside one transaction: the writer's connection, its memory, and the verbs of its extensions.
final class Books {
    let sql: Connection
    let surroundings: Surroundings
    var memory: Memory
    /// Accounts whose candidate the operation under way has changed.
    var touched: Set<AccountID> = []
    /// Whether the write-ahead log is to be emptied after the commit, whatever its size.
    var wantsCheckpoint = false

    init(sql: Connection, memory: Memory, surroundings: Surroundings) {
        self.sql = sql
        self.memory = memory
        self.surroundings = surroundings
    }

    /// Makes the memory true again after other connections' commits.
    func catchUp() throws {
        let version = try sql.first("PRAGMA data_version") { $0.int(0) }
        guard version != memory.dataVersion else { return }
        let isFirst = memory.dataVersion == nil
        memory.heads.removeAll(keepingCapacity: true)
        memory.members.removeAll(keepingCapacity: true)
        memory.teamLimits = nil
        let changed = isFirst ? nil : try accountsChanged()
        try rememberNewest()
        if let changed {
            for id in changed { try refreshCandidate(id) }
        } else {
            try loadAllCandidates()
        }
        memory.dataVersion = version
    }

    /// Undoes in memory what an operation that was rolled back did there.
    func forgetOperation() throws {
        memory.heads.removeAll(keepingCapacity: true)
        memory.members.removeAll(keepingCapacity: true)
        memory.teamLimits = nil
        memory.isInstanceRegistered = false
        // Another process may get the numbers that were rolled back.
        try rememberNewest()
        for id in touched { try refreshCandidate(id) }
        touched.removeAll(keepingCapacity: true)
    }

    /// A second operation id for a verb that writes several entries: the same every time.
    func derivedID(_ operation: OperationID, _ label: String) throws -> OperationID {
        let digest = surroundings.options.sha256(operation.bytes + Array(label.utf8))
        guard let id = OperationID(bytes: digest.prefix(16)) else {
            throw StoreError.damaged("the digest is shorter than 16 bytes")
        }
        return id
    }

    private func rememberNewest() throws {
        memory.lastEntry = try sql.first("SELECT max(id) FROM ledger_entry") { $0.int(0) } ?? 0
        memory.lastRevision = try sql.first("SELECT max(revision) FROM account") { $0.int(0) } ?? 0
    }

    /// The new entries first, then whose they are: the other order would read every entry of every account.
    private func accountsChanged() throws -> Set<AccountID> {
        let byEntries = try sql.all(
            """
            SELECT DISTINCT l.owner FROM ledger_entry e
            CROSS JOIN ledger_account l ON l.id = e.ledger_account
            WHERE e.id > ? AND l.kind = 'credits'
            """,
            .int(memory.lastEntry)
        ) { try $0.id(0, of: Account.self) }
        let byRevision = try sql.all(
            "SELECT id FROM account WHERE revision > ?",
            .int(memory.lastRevision)
        ) { try $0.id(0, of: Account.self) }
        return Set(byEntries + byRevision)
    }
}
