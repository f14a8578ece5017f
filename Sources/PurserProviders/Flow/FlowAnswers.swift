import PurserCore

/// The answer to a submission or an upload, in either shape or in both.
struct SubmitAnswer {
    let jobs: [AcceptedJob]
    /// `nil` where the answer has no whole number: at submission a zero that was left out looks the same.
    let remaining: Credits?
    let mediaIDs: [String]

    /// `nil` when a list is not one, or none of its entries has a name.
    ///
    /// An entry without a name is a job nobody can ask about; the ones beside it must not be lost for it.
    init?(_ answer: JSONValue) {
        guard let operations = answer.list("operations").flatMap(Self.operations),
            let media = answer.list("media").flatMap(Self.media)
        else { return nil }
        jobs = Self.joined(operations, media)
        remaining = answer["remainingCredits"].flatMap(Credits.init(answer:))
        let medium = answer["mediaGenerationId"]?["mediaGenerationId"] ?? answer["media"]?["name"]
        mediaIDs = [medium?.string].compactMap { $0 }.filter { !$0.isEmpty }
    }

    /// Both lists at once tell of the same jobs, in one order, so that each has two names.
    ///
    /// Where they differ in length, the longer one has them all.
    private static func joined(
        _ operations: [AcceptedJob],
        _ media: [AcceptedJob]
    ) -> [AcceptedJob] {
        if media.count != operations.count {
            return media.count > operations.count ? media : operations
        }
        return zip(operations, media).map { job, medium in
            AcceptedJob(
                operationName: job.operationName,
                alias: medium.operationName == job.operationName ? nil : medium.operationName,
                shape: job.shape,
                sceneID: job.sceneID,
                projectID: job.projectID ?? medium.projectID,
                state: job.state
            )
        }
    }

    private static func operations(_ entries: [JSONValue]) -> [AcceptedJob]? {
        jobs(
            entries.map { entry in
                entry["operation"]?["name"]?.string.map { name in
                    AcceptedJob(
                        operationName: name,
                        shape: .operations,
                        sceneID: entry["sceneId"]?.string,
                        projectID: nil,
                        state: entry["status"]?.string.map(JobState.init(wireName:)) ?? .pending
                    )
                }
            }
        )
    }

    private static func media(_ entries: [JSONValue]) -> [AcceptedJob]? {
        jobs(
            entries.map { entry in
                entry["name"]?.string.map { name in
                    AcceptedJob(
                        operationName: name,
                        shape: .media,
                        sceneID: nil,
                        projectID: entry["projectId"]?.string,
                        state: entry.mediaState ?? .pending
                    )
                }
            }
        )
    }

    private static func jobs(_ entries: [AcceptedJob?]) -> [AcceptedJob]? {
        var names: Set<String> = []
        let jobs = entries.compactMap { $0 }.filter {
            !$0.operationName.isEmpty && names.insert($0.operationName).inserted
        }
        return jobs.isEmpty && !entries.isEmpty ? nil : jobs
    }
}

/// The answer to a status query, in either shape or in both.
///
/// An element counts as the service's own words only in the shape that was asked: whoever polls in one shape cannot read
/// the other. What is said in the other alone still tells how a job is.
struct StatusAnswer {
    /// Each list in its order, that of the shape asked first; an element without a name or a state says nothing.
    private let lists: [[JobReading?]]
    let remaining: Credits?

    init?(_ body: [UInt8], shape: ResponseShape) {
        guard let answer = JSONValue(body), case .object = answer,
            let operations = answer.list("operations"), let media = answer.list("media"),
            answer["operations"] != nil || answer["media"] != nil,
            let places = try? JSONValue.elements(of: ["operations", "media"], in: body)
        else { return nil }
        func readings(_ own: ResponseShape) -> [JobReading?] {
            let entries = own == .operations ? operations : media
            return zip(entries, places[own.rawValue] ?? []).map { entry, place in
                var reading = own == .operations ? Self.operation(entry) : Self.medium(entry)
                if own == shape { reading?.element = Array(body[place]) }
                return reading
            }
        }
        lists = [readings(shape), readings(shape == .operations ? .media : .operations)]
        remaining = answer["remainingCredits"].flatMap(Credits.init(answer:))
    }

    /// What is said of the jobs that were asked about by these names, in their order; what is not mentioned is missing.
    func readings(of names: [String]) -> [JobReading] {
        let found = lists.map { Self.readings(of: names, in: $0) }
        return names.compactMap { name in found.lazy.compactMap { $0[name] }.first }
    }

    /// By the name asked for.
    ///
    /// A job has a name in each shape, and may be answered under that of the shape whichever was asked for. Whose it is then
    /// shows only where one job was asked about: nobody promises an order, and what is booked for the wrong job stays.
    private static func readings(
        of names: [String],
        in list: [JobReading?]
    ) -> [String: JobReading] {
        let named = Dictionary(list.compactMap(\.self).map { ($0.operationName, $0) }) { first, _ in
            first
        }
        guard names.count == 1, list.count == 1, let name = names.first, let only = list.first
        else { return named }
        return only.map { [name: $0.asked(as: name)] } ?? [:]
    }

