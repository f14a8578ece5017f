import Foundation
import PurserCore
import PurserTestSupport
import PurserVault
import Synchronization
import Testing

@testable import PurserEngine

/// The watcher at work: time passes only when a test says so.
struct JobWatcherTests {
    @Test func `five thousand open jobs are asked about side by side, and end once`() async throws {
        let accounts = 50
        let each = ProcessInfo.processInfo.environment["PURSER_FULL"] == nil ? 20 : 100
        try await withEngine(sleepsPassTime: false) { home in
            try await home.addJobs(on: accounts, each)
            let traffic = Traffic()
            home.provider.whileAsking { account in
                traffic.begin(account)
                try? await home.clock.sleep(for: .milliseconds(200))
                traffic.end(account)
            }
            home.provider.everyJob { name in
                JobReading(
                    operationName: name,
                    state: .successful,
                    failure: nil,
                    mediaIDs: [],
                    element: Array("{\"name\":\"\(name)\"}".utf8)
                )
            }
            try await home.watching { pass in
                let begin = home.clock.now
                var open = accounts * each
                while open > 0, home.clock.now - begin < .seconds(30) {
                    try await pass(.milliseconds(100))
                    open = try await home.engine.store.jobs(JobFilter(openOnly: true)).count
                }
                #expect(open == 0)
                // Due after 5 seconds; four rounds of 32 questions of 200 ms, and a look each second.
                #expect(home.clock.now - begin <= .seconds(8))
            }
            #expect(traffic.most <= 32)
            #expect(traffic.most > 16)
            #expect(!traffic.wasAskedTwiceAtOnce)
            let named = try await home.engine.store.jobs(
                named: ["job-7"],
                in: .operations,
                of: home.owner
            )
            let sealed = try #require(named.first?.answer)
            let place = AnswerPlace.job(try #require(named.first?.job.id), .operations)
            let kept = try await home.engine.keyring.open(sealed, of: place)
            #expect(kept.body == Array(#"{"name":"job-7"}"#.utf8))
        }
    }

    @Test func `an account that hangs or fails delays no other`() async throws {
        try await withEngine(sleepsPassTime: false) { home in
            try await home.addJobs(on: 3, 1)
            let (hanging, failing, well) = (
                try await home.account("account-0").id, try await home.account("account-1").id,
                try await home.account("account-2").id
            )
            home.provider.failStatus(of: failing)
            home.provider.whileAsking { account in
                if account == hanging { try? await home.clock.sleep(for: .seconds(120)) }
            }
            try await home.watching { pass in
                for _ in 0..<100 { try await pass(.seconds(1)) }
            }
            func count(_ account: AccountID) -> Int {
                home.provider.asked.count { $0.accountID == account }
            }
            #expect(count(hanging) == 1)
            #expect((3...8).contains(count(failing)))
            #expect((15...20).contains(count(well)))
        }
    }

    @Test func `an outcome that a dead process left is decided, and a refund booked once`()
        async throws
    {
        try await withEngine(sleepsPassTime: false) { home in
            let id = try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.answer(.accepted("op-1", remaining: 680))
            _ = try await home.send(.capture)
            try await home.restarted { other in
                let body = try CaptureFile.parse(Array(String.capture.utf8))
                let call = try other.engine.resolver.call(of: body)
                let order = ClaimOrder(
                    submissionID: other.engine.ambient.newID(),
                    attempt: 1,
                    memberID: other.owner,
                    idempotencyKey: nil,
                    fingerprint: [],
                    path: call.path,
                    request: try other.engine.resolver.routeRequest(
                        for: body,
                        call: call,
                        only: nil,
                        maxCredits: nil
                    ),
                    mediaIDs: [],
                    operation: other.engine.ambient.newID()
                )
                _ = try await other.engine.store.claim(order, at: other.clock.now)
            }
            home.provider.job(
                JobReading(
                    operationName: "op-1",
                    state: .failed,
                    failure: "PUBLIC_ERROR_MINOR",
                    mediaIDs: []
                )
            )
            home.provider.credits(of: id, .success(CreditsReading(credits: .init(unchecked: 690))))
            try await home.watching { pass in
                for _ in 0..<300 { try await pass(.seconds(1)) }
            }
            #expect(try await home.balance("ultra-1") == .init(posted: 690, held: 0))
            let kinds = try await home.entries("ultra-1").map(\.kind)
            #expect(kinds.count { $0 == .unknown } == 1)
            #expect(kinds.count { $0 == .free } == 1)
            #expect(kinds.count { $0 == .refund } == 1)
            #expect(try await home.verifyFindings().isEmpty)
        }
    }

    @Test func `a request in line gets the slot of a job that the watcher sees end`() async throws {
        try await withEngine(sleepsPassTime: false) { home in
            try await home.add("ultra-1", slots: 1)
            home.provider.answer(.accepted("op-1"), .accepted("op-2"))
            _ = try await home.send(.capture)
            let line = WaitingLine(home.engine)
            let waiting = Task { try await home.submit(.capture, in: line) }
            await home.until { line.count == 1 }
            home.provider.job(.ended("op-1"))
            try await home.watching(line: line) { pass in
                for _ in 0..<12 where line.count > 0 { try await pass(.seconds(1)) }
            }
            #expect(try await waiting.value.isAccepted)
        }
    }

    @Test func `a token that nears its end is renewed before anybody needs it`() async throws {
        let command = PrintingCommand("fresh-token")
        try await withEngine(sleepsPassTime: false, tokenCommands: command.commands) { home in
            let end = home.clock.now + .seconds(3600)
            let added = try await AccountDesk(home.engine).add(
                name: "ultra-1",
                opening: .told(tier: .ultra, credits: .init(unchecked: 100)),
                token: try CredentialDraft(
                    token: try Secret(copying: Array("old-token".utf8)),
                    origins: [home.origin],
                    expiresAt: end,
                    command: "print"
                ),
                settings: AccountSettings(),
                expiresAt: end
            )
            try await home.watching { pass in
                for _ in 0..<50 { try await pass(.seconds(60)) }
                #expect(command.runs.isEmpty)
                for _ in 0..<7 { try await pass(.seconds(60)) }
            }
            #expect(command.runs == ["print"])
            #expect(try await home.account("ultra-1").credentialVersion == 2)
            #expect(added.account.credentialVersion == 1)
        }
    }
}

/// Who is asked at the same time.
private final class Traffic: Sendable {
    private struct State {
        var running: [AccountID: Int] = [:]
        var most = 0
        var wasAskedTwiceAtOnce = false
    }

