import PurserCore
import PurserVault

/// What lies in the home that a copy is to replace, as far as it can be read.
struct PresentHome {
    /// How far it is; `nil` where it cannot be read.
    private(set) var mark: HomeMark? = HomeMark.none
    /// `nil` where there is none, or none that can be read.
    private(set) var vault: VaultDescription?
    /// Tokens that somebody knows who should not.
    private var exposed: [Account] = []
    /// Why it cannot be read.
    private var damage: String?

    /// Opens the home of the options, looks, and closes it again.
    init(_ options: GlobalOptions) async throws {
        do {
            try await Context.run(options) { context in
                let image = try await context.store.vaultImage()
                vault = try image.map(Vault.describe)
                exposed = try await context.store.accounts().map(\.account)
                    .filter { $0.tokenExposedAt != nil }
                mark = HomeMark(
                    vault: image?.state,
                    heads: try await context.store.heads(),
                    lastLine: try await context.store.audit(AuditFilter(limit: 1)).first
                )
            }
        } catch CommandError.noHome {
            // Nothing to lose.
        } catch let failure as any Failure
            where failure.kind == .damaged || failure.kind == .notAVault
        {
            mark = nil
            damage = failure.message
        }
    }

    /// What would go back if `copy`, which lies open as `store`, took its place.
    func losses(_ copy: BackupSummary, in store: any Store, pin: Pin?) async throws -> [String] {
        var losses: [String] = []
        if let damage {
            losses.append("the home cannot be read, so nobody knows what it lacks (\(damage))")
        }
        losses += vaultLosses(copy) + pinLosses(copy, pin)
        losses += try await exposureLosses(store)
        let lost = try await store.missing(mark?.heads ?? [])
        if !lost.isEmpty {
            let accounts = lost.count.counted(
                "ledger account of the home has",
                "ledger accounts of the home have"
            )
            losses.append("\(accounts) entries that it lacks")
        }
        if let line = mark?.lastLine {
            let filter = AuditFilter(from: line.at, to: line.at + .milliseconds(1))
            if try await !store.audit(filter).contains(line) {
                losses.append("the home's audit trail has lines that it lacks")
            }
        }
        return losses
    }

    private func vaultLosses(_ copy: BackupSummary) -> [String] {
        guard let state = mark?.vault, let vault else { return [] }
        let other = copy.contents.vault.state
        var losses: [String] = []
        if other.sequence < state.sequence {
            losses.append(
                "its vault is at change \(other.sequence), the home's at \(state.sequence)"
            )
        } else if other.sequence == state.sequence, other.mac != state.mac {
            losses.append("its vault went another way than the home's")
        }
        let returning = copy.vault.slots.filter { slot in
            !vault.slots.contains { $0.keys == slot.keys }
        }
        if !returning.isEmpty {
            let names = returning.map(\.name).sorted().joined(separator: ", ")
            losses.append("keys that open the home's vault no more open it: \(names)")
        }
        return losses
    }

    /// Tokens that are exposed, and would be in place again without the mark.
    private func exposureLosses(_ store: any Store) async throws -> [String] {
        guard !exposed.isEmpty else { return [] }
        let marked = Set(exposed.map(\.id))
        let names = try await store.accounts().map(\.account)
            .filter { marked.contains($0.id) && $0.tokenExposedAt == nil }.map(\.name).sorted()
        guard !names.isEmpty else { return [] }
        return ["it does not mark these tokens as exposed: \(names.joined(separator: ", "))"]
    }

    private func pinLosses(_ copy: BackupSummary, _ pin: Pin?) -> [String] {
        guard let pin else { return [] }
        let state = copy.contents.vault.state
        if state.sequence < pin.stateSequence || copy.vault.headerSequence < pin.headerSequence {
            return ["this machine has seen its vault at change \(pin.stateSequence)"]
        }
        let isOther = copy.contents.vault.log.contains {
            $0.sequence == pin.headerSequence && $0.headerID != pin.headerID
        }
        guard isOther || state.sequence == pin.stateSequence && state.mac != pin.manifestMAC else {
            return []
        }
        return ["its vault went another way than the one this machine has seen"]
    }
}
