import ArgumentParser
import FoundationEssentials
import PurserCore
import PurserEngine
import PurserVault

struct VaultRestore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract:
            "Put a copy made by vault backup in place of the home's database, which is kept beside it.",
        discussion: """
            The copy is checked first: whole, of the same vault, and openable with your key. One that is older than the \
            home, or than what this machine has seen, needs --accept-rollback with the header it names: the refusal tells \
            what goes back, keys that open the vault again and tokens that are marked no more among it. Nobody else may work in the home \
            meanwhile. Afterwards purser ledger reconcile brings the books and the service together.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Unlocking") var unlock: UnlockOptions

    @Option(
        help: ArgumentHelp(
            "Accept that the copy with this header is older, as the refusal names it.",
            valueName: "header"
        )
    )
    var acceptRollback: String?

    @Argument(help: "The copy.")
    var file: String

    func run() async throws {
        let surroundings = Surroundings.current
        let home = try Home.resolve(flag: global.home, environment: surroundings.environment)
        let copy = Home.absolute(file, environment: surroundings.environment)
        let present = try await PresentHome(global)
        try makeDirectories(home.directory)
        let staging = "\(home.directory)/restore-\(UUID().uuidString)"
        try makeDirectories(staging)
        defer { try? FileManager.default.removeItem(atPath: staging) }
        let staged = staging + "/" + Context.databaseName
        try copyPrivately(copy, to: staged)
        let summary = try inspect(staged, of: copy)
        var options = global
        options.home = staging
        let checked = try await Context.run(options) { context in
            let checked = try await check(summary, against: present, home, context)
            let record = record(copy, summary, checked.losses, by: context.actor)
            try await context.store.recordAudit(record, at: context.now)
            return checked
        }
        let aside = "\(home.database).before-restore-\(UUID().uuidString.prefix(8))"
        try Context.replaceDatabase(of: home, with: staged, keeping: aside, seen: present.mark)
        try remember(checked, home)
        show(summary, aside, checked.losses, surroundings.console(global.quiet))
    }

    // MARK: Checks

    /// What the staged copy holds; a file that is none is named as it was given.
    private func inspect(_ staged: String, of copy: String) throws -> BackupSummary {
        do {
            return try BackupSummary(try Context.inspectCopy(staged))
        } catch let error as StoreError where error.kind == .damaged || error.kind == .notAVault {
            let reason = error.message.replacing(staged, with: copy)
            throw RestoreError.notACopy(error.kind, reason)
        }
    }

    private struct Checked {
        let vault: Vault
        let pin: Pin
        /// What goes back; empty when nothing does.
        let losses: [String]
    }

    private func check(
        _ copy: BackupSummary,
        against present: PresentHome,
        _ home: Home,
        _ context: Context
    ) async throws -> Checked {
        if let found = present.vault?.vaultID, found != copy.vault.vaultID {
            throw RestoreError.anotherVault(
                found: copy.vault.vaultID.hexadecimal,
                expected: found.hexadecimal
            )
        }
        try makeDirectories(home.stateDirectory)
        if unlock.expectFingerprint == nil {
            try HomePin(directory: home.stateDirectory, home: home.directory)
                .check(copy.vault.vaultID, fingerprint: copy.vault.fingerprint)
        }
        let pin = try PinFile(directory: home.stateDirectory, vaultID: copy.vault.vaultID).read()
        let losses = try await present.losses(copy, in: context.store, pin: pin)
        if let accepted = acceptRollback, accepted.lowercased() != copy.headerID {
            throw RestoreError.anotherHeader(copy.headerID)
        }
        guard losses.isEmpty || acceptRollback != nil else {
            throw RestoreError.rollback(losses, header: copy.headerID)
        }
        let image = copy.contents.vault
        let vault = try Vault.unlock(
            image,
            with: try context.means(unlock, databaseDirectory: home.directory),
            pin: losses.isEmpty ? pin : nil,
            expectingFingerprint: unlock.expectFingerprint.map(Context.readAloud)
        )
        let contents = try vault.contents(of: image)
        try await checkBooks(context, vault)
        return Checked(vault: vault, pin: contents.pin, losses: losses)
    }

    /// What SQLite's own check does not see: a byte of an entry or of a line of the trail that is another.
    private func checkBooks(_ context: Context, _ vault: Vault) async throws {
        let mac = { @Sendable (bytes: [UInt8]) in vault.ledgerMAC(bytes) }
        let books = try await context.store.verify(at: context.now, checkpointMAC: mac).findings
        let trail = try await context.store.verifyAudit(checkpointMAC: mac).findings
        guard let finding = (books + trail).first(where: \.isViolation) else { return }
        throw StoreError.damaged("the copy: \(finding.rule) \(finding.place): \(finding.message)")
    }

    private func record(
        _ path: String,
        _ copy: BackupSummary,
        _ losses: [String],
        by actor: Actor
    ) -> AuditRecord {
        let accepted = losses.isEmpty ? "" : "; accepted: \(losses.joined(separator: ", "))"
        return AuditRecord(
            actor: actor,
            verb: "vault.restore",
            subject: "vault",
            detail: "from \(path), header \(copy.headerID.prefix(16))\(accepted)"
        )
    }

    /// This machine has seen what is there now, and nothing newer.
    private func remember(_ checked: Checked, _ home: Home) throws {
        let file = PinFile(directory: home.stateDirectory, vaultID: checked.vault.id)
        if checked.losses.isEmpty {
            try file.advance(to: checked.pin)
        } else {
            try file.reset(to: checked.pin)
        }
        try HomePin(directory: home.stateDirectory, home: home.directory)
            .write(checked.vault.id, fingerprint: checked.vault.fingerprint)
    }

    private func show(
        _ copy: BackupSummary,
        _ aside: String,
        _ losses: [String],
        _ console: Console
    ) {
        if global.json {
            return console.out(
                .object(
                    copy.fields + [
                        .init(name: "kept", value: .string(aside)),
                        .init(name: "rolled_back", value: .array(losses.map { .string($0) })),
                    ]
                )
            )
        }
        console.out("restored \(file)")
        for line in copy.lines { console.out(line) }
        console.out("  kept          \(aside)")
        console.hint("what was done since the copy is not in the books: purser ledger reconcile")
    }
}

/// Why a copy is not put in place.
enum RestoreError: Failure {
    case anotherVault(found: String, expected: String)
    case anotherHeader(String)
    case rollback([String], header: String)
    case notACopy(FailureKind, String)

    var kind: FailureKind {
        if case .notACopy(let kind, _) = self { kind } else { .untrusted }
    }

    var message: String {
        switch self {
        case .anotherVault(let found, let expected):
            "the copy is of the vault \(found), the home's is \(expected)"
        case .anotherHeader(let header): "the copy's header is \(header)"
        case .rollback(let losses, _): "the copy would go back: \(losses.joined(separator: "; "))"
        case .notACopy(_, let reason): reason
        }
    }

    var hint: String? {
        switch self {
        case .anotherVault: "restore it into another --home"
        case .anotherHeader: "compare it with what was accepted; nothing was changed"
        case .rollback(_, let header):
            "if that is wanted, add --accept-rollback \(header); nothing was changed"
        case .notACopy: "name a file that purser vault backup wrote; nothing was changed"
        }
    }
}
