import AsyncHTTPClient
import Glibc
import Synchronization

/// T11: a gateway between 64 callers and a service that errs, killed again and again; then two of them, with the command
/// line writing beside them.
///
/// In the end books and service agree to the credit, and nobody spent what they had not.
struct GatewayProof {
    let findings: Findings

    private static let callers = 64

    func run() async throws {
        let kills = try Tier.size("PURSER_T11_KILLS", gate: 5, night: 20, release: 50)
        Findings.figure("seed", Tier.seed)
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 256
        configuration.connectionPool.retryConnectionEstablishment = false
        let http = HTTPClient(configuration: configuration)
        do {
            try await run(kills: kills, http)
        } catch {
            try await http.shutdown()
            throw error
        }
        try await http.shutdown()
    }

    private func run(kills: Int, _ http: HTTPClient) async throws {
        let scratch = try Scratch(in: Scratch.disk)
        let sandbox = try GatewayHousehold.sandbox(in: scratch)
        // It lives as long as it is referred to.
        defer { sandbox.kill() }
        let service = try GatewayHousehold.address(of: sandbox)
        let household = try await GatewayHousehold(in: scratch, service: service)
        let control = SandboxControl(service: service, http: http)
        let record = GatewayRecord()
        var chance = Chance(seed: Tier.seed)
        try await round(1, household, control, record, &chance) { gateways, chance in
            try await kill(kills, gateways, record, &chance)
        }
        try await round(2, household, control, record, &chance) { gateways, chance in
            let seed = chance.next()
            async let writing = write(seed: seed, record)
            try await kill(max(kills / 5, 1), gateways, record, &chance)
            record.state.withLock { $0.isOver = true }
            let commands = try await writing
            Findings.figure("commands beside two gateways", commands)
        }
        let books = GatewayBooks(record: record, findings: findings)
        try await books.settle()
        let doubtful = record.state.withLock(\.doubtful.count)
        if doubtful == 0 { findings.add("no order was ever in doubt") }
        try await repeatDoubtful(household, control, record, &chance)
        try await books.check(control)
        let (accepted, statuses) = record.state.withLock { ($0.accepted.count, $0.statuses) }
        Findings.figure("kills", kills + max(kills / 5, 1))
        Findings.figure("orders accepted", accepted)
        for (status, count) in statuses.sorted(by: { $0.key < $1.key }) {
            Findings.figure(status, count)
        }
        Findings.figure("findings", findings.total)
        if accepted < 20 * kills { findings.add("only \(accepted) orders were accepted") }
    }

    /// Callers and faults beside what `body` does with so many gateways; all is quiet after it.
    private func round(
        _ gateways: Int,
        _ household: GatewayHousehold,
        _ control: SandboxControl,
        _ record: GatewayRecord,
        _ chance: inout Chance,
        _ body: (Gateways, inout Chance) async throws -> Void
    ) async throws {
        let running = try Gateways(gateways)
        record.state.withLock {
            $0.addresses = running.addresses
            $0.isOver = false
        }
        let seeds = (0...Self.callers).map { _ in chance.next() }
        try await withThrowingTaskGroup { group in
            for number in 0..<Self.callers {
                let caller = GatewayCaller(
                    member: household.members[number % household.members.count],
                    name:
                        "\(household.members[number % household.members.count].name)-\(gateways)-\(number)",
                    http: control.http,
                    record: record,
                    findings: findings
                )
                group.addTask { await caller.run(seeds[number]) }
            }
            group.addTask { try await control.trouble(until: record, seeds[Self.callers]) }
            group.addTask {
                try await renew(household, control, record, Chance(seed: ~seeds[Self.callers]))
            }
            // However it ends, the callers do too.
            defer { record.state.withLock { $0.isOver = true } }
            try await body(running, &chance)
            record.state.withLock { $0.isOver = true }
            try await group.waitForAll()
        }
        try await control.clearFaults()
        for status in running.end() where status != 0 {
            findings.add("a gateway ended with \(status) after SIGTERM")
        }
    }

