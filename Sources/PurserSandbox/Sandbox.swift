import Synchronization

/// A pretended upstream: the video service's protocol over HTTP on loopback, with accounts, prices,
/// job states and faults that a scenario and control calls set.
///
/// It shares no code with the client it is there to test, so that no mistake can be shared either.
/// All its methods see and change the same state that the calls under `/sandbox` do.
package final class Sandbox: Sendable {
    private let world: Mutex<World>
    private let clock: @Sendable () -> Duration

    /// A sandbox that does not listen yet.
    ///
    /// - Parameters:
    ///   - scenario: What it starts with.
    ///   - clock: Time since the start, never going back; the real one unless a test brings its own.
    /// - Throws: ``SandboxError/invalidScenario(_:)``.
    package init(
        _ scenario: SandboxScenario,
        clock: (@Sendable () -> Duration)? = nil
    ) throws {
        let start = ContinuousClock.now
        self.clock = clock ?? { start.duration(to: .now) }
        world = Mutex(try World(scenario))
    }

    /// Everything it remembers, as of now.
    package func state() -> SandboxState {
        change { $0.snapshot(at: $1) }
    }

    /// The requests of the protocol it has seen, oldest first.
    package func requests() -> [SeenRequest] {
        change { world, _ in world.log.entries }
    }

    /// Lets a fault wait for its call.
    package func arm(_ fault: SandboxFault) throws {
        try change { world, _ in try world.arm(fault) }
    }

    /// Forgets the faults that still wait.
    package func clearFaults() {
        change { world, _ in world.faults.clear() }
    }

    /// Spends elsewhere (negative) or tops up.
    package func changeCredits(of label: String, by delta: Int) throws {
        try change { world, _ in try world.changeCredits(of: label, by: delta) }
    }

    /// Sets the whole balance, as a renewal does.
    package func setCredits(of label: String, to credits: Int) throws {
        try change { world, _ in try world.setCredits(of: label, to: credits) }
    }

    /// Changes the bearer an account accepts; nil with `keepOld` false accepts none.
    package func setToken(of label: String, to token: String?, keepOld: Bool = false) throws {
        try change { world, _ in try world.setToken(of: label, to: token, keepOld: keepOld) }
    }

    /// Moves an account to another tier.
    package func setTier(of label: String, to tier: String) throws {
        try change { world, _ in try world.setTier(of: label, to: tier) }
    }

    /// Puts a job (by operation or medium name) into a state for good, named without the wire's prefix.
    package func setState(
        ofJob name: String,
        to state: String,
        reason: String? = nil
    ) throws {
        try change { try $0.setState(ofJob: name, to: state, reason: reason, at: $1) }
    }

    /// Lets time pass at once: jobs go on, refunds come.
    package func advance(by time: Duration) {
        change { world, _ in world.skipped += time }
    }

    /// Answers one request, control calls included.
    func answer(_ request: Incoming) throws -> Answer {
        try change { world, now in
            request.path.hasPrefix("/sandbox/")
                ? try world.control(request, at: now) : try world.answer(request, at: now)
        }
    }

    private func change<Result: Sendable>(
        _ body: (inout World, Duration) throws -> Result
    ) rethrows -> Result {
        try world.withLock { world in
            let now = clock() + world.skipped
            world.settle(at: now)
            return try body(&world, now)
        }
    }
}
