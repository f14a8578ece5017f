import HTTPTypes
import Hummingbird
import Logging
import PurserCore
import PurserEngine
import PurserPages

extension PageDoor {
    /// The question before an action.
    func ask(
        _ action: AccountAction,
        _ name: String,
        _ visit: PageVisit
    ) async throws -> Response {
        show(.confirm(try await question(action, name, visit)), to: visit)
    }

    /// Does it, as the member, and says so on the overview; what fails is said where it was asked.
    func act(
        _ action: AccountAction,
        _ name: String,
        _ visit: PageVisit,
        for member: Member,
        _ entry: inout GatewayResponder.Entry
    ) async throws -> Response {
        // Before the body: it would be heard on the way.
        if action == .rotate, !visit.mayCarryToken {
            throw Problem(.notAllowed, .form(.tokenInClear))
        }
        let form = try await form(of: visit)
        let account = try await register(for: member).account(named: name).account
        entry.fields["account.name"] = "\(account.name)"
        do {
            try await perform(action, account, form, for: member)
        } catch {
            entry.error = error
            let problem = Problem(error, at: engine.ambient.now())
            entry.outcome = problem.reason.rawValue
            let failure = words(of: error)
            let view = try await question(action, name, visit, failure)
            return show(.confirm(view), to: visit, status: .init(code: problem.status))
        }
        if let secret = visit.secret {
            sessions.leave(.done(action, account: account.name), in: secret)
        }
        return redirect(to: PagePath.overview.rawValue)
    }

    private func question(
        _ action: AccountAction,
        _ name: String,
        _ visit: PageVisit,
        _ failure: (problem: PageProblem, hint: String?)? = nil
    ) async throws -> ConfirmView {
        let accounts = try await engine.store.accounts()
        guard let account = accounts.first(where: { $0.account.name == name }) else {
            throw Problem(.notFound, .noSuchAccount)
        }
        return ConfirmView(
            now: engine.ambient.now(),
            action: action,
            account: account,
            mayPasteToken: visit.mayCarryToken,
            failure: failure?.problem,
            hint: failure?.hint
        )
    }

    private func perform(
        _ action: AccountAction,
        _ account: Account,
        _ form: PageForm,
        for member: Member
    ) async throws {
        let desk = AccountDesk(engine.acting(as: Self.actor(member)))
        switch action {
        case .pause:
            try await register(for: member).pause(account, reason: try Self.reason(form))
        case .resume: try await register(for: member).resume(account)
        case .refresh:
            // A reading says what the service said; who asked for it is said here, whatever comes of it.
            try await engine.store.recordAudit(
                AuditRecord(
                    actor: Self.actor(member),
                    verb: "account.refresh",
                    subject: account.name
                ),
                at: engine.ambient.now()
            )
            _ = try await desk.refresh([account]).first?.result.get()
        case .rotate:
            let expiresAt = try Self.expiry(form)
            _ = try await form.withPasted(.token) { token in
                try await desk.rotate(account, toPasted: token, expiresAt: expiresAt)
            }
        }
    }

    /// Who acts, for the audit trail.
    private static func actor(_ member: Member) -> Actor { Actor("page:\(member.name)") }

    private func register(for member: Member) -> AccountRegister {
        AccountRegister(
            store: engine.store,
            actor: Self.actor(member),
            now: engine.ambient.now
        )
    }

    private static func reason(_ form: PageForm) throws(Problem) -> String {
        let reason = form[.reason] ?? "paused on the page"
        guard AccountRegister.isReason(reason) else {
            throw Problem(.invalidRequest, .form(.longReason))
        }
        return reason
    }

    private static func expiry(_ form: PageForm) throws(Problem) -> Timestamp? {
        guard let text = form[.expiresAt] else { return nil }
        guard let instant = Timestamp(dayOrInstant: text) else {
            throw Problem(.invalidRequest, .form(.unreadableExpiry))
        }
        return instant
    }

    /// What someone who looks after accounts is told of an error: all of it, unless it is one of this machine, whose
    /// words may hold paths.
    func words(of error: any Error) -> (problem: PageProblem, hint: String?) {
        let problem = Problem(error, at: engine.ambient.now())
        switch problem.reason {
        case .internal, .storage, .vault, .busy: return (problem.word, nil)
        default: break
        }
        guard let failure = error as? any Failure else { return (problem.word, nil) }
        return (.said(failure.message), failure.hint)
    }
}
