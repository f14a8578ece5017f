import Hummingbird
import PurserCore
import PurserEngine
import PurserPages

extension PageDoor {
    private static let rows = 50

    /// A page of jobs, the newest first; whoever may not see everybody's sees their own.
    func jobs(_ query: Query, for member: Member) async throws -> JobsView {
        let mayAll = member.role.may(.allJobs)
        var filter = JobFilter(limit: Self.rows + 1)
        filter.openOnly = try query.value(.open, .trueOrFalse) { Bool($0) } ?? false
        filter.after = try query.value(.cursor, .cursor) { JobPlace($0) }
        if !mayAll { filter.memberID = member.id }
        let found = try await engine.store.jobs(filter)
        let page = found.prefix(Self.rows)
        let accounts = try await engine.store.accounts().map { ($0.account.id, $0.account.name) }
        let members = try await engine.store.members().map { ($0.member.id, $0.member.name) }
        let accountNames = Dictionary(uniqueKeysWithValues: accounts)
        let memberNames = Dictionary(uniqueKeysWithValues: members)
        return JobsView(
            now: engine.ambient.now(),
            rows: page.map { job in
                .init(
                    job: job,
                    account: accountNames[job.accountID],
                    member: memberNames[job.memberID]
                )
            },
            openOnly: filter.openOnly,
            next: found.count > Self.rows ? page.last.map { JobPlace($0).description } : nil
        )
    }

    /// Members with what is left of their budgets and limits; without `read-members` oneself.
    func memberList(for member: Member) async throws -> MembersView {
        let now = engine.ambient.now()
        let mayAll = member.role.may(.readMembers)
        var rows: [MembersView.Row] = []
        for overview in try await engine.store.members()
        where mayAll || overview.member.id == member.id {
            let limits = try await engine.store.spending(of: .member(overview.member.id), at: now)
            rows.append(.init(overview: overview, limits: limits))
        }
        return MembersView(
            now: now,
            rows: rows,
            team: mayAll ? try await engine.store.spending(of: .team, at: now) : []
        )
    }

    /// A page of the audit trail, in order, the newest unless told.
    func audit(_ query: Query) async throws -> AuditView {
        let (from, to) = try query.days()
        let filter = AuditFilter(
            from: from?.start,
            to: to.map { CalendarDay(number: $0.number + 1).start },
            actor: query[.actor],
            verb: query[.verb],
            limit: Self.rows + 1,
            before: try query.value(.cursor, .cursor) { Int64($0) }
        )
        let lines = try await engine.store.audit(filter)
        let page = lines.suffix(Self.rows)
        return AuditView(
            entries: Array(page),
            filter: filter,
            next: lines.count > Self.rows ? page.first.map { "\($0.sequence)" } : nil
        )
    }

    /// Where a pasted request would go now; nothing is held or sent.
    func explainRoute(_ visit: PageVisit, for member: Member) async throws -> Response {
        let form = try await form(of: visit, upTo: Self.longestRequest)
        let (text, name) = (form[.request] ?? "", form[.member] ?? "")
        var answer: RouteView.Answer
        do {
            answer = try await explain(text, for: name)
        } catch {
            let (problem, hint) = words(of: error)
            answer = .refused(problem, hint: hint)
        }
        return show(.route(RouteView(request: text, member: name, answer: answer)), to: visit)
    }

    private func explain(_ text: String, for name: String) async throws -> RouteView.Answer {
        let body = try PurserCore.RequestBody.parse(Array(text.utf8), for: nil)
        let call = try engine.resolver.call(of: body)
        var member: MemberID?
        if !name.isEmpty {
            let found = try await engine.store.members().first { $0.member.name == name }
            guard let found else { throw Problem(.notFound, .noSuchMember) }
            member = found.member.id
        }
        let request = try engine.resolver.routeRequest(
            for: body,
            call: call,
            only: nil,
            maxCredits: nil
        )
        let explanation = try await engine.store.explain(
            request,
            mediaIDs: body.mediaIDs,
            for: member,
            at: engine.ambient.now()
        )
        return .explained(
            explanation,
            call: call.path,
            models: request.models.map(\.id.rawValue)
        )
    }
}

extension Query {
    /// A parameter of one of the pages.
    subscript(_ field: FormField) -> String? {
        // A form sends an empty field where nothing was typed.
        self[field.rawValue].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The same, read.
    func value<Value>(
        _ field: FormField,
        _ wanted: QueryProblem.Wanted,
        _ read: (String) -> Value?
    ) throws(Problem) -> Value? {
        guard let text = self[field] else { return nil }
        guard let value = read(text) else {
            throw Problem(.invalidRequest, .query(.unfit(field, text, wanted)))
        }
        return value
    }

    /// The first and the last day asked for.
    func days() throws(Problem) -> (from: CalendarDay?, to: CalendarDay?) {
        let first = try value(.from, .day) { CalendarDay($0) }
        let last = try value(.to, .day) { CalendarDay($0) }
        if let first, let last, last < first {
            throw Problem(.invalidRequest, .query(.backwards))
        }
        return (first, last)
    }
}