    private static func operation(_ entry: JSONValue) -> JobReading? {
        let operation = entry["operation"]
        guard let name = operation?["name"]?.string, !name.isEmpty,
            let state = entry["status"]?.string.map(JobState.init(wireName:)) ?? entry.mediaState
        else { return nil }
        let video = operation?["metadata"]?["video"] ?? entry["metadata"]?["video"]
        let media = [
            video?["mediaGenerationId"], video?["mediaId"], entry["mediaGenerationId"],
            entry["mediaId"],
        ]
        let failure = JobFailure(of: state, in: [operation?["error"], entry["error"]])
        return JobReading(
            operationName: name,
            state: state,
            failure: failure?.words,
            mediaIDs: media.compactMap { $0?.mediaID }.prefix(1).map { $0 },
            cause: failure?.cause
        )
    }

    private static func medium(_ entry: JSONValue) -> JobReading? {
        guard let name = entry["name"]?.string, !name.isEmpty, let state = entry.mediaState
        else { return nil }
        let status = entry["mediaMetadata"]?["mediaStatus"]
        let failure = JobFailure(
            of: state,
            in: [status?["error"], entry["error"]],
            reasons: status?["failureReasons"] ?? status?["error"]?["failureReasons"]
        )
        return JobReading(
            operationName: name,
            state: state,
            failure: failure?.words,
            // In this shape the job's name is the medium's, once it has been made.
            mediaIDs: state == .successful ? [name] : [],
            cause: failure?.cause
        )
    }
}

extension JobReading {
    fileprivate func asked(as name: String) -> JobReading {
        var reading = self
        reading.operationName = name
        return reading
    }
}

/// Why a job failed.
private struct JobFailure {
    let words: String
    /// What the first reason the error table knows means.
    let cause: RefusalCause?

    /// `nil` unless the job ended badly and something is said of it.
    ///
    /// A reason may stand in a list of its own, in the error's details, or in the midst of its message.
    init?(of state: JobState, in errors: [JSONValue?], reasons: JSONValue? = nil) {
        guard state.hasEnded, state != .successful else { return nil }
        let message = errors.compactMap { $0?["message"]?.string }.first
        let details = errors.compactMap { $0?["details"]?.array }.first ?? []
        let named =
            (reasons?.array ?? []).compactMap(\.string)
            + details.compactMap { $0["reason"]?.string }
        let told = (message ?? "").split { !$0.isLetter && !$0.isNumber && $0 != "_" }
        cause = FlowError.known(named + told.map(String.init))?.cause
        let reason = named.filter { $0 != message }.joined(separator: ", ")
        guard let message else {
            guard !reason.isEmpty else { return nil }
            words = reason
            return
        }
        words = reason.isEmpty ? message : "\(message) (\(reason))"
    }
}

/// The answer to a question about credits.
enum CreditsAnswer {
    /// More than any account has: such a number was not meant.
    static let limit: Int64 = 1_000_000_000

    /// `nil` when the body is not one of this call, or a number in it is not a balance.
    ///
    /// A body that names neither a tier nor a balance says nothing: it is not an account with 0 credits.
    static func read(_ body: [UInt8]) -> CreditsReading? {
        guard let answer = JSONValue(body),
            answer["userPaygateTier"]?.string != nil
                || (answer["sku"]?.string != nil && answer["credits"] != nil)
        else { return nil }
        var credits = Credits.zero
        // A zero is left out of the answer (proto3), so a valid body without the field means 0.
        if let value = answer["credits"] {
            guard let read = Credits(answer: value) else { return nil }
            credits = read
        }
        var topUp: Credits?
        if let value = answer["topUpCredits"] {
            guard let read = Credits(answer: value) else { return nil }
            topUp = read
        }
        let tierName = answer["userPaygateTier"]?.string
        return CreditsReading(
            credits: credits,
            topUp: topUp,
            tier: tierName.flatMap { Tier(wireName: $0) },
            tierName: tierName,
            plan: answer["sku"]?.string
        )
    }
}

extension Credits {
    /// A balance as the service writes one: a whole number, not negative and not absurd.
    fileprivate init?(answer value: JSONValue) {
        guard let amount = value.integer, (0...CreditsAnswer.limit).contains(amount) else {
            return nil
        }
        self.init(amount)
    }
}

extension JSONValue {
    /// The list under a key: empty where there is none (or an upload's one medium), `nil` where it is
    /// something else.
    fileprivate func list(_ key: String) -> [JSONValue]? {
        guard let value = self[key] else { return [] }
        if case .object = value, key == "media" { return [] }
        return value.array
    }

    fileprivate var mediaState: JobState? {
        self["mediaMetadata"]?["mediaStatus"]?["mediaGenerationStatus"]?.string
            .map(JobState.init(wireName:))
    }

    /// A medium's id, plain or wrapped once in an object of the same name.
    fileprivate var mediaID: String? {
        string ?? self["mediaGenerationId"]?.string
    }
}
