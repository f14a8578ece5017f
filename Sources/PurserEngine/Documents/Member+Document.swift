package import PurserCore

extension MemberOverview {
    /// One of a list: `members list`.
    package func row(at now: Timestamp) -> JSONOutput {
        [
            "name": .string(member.name), "role": .string(member.role.rawValue),
            "available": JSONOutput(budget?.available), "held": JSONOutput(budget?.held),
            "limits": .array(member.limits.words.map { .string($0) }),
            "keys": JSONOutput(keys.count { $0.works(at: now) }),
            "created_at": JSONOutput(member.createdAt), "revoked_at": JSONOutput(member.revokedAt),
        ]
    }

    /// Everything known of a member, never a key: `members show`.
    package func document(_ limits: [SpendingStatus]) -> JSONOutput {
        [
            "id": JSONOutput(member.id), "name": .string(member.name),
            "role": .string(member.role.rawValue), "created_at": JSONOutput(member.createdAt),
            "revoked_at": JSONOutput(member.revokedAt), "available": JSONOutput(budget?.available),
            "held": JSONOutput(budget?.held), "tiers": list(member.limits.tiers?.map(\.rawValue)),
            "tags": list(member.limits.tags.map(Array.init)),
            "models": list(member.limits.models?.map(\.rawValue)),
            "limits": .array(limits.map(\.document)),
            "keys": .array(
                keys.map { key in
                    [
                        "id": .string(key.id), "created_at": JSONOutput(key.createdAt),
                        "expires_at": JSONOutput(key.expiresAt),
                        "revoked_at": JSONOutput(key.revokedAt),
                    ]
                }
            ),
        ]
    }

    private func list(_ values: [String]?) -> JSONOutput {
        .array((values ?? []).sorted().map { .string($0) })
    }
}

extension SpendingStatus {
    /// How far one limit is used up.
    package var document: JSONOutput {
        var cycleDay: Int?
        if case .cycle(let day) = limit.window { cycleDay = day }
        return [
            "window": .string(limit.window.kind.rawValue), "cycle_day": JSONOutput(cycleDay),
            "credits": JSONOutput(limit.credits), "warn_at": JSONOutput(limit.warnAt),
            "spent": JSONOutput(spent), "held": JSONOutput(held), "left": JSONOutput(left),
            "resets_at": JSONOutput(resetsAt), "warning": .bool(warns()),
        ]
    }
}
