import Hummingbird
import Logging
import PurserCore
import PurserEngine
import PurserPages

extension PageDoor {
    /// The empty form; whoever comes with a session that has ended is told, and their browser forgets it.
    func signInPage(_ visit: PageVisit) throws -> Response {
        guard visit.member == nil else { return redirect(to: PagePath.overview.rawValue) }
        let query = try Query(of: visit.address, knowing: [FormField.next.rawValue])
        let next = query[FormField.next.rawValue].flatMap(Self.ownAddress)
        var response = show(
            .signIn(SignInView(next: next)),
            to: visit,
            notice: visit.secret == nil ? nil : .sessionEnded
        )
        if visit.secret != nil { response.forgetSession() }
        return response
    }

    /// Sends whoever is not signed in to the form, and from there to where they wanted to go.
    func askToSignIn(_ visit: PageVisit) -> Response {
        // What ends a stream for good.
        if visit.route == .show(.events) { return Response(status: .noContent) }
        let form = PagePath.signIn.rawValue
        guard case .show(let path) = visit.route, path != .overview,
            let next = Self.ownAddress(visit.address)
        else { return redirect(to: form) }
        return redirect(to: "\(form)?\(FormField.next.rawValue)=\(Self.escaped(next))")
    }

    /// Takes a member's key, as a form from these pages alone.
    ///
    /// A wrong key is answered like an unknown one, and ever later, as it is in `Authorization`.
    func signIn(
        _ visit: PageVisit,
        _ entry: inout GatewayResponder.Entry
    ) async throws -> Response {
        guard visit.isFromOwnPage else {
            entry.outcome = Problem.Reason.notAllowed.rawValue
            let view = SignInView(refusal: .foreignForm)
            return show(.signIn(view), to: visit, status: .forbidden)
        }
        let form = try await PageForm(
            of: visit.request,
            upTo: Self.longestForm,
            visit.context,
            in: nil
        )
        let next = form[.next].flatMap(Self.ownAddress)
        let key = form[.key]?.filter { !$0.isWhitespace } ?? ""
        guard let holder = try await members.identify(key) else {
            return try await refuse(visit, next: next, &entry)
        }
        entry.fields["member.name"] = "\(holder.member.name)"
        // A session is never carried over: what was known of it before is worth nothing after.
        if let old = visit.secret { sessions.end(old) }
        var response = redirect(to: next ?? PagePath.overview.rawValue)
        response.headers[.setCookie] = visit.cookie(keeping: sessions.begin(holder))
        return response
    }

    private func refuse(
        _ visit: PageVisit,
        next: String?,
        _ entry: inout GatewayResponder.Entry
    ) async throws -> Response {
        entry.fields["remote.address"] = "\(visit.context.remoteAddress)"
        entry.outcome = Problem.Reason.unauthenticated.rawValue
        let hasWaited = try await brake.failed(
            from: visit.context.remoteAddress,
            at: engine.ambient.now(),
            sleep: engine.ambient.sleep
        )
        guard !hasWaited else {
            let view = SignInView(refusal: .notAKey, next: next)
            return show(.signIn(view), to: visit, status: .forbidden)
        }
        let seconds = FailureBrake.longestPause.components.seconds
        var response = show(
            .signIn(SignInView(refusal: .tooMany(seconds: Int(seconds)), next: next)),
            to: visit,
            status: .tooManyRequests
        )
        response.headers[.retryAfter] = "\(seconds)"
        response.headers[.connection] = "close"
        return response
    }

    func signOut(_ visit: PageVisit) async throws -> Response {
        guard visit.member != nil, let secret = visit.secret else { return askToSignIn(visit) }
        _ = try await form(of: visit)
        sessions.end(secret)
        var leaving = visit
        leaving.member = nil
        var response = show(.signIn(SignInView()), to: leaving, notice: .signedOut)
        response.forgetSession()
        return response
    }

    /// The form of a request that changes or asks something, from a page that this session was shown.
    func form(of visit: PageVisit, upTo limit: Int = longestForm) async throws -> PageForm {
        // Before the body: what comes from elsewhere is not worth reading.
        guard visit.isFromOwnPage else { throw Problem(.notAllowed, .form(.foreign)) }
        let form = try await PageForm(
            of: visit.request,
            upTo: limit,
            visit.context,
            in: visit.place
        )
        // A body takes its time: who sent it may be nobody by now, or another.
        guard visit.isFormOfSession(form), let secret = visit.secret,
            try await sessions.member(of: secret, isUse: false)?.id == visit.member?.id
        else { throw Problem(.notAllowed, .form(.tooOld)) }
        return form
    }

    // MARK: Addresses

    /// An address of these pages that may be gone to by itself; `nil` for every other.
    static func ownAddress(_ text: String) -> String? {
        guard text.utf8.count <= 1024, text.utf8.allSatisfy({ 0x21...0x7e ~= $0 && $0 != 0x5c })
        else { return nil }
        switch PageRoute(.get, path: text.prefix { $0 != "?" && $0 != "#" }) {
        case .show(.events), .show(.style), .show(.script), .show(.signIn): return nil
        case .show, .ask: return text
        case .submit, .act, .otherMethod, .unknown, nil: return nil
        }
    }

    /// As it stands in a query.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            let isPlain = scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
            if isPlain || "-._~/".unicodeScalars.contains(scalar) {
                escaped.unicodeScalars.append(scalar)
            } else {
                let digits = String(scalar.value, radix: 16, uppercase: true)
                escaped += "%" + String(repeating: "0", count: max(0, 2 - digits.count)) + digits
            }
        }
        return escaped
    }
}

extension Response {
    fileprivate mutating func forgetSession() {
        headers[values: .setCookie] = PageVisit.forgetting
    }
}
