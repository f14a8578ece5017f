import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import PurserCore
import PurserEngine

/// Who makes a call, and how.
struct Caller {
    let member: Member
    let fields: RequestFields
    let place: Admission.Place
}

extension GatewayResponder {
    /// Carries out a call of the service for a member.
    func perform(
        _ call: ProviderCall,
        _ payload: Payload,
        _ caller: Caller,
        _ entry: inout Entry
    ) async throws -> Response {
        switch call {
        case .generate, .upload: return try await submit(call, payload, caller, &entry)
        case .status:
            let answer = try await jobs.answer(payload.bytes, for: caller.member)
            return Response(try answer.forCallers(), in: caller.place)
        case .cancel:
            let answer = try await jobs.cancel(
                try PurserCore.RequestBody.parse(payload, for: .cancel),
                contentType: caller.fields.upstreamContentType,
                for: caller.member
            )
            return Response(try answer.forCallers(), in: caller.place)
        // A question without a body, which is answered before one is read.
        case .credits: return try await credits(of: caller.member)
        }
    }

    private func submit(
        _ call: ProviderCall,
        _ payload: Payload,
        _ caller: Caller,
        _ entry: inout Entry
    ) async throws -> Response {
        let submission = Submission(
            id: engine.ambient.newID(),
            memberID: caller.member.id,
            idempotencyKey: try caller.fields.idempotencyKey,
            call: call,
            body: try PurserCore.RequestBody.parse(payload, for: call),
            contentType: caller.fields.upstreamContentType
        )
        entry.fields["submission.id"] = "\(submission.id)"
        let receipt: Receipt
        do {
            receipt = try await requests.submit(submission)
        } catch let error as DispatchError {
            // A repeat is one of what the books know already.
            if let known = error.open { entry.fields["submission.id"] = "\(known.submissionID)" }
            throw error
        }
        entry.fields["submission.id"] = "\(receipt.submissionID)"
        entry.fields["account.name"] = "\(receipt.accountName)"
        entry.fields["credits.charged"] = "\(receipt.charged)"
        _ = try receipt.answer.forCallers()
        return Response(receipt, in: caller.place)
    }
}

extension ProviderAnswer {
    /// The answer, where a caller may have it: a 401 is a word on an account's token, and would be taken for one on the
    /// caller's key.
    fileprivate func forCallers() throws(Problem) -> ProviderAnswer {
        guard status != 401 else {
            throw Problem(
                .upstreamRefused,
                "the service refused an account's token; nothing was charged"
            )
        }
        return self
    }
}

extension Response {
    /// The service's own answer, with the headers that say what the books made of it.
    init(_ receipt: Receipt, in place: Admission.Place) {
        self.init(receipt.answer, in: place)
        headers[named: "Purser-Account"] = receipt.accountName
        headers[named: "Purser-Submission"] = "\(receipt.submissionID)"
        headers[named: "Purser-Held"] = "\(receipt.held)"
        headers[named: "Purser-Charged"] = "\(receipt.charged)"
        var keys: [String] = []
        for key in receipt.modelKeys where !keys.contains(key) { keys.append(key) }
        if !keys.isEmpty { headers[named: "Purser-Model-Key"] = keys.joined(separator: ", ") }
        if !receipt.warnings.isEmpty {
            // What others spent is not for every member.
            headers[named: "Purser-Warning"] = zip(receipt.warnings, receipt.warningWords)
                .map { $0.owner == .team ? "a limit of the team's nears its end" : $1 }
                .joined(separator: "; ")
        }
        if receipt.isRepeat { headers[named: "Idempotency-Hit"] = "true" }
    }

    /// The service's own answer: body, status, content type and when to come back as they came.
    init(_ answer: ProviderAnswer, in place: Admission.Place) {
        var headers = HTTPFields()
        headers[.contentType] = answer.contentType
        headers.setRetryAfter(answer.retryAfter, status: answer.status)
        self.init(
            status: .init(code: answer.status),
            headers: headers,
            body: .bytes(ByteBuffer(bytes: answer.body), in: place)
        )
    }
}