    /// Accounts get other tokens and members other keys, until the callers end.
    private func renew(
        _ household: GatewayHousehold,
        _ control: SandboxControl,
        _ record: GatewayRecord,
        _ chance: Chance
    ) async throws {
        var chance = chance
        while !record.isOver {
            try await Task.sleep(for: .milliseconds(Int.random(in: 500...3000, using: &chance)))
            let number = record.state.withLock { state in
                state.renewals += 1
                return state.renewals
            }
            if Bool.random(using: &chance) {
                try await household.renewToken(number, control)
                record.count("tokens renewed")
            } else {
                try await household.renewKey(number, record)
                record.count("keys renewed")
            }
        }
    }

    /// Whoever was left without an answer asks again when it is decided whether they were charged.
    private func repeatDoubtful(
        _ household: GatewayHousehold,
        _ control: SandboxControl,
        _ record: GatewayRecord,
        _ chance: inout Chance
    ) async throws {
        let gateway = try Gateways(1)
        record.state.withLock { $0.addresses = gateway.addresses }
        let caller = GatewayCaller(
            member: household.members[0],
            name: "again",
            http: control.http,
            record: record,
            findings: findings
        )
        let seeds = (0..<16).map { _ in chance.next() }
        await withTaskGroup { group in
            for seed in seeds { group.addTask { await caller.repeatDoubtful(seed) } }
        }
        _ = gateway.end()
    }

    private func kill(
        _ times: Int,
        _ gateways: Gateways,
        _ record: GatewayRecord,
        _ chance: inout Chance
    ) async throws {
        for _ in 0..<times {
            try await Task.sleep(for: .milliseconds(Int.random(in: 500...4000, using: &chance)))
            try gateways.killOne(&chance)
        }
        try await Task.sleep(for: .seconds(2))
    }

    /// Commands that write while gateways do; how many there were.
    private func write(seed: UInt64, _ record: GatewayRecord) async throws -> Int {
        var chance = Chance(seed: seed)
        var count = 0
        while !record.isOver {
            let account = "account-\(Int.random(in: 0..<GatewayHousehold.accounts, using: &chance))"
            let commands = [
                ["members", "set", "member-1", "--add-budget", "20"],
                ["members", "set", "member-2", "--per-day", "\(400 + count * 10)"],
                ["members", "set", "--team", "--per-month", "\(100_000 + count)"],
                ["accounts", "pause", account], ["accounts", "resume", account],
                ["accounts", "set", account, "--reserve", "\(count % 7)"],
                ["accounts", "refresh", account], ["jobs", "check"],
                ["ledger", "verify"], ["ledger", "reconcile"],
            ]
            let words = commands.randomElement(using: &chance) ?? commands[0]
            let (status, lines) = try await GatewayHousehold.command(words)
            // Asking the service may meet a fault; everything else has no reason to fail.
            let asks = ["refresh", "check", "reconcile"].contains(words[1])
            if status != 0, !asks || status == 75 {
                findings.add(
                    "\(words.joined(separator: " ")) ended with \(status): \(lines.last ?? "")"
                )
            }
            count += 1
        }
        for account in 0..<GatewayHousehold.accounts {
            _ = try await GatewayHousehold.command(["accounts", "resume", "account-\(account)"])
        }
        return count
    }
}

/// The gateways that run, each at an address of its own.
final class Gateways {
    private var children: [Child] = []
    private(set) var addresses: [String] = []

    init(_ count: Int) throws {
        for _ in 0..<count {
            let (child, address) = try GatewayHousehold.gateway()
            children.append(child)
            addresses.append(address)
        }
    }

    /// Kills one in the middle of whatever it does; it comes back at the same address.
    func killOne(_ chance: inout Chance) throws {
        let index = Int.random(in: 0..<children.count, using: &chance)
        children[index].kill()
        _ = children[index].wait()
        let port = addresses[index].split(separator: ":").last.map(String.init) ?? "0"
        children[index] = try GatewayHousehold.gateway(port: port).child
    }

    /// Tells all to end; how they did.
    func end() -> [Int32] {
        for child in children { child.kill(SIGTERM) }
        return children.map { $0.wait() }
    }
}
