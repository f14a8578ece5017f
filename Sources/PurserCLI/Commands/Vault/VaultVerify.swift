import ArgumentParser
import PurserCore
import PurserEngine
import PurserVault

struct VaultVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check the vault and its database, rule by rule.",
        discussion: """
            Exits with 0 when all rules hold or only warnings were found; otherwise with the status of \
            the worst finding. Nothing is changed.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Unlocking") var unlock: UnlockOptions

    func run() async throws {
        try await Context.run(global) { context in
            let inspection = try await context.store.inspect()
            let verification = try await context.verifyVault(inspection, unlock).verification
            if context.isJSON {
                context.console.out(json(verification))
            } else {
                show(verification, on: context.console)
            }
            if let kind = verification.worst { throw ExitCode(ExitStatus.status(of: kind)) }
        }
    }

    private func json(_ verification: VaultVerification) -> JSONOutput {
        let rules = VaultRule.allCases.map { rule -> JSONOutput in
            let findings = verification.findings.filter { $0.rule == rule }
            return [
                "rule": .string(rule.rawValue), "title": .string(rule.title),
                "result": .string(verification.result(of: rule)),
                "note": JSONOutput(verification.notes[rule]),
                "findings": .array(
                    findings.map {
                        [
                            "kind": .string($0.kind?.rawValue ?? "warning"),
                            "message": .string($0.message),
                        ]
                    }
                ),
            ]
        }
        return ["rules": .array(rules)]
    }

    private func show(_ verification: VaultVerification, on console: Console) {
        for rule in VaultRule.allCases {
            let result = verification.result(of: rule)
            let style: Style =
                switch result {
                case "ok": .green
                case "violation": .red
                default: .yellow
                }
            let note = verification.notes[rule].map { ": \($0)" } ?? ""
            let name = rule.rawValue + String(repeating: " ", count: 4 - rule.rawValue.count)
            console.out("\(name)\(result, style)  \(rule.title)\(note)")
            for finding in verification.findings where finding.rule == rule {
                console.out("      \(finding.message)")
            }
        }
    }
}

extension VaultVerification {
    fileprivate func result(of rule: VaultRule) -> String {
        let findings = findings.filter { $0.rule == rule }
        if findings.contains(where: { $0.kind != nil }) { return "violation" }
        if !findings.isEmpty { return "warning" }
        return notChecked.contains(rule) ? "not checked" : "ok"
    }
}

extension Context {
    /// Checks every rule of the vault; it comes along where it opened.
    func verifyVault(
        _ inspection: DatabaseInspection,
        _ options: UnlockOptions
    ) async throws -> (verification: VaultVerification, vault: Vault?) {
        var verification = VaultVerification()
        verification.check(inspection)
        let vault: Vault
        do {
            vault = try await unlock(options).vault
        } catch let failure as RefusedVault {
            verification.fail(failure.underlying)
            return (verification, nil)
        } catch let failure as VaultError where Self.isFinding(failure) {
            verification.fail(failure)
            return (verification, nil)
        }
        try await store.recordOpening(
            slot: vault.slot.name,
            by: actor,
            at: now
        )
        let image = try await vaultImage()
        verification.check(try Vault.describe(image), pin: try pin(of: image))
        let accounts = try await store.accounts().map(\.account)
        do {
            let contents = try vault.contents(of: image)
            verification.check(contents, failure: nil, accounts: accounts)
        } catch let failure as VaultError {
            verification.check(nil, failure: failure, accounts: accounts)
        }
        return (verification, vault)
    }

    /// Not a wrong passphrase or a file that is not there: those say nothing of the vault.
    private static func isFinding(_ failure: VaultError) -> Bool {
        [.notAVault, .damaged, .tampered, .untrusted, .kdfPolicy].contains(failure.kind)
    }
}
