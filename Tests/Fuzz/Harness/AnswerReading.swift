import PurserCore

@testable import PurserProviders

/// Three lines (call and status; Retry-After; Date), and the body after them.
///
/// Whatever the service answers becomes an outcome that the books can bear.
func fuzzAnswer(_ bytes: [UInt8]) {
    let parts = bytes.split(separator: 0x0A, maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 4, let first = parts[0].first else { return }
    let lines = parts[..<3].map { String(decoding: $0, as: UTF8.self) }
    let calls: [ProviderCall] = [
        .generate(endpoint: "video:batchAsyncGenerateVideoText"), .upload(path: "flow/uploadImage"),
        .cancel, .status, .credits,
    ]
    let wait = HTTPReply.retryAfter(lines[1], now: lines[2])
    require(wait.map { $0 >= .zero } ?? true, "nobody waits a negative time")
    let reply = HTTPReply(
        status: 100 + (Int(lines[0].dropFirst()) ?? 100).magnitudeBelow(500),
        contentType: lines[2],
        retryAfter: wait,
        body: Array(parts[3])
    )
    let call = calls[Int(first) % calls.count]
    check(FlowClassifier.outcome(of: reply, for: call), of: reply, for: call)
    check(reply.body)
}

private func check(_ outcome: Outcome, of reply: HTTPReply, for call: ProviderCall) {
    let isGood = (200..<300).contains(reply.status)
    switch outcome {
    case .accepted(let acceptance):
        require(isGood, "only a 2xx accepts")
        let names = acceptance.jobs.map(\.operationName)
        require(Set(names).count == names.count, "a job is named once")
        require(!names.contains(""), "a job has a name")
        if call.makesVideos { require(!names.isEmpty, "an accepted request has jobs") }
        check(acceptance.remaining)
    case .refused(let refusal):
        require(!isGood, "a 2xx never refuses")
        require(!refusal.message.isEmpty, "a refusal has words")
        require(
            refusal.message.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == " " }
                || refusal.reason != nil,
            "a refusal's words are one line"
        )
    case .unknown(let reason, _): require(!reason.isEmpty, "an unknown has a reason")
    case .notSent: require(false, "an answer was sent for")
    }
}

private func check(_ body: [UInt8]) {
    if let reading = CreditsAnswer.read(body) {
        check(reading.credits)
        check(reading.topUp)
    }
    for shape in [ResponseShape.operations, .media] {
        guard let answer = StatusAnswer(body, shape: shape) else { return }
        check(answer.remaining)
        // Asked about alone a job goes by its place, among others by its name.
        for names in [["a"], ["a", "b"]] {
            let jobs = answer.readings(of: names)
            let told = jobs.map(\.operationName)
            require(told == names.filter(told.contains), "a reading is of a job asked about, once")
            for job in jobs where !job.element.isEmpty {
                require(
                    JSONValue(job.element) != nil,
                    "what a member gets of a job is one whole value"
                )
            }
        }
    }
}

private func check(_ credits: Credits?) {
    guard let amount = credits?.amount else { return }
    require((0...CreditsAnswer.limit).contains(amount), "a balance is one an account can have")
}

extension Int {
    fileprivate func magnitudeBelow(_ limit: Int) -> Int { Int(magnitude % UInt(limit)) }
}
