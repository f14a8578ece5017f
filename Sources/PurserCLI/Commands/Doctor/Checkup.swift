import PurserCore

/// What `purser doctor` looks at; the names are stable.
enum CheckupTopic: String, CaseIterable {
    case files
    case configuration
    case disk
    case database
    case clock
    case service
    case tokens
    case outcomes
    case books
    case ledger
    case vault
}

/// What was looked at and what was found.
///
/// A topic is one function that calls `look`; a new check needs nothing else.
struct Checkup {
    struct Finding {
        let topic: CheckupTopic
        /// A person must do something; else it is only worth knowing.
        let needsHand: Bool
        let place: String
        let message: String
        /// A command, or what to do in words.
        let mend: String?
    }

    let now: Timestamp
    private(set) var findings: [Finding] = []
    private(set) var checked: [CheckupTopic] = []
    /// Why a topic was left out.
    private(set) var notChecked: [CheckupTopic: String] = [:]
    var versions: [(name: String, version: String)] = []

    init(now: Timestamp) {
        self.now = now
    }

    var needsHand: Bool { findings.contains(where: \.needsHand) }

    mutating func add(
        _ topic: CheckupTopic,
        _ place: String,
        _ message: String,
        mend: String? = nil,
        needsHand: Bool = true
    ) {
        findings.append(
            Finding(
                topic: topic,
                needsHand: needsHand,
                place: place,
                message: message,
                mend: mend
            )
        )
    }

    mutating func skip(_ topic: CheckupTopic, because reason: String) {
        notChecked[topic] = reason
    }

    /// Runs one check; what it throws is a finding, and the others go on.
    mutating func look(
        at topic: CheckupTopic,
        _ place: String,
        _ check: (inout Checkup) async throws -> Void
    ) async {
        do {
            try await check(&self)
        } catch let error as ConfigurationError where !error.problems.isEmpty {
            for problem in error.problems { add(topic, place, problem.message, mend: problem.hint) }
        } catch {
            let failure = ImportFailure(error)
            add(topic, place, failure.message, mend: failure.hint)
        }
        if notChecked[topic] == nil, !checked.contains(topic) { checked.append(topic) }
    }

    /// What a failure on the way kept from being looked at.
    mutating func finish() {
        for topic in CheckupTopic.allCases
        where !checked.contains(topic) && notChecked[topic] == nil {
            skip(topic, because: "the home could not be opened")
        }
    }
}
