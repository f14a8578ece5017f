import FoundationEssentials

extension World {
    /// Answers a call of the protocol and writes it into the log; the world is settled at `now` before.
    ///
    /// Everything the call changes is changed when this returns, whatever the answer says of it.
    mutating func answer(_ request: Incoming, at now: Duration) throws -> Answer {
        let account = request.bearer.flatMap(account(accepting:))
        let answer = try strike(request, account: account, at: now)
        log.append(
            request,
            account: account.map { accounts[$0].label },
            status: answer.cut == .beforeFirstByte ? nil : answer.status,
            at: now
        )
        return answer
    }

    /// Performs the call under the fault that waits for it, if one does.
    private mutating func strike(
        _ request: Incoming,
        account: Int?,
        at now: Duration
    ) throws -> Answer {
        guard let call = Call(method: request.method, path: request.path) else {
            return try Answer(.notFound)
        }
        let label = account.map { accounts[$0].label }
        let strike = faults.take(scope: call.scope, path: request.path, account: label)
        var answer: Answer
        switch strike?.fault.kind {
        case .answer:
            answer = try strike.map { try Answer($0.fault) } ?? Answer(.notFound)
        case .cutBeforeCharge:
            answer = Answer(status: 503, body: [])
            answer.cut = .beforeFirstByte
        case let kind:
            answer = try perform(call, request, account, strike, at: now)
            if kind == .cutAfterCharge { answer.cut = .beforeFirstByte }
            if kind == .cutBody { answer.cut = .midBody }
            if kind == .malformed { answer.body.removeLast(answer.body.count / 2) }
        }
        answer.delay = .seconds(strike?.fault.delaySeconds ?? 0)
        return answer
    }

    private typealias Strike = (fault: SandboxFault, balances: [Int])

    private mutating func perform(
        _ call: Call,
        _ request: Incoming,
        _ account: Int?,
        _ strike: Strike?,
        at now: Duration
    ) throws -> Answer {
        do {
            guard let account else {
                throw request.bearer == nil ? Refusal.noBearer : Refusal.deadBearer
            }
            let hidesBalance = strike?.fault.kind == .omitRemaining
            switch call {
            case .submit(let rules):
                var answer = try submit(request, rules, account, at: now)
                if hidesBalance { answer.remainingCredits = nil }
                return try Answer(json: answer)
            case .status:
                var answer = try status(request, account, at: now)
                if hidesBalance { answer.remainingCredits = nil }
                return try Answer(json: answer)
            case .upload(let older): return try Answer(json: upload(request, older, account))
            case .cancel:
                try cancel(request, account, at: now)
                return Answer(status: 200, body: [UInt8]("{}".utf8))
            case .credits: return try Answer(json: credits(of: account, strike))
            }
        } catch let refusal as Refusal {
            return try Answer(refusal)
        }
    }

    // MARK: Submission

    private mutating func submit(
        _ request: Incoming,
        _ rules: Call.Submission,
        _ account: Int,
        at now: Duration
    ) throws -> JobsAnswer {
        let body = try Self.decode(SubmitBody.self, from: request.body)
        let orders = try order(body, rules, account)
        try admit(orders.map(\.price), account, at: now)
        let project = body.clientContext?.projectId
        let label = accounts[account].label
        let made = orders.map { order in
            let failure = faults.take(
                scope: .submit,
                path: request.path,
                account: label,
                forJob: true
            )
            let ending = failure.map {
                Ending(state: $0.fault.state, reason: $0.fault.reason ?? $0.fault.message)
            }
            return makeJob(
                for: order.element,
                key: order.key,
                price: order.price,
                account: account,
                project: project,
                ending: ending ?? Ending(),
                at: now
            )
        }
        // The capture shows PENDING at submission; the queue is only seen by the first query.
        let shape = accounts[account].shape
        var answer = JobsAnswer()
        if shape != .media {
            answer.operations = made.map { OperationAnswer($0, state: "PENDING") }
        }
        if shape != .operations {
            answer.media = made.map { MediaAnswer($0, state: "PENDING") }
            answer.workflows = made.map(WorkflowAnswer.init)
        }
        answer.remainingCredits = Self.withoutZero(accounts[account].credits)
        return answer
    }

    private typealias Order = (element: SubmitBody.Element, key: String, price: Int)

