/// What is kept in clear of a command that prints an account's tokens: that there is one, and when it may run again.
///
/// The command itself is sealed with the token, so that who writes the database gets nothing run.
package struct TokenCommand: Sendable, Equatable {
    /// How often in a row it failed.
    package var failures: Int
    /// Before that it is not run; `nil`, whenever a fresh token is needed.
    package var notBefore: Timestamp?

    package init(failures: Int = 0, notBefore: Timestamp? = nil) {
        self.failures = failures
        self.notBefore = notBefore
    }

    /// Whether its pause is over.
    package func mayRun(at now: Timestamp) -> Bool {
        notBefore.map { now >= $0 } ?? true
    }

    /// After another failure: a minute's pause, doubled each time up to an hour.
    package func failing(at now: Timestamp) -> TokenCommand {
        let pause = Duration.seconds(min(60 << min(failures, 6), 3600))
        return TokenCommand(failures: failures + 1, notBefore: now + pause)
    }

    /// Whether a token is so near its end that a fresh one is fetched before it is used.
    ///
    /// A token that lives shorter than twice `margin` is used for half its life: else each use would fetch one.
    package static func isDue(
        expiresAt: Timestamp?,
        addedAt: Timestamp,
        margin: Duration,
        at now: Timestamp
    ) -> Bool {
        guard let expiresAt else { return false }
        let half = Duration.milliseconds(max(0, (expiresAt - addedAt).milliseconds / 2))
        return expiresAt - now <= min(margin, half)
    }
}
