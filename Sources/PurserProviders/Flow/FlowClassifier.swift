package import PurserCore

/// What an answer of the service means for the books: its error table as a pure function.
///
/// A refusal is proof that nothing was charged, so only what the table lists is one. Whatever else
/// is not a readable acceptance is unknown.
package enum FlowClassifier {
    package static func outcome(of reply: HTTPReply, for call: ProviderCall) -> Outcome {
        if (200..<300).contains(reply.status) { return acceptance(of: reply, for: call) }
        if let refusal = refusal(of: reply) { return .refused(refusal) }
        return .unknown(reason: "the service answered \(reply.status)", answer: reply.answer)
    }

    /// The refusal an answer is, where the table lists it.
    package static func refusal(of reply: HTTPReply) -> Refusal? {
        let error = FlowError(JSONValue(reply.body))
        guard let cause = cause(of: reply, error) else { return nil }
        let reason = error?.known?.reason ?? error?.reasons.first
        return Refusal(
            cause: cause,
            answer: reply.answer,
            message: error?.text(reason: reason) ?? "the service answered \(reply.status)",
            reason: reason,
            retryAfter: reply.retryAfter
        )
    }

    private static func cause(of reply: HTTPReply, _ error: FlowError?) -> RefusalCause? {
        guard let error else {
            switch reply.status {
            case 401: return .tokenDead
            // A page instead of an error comes from in front of the service.
            case 403 where reply.isHTML: return .networkRefused
            default: return nil
            }
        }
        let known = error.known?.cause
        switch reply.status {
        case 401: return known ?? .tokenDead
        case 400: return known ?? .badRequest
        case 404: return known ?? .notFound
        case 429: return known ?? .limited
        case 403:
            let isPermission = error.message.lowercased().contains("does not have permission")
            return known ?? (isPermission ? .modelAccess : .badRequest)
        case 402..<500: return known
        // The service failed somewhere: only reasons that speak of before any work count.
        case 500..<600: return known == .serviceBusy || known == .accountUnusable ? known : nil
        default: return nil
        }
    }

    private static func acceptance(of reply: HTTPReply, for call: ProviderCall) -> Outcome {
        let answer = reply.answer
        func unknown(_ reason: String) -> Outcome { .unknown(reason: reason, answer: answer) }
        if call == .cancel, reply.body.isEmpty {
            return .accepted(Acceptance(answer: answer, jobs: [], remaining: nil))
        }
        guard let value = JSONValue(reply.body), case .object = value else {
            return unknown("the answer could not be read")
        }
        if let error = FlowError(value) {
            let text = error.text(reason: error.known?.reason ?? error.reasons.first)
            return unknown("the service accepted and refused at once: \(text)")
        }
        guard let submitted = SubmitAnswer(value) else {
            return unknown("the answer could not be read")
        }
        let isComplete =
            switch call {
            case .generate: !submitted.jobs.isEmpty
            case .upload: !submitted.mediaIDs.isEmpty
            case .cancel, .status, .credits: true
            }
        guard isComplete else { return unknown("the answer names neither a job nor a medium") }
        return .accepted(
            Acceptance(
                answer: answer,
                jobs: submitted.jobs,
                remaining: submitted.remaining,
                mediaIDs: submitted.mediaIDs
            )
        )
    }
}

extension HTTPReply {
    var answer: ProviderAnswer {
        ProviderAnswer(
            status: status,
            contentType: contentType,
            body: body,
            retryAfter: retryAfter
        )
    }

    var isHTML: Bool {
        if contentType?.lowercased().hasPrefix("text/html") ?? false { return true }
        let isBlank = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
        return body.first { !isBlank($0) } == UInt8(ascii: "<")
    }
}
