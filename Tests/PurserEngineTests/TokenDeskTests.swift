import PurserCore
import PurserEngine
import PurserTestSupport
import PurserVault
import Synchronization
import Testing

/// Fresh tokens: taken up where somebody put one in place, and printed by the account's command.
struct TokenDeskTests {
    @Test func `a refused token that was rotated meanwhile is followed by the fresh one`()
        async throws
    {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.killToken(version: 1)
            home.provider.whileSending {
                try? await home.rotate("ultra-1", to: "fresh-token", probing: false)
            }
            home.provider.answer(.accepted("op-1", remaining: 680))
            let receipt = try await home.send(.capture)
            #expect(receipt.isAccepted)
            #expect(home.provider.sent.map(\.version) == [1, 2])
            #expect(try await home.account("ultra-1").state == .enabled)
        }
    }

    @Test func `a refresh that loses the race against a rotation leaves the account in use`()
        async throws
    {
        try await withEngine { home in
            let id = try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.credits(of: id, .success(CreditsReading(credits: .init(unchecked: 690))))
            home.provider.killToken(version: 1)
            home.provider.whileReading {
                try? await home.rotate("ultra-1", to: "fresh-token", probing: false)
            }
            let account = try await home.account("ultra-1")
            let refreshed = await AccountDesk(home.engine).refresh([account])
            let outcome = try #require(refreshed.first)
            _ = try outcome.result.get()
            #expect(try await home.account("ultra-1").state == .enabled)
        }
    }

    @Test func `a refused token is printed anew, once, and the request goes through`() async throws
    {
        let command = PrintingCommand("fresh-token")
        try await withEngine(tokenCommands: command.commands) { home in
            try await home.add("ultra-1", .ultra, credits: 690, command: "print")
            home.provider.killToken(version: 1)
            home.provider.answer(.accepted("op-1", remaining: 680))
            let receipt = try await home.send(.capture)
            #expect(receipt.isAccepted)
            #expect(command.runs == ["print"])
            #expect(try await home.token("ultra-1") == "fresh-token")
            let entry = try await home.engine.store.audit().last {
                $0.record.verb == "account.rotate"
            }
            #expect(entry?.record.actor == Actor("token-command"))
        }
    }

    @Test func `a fresh token that is refused too ends there`() async throws {
        let command = PrintingCommand("fresh-token")
        try await withEngine(tokenCommands: command.commands) { home in
            try await home.add("ultra-1", .ultra, credits: 690, command: "print")
            home.provider.killToken(version: 1)
            home.provider.killToken(version: 2)
            let receipt = try await home.send(.capture)
            #expect(receipt.answer.status == 401)
            #expect(command.runs.count == 1)
            let state = try await home.account("ultra-1").state
            guard case .needsRotation = state else {
                Issue.record("the account is \(state)")
                return
            }
        }
    }

    @Test func `a command that fails rests, longer each time, and then is run again`() async throws
    {
        let command = PrintingCommand(nil)
        try await withEngine(tokenCommands: command.commands) { home in
            let id = try await home.add("ultra-1", .ultra, credits: 690, command: "print")
            home.provider.credits(of: id, .success(CreditsReading(credits: .init(unchecked: 690))))
            home.provider.killToken(version: 1)
            func refresh() async throws {
                _ = await AccountDesk(home.engine).refresh([try await home.account("ultra-1")])
            }
            try await refresh()
            try await refresh()
            #expect(command.runs.count == 1)
            home.clock.advance(by: .seconds(60))
            try await refresh()
            home.clock.advance(by: .seconds(60))
            try await refresh()
            #expect(command.runs.count == 2)
            guard case .needsRotation(let reason) = try await home.account("ultra-1").state else {
                Issue.record("the account takes work")
                return
            }
            #expect(reason.contains("ended with status 3"))
            command.print("fresh-token")
            home.clock.advance(by: .seconds(60))
            try await refresh()
            #expect(try await home.account("ultra-1").state == .enabled)
            #expect(try await home.account("ultra-1").tokenCommand == TokenCommand())
        }
    }

    @Test func `a printed token that no header can hold is a failure of the command`() async throws
    {
        let command = PrintingCommand("fresh\u{7}token")
        try await withEngine(tokenCommands: command.commands) { home in
            try await home.add("ultra-1", .ultra, credits: 690, command: "print")
            home.provider.killToken(version: 1)
            for _ in 1...2 {
                _ = await AccountDesk(home.engine).refresh([try await home.account("ultra-1")])
            }
            #expect(command.runs.count == 1)
            let fare = try await home.account("ultra-1").tokenCommand
            #expect(fare?.mayRun(at: home.clock.now) == false)
        }
    }

    @Test func `a store that fails while a token is put in place is no failure of the command`()
        async throws
    {
        let commands = TokenCommands(
            run: { _ in throw StoreError.lockTimeout(path: "x") },
            alone: { _, body in try await body() }
        )
        try await withEngine(tokenCommands: commands) { home in
            try await home.add("ultra-1", .ultra, credits: 690, command: "print")
            home.provider.killToken(version: 1)
            _ = await AccountDesk(home.engine).refresh([try await home.account("ultra-1")])
            #expect(try await home.account("ultra-1").tokenCommand == TokenCommand())
        }
    }

    @Test func `what is no failure of the command takes no account out of use at one reading`()
        async throws
    {
        let errors: [any Error] = [
            TokenCommandError.busy, CancellationError(), StoreError.lockTimeout(path: "x"),
        ]
        for error in errors {
            let commands = TokenCommands(
                run: { _ in throw error },
                alone: { _, _ in throw error }
            )
            try await withEngine(tokenCommands: commands) { home in
                try await home.add("ultra-1", .ultra, credits: 690, command: "print")
                home.provider.killToken(version: 1)
                _ = await AccountDesk(home.engine).refresh([try await home.account("ultra-1")])
                #expect(try await home.account("ultra-1").state == .enabled)
            }
        }
    }

    @Test func `a token near its end is printed anew before it is used`() async throws {
        let command = PrintingCommand("second-token", life: .seconds(3600))
        try await withEngine(tokenCommands: command.commands) { home in
            try await home.add("ultra-1", .ultra, credits: 690, command: "print")
            home.provider.killToken(version: 1)
            command.setNow(home.clock)
            home.provider.answer(.accepted("op-1"), .accepted("op-2"), .accepted("op-3"))
            _ = try await home.send(.capture)
            home.clock.advance(by: .seconds(3600 - 301))
            _ = try await home.send(.capture)
            #expect(command.runs.count == 1)
            command.print("third-token")
            home.clock.advance(by: .seconds(2))
            _ = try await home.send(.capture)
            #expect(command.runs.count == 2)
            #expect(home.provider.sent.map(\.version) == [1, 2, 2, 3])
        }
    }

    @Test func `an expired token with a command keeps its account in use`() async throws {
        let command = PrintingCommand("second-token", life: .seconds(600))
        try await withEngine(tokenCommands: command.commands) { home in
            try await home.add("ultra-1", .ultra, credits: 690, command: "print")
            command.setNow(home.clock)
            home.provider.killToken(version: 1)
            home.provider.answer(.accepted("op-1"), .accepted("op-2"))
            _ = try await home.send(.capture)
            home.clock.advance(by: .seconds(86_400))
            command.print("third-token")
            #expect(try await home.send(.capture).isAccepted)
        }
    }

    @Test func `a token that another account has, or this one had, is not put in place`()
        async throws
    {
        for token in ["token-of-ultra-1", "token-of-ultra-2"] {
            let command = PrintingCommand(token)
            try await withEngine(tokenCommands: command.commands) { home in
                try await home.add("ultra-1", .ultra, credits: 690, command: "print")
                try await home.add("ultra-2", .ultra, credits: 5)
                home.provider.killToken(version: 1)
                _ = try await home.send(.capture)
                #expect(try await home.account("ultra-1").credentialVersion == 1)
                #expect(try await home.account("ultra-1").tokenCommand?.failures == 1)
            }
        }
    }
}

/// A token-command that a test writes: what it prints, and how often it ran.
final class PrintingCommand: Sendable {
    private struct State {
        var token: String?
        var runs: [String] = []
        var clock: ManualClock?
    }

    private let state: Mutex<State>
    private let life: Duration?

    /// `nil` fails, with status 3.
    init(_ token: String?, life: Duration? = nil) {
        state = Mutex(State(token: token))
        self.life = life
    }

    var runs: [String] { state.withLock { $0.runs } }

    func print(_ token: String) { state.withLock { $0.token = token } }

    func setNow(_ clock: ManualClock) { state.withLock { $0.clock = clock } }

    var commands: TokenCommands {
        TokenCommands(run: { try self.run($0) }, alone: { _, body in try await body() })
    }

    private func run(_ command: String) throws -> PrintedToken {
        let (token, now) = state.withLock { state in
            state.runs.append(command)
            return (state.token, state.clock?.now)
        }
        guard let token else { throw TokenCommandError.failed(status: 3, after: .milliseconds(2)) }
        let end = life.flatMap { life in now.map { $0 + life } }
        return PrintedToken(token: try Secret(copying: Array(token.utf8)), expiresAt: end)
    }
}