    private let state = Mutex(State())

    var most: Int { state.withLock(\.most) }
    var wasAskedTwiceAtOnce: Bool { state.withLock(\.wasAskedTwiceAtOnce) }

    func begin(_ account: AccountID) {
        state.withLock { state in
            state.running[account, default: 0] += 1
            if state.running[account, default: 0] > 1 { state.wasAskedTwiceAtOnce = true }
            state.most = max(state.most, state.running.values.count { $0 > 0 })
        }
    }

    func end(_ account: AccountID) {
        state.withLock { $0.running[account, default: 1] -= 1 }
    }
}

extension EngineHome {
    /// Runs a watcher while `body` lets time pass, which returns when everybody has done what they could.
    fileprivate func watching(
        line: WaitingLine? = nil,
        _ body: (_ pass: (Duration) async throws -> Void) async throws -> Void
    ) async throws {
        let watcher = JobWatcher(engine, line: line)
        let task = Task { await watcher.run() }
        let (clock, provider, store) = (clock, provider, engine.store)
        await until { clock.sleepers >= 3 }
        try await body { span in
            clock.advance(by: span)
            // Everybody sleeps again, and nothing has moved for a moment.
            var before = (-1, RoutingRevision(lastEntry: -1, accounts: -1))
            while true {
                try await Task.sleep(for: .milliseconds(1))
                let now = (provider.asked.count, try await store.routingRevision())
                if now == before, clock.sleepers >= 3 { break }
                before = now
            }
        }
        task.cancel()
        await task.value
    }

    /// Adds accounts with so many jobs each, sent twenty at a time and named `job-0`, `job-1` and on.
    fileprivate func addJobs(on accounts: Int, _ each: Int) async throws {
        var number = 0
        for account in 0..<accounts {
            let id = try await add("account-\(account)", .ultra, credits: 100_000)
            var change = AccountChange()
            change.settings.maxInFlight = 1000
            try await self.change(id, change)
            for start in stride(from: 0, to: each, by: 20) {
                let count = min(20, each - start)
                let names = (number..<number + count).map { "job-\($0)" }
                number += count
                provider.answer(.accepted(names: names))
                let body = try RequestBody.parse(Array(Self.body(count).utf8))
                _ = try await Dispatcher(engine).dispatch(
                    Submission(
                        id: engine.ambient.newID(),
                        memberID: owner,
                        call: try engine.resolver.call(of: body),
                        body: body,
                        only: id
                    )
                )
            }
        }
    }

    private static func body(_ count: Int) -> String {
        let element =
            #"{"startImage": {"mediaId": "m"}, "textInput": {"prompt": "p"}, "videoModelKey": "veo_3_1_i2v_s_fast"}"#
        let elements = Array(repeating: element, count: count).joined(separator: ",")
        return #"{"clientContext": {"tool": "PINHOLE"}, "requests": [\#(elements)]}"#
    }
}
