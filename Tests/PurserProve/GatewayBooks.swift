import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import Synchronization

/// The pretended service's other side: what goes wrong, and what really was charged.
struct SandboxControl: Sendable {
    let service: String
    let http: HTTPClient

    struct State: Decodable {
        struct Account: Decodable {
            let label: String
            let credits: Int
            let charged: Int
            let refunded: Int
        }

        struct Job: Decodable {
            let name: String
            let account: String
            let price: Int
            let sceneId: String?
            let state: String
            let refunded: Bool
            let submittedSeconds: Double
        }

        let accounts: [Account]
        let jobs: [Job]
    }

    /// Faults with what goes over their preset's fields.
    private static let faults = [
        "\"preset\": \"cut\"", "\"preset\": \"cut-after-charge\"", "\"preset\": \"cut-body\"",
        "\"preset\": \"malformed\"", "\"preset\": \"omit-remaining\"", "\"preset\": \"empty\"",
        "\"preset\": \"fail-jobs\"", "\"preset\": \"internal\"", "\"preset\": \"high-traffic\"",
        "\"preset\": \"unsafe-generation\"", "\"preset\": \"concurrent-limit\"",
        "\"preset\": \"throttled\", \"retryAfter\": 1",
        "\"kind\": \"delay\", \"delaySeconds\": 0.5",
        "\"kind\": \"delay\", \"delaySeconds\": 2.5",
        "\"kind\": \"delay\", \"on\": \"any\", \"delaySeconds\": 1",
        "\"preset\": \"internal\", \"on\": \"status\"",
        "\"preset\": \"malformed\", \"on\": \"status\"",
        "\"preset\": \"unavailable\", \"on\": \"credits\"",
        "\"preset\": \"cut\", \"on\": \"status\"",
    ]

    /// Arms faults one after another until the callers end.
    ///
    /// Each account tells an old balance once and not twice: two that are equal would be believed.
    func trouble(until record: GatewayRecord, _ seed: UInt64) async throws {
        var chance = Chance(seed: seed)
        var stale = Array(0..<GatewayHousehold.accounts)
        while !record.isOver {
            var fault = Self.faults.randomElement(using: &chance) ?? Self.faults[0]
            var account = Int.random(in: 0..<GatewayHousehold.accounts, using: &chance)
            var count = Int.random(in: 1...2, using: &chance)
            if Int.random(in: 0..<8, using: &chance) == 0, let next = stale.popLast() {
                (fault, account, count) = ("\"preset\": \"stale-credits\"", next, 1)
            }
            _ = try await call(
                .POST,
                "faults",
                "{\(fault), \"account\": \"account-\(account)\", \"count\": \(count)}"
            )
            record.count("faults armed")
            try await Task.sleep(for: .milliseconds(Int.random(in: 100...500, using: &chance)))
        }
    }

    func setToken(of account: String, to token: String, keepOld: Bool) async throws {
        let body = "{\"token\": \"\(token)\", \"keepOld\": \(keepOld)}"
        _ = try await call(.POST, "accounts/\(account)/token", body)
    }

    func clearFaults() async throws {
        _ = try await call(.DELETE, "faults")
    }

    func state() async throws -> State {
        try JSONDecoder().decode(State.self, from: Data(try await call(.GET, "state")))
    }

    private func call(
        _ method: HTTPMethod,
        _ path: String,
        _ body: String? = nil
    ) async throws -> [UInt8] {
        var request = HTTPClientRequest(url: "\(service)/sandbox/\(path)")
        request.method = method
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await http.execute(request, timeout: .seconds(30))
        let bytes = try await response.body.collect(upTo: 64 << 20)
        guard response.status == .ok else {
            throw ProofError("\(path): \(String(buffer: bytes))")
        }
        return Array(bytes.readableBytesView)
    }
}

/// Compares the books of a home that has become quiet to what the service really charged.
struct GatewayBooks {
    let record: GatewayRecord
    let findings: Findings

    private struct Accounts: Decodable {
        struct Account: Decodable {
            let name: String
            let available: Int
            let held: Int
        }
        let accounts: [Account]
    }

    private struct Spending: Decodable {
        struct Row: Decodable {
            let account: String?
            let member: String?
            let spent: Int
        }
        let spending: [Row]
    }

    private struct Member: Decodable {
        struct Limit: Decodable {
            let window: String
            let credits: Int
            let left: Int
        }
        let available: Int?
        let held: Int?
        let limits: [Limit]
    }

    private struct Jobs: Decodable {
        struct Job: Decodable {
            let operation: String
            let account: String
            let price: Int
        }
        let jobs: [Job]
    }

    private struct Verdict: Decodable {
        struct Finding: Decodable {
            let rule: String
            let place: String
            let message: String
        }
        let violations: Int
        let findings: [Finding]
    }

    func check(_ control: SandboxControl) async throws {
        try await settle()
        let service = try await control.state()
        try await compareAccounts(service)
        try await compareJobs(service)
        try await checkSpending(service)
        checkSlots(service)
        checkKeys(service)
        let verdict: Verdict = try await GatewayHousehold.read(["ledger", "verify"])
        for finding in verdict.findings {
            findings.add("\(finding.rule), \(finding.place): \(finding.message)")
        }
        Findings.figure("videos", service.jobs.count)
        Findings.figure("credits charged", service.accounts.reduce(0) { $0 + $1.charged })
        Findings.figure("credits refunded", service.accounts.reduce(0) { $0 + $1.refunded })
    }

