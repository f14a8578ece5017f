import PurserCore
import PurserEngine

extension JobsView {
    func slots(_ voice: Voice) -> Slots {
        [
            "jobsAt": PagePath.jobs.rawValue, "openOnly": openOnly,
            "table": rows.isEmpty ? [] : [table(voice).slots(voice)], "none": rows.isEmpty,
            "next": next.map { cursor in
                [["cursor": cursor, "open": openOnly] as Slots]
            } ?? [],
            "now": Cell.time(now).slots(voice),
        ]
    }

    private func table(_ voice: Voice) -> TableView {
        let showsMembers = rows.contains { $0.member != nil }
        var columns: [TableView.Column] = [
            .init(voice[ListWord.jobID]), .init(voice[AccountWord.state]),
            .init(voice[ListWord.model]), .init(voice[AccountWord.account]),
        ]
        if showsMembers { columns.append(.init(voice[SpendKey.member])) }
        columns += [
            .init(voice[ListWord.price], isNumber: true), .init(voice[ListWord.submitted]),
            .init(voice[ListWord.ended]), .init(voice[ListWord.refund]),
        ]
        return TableView(
            caption: voice[FrameWord.jobs],
            columns: columns,
            rows: rows.map { $0.cells(voice, showsMembers: showsMembers) }
        )
    }
}

extension JobsView.Row {
    fileprivate func cells(_ voice: Voice, showsMembers: Bool) -> [Cell] {
        let state = job.state.cell(voice)
        var cells: [Cell] = [
            .lines([.text(String(job.id.description.prefix(8))), .text(job.operationName)]),
            job.failure.map { .lines([state, .text($0)]) } ?? state,
            .text(job.modelID.rawValue), account.map(Cell.text) ?? .none,
        ]
        if showsMembers { cells.append(member.map(Cell.text) ?? .none) }
        return cells + [
            .number(job.price.amount), .time(job.createdAt), job.endedAt.map { .time($0) } ?? .none,
            refund(voice),
        ]
    }

    private func refund(_ voice: Voice) -> Cell {
        switch job.refund {
        case .none: .none
        case .due: .state(voice[ListWord.refundDue], .waiting)
        case .refunded: .state(voice[ListWord.refundDone], .good)
        }
    }
}

extension MembersView {
    func slots(_ voice: Voice) -> Slots {
        let columns: [TableView.Column] = [
            .init(voice[ListWord.name]), .init(voice[ListWord.role]),
            .init(voice[AccountWord.state]), .init(voice[ListWord.budget], isNumber: true),
            .init(voice[ListWord.limits]), .init(voice[ListWord.mayUse]),
            .init(voice[ListWord.keys], isNumber: true),
        ]
        let table = TableView(
            caption: voice[FrameWord.members],
            columns: columns,
            rows: rows.map { $0.cells(voice, at: now) }
        )
        return [
            "table": table.slots(voice),
            "team": team.isEmpty
                ? [] : [team.table(caption: voice[ListWord.teamLimits], voice).slots(voice)],
        ]
    }
}

extension MembersView.Row {
    fileprivate func cells(_ voice: Voice, at now: Timestamp) -> [Cell] {
        let member = overview.member
        return [
            .text(member.name), .text(voice[member.role]),
            member.revokedAt == nil
                ? .state(voice[ListWord.active], .good) : .state(voice[ListWord.revoked], .quiet),
            overview.budget.map { .number($0.available.amount) }
                ?? .text(voice[ListWord.noBudget]),
            limits.isEmpty ? .none : .lines(limits.map { $0.cell(voice) }),
            narrowings(voice),
            .number(Int64(overview.keys.count { $0.works(at: now) })),
        ]
    }

    /// The tiers, tags and models they are narrowed to.
    private func narrowings(_ voice: Voice) -> Cell {
        let limits = overview.member.limits
        let lists = [
            (voice("tiers", "等级"), limits.tiers?.map(\.rawValue)),
            (voice("tags", "标签"), limits.tags.map(Array.init)),
            (voice("models", "模型"), limits.models?.map(\.rawValue)),
        ]
        let lines = lists.compactMap { name, values in
            values.map { Cell.text(voice.pair(name, $0.sorted().joined(separator: ", "))) }
        }
        return lines.isEmpty ? .none : .lines(lines)
    }
}

extension SpendingStatus {
    /// How far a limit is used up, in words and as a bar.
    fileprivate func cell(_ voice: Voice) -> Cell {
        let (spent, held) = (voice.number(spent), voice.number(held))
        return .meter(
            Meter(
                whole: limit.credits.amount,
                filled: self.spent.amount,
                held: self.held.amount
            ),
            words: voice(
                "\(voice.limit(limit)): \(spent) spent, \(held) held",
                "\(voice.limit(limit))：已用 \(spent)，冻结 \(held)"
            )
        )
    }
}

extension [SpendingStatus] {
    /// Limits one below the other, with what is left and until when.
    func table(caption: String, _ voice: Voice) -> TableView {
        TableView(
            caption: caption,
            columns: [
                .init(voice[ListWord.limit]), .init(voice[ListWord.left], isNumber: true),
                .init(voice[ListWord.resets]),
            ],
            rows: map { status in
                [
                    status.cell(voice), .number(status.left.amount),
                    status.resetsAt.map { .time($0) } ?? .none,
                ]
            }
        )
    }
}

extension AuditView {
    func slots(_ voice: Voice) -> Slots {
        let words = [AuditWord.sequence, .at, .actor, .verb, .subject, .detail]
        let table = TableView(
            caption: voice[FrameWord.audit],
            columns: words.map { .init(voice[$0], isNumber: $0 == .sequence) },
            rows: entries.map { entry in
                [
                    .number(entry.sequence), .time(entry.at), .text(entry.record.actor.description),
                    .text(entry.record.verbToday), .text(entry.record.subject),
                    .text(entry.record.detail),
                ]
            }
        )
        let asked: Slots = [
            "from": filter.from.map { CalendarDay($0).description } ?? "",
            // The filter ends before the day that follows the last one asked for.
            "to": filter.to.map { CalendarDay($0 - .milliseconds(1)).description } ?? "",
            "verb": filter.verb ?? "", "actor": filter.actor ?? "",
        ]
        return [
            "auditAt": PagePath.audit.rawValue, "asked": asked,
            "table": entries.isEmpty ? [] : [table.slots(voice)], "none": entries.isEmpty,
            "next": next.map { [["cursor": $0, "asked": asked] as Slots] } ?? [],
        ]
    }
}
