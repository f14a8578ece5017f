import PurserCore

/// What became of one try.
struct Outcome {
    /// Whether the store must write again once nothing fails any more.
    let passes: Bool
    var isAcknowledged = false
    var error: (any Error)?
    var failedToFlush = false
    /// What readers saw after it.
    var live: Content?
    /// Whether the same store could write once the disk was well again, and what readers saw then.
    var canWrite = false
    var later: Content?
    /// What was found when the home was opened again.
    var found: Content?
    var faults: [String] = []

    init(passes: Bool) {
        self.passes = passes
    }
}

/// What may become of a try.
struct Expectation {
    let before: Content
    let after: Content

    func check(_ outcome: Outcome) -> [String] {
        var findings = outcome.faults
        if let error = outcome.error, !isTyped(error) {
            findings.append("an error without a type: \(error)")
        }
        if outcome.isAcknowledged, outcome.live != after {
            findings.append("acknowledged, and not there")
        }
        if outcome.live != before, outcome.live != after {
            findings.append("between before and after")
        }
        if outcome.canWrite {
            if outcome.found != outcome.later {
                findings.append("what was written later is not there")
            }
            if outcome.failedToFlush { findings.append("written to after a failed flush") }
        } else {
            if outcome.found != before, outcome.found != after {
                findings.append("between before and after once it was opened again")
            }
            if outcome.isAcknowledged, outcome.found != after {
                findings.append("acknowledged, and gone once it was opened again")
            }
            if outcome.passes { findings.append("not written to although nothing fails any more") }
        }
        return findings
    }

    private func isTyped(_ error: any Error) -> Bool {
        guard let failure = error as? any Failure else { return false }
        return [.io, .damaged, .locked].contains(failure.kind)
    }
}

extension Household {
    func canWrite() async -> Bool {
        do {
            try await note()
            return true
        } catch {
            return false
        }
    }
}