    /// Asks until nothing is open or undecided any more.
    func settle() async throws {
        for _ in 0..<30 {
            _ = try await GatewayHousehold.command(["jobs", "check"])
            let open: Jobs = try await GatewayHousehold.read(["jobs", "list", "--open"])
            let books: Accounts = try await GatewayHousehold.read(["credits"])
            if open.jobs.isEmpty, books.accounts.allSatisfy({ $0.held == 0 }) { return }
            try await Task.sleep(for: .seconds(1))
        }
        findings.add("something is open or undecided and stays so")
    }

    private func compareAccounts(_ service: SandboxControl.State) async throws {
        let books: Accounts = try await GatewayHousehold.read(["credits"])
        let spending: Spending = try await GatewayHousehold.read(["credits", "--by", "account"])
        for account in service.accounts {
            guard let booked = books.accounts.first(where: { $0.name == account.label }) else {
                findings.add("\(account.label) is not in the books")
                continue
            }
            if booked.held != 0 { findings.add("\(account.label): \(booked.held) are still held") }
            let spent = spending.spending.first { $0.account == account.label }?.spent ?? 0
            let really = account.charged - account.refunded
            Findings.say(
                "\(account.label): service \(account.credits), spent \(really); books \(booked.available), spent \(spent)"
            )
            if booked.available + booked.held != account.credits {
                findings.add(
                    "\(account.label): the service has \(account.credits), the books \(booked.available)"
                )
            }
            if spent != really {
                findings.add("\(account.label): \(really) were spent, \(spent) are booked as spent")
            }
        }
    }

    private func compareJobs(_ service: SandboxControl.State) async throws {
        let list: Jobs = try await GatewayHousehold.read([
            "jobs", "list", "--limit", "1000000",
        ])
        let booked = Dictionary(list.jobs.map { ($0.operation, $0) }) { first, _ in first }
        let made = Dictionary(service.jobs.map { ($0.name, $0) }) { first, _ in first }
        for job in list.jobs {
            guard let real = made[job.operation] else {
                findings.add("job \(job.operation) is booked and was never made")
                continue
            }
            if real.account != job.account || real.price != job.price {
                findings.add(
                    "job \(job.operation): \(real.account), \(real.price); booked \(job.account), \(job.price)"
                )
            }
        }
        for (key, accepted) in record.state.withLock(\.accepted) {
            for operation in accepted.operations
            where booked[operation]?.account != accepted.account {
                findings.add("\(key): job \(operation) of \(accepted.account) is lost")
            }
        }
        Findings.figure("videos without a job in the books", service.jobs.count - list.jobs.count)
    }

    /// What members spent of what they may.
    ///
    /// Of two requests of one price a balance cannot tell whose was charged, so the service's own count may put a price
    /// with another member; their sum is compared account by account.
    private func checkSpending(_ service: SandboxControl.State) async throws {
        var spent: [String: Int] = [:]
        for job in service.jobs where !job.refunded {
            let member = (job.sceneId ?? "").split(separator: "-").prefix(2).joined(separator: "-")
            spent[member, default: 0] += job.price
        }
        let booked: Spending = try await GatewayHousehold.read(["credits", "--by", "member"])
        for (name, really) in spent.sorted(by: { $0.key < $1.key }) {
            let member: Member = try await GatewayHousehold.read(["members", "show", name])
            let row = booked.spending.first { $0.member == name }?.spent ?? 0
            Findings.say("\(name): spent \(really), booked \(row)")
            if let held = member.held, held != 0 { findings.add("\(name): \(held) are held") }
            if let available = member.available, available < 0 {
                findings.add("\(name): the budget is overspent by \(-available)")
            }
            for limit in member.limits where limit.left < 0 || row > limit.credits {
                findings.add(
                    "\(name): \(row) spent, the limit a \(limit.window) is \(limit.credits)"
                )
            }
        }
        let team: Member = try await GatewayHousehold.read(["members", "show", "--team"])
        for limit in team.limits where limit.left < 0 {
            findings.add("the team: the limit a \(limit.window) is overspent by \(-limit.left)")
        }
    }

    /// Jobs last equally long, so their begins say how many there were at a time; but for those that were cancelled.
    private func checkSlots(_ service: SandboxControl.State) {
        var highest = 0
        for account in service.accounts {
            let begins = service.jobs
                .filter { $0.account == account.label && $0.state != "CANCELED" }
                .map(\.submittedSeconds).sorted()
            var first = 0
            for (index, begin) in begins.enumerated() {
                while begins[first] + GatewayHousehold.jobSeconds <= begin { first += 1 }
                highest = max(highest, index - first + 1)
                if index - first + 1 > GatewayHousehold.maxInFlight {
                    findings.add(
                        "\(account.label): \(index - first + 1) jobs at a time at \(begin) s"
                    )
                }
            }
        }
        Findings.figure("jobs at a time on one account", highest)
    }

    private func checkKeys(_ service: SandboxControl.State) {
        let ordered = record.state.withLock(\.orders)
        let kept = service.jobs.filter { !$0.refunded }
        let made = Dictionary(grouping: kept, by: { $0.sceneId ?? "" })
        for (key, jobs) in made where jobs.count > ordered[key]?.videos ?? 0 {
            findings.add(
                "\(key): charged \(jobs.count) times for \(ordered[key]?.videos ?? 0) videos"
            )
        }
    }
}
