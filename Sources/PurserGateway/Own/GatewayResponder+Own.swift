import HTTPTypes
import Hummingbird
import NIOCore
import PurserCore
import PurserEngine

extension GatewayResponder {
    /// Answers a question of the gateway's own interface; `body` is empty but for a route.
    func answer(
        _ call: OwnCall,
        named name: String?,
        _ query: Query,
        _ body: [UInt8],
        for member: Member
    ) async throws -> JSONOutput {
        let now = engine.ambient.now()
        switch call {
        case .accounts:
            let rows = try await accounts(tagged: query["tag"])
            var fields = [
                JSONOutput.Field(name: "accounts", value: .array(rows.map { $0.row(at: now) }))
            ]
            if !rows.isEmpty {
                fields.append(.init(name: "totals", value: AccountTotals(rows).row))
            }
            return .object(fields)
        case .account: return try await account(named: name ?? "").document(at: now)
        case .me:
            return try await document(of: try await overview { $0.member.id == member.id })
        case .members:
            let members = try await engine.store.members()
            return ["members": .array(members.map { $0.row(at: now) })]
        case .member:
            return try await document(of: try await overview { $0.member.name == name })
        case .jobs: return try await jobPage(query, for: member)
        case .job:
            let job = try await job(name ?? "", for: member)
            return job.document(try await JobNames(engine.store))
        case .credits: return try await spending(query, for: member)
        case .forecast: return try await forecast(query)
        case .route: return try await explain(body, query)
        case .audit: return try await audit(query)
        case .queue: return try await queue(at: now)
        case .openAPI: return OpenAPI.document
        }
    }

    // MARK: Accounts and members

    private func accounts(tagged tag: String?) async throws -> [AccountOverview] {
        try await engine.store.accounts().filter { overview in
            tag.map { overview.account.settings.tags.contains($0) } ?? true
        }
    }

    private func account(named name: String) async throws -> AccountOverview {
        let found = try await accounts(tagged: nil).first { $0.account.name == name }
        guard let found else { throw Problem(.notFound, "there is no such account") }
        return found
    }

    private func overview(where isMeant: (MemberOverview) -> Bool) async throws -> MemberOverview {
        guard let found = try await engine.store.members().first(where: isMeant) else {
            throw Problem(.notFound, "there is no such member")
        }
        return found
    }

    private func document(of member: MemberOverview) async throws -> JSONOutput {
        let limits = try await engine.store.spending(
            of: .member(member.member.id),
            at: engine.ambient.now()
        )
        return member.document(limits)
    }

    // MARK: Jobs

    /// A page of jobs; whoever may not see everybody's sees their own.
    private func jobPage(_ query: Query, for member: Member) async throws -> JSONOutput {
        let limit = try query.limit()
        var filter = JobFilter(limit: limit + 1)
        filter.openOnly = try query.value("open", "true or false") { Bool($0) } ?? false
        filter.after = try query.value("cursor", "the next of an answer") { JobPlace($0) }
        if !member.role.may(.allJobs) { filter.memberID = member.id }
        if let name = query["member"] {
            guard member.role.may(.allJobs) else { throw Problem.refusing([.allJobs], to: member) }
            filter.memberID = try await overview { $0.member.name == name }.member.id
        }
        if let name = query["account"] {
            filter.accountID = try await account(named: name).account.id
        }
        let names = try await JobNames(engine.store)
        let found = try await engine.store.jobs(filter)
        let page = found.prefix(limit)
        let next = found.count > limit ? page.last.map { JobPlace($0).description } : nil
        return [
            "jobs": .array(page.map { $0.row(names) }),
            "next": JSONOutput(next),
        ]
    }

    /// The one job that an id or an operation name, or the beginning of one, names among those that the member may see.
    private func job(_ text: String, for member: Member) async throws -> Job {
        guard let text = Query.plain(text, plus: "+"), !text.isEmpty else {
            throw Problem(.notFound, "there is no such job")
        }
        let owner = member.role.may(.allJobs) ? nil : member.id
        let found = try await engine.store.jobs(
            JobFilter(memberID: owner, idPrefix: text, limit: OwnCall.mostRows)
        )
        if found.count > 1, let whole = found.first(where: { $0.operationName == text }) {
            return whole
        }
        guard let job = found.first else { throw Problem(.notFound, "there is no such job") }
        guard found.count == 1 else {
            throw Problem(.invalidRequest, "several jobs begin with \(text.jsonQuoted)")
        }
        return job
    }

    // MARK: Reports

