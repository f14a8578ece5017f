import ArgumentParser
import PurserCore
import PurserEngine
import PurserVault

struct VaultCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vault",
        abstract:
            "The vault: who may open it, its key, whether it is whole, and copies of the home.",
        subcommands: [
            VaultStatus.self, VaultVerify.self, VaultKeys.self, VaultRotateKey.self,
            VaultChangePassphrase.self, VaultCheckpointCommand.self, VaultAcceptRollback.self,
            VaultBackup.self, VaultRestore.self,
        ]
    )
}

struct VaultStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the vault's key slots, sequences and exposed tokens; opens nothing.",
        discussion: """
            What it shows is what lies in the database: purser vault verify opens the vault and proves it.
            """
    )

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await Context.run(global) { context in
            let image = try await context.vaultImage()
            let status = Status(
                vault: try Vault.describe(image),
                pin: try context.pinState(of: image),
                exposed: try await context.exposedAccounts()
            )
            if context.isJSON {
                context.console.out(json(status))
            } else {
                show(status, on: context)
            }
        }
    }

    private struct Status {
        let vault: VaultDescription
        let pin: PinState
        let exposed: [ExposedToken]
    }

    private func json(_ status: Status) -> JSONOutput {
        let vault = status.vault
        return [
            "vault_id": .string(vault.vaultID.hexadecimal),
            "fingerprint": .string(vault.fingerprint),
            "header_id": .string(vault.headerID.hexadecimal),
            "header_sequence": JSONOutput(vault.headerSequence),
            "state_sequence": JSONOutput(vault.pin.stateSequence),
            "epoch": JSONOutput(vault.epoch), "pin": .string(status.pin.rawValue),
            "slots": SlotReport(vault).report.rowsAsJSON, "exposed": status.exposed.json,
        ]
    }

    private func show(_ status: Status, on context: Context) {
        let vault = status.vault
        let console = context.console
        console.out("vault \(vault.vaultID.hexadecimal)")
        console.out("  fingerprint   \(vault.fingerprint)")
        console.out("  header        \(vault.headerSequence), id \(vault.headerID.hexadecimal)")
        console.out("  state         \(vault.pin.stateSequence)")
        console.out("  vault key     of epoch \(vault.epoch)")
        console.out("  this machine  \(status.pin.words)")
        console.out(SlotReport(vault).report, as: .table)
        console.out(exposed: status.exposed)
    }
}

/// How the vault in the database stands to what this machine has seen.
enum PinState: String {
    case none
    case current
    case behind
    case later
    case contradicted

    var words: String {
        switch self {
        case .none: "has not opened this vault yet"
        case .current: "has seen this state"
        case .behind: "has seen an earlier state"
        case .later: "has seen a later state: purser vault verify tells more"
        case .contradicted: "has seen another history: purser vault verify tells more"
        }
    }
}

extension Context {
    func vaultImage() async throws -> VaultImage {
        guard let image = try await store.vaultImage() else {
            throw CommandError.noHome(home.directory)
        }
        return image
    }

    func pin(of image: VaultImage) throws -> Pin? {
        let id = try Vault.describe(image).vaultID
        return try PinFile(directory: home.stateDirectory, vaultID: id).read()
    }

    fileprivate func pinState(of image: VaultImage) throws -> PinState {
        guard let pin = try pin(of: image) else { return .none }
        do {
            switch try pin.order(of: try Vault.describe(image).pin) {
            case .same: return .current
            case .newer: return .behind
            case .older: return .later
            }
        } catch { return .contradicted }
    }

    /// What the copies in clear say: for lists, which do not open the vault.
    func exposedAccounts() async throws -> [ExposedToken] {
        try await store.accounts().compactMap { overview in
            overview.account.tokenExposedAt.map {
                ExposedToken(account: overview.account.name, since: $0)
            }
        }
    }
}

extension [ExposedToken] {
    var json: JSONOutput {
        .array(map { ["account": .string($0.account), "since": JSONOutput($0.since)] })
    }
}

extension Console {
    /// What somebody knows who should not, and what to do about it.
    func out(exposed tokens: [ExposedToken]) {
        guard !tokens.isEmpty else { return }
        out("change these tokens at the provider, then purser accounts rotate NAME:")
        for token in tokens {
            out("  \(token.account, .bold)  exposed since \(token.since.readable)")
        }
    }
}

/// Key slots as rows: shared by `vault status` and `vault keys list`.
struct SlotReport {
    let vault: VaultDescription

    init(_ vault: VaultDescription) {
        self.vault = vault
    }

    var report: Report {
        Report(
            "slots",
            columns: [
                .init("name", "SLOT"), .init("role", "ROLE"), .init("kind", "KIND"),
                .init("cost", "COST"), .init("created_at", "SINCE (UTC)"),
                .init("fingerprint", "FINGERPRINT", isFlexible: true),
            ],
            rows: vault.slots.sorted { $0.name < $1.name }.map { slot in
                let cost = vault.costs[slot.id]
                return [
                    .init(slot.name, .bold), .init(slot.role.name), .init(slot.kind.name),
                    .init(JSONOutput(cost), shown: cost.map { "2^\($0)" } ?? "–"),
                    .init(slot.createdAt), .init(slot.keys.fingerprint),
                ]
            }
        )
    }
}

extension Report {
    /// The rows alone, for a report inside another document.
    var rowsAsJSON: JSONOutput { json[name] ?? .array([]) }
}
