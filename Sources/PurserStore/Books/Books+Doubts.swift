import PurserCore

// What the service said of an account once, and what it takes to believe it.

extension Books {
    private enum Subject: String {
        case tier
        case use
    }

    /// Takes over a tier that a reading names: a higher one at once, a lower one when it is confirmed.
    ///
    /// A tier this program does not know counts as the lowest. A reading without a tier says nothing of it.
    func judgeTier(_ reading: CreditsReading, of account: Account, at now: Timestamp) throws {
        guard let word = reading.tierName ?? reading.tier?.wireName else { return }
        let tier = reading.tier ?? .free
        guard tier < account.tier else {
            try forgetDoubt(.tier, of: account.id)
            if tier > account.tier { try write(tier, word, of: account, at: now) }
            return
        }
        guard try isConfirmed(word, .tier, of: account.id, at: now) else { return }
        try write(tier, word, of: account, at: now)
    }

    /// A refusal that only another tier explains counts as the first word about whatever lower tier is read next.
    func doubtTier(of account: AccountID, at now: Timestamp) throws {
        try write(Self.anyWord, .tier, of: account, at: now)
    }

    /// Takes an account out of use when a reading of it was refused for the second time.
    func suspect(
        _ id: AccountID,
        _ state: AccountState,
        version: UInt64,
        by actor: Actor,
        at now: Timestamp
    ) throws -> Bool {
        let account = try account(id)
        guard account.state == .enabled, account.credentialVersion == version else { return false }
        let word = "\(version) \(state.name)"
        guard try isConfirmed(word, .use, of: id, at: now) else { return false }
        try take(state, from: account, version: version, by: actor, at: now)
        return true
    }

    /// A reading that succeeded takes back what was said against the account's use.
    func trustAgain(_ account: AccountID) throws {
        try forgetDoubt(.use, of: account)
    }

    /// Stands for every word.
    private static let anyWord = ""
    /// For so long a refused model counts as the first word about the tier.
    private static let doubtLasts = Duration.seconds(3600)

    /// Whether this was said before, long enough ago; otherwise it is remembered as the first word.
    private func isConfirmed(
        _ word: String,
        _ subject: Subject,
        of account: AccountID,
        at now: Timestamp
    ) throws -> Bool {
        let first = try sql.first(
            "SELECT word, seen_at_ms FROM account_doubt WHERE account_id = ? AND about = ?",
            .id(account),
            .text(subject.rawValue)
        ) { (word: $0.text(0), seenAt: $0.time(1)) }
        if let first, first.seenAt <= now {
            let age = now - first.seenAt
            let isSecond =
                first.word == Self.anyWord
                ? age < Self.doubtLasts
                : first.word == word && age >= surroundings.options.quietAfter
            if isSecond {
                try forgetDoubt(subject, of: account)
                return true
            }
            if first.word == word { return false }
        }
        try write(word, subject, of: account, at: now)
        return false
    }

    private func write(
        _ word: String,
        _ subject: Subject,
        of account: AccountID,
        at now: Timestamp
    ) throws {
        try sql.run(
            """
            INSERT INTO account_doubt (account_id, about, word, seen_at_ms) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT DO UPDATE SET word = ?3, seen_at_ms = ?4
            """,
            .id(account),
            .text(subject.rawValue),
            .text(word),
            .time(now)
        )
    }

    private func forgetDoubt(_ subject: Subject, of account: AccountID) throws {
        try sql.run(
            "DELETE FROM account_doubt WHERE account_id = ? AND about = ?",
            .id(account),
            .text(subject.rawValue)
        )
    }

    private func write(
        _ tier: Tier,
        _ word: String,
        of account: Account,
        at now: Timestamp
    ) throws {
        try sql.run(
            "UPDATE account SET tier = ? WHERE id = ?",
            .text(tier.rawValue),
            .id(account.id)
        )
        try writeAudit(
            AuditRecord(
                actor: .service,
                verb: "account.tier",
                subject: account.name,
                detail: "\(account.tier.rawValue) → \(tier.rawValue) (\(word))"
            ),
            at: now
        )
        try bumpRevision(of: account.id)
    }
}

extension Actor {
    /// Who changes an account because of what the upstream said.
    static let service = Actor("service")
}