    private func spending(_ query: Query, for member: Member) async throws -> JSONOutput {
        let keys: ReportKeys
        do {
            keys = try query["by"].map { try ReportKeys($0) } ?? ReportKeys(.account)
        } catch let error as ReportKeyError {
            throw Problem(.invalidRequest, "by: \(error.message); it is \(error.hint ?? "")")
        }
        let (from, to) = try query.span()
        return try await CreditReport(
            engine.store,
            by: keys,
            over: .days(holding: from, to),
            of: member.role.may(.allCredits) ? nil : member.id
        ).document
    }

    private func forecast(_ query: Query) async throws -> JSONOutput {
        let horizons = CreditForecast.horizons
        let days = try query.value("horizon", "a number from 7 to 365") { text in
            Int(text).flatMap { horizons.contains($0) ? $0 : nil }
        }
        let adding = try query.value("add", "tiers such as ultra,tier-one") { text in
            let tiers = text.split(separator: ",").map { Tier(rawValue: String($0)) }
            return tiers.contains(nil) ? nil : tiers.compactMap(\.self)
        }
        let plan = try query.value("plan", "credits") { text in
            Int64(text).flatMap { $0 > 0 ? Credits($0) : nil }
        }
        let percent = try query.value("demand", "a number from -100 to 900") { text in
            Int(text).flatMap { (-100...900).contains($0) ? $0 : nil }
        }
        let changes = ForecastChanges(
            without: (query["without"] ?? "").split(separator: ",").map(String.init),
            adding: adding ?? [],
            plan: plan,
            demand: 1000 + (percent ?? 0) * 10
        )
        return try await ForecastDesk(store: engine.store, now: engine.ambient.now)
            .forecast(days: days ?? ForecastDesk.usualDays, changes).document
    }

    /// What would happen to a request now; nothing is held or sent.
    private func explain(_ bytes: [UInt8], _ query: Query) async throws -> JSONOutput {
        let path = try query.value("path", "a call of the service") { ProviderCall($0) }
        let body = try PurserCore.RequestBody.parse(bytes, for: path)
        let call = try engine.resolver.call(of: body)
        var only: AccountID?
        if let name = query["account"] { only = try await account(named: name).account.id }
        var member: MemberID?
        if let name = query["member"] {
            let named = try await overview { $0.member.name == name }.member
            guard named.revokedAt == nil else {
                throw Problem(.invalidRequest, "\(name) was revoked and sends no work")
            }
            member = named.id
        }
        let request = try engine.resolver.routeRequest(
            for: body,
            call: call,
            only: only,
            maxCredits: nil
        )
        return try await engine.store.explain(
            request,
            mediaIDs: body.mediaIDs,
            for: member,
            at: engine.ambient.now()
        ).document(call: call, models: request.models)
    }

    private func audit(_ query: Query) async throws -> JSONOutput {
        let limit = try query.limit()
        let (from, to) = try query.span()
        let before = try query.value("cursor", "the next of an answer") { Int64($0) }
        let lines = try await engine.store.audit(
            AuditFilter(
                from: from,
                to: to,
                actor: query["actor"],
                verb: query["verb"],
                limit: limit + 1,
                before: before
            )
        )
        let page = lines.suffix(limit)
        return [
            "audit": .array(page.map(\.row)),
            "next": JSONOutput(lines.count > limit ? page.first.map { "\($0.sequence)" } : nil),
        ]
    }

    /// The line, and how long whoever joins it now would wait.
    private func queue(at now: Timestamp) async throws -> JSONOutput {
        let candidates = try await engine.store.accounts().map(\.candidate)
        let forecast = try await engine.store.queueForecast(
            behind: line.count,
            among: candidates,
            at: now
        )
        return [
            "waiting": JSONOutput(line.count), "limit": JSONOutput(line.limit),
            "longest_wait_ms": JSONOutput(line.wait.milliseconds),
            // Whoever asks is none of those that there are.
            "under_way": JSONOutput(max(admission.requests - 1, 0)),
            "free_slots": JSONOutput(forecast.freeSlots),
            "forecast": .object([
                .init(name: "jobs", value: JSONOutput(forecast.sample)),
                .init(name: "low_ms", value: JSONOutput(forecast.wait?.low.milliseconds)),
                .init(name: "expected_ms", value: JSONOutput(forecast.wait?.expected.milliseconds)),
                .init(name: "high_ms", value: JSONOutput(forecast.wait?.high.milliseconds)),
            ]),
        ]
    }
}

extension JobPlace: CustomStringConvertible {
    init(_ job: Job) {
        self.init(createdAt: job.createdAt, id: job.id)
    }

    /// Reads what `description` writes.
    init?(_ text: String) {
        let parts = text.split(separator: "-")
        guard parts.count == 2, let milliseconds = Int64(parts[0]), let id = JobID(String(parts[1]))
        else { return nil }
        self.init(createdAt: Timestamp(milliseconds: milliseconds), id: id)
    }

    package var description: String { "\(createdAt.milliseconds)-\(id)" }
}
