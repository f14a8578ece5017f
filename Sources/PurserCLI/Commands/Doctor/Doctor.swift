import ArgumentParser
import PurserCore
import PurserEngine
import PurserVault

struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look at everything that can be wrong, and say how to mend it.",
        discussion: """
            Files and their modes, configuration, disk, database, clock, service, tokens, unknown outcomes, \
            books, ledger and vault. Nothing is changed. Exits with 0 when nothing needs a hand, else with 1.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Unlocking") var unlock: UnlockOptions

    @Flag(help: "Do not open the vault: its records and the checkpoints' codes are not checked.")
    var noUnlock = false

    @Flag(help: "Do not ask the service.")
    var offline = false

    func run() async throws {
        let surroundings = Surroundings.current
        let environment = surroundings.environment
        let home = try Home.resolve(flag: global.home, environment: environment)
        var checkup = Checkup(now: surroundings.now())
        checkup.versions.append(("purser", Version.number))
        await checkup.look(at: .files, home.directory) { try $0.files(of: home) }
        await checkup.look(at: .disk, home.directory) { $0.disk(under: home) }
        await checkup.look(at: .configuration, "accounts.toml") {
            let configuration = try Configuration.resolve(
                flag: global.config,
                environment: environment
            )
            _ = try Catalogue.builtin.adding(configuration.models)
            $0.files(of: configuration, flag: global.config, environment: environment)
        }
        if !checkup.findings.contains(where: { $0.topic == .configuration }) {
            await checkup.look(at: .database, home.directory) { checkup in
                try await Context.run(global) { try await look(into: $0, &checkup) }
            }
        }
        checkup.finish()
        let console = surroundings.console(global.quiet)
        if global.json {
            console.out(Self.json(checkup))
        } else {
            Self.show(checkup, on: console)
        }
        if checkup.needsHand { throw ExitCode(ExitStatus.status(of: .failed)) }
    }

    private func look(into context: Context, _ checkup: inout Checkup) async throws {
        let accounts = try await context.store.accounts()
        let inspection = try await context.store.inspect()
        try await checkup.database(context, inspection)
        await checkup.look(at: .clock, "the books") { $0.clock(accounts) }
        await checkup.look(at: .tokens, "the accounts") { $0.tokens(accounts) }
        await checkup.look(at: .outcomes, "the books") { try await $0.outcomes(accounts, context) }
        await checkup.look(at: .books, "the books") { try await $0.books(accounts, context) }
        if offline {
            checkup.skip(.service, because: "--offline")
        } else {
            await checkup.look(at: .service, "the service") { try await $0.service(context) }
        }
        var vault: Vault?
        if noUnlock {
            checkup.skip(.vault, because: "--no-unlock")
        } else {
            await checkup.look(at: .vault, "the vault") {
                vault = try await $0.vault(context, inspection, unlock)
            }
        }
        await checkup.look(at: .ledger, "the ledger") { try await $0.ledger(context, vault) }
    }

    // MARK: Telling

    private static func show(_ checkup: Checkup, on console: Console) {
        let report = Report(
            "findings",
            columns: [
                .init("check", "CHECK"), .init("place", "WHERE", isFlexible: true),
                .init("message", "WHAT", isFlexible: true), .init("mend", "HOW TO MEND IT"),
            ],
            rows: checkup.findings.map { finding in
                [
                    .init(finding.topic.rawValue, finding.needsHand ? .red : .dim),
                    .init(finding.place), .init(finding.message),
                    .init(JSONOutput(finding.mend), shown: finding.mend ?? ""),
                ]
            }
        )
        if !report.rows.isEmpty { console.out(report, as: .table) }
        let skipped = CheckupTopic.allCases.filter { checkup.notChecked[$0] != nil }
        for reason in Set(skipped.compactMap { checkup.notChecked[$0] }).sorted() {
            let topics = skipped.filter { checkup.notChecked[$0] == reason }.map(\.rawValue)
            console.note("not checked: \(topics.joined(separator: ", ")): \(reason)")
        }
        let count = checkup.findings.count { $0.needsHand }
        let versions = checkup.versions.map { "\($0.name) \($0.version)" }.joined(separator: ", ")
        console.out("\(checkup.checked.count) checks with \(versions)")
        switch count {
        case 0: console.out("nothing needs a hand")
        case 1: console.out("\("1 finding needs a hand", .red)")
        default: console.out("\("\(count) findings need a hand", .red)")
        }
    }

    private static func json(_ checkup: Checkup) -> JSONOutput {
        [
            "findings": .array(
                checkup.findings.map { finding in
                    [
                        "check": .string(finding.topic.rawValue),
                        "needs_hand": .bool(finding.needsHand), "place": .string(finding.place),
                        "message": .string(finding.message), "mend": JSONOutput(finding.mend),
                    ]
                }
            ),
            "checked": .array(checkup.checked.map { .string($0.rawValue) }),
            "not_checked": .object(
                CheckupTopic.allCases.compactMap { topic in
                    checkup.notChecked[topic].map {
                        .init(name: topic.rawValue, value: .string($0))
                    }
                }
            ),
            "versions": .object(
                checkup.versions.map { .init(name: $0.name, value: .string($0.version)) }
            ),
        ]
    }
}
