package import PurserCore
package import PurserVault

/// What is checked of a vault and the database it lies in; the names are stable.
package enum VaultRule: String, Sendable, CaseIterable {
    case header = "V1"
    case chain = "V2"
    case manifest = "V3"
    case records = "V4"
    case schema = "V5"
    case admins = "V6"
    case cost = "V7"
    case exposed = "V8"
    case database = "V9"
    case modes = "V10"
    case library = "V11"
    case pin = "V12"

    package var title: String {
        switch self {
        case .header: "the header opens and is whole"
        case .chain: "every header was signed by the one before"
        case .manifest: "the records are all there, and no others"
        case .records: "every record opens under the vault key of today"
        case .schema: "the schema is this version's: nothing holds a secret in clear"
        case .admins: "two admins or more, and a recovery key"
        case .cost: "every passphrase costs enough to guess"
        case .exposed: "no token in place is exposed"
        case .database: "SQLite finds no damage"
        case .modes: "the files are the owner's alone"
        case .library: "the SQLite library"
        case .pin: "this machine's pin is there and current"
        }
    }
}

/// The findings of `purser vault verify`.
package struct VaultVerification: Sendable {
    package struct Finding: Sendable {
        package let rule: VaultRule
        /// `nil` for a warning: something to mend, and nobody's attack.
        package let kind: FailureKind?
        package let message: String
    }

    package private(set) var findings: [Finding] = []
    /// What could not be looked at, because the vault did not open.
    package private(set) var notChecked: Set<VaultRule> = []
    /// What is worth knowing of a rule that holds.
    package private(set) var notes: [VaultRule: String] = [:]

    /// The kind of the worst finding; `nil` when there are warnings at most.
    package var worst: FailureKind? {
        let kinds = findings.compactMap(\.kind)
        return [.untrusted, .tampered, .damaged].first(where: kinds.contains) ?? kinds.first
    }

    package init() {}

    mutating func report(_ rule: VaultRule, _ message: String, _ kind: FailureKind? = nil) {
        findings.append(Finding(rule: rule, kind: kind, message: message))
    }

    /// Checks what needs no key.
    package mutating func check(_ inspection: DatabaseInspection) {
        for name in inspection.foreignSchema {
            report(.schema, "\(name) is not as this version makes it", .tampered)
        }
        for damage in inspection.damage { report(.database, damage, .damaged) }
        for path in inspection.openPaths { report(.modes, "others may reach \(path)") }
        let fix = inspection.hasResetFix ? "has" : "lacks"
        notes[.library] =
            "\(inspection.sqliteVersion), which \(fix) the fix of the log's reset; a lock file stands for it"
    }

    /// Notes why the vault did not open: what depends on it was not looked at.
    package mutating func fail(_ failure: any Failure) {
        let rule: VaultRule =
            switch failure as? VaultError {
            case .rollback, .forked: .pin
            case .untrusted: .chain
            default: .header
            }
        report(rule, failure.message, failure.kind)
        notChecked = [.manifest, .records, .admins, .cost, .exposed]
        if rule == .header { notChecked.formUnion([.chain, .pin]) }
    }

    /// Checks an opened vault's records; `nil` where their list itself does not hold.
    package mutating func check(
        _ contents: VaultContents?,
        failure: (any Failure)?,
        accounts: [Account]
    ) {
        guard let contents else {
            report(.manifest, failure?.message ?? "it does not fit", failure?.kind ?? .tampered)
            notChecked.formUnion([.records, .exposed])
            return
        }
        for fault in contents.recordFaults() { report(.records, fault.message, fault.kind) }
        notes[.records] = "\(contents.addresses.count) records"
        check(contents, copies: accounts)
    }

    /// Checks who may open the vault.
    package mutating func check(_ description: VaultDescription, pin: Pin?) {
        let admins = description.slots.count { $0.role == .admin }
        if admins < 2 { report(.admins, "\(admins) admin slot: a lost key would be the last") }
        if !description.slots.contains(where: { $0.kind == .recovery }) {
            report(.admins, "there is no recovery key")
        }
        for slot in description.slots {
            guard let cost = description.costs[slot.id], cost < PassphraseCost.minimum.logN else {
                continue
            }
            report(.cost, "slot \(slot.name) costs 2^\(cost): its owner's next unlock raises it")
        }
        guard let pin else {
            return report(.pin, "there is none yet: compare the vault's fingerprint")
        }
        do throws(VaultError) {
            try pin.check(description.pin)
        } catch { report(.pin, error.message, error.kind) }
    }

    /// What the sealed records say of each token in place, and whether the copy in clear says the same.
    private mutating func check(_ contents: VaultContents, copies accounts: [Account]) {
        guard let exposures = try? contents.exposures() else {
            notChecked.insert(.exposed)
            return
        }
        let sealed = Dictionary(uniqueKeysWithValues: exposures.map { ($0.account, $0.since) })
        for account in accounts {
            let since = sealed[account.id] ?? nil
            if since != nil {
                report(
                    .exposed,
                    "\(account.name): change its token at the provider, then rotate it"
                )
            }
            if since != account.tokenExposedAt {
                report(
                    .exposed,
                    "\(account.name): lists say otherwise than its sealed record",
                    .tampered
                )
            }
        }
    }
}
