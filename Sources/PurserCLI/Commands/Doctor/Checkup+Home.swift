import PurserCore
import PurserEngine
import PurserVault

extension Checkup {
    /// The engine under the books, and holds of processes that are gone.
    mutating func database(_ context: Context, _ inspection: DatabaseInspection) async throws {
        versions.append(("sqlite", inspection.sqliteVersion))
        versions.append(("openssl", OpenSSLLibrary.version))
        let place = context.home.database
        for damage in inspection.damage {
            add(.database, place, damage, mend: "stop, keep the home, restore a copy")
        }
        for name in inspection.foreignSchema {
            add(
                .database,
                place,
                "\(name) is not as this version makes it",
                mend: "stop, keep the home"
            )
        }
        if !inspection.hasResetFix {
            add(
                .database,
                "libsqlite3 \(inspection.sqliteVersion)",
                "before 3.51.3 a checkpoint beside a writer can damage the log; purser's lock file keeps them apart",
                mend: "let nothing but purser open the database",
                needsHand: false
            )
        }
        let condition = try await context.store.condition()
        for deviation in condition.deviations { add(.database, place, "PRAGMA \(deviation)") }
        for hold in condition.abandoned {
            add(
                .outcomes,
                "submission \(hold.submissionID)",
                "its process ended and left \(hold.amount.grouped) credits held",
                mend: "purser jobs check"
            )
        }
    }

    /// Times in the books that have not come yet.
    mutating func clock(_ accounts: [AccountOverview]) {
        let latest = accounts.flatMap {
            [$0.account.createdAt, $0.lastObserved?.at].compactMap { $0 }
        }
        .max()
        guard let latest, latest - now > Self.tolerance else { return }
        add(
            .clock,
            "the books",
            "they hold an instant that comes \(latest.relative(to: now)): this machine's clock was set back, or was ahead",
            mend: "set the clock"
        )
    }

    private static let tolerance = Duration.seconds(60)

    /// Whether the service answers, and agrees on the time.
    mutating func service(_ context: Context) async throws {
        let base = context.configuration.flow.baseURL.description
        do {
            guard let theirs = try await context.serviceTime() else { return }
            let ahead = now - theirs
            if ahead > Self.tolerance || ahead < .zero - Self.tolerance {
                add(
                    .clock,
                    base,
                    "by its clock this machine's is off by \(abs(ahead.milliseconds) / 1000) s: tokens end, and accounts renew, at other times than shown",
                    mend: "set the clock"
                )
            }
        } catch let error as ProviderFailure {
            add(.service, base, error.message, mend: error.hint)
        }
    }

    /// Tokens that ended or end soon, and accounts that take no work.
    mutating func tokens(_ accounts: [AccountOverview]) {
        for account in accounts.map(\.account) {
            let rotate = "purser accounts rotate \(account.name)"
            switch account.state {
            case .needsRotation(let reason):
                add(.tokens, account.name, "needs rotation: \(reason)", mend: rotate)
                continue
            case .paused(let reason):
                add(
                    .tokens,
                    account.name,
                    "paused: \(reason)",
                    mend: "purser accounts resume \(account.name)",
                    needsHand: false
                )
            case .enabled: break
            }
            if let since = account.tokenExposedAt {
                add(
                    .tokens,
                    account.name,
                    "its token is exposed since \(since.readable)",
                    mend: "change it at the provider, then \(rotate)"
                )
            }
            if let command = account.tokenCommand, command.failures > 0 {
                add(
                    .tokens,
                    account.name,
                    "its token-command failed \(command.failures) times in a row",
                    mend:
                        "purser audit list shows how; then purser accounts refresh \(account.name)"
                )
            }
            guard let end = account.worksUntil, end - now < Self.soon else { continue }
            let word = end <= now ? "expired" : "expires"
            add(.tokens, account.name, "its token \(word) \(end.relative(to: now))", mend: rotate)
        }
    }

    private static let soon = Duration.seconds(86_400)

    /// What the service and the books have not settled between them.
    mutating func books(_ accounts: [AccountOverview], _ context: Context) async throws {
        for overview in accounts {
            let name = overview.account.name
            if let drift = overview.drift {
                add(
                    .books,
                    name,
                    "the last reading leaves \(drift.grouped) credits unexplained",
                    mend: "purser ledger reconcile \(name)"
                )
            }
            guard overview.refundsDue > .zero else { continue }
            let jobs = try await context.store.jobs(JobFilter(accountID: overview.account.id))
            let late = jobs.filter { job in
                job.refund == .due && job.endedAt.map { now - $0 > Self.refundPatience } ?? false
            }
            guard !late.isEmpty else { continue }
            add(
                .books,
                name,
                "\(late.count) refunds have been due for more than 7 days",
                mend: "purser jobs check; else ask the service for them"
            )
        }
    }

    private static let refundPatience = Duration.seconds(7 * 86_400)

    mutating func outcomes(_ accounts: [AccountOverview], _ context: Context) async throws {
        let names = Dictionary(
            accounts.map { ($0.account.id, $0.account.name) },
            uniquingKeysWith: { first, _ in first }
        )
        for hold in try await context.store.unknownHolds(of: nil) {
            let since = (hold.unknownSince ?? hold.heldAt).relative(to: now)
            add(
                .outcomes,
                names[hold.accountID] ?? hold.accountID.description,
                "submission \(hold.submissionID) of \(hold.amount.grouped) credits became unknown \(since)",
                mend: "purser jobs check"
            )
        }
        for job in try await context.store.jobs(JobFilter(openOnly: true))
        where job.state == .lost {
            add(
                .outcomes,
                names[job.accountID] ?? job.accountID.description,
                "the service knows nothing any more of job \(job.id)",
                mend: "look for its video in the service's own page"
            )
        }
    }

    /// Every rule of the books; with the vault open the checkpoints' codes too.
    mutating func ledger(_ context: Context, _ vault: Vault?) async throws {
        let verification = try await context.store.verify(
            at: now,
            checkpointMAC: vault.map { vault in { @Sendable in vault.ledgerMAC($0) } }
        )
        for finding in verification.findings {
            add(
                .ledger,
                "\(finding.rule) \(finding.place)",
                finding.message,
                mend: finding.isViolation ? "stop, keep the home, restore a copy" : nil,
                needsHand: finding.isViolation
            )
        }
    }

    /// The vault's rules; those of its database and its files, and exposed tokens, are looked at by themselves.
    mutating func vault(
        _ context: Context,
        _ inspection: DatabaseInspection,
        _ unlock: UnlockOptions
    ) async throws -> Vault? {
        let (verification, vault) = try await context.verifyVault(inspection, unlock)
        let elsewhere: Set<VaultRule> = [.schema, .database, .modes, .library]
        for finding in verification.findings
        where !elsewhere.contains(finding.rule)
            && !(finding.rule == .exposed && finding.kind == nil)
        {
            add(
                .vault,
                finding.rule.title,
                finding.message,
                mend: finding.kind == nil
                    ? nil : "stop, keep the home, and see purser vault verify",
                needsHand: finding.kind != nil
            )
        }
        return vault
    }
}