    /// What is ordered and what it costs, if the account may have all of it.
    private func order(
        _ body: SubmitBody,
        _ rules: Call.Submission,
        _ account: Int
    ) throws -> [Order] {
        guard let tier = body.clientContext?.userPaygateTier else {
            throw Refusal.invalid("Required field.", field: "clientContext.userPaygateTier")
        }
        guard let elements = body.requests, !elements.isEmpty else {
            throw Refusal.invalid("At least one request is required.", field: "requests")
        }
        guard tier == accounts[account].tier else { throw Refusal.wrongTier }
        try checkProject(body.clientContext, account)
        return try elements.enumerated().map { index, element in
            if let field = element.missingField(for: rules) {
                throw Refusal.invalid("Required field.", field: "requests[\(index)].\(field)")
            }
            let key = element.videoModelKey ?? ""
            switch prices.sale(of: key, to: tier) {
            case .unknownKey: throw Refusal.notFound
            case .notSold: throw Refusal.modelDenied
            case .price(let price):
                guard element.mediaIDs.allSatisfy({ mayUse($0, account: account) }) else {
                    throw Refusal.notFound
                }
                return (element, key, price)
            }
        }
    }

    private func admit(_ prices: [Int], _ account: Int, at now: Duration) throws {
        let active = activeJobs(of: account, at: now)
        guard active + prices.count <= accounts[account].maxJobs else { throw Refusal.tooManyJobs }
        guard prices.reduce(0, +) <= accounts[account].credits else { throw Refusal.outOfCredits }
    }

    private func checkProject(_ context: SubmitBody.Context?, _ account: Int) throws {
        let projects = accounts[account].projects
        guard !projects.isEmpty else { return }
        guard let project = context?.projectId else {
            throw Refusal.invalid("Required field.", field: "clientContext.projectId")
        }
        guard projects.contains(project) else { throw Refusal.notFound }
    }

    // MARK: The other calls

    private func status(
        _ request: Incoming,
        _ account: Int,
        at now: Duration
    ) throws -> JobsAnswer {
        let body = try Self.decode(StatusBody.self, from: request.body)
        let operations = try body.operations?.map { try ownJob($0.operation?.name, account) }
        let media = try body.media?.map { try ownJob($0.name, account) }
        let asked = (operations ?? []) + (media ?? [])
        guard !asked.isEmpty else {
            throw Refusal.invalid("At least one operation is required.", field: "operations")
        }
        var answer = JobsAnswer()
        answer.operations = operations?.map { OperationAnswer($0, state: state(of: $0, at: now)) }
        answer.media = media?.map { MediaAnswer($0, state: state(of: $0, at: now)) }
        if asked.contains(where: { isOver($0, at: now) }) {
            answer.remainingCredits = Self.withoutZero(accounts[account].credits)
        }
        return answer
    }

    private func ownJob(_ name: String?, _ account: Int) throws -> Job {
        guard let name else { throw Refusal.invalid("Required field.", field: "name") }
        guard let index = job(named: name), jobs[index].account == account else {
            throw Refusal.notFound
        }
        return jobs[index]
    }

    private mutating func upload(
        _ request: Incoming,
        _ older: Bool,
        _ account: Int
    ) throws -> UploadAnswer {
        let body = try Self.decode(UploadBody.self, from: request.body)
        try checkProject(body.clientContext, account)
        guard let image = body.base64.flatMap({ Data(base64Encoded: $0) }), !image.isEmpty else {
            throw Refusal.invalid("An image in base64 is required.", field: "imageBytes")
        }
        let name = upload(by: account, older: older)
        return older
            ? UploadAnswer(mediaGenerationId: .init(mediaGenerationId: name))
            : UploadAnswer(media: .init(name: name))
    }

    private mutating func cancel(_ request: Incoming, _ account: Int, at now: Duration) throws {
        let body = try Self.decode(CancelBody.self, from: request.body)
        let job = try ownJob(body.mediaId, account)
        guard let index = self.job(named: job.name), !isOver(job, at: now) else { return }
        force(index, to: "CANCELED", reason: nil, at: now)
    }

    private func credits(of index: Int, _ strike: Strike?) -> CreditsAnswer {
        let account = accounts[index]
        var answer = CreditsAnswer(userPaygateTier: account.tier)
        answer.credits = Self.withoutZero(account.credits)
        if account.reportsParts {
            answer.subscriptionCredits = Self.withoutZero(account.subscription)
            answer.topUpCredits = Self.withoutZero(account.topUp)
        }
        if let strike, strike.fault.kind == .staleCredits {
            answer.credits = Self.withoutZero(strike.fault.credits ?? strike.balances[index])
            answer.subscriptionCredits = nil
            answer.topUpCredits = nil
        }
        answer.sku = account.sku
        answer.serviceTier = account.serviceTier
        return answer
    }

    // MARK: JSON

    private static func decode<Body: Decodable>(_: Body.Type, from bytes: [UInt8]) throws -> Body {
        do {
            return try JSONDecoder().decode(Body.self, from: Data(bytes))
        } catch {
            throw Refusal.invalid("Invalid JSON payload received. \(explain(error))")
        }
    }

    /// As proto3 writes it: a zero is not written.
    private static func withoutZero(_ credits: Int) -> Int? {
        credits == 0 ? nil : credits
    }
}
