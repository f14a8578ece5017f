package import PurserCore

/// Whose jobs are: what their accounts and members are called now.
package struct JobNames: Sendable {
    private let accounts: [AccountID: String]
    private let members: [MemberID: String]

    package init(_ store: any Store) async throws {
        accounts = Dictionary(
            uniqueKeysWithValues: try await store.accounts().map {
                ($0.account.id, $0.account.name)
            }
        )
        members = Dictionary(
            uniqueKeysWithValues: try await store.members().map { ($0.member.id, $0.member.name) }
        )
    }

    package func account(of job: Job) -> String { accounts[job.accountID] ?? "removed" }

    package func member(of job: Job) -> String { members[job.memberID] ?? "removed" }
}

extension Job {
    /// One of a list: `jobs list`.
    package func row(_ names: JobNames) -> JSONOutput {
        [
            "id": JSONOutput(id), "operation": .string(operationName),
            "account": .string(names.account(of: self)), "account_id": JSONOutput(accountID),
            "member": .string(names.member(of: self)), "model_key": .string(modelKey),
            "state": .string(state.shortName), "price": JSONOutput(price),
            "refund": .string(refund.rawValue), "submitted_at": JSONOutput(createdAt),
        ]
    }

    /// Everything known of it: `shape job` of the command line's reference.
    package func document(_ names: JobNames) -> JSONOutput {
        [
            "id": JSONOutput(id), "operation": .string(operationName),
            "shape": .string(shape.rawValue), "scene": JSONOutput(sceneID),
            "project": JSONOutput(projectID), "account": .string(names.account(of: self)),
            "account_id": JSONOutput(accountID), "member": .string(names.member(of: self)),
            "submission": JSONOutput(submissionID),
            "credential_version": JSONOutput(credentialVersion),
            "model": .string(modelID.rawValue), "model_key": .string(modelKey),
            "price": JSONOutput(price), "state": .string(state.shortName),
            "submitted_at": JSONOutput(createdAt), "ended_at": JSONOutput(endedAt),
            "failure": JSONOutput(failure), "media": .array(mediaIDs.map { .string($0) }),
            "refund": .string(refund.rawValue),
        ]
    }
}

extension RouteExplanation {
    /// What would happen to a request, and why: `route`.
    package func document(call: ProviderCall, models: [Model]) -> JSONOutput {
        [
            "call": .string(call.path), "models": .array(models.map { .string($0.id.rawValue) }),
            "policy": .string(policy.rawValue), "accounts": .array(lines.map(\.document)),
        ]
    }
}

extension RouteExplanation.Line {
    /// What counts for it, or why it was passed over.
    package var why: String {
        rank != nil
            ? score ?? "" : "passed over: " + ineligibilities.map(\.words).joined(separator: "; ")
    }

    fileprivate var document: JSONOutput {
        [
            "rank": JSONOutput(rank), "account": .string(name), "tier": .string(tier.rawValue),
            "model_keys": .array(Set(modelKeys).sorted().map { .string($0) }),
            "price": JSONOutput(price), "available": JSONOutput(available), "why": .string(why),
        ]
    }
}

extension CreditReport {
    /// `credits --by`: totals are absent without rows; of a cross table, one element for each cell in which something was
    /// done.
    package var document: JSONOutput {
        var fields = [JSONOutput.Field(name: "spending", value: .array(spending))]
        if !rows.isEmpty {
            let labels = [keys.rows, keys.columns].compactMap { $0 }.map { ($0, total.label) }
            fields.append(.init(name: "totals", value: total.amounts.document(labels)))
        }
        return .object(fields)
    }

    private var spending: [JSONOutput] {
        guard let across = keys.columns else {
            return rows.map { $0.amounts.document([(keys.rows, $0.label)]) }
        }
        return rows.flatMap { row in
            zip(columns, row.cells).filter { !$1.isNothing }.map { column, amounts in
                amounts.document([(keys.rows, row.label), (across, column.label)])
            }
        }
    }
}

extension CreditReport.Amounts {
    /// Whether nothing was done at all.
    package var isNothing: Bool { videos == 0 && charged == .zero && refunded == .zero }

    fileprivate func document(_ labels: [(key: ReportKey, label: String)]) -> JSONOutput {
        .object(
            labels.map { .init(name: $0.key.rawValue, value: .string($0.label)) } + [
                .init(name: "videos", value: JSONOutput(videos)),
                .init(name: "charged", value: JSONOutput(charged)),
                .init(name: "refunded", value: JSONOutput(refunded)),
                .init(name: "spent", value: JSONOutput(spent)),
            ]
        )
    }
}

extension AuditEntry {
    /// A line of the audit trail: `audit list`.
    package var row: JSONOutput {
        [
            "seq": JSONOutput(sequence), "at": JSONOutput(at),
            "actor": .string(record.actor.description), "verb": .string(record.verbToday),
            "subject": .string(record.subject), "detail": .string(record.detail),
        ]
    }
}
