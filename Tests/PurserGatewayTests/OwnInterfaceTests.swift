import Foundation
import HTTPTypes
import NIOHTTP1
import PurserCore
import PurserEngine
import PurserSandbox
import Testing

@testable import PurserGateway

struct OwnInterfaceTests {
    @Test func `each call is open to the roles that its permissions name, and to nobody else`()
        async throws
    {
        try await withGateway { home in
            var keys: [MemberRole: String] = [:]
            for role in MemberRole.allCases {
                keys[role] = try await home.member("the-\(role.rawValue)", role: role)
            }
            for call in OwnCall.allCases {
                let path = call.path.replacing("{name}", with: "ultra")
                    .replacing("{id}", with: "00")
                let body = call.method == .post ? textBody() : nil
                for (role, key) in keys {
                    let reply = try await home.send(
                        .init(rawValue: call.method.rawValue),
                        path,
                        body,
                        key: key
                    )
                    let may = call.permissions.isEmpty || call.permissions.contains(where: role.may)
                    #expect((reply.status != 403) == may, "\(call) by \(role): \(reply.text)")
                    #expect(reply.status < 500)
                }
                let anyone = try await home.send(
                    .init(rawValue: call.method.rawValue),
                    path,
                    body,
                    key: nil
                )
                #expect((anyone.status == 401) == !call.permissions.isEmpty, "\(call)")
            }
        }
    }

    @Test func `members see their own jobs and spending only`() async throws {
        try await withGateway { home in
            let ada = try await home.member("ada")
            let bob = try await home.member("bob")
            let auditor = try await home.member("eve", role: .auditor)
            for _ in 0..<2 { _ = try await home.post(textToVideo, textBody(), key: ada) }
            _ = try await home.post(textToVideo, textBody(), key: bob)

            let all = try await home.own("jobs", key: auditor)["jobs"]?.array ?? []
            let adas = try await home.own("jobs", key: ada)["jobs"]?.array ?? []
            let named = try await home.own("jobs?member=ada&open=false", key: auditor)
            #expect(all.count == 3 && adas.count == 2)
            #expect(named["jobs"]?.array == adas)
            #expect(try await home.get("/purser/v1/jobs?member=bob", key: ada).status == 403)

            let id = try #require(adas.first?["id"]?.string)
            #expect(try await home.own("jobs/\(id)", key: ada)["id"]?.string == id)
            #expect(try await home.get("/purser/v1/jobs/\(id)", key: bob).status == 404)
            #expect(adas.allSatisfy { $0["member"]?.string == "ada" })

            let operation = try #require(adas.first?["operation"]?.string)
            let account = try #require(adas.first?["account"]?.string)
            for name in [String(id.prefix(12)), operation, operation.replacing("-", with: "%2D")] {
                let job = try await home.own("jobs/\(name)", key: ada)
                #expect(job["id"]?.string == id, "\(name)")
                #expect(job["member"]?.string == "ada" && job["account"]?.string == account)
                #expect(try await home.get("/purser/v1/jobs/\(name)", key: bob).status == 404)
            }
            for digit in "0123456789abcdef" {
                let meant = all.count { job in
                    ["id", "operation"].contains { job[$0]?.string?.first == digit }
                }
                let reply = try await home.get("/purser/v1/jobs/\(digit)", key: auditor)
                #expect(reply.status == (meant == 0 ? 404 : meant == 1 ? 200 : 400), "\(digit)")
            }

            let charged = "charged"
            for key in ReportKey.allCases {
                let own = try await home.own("credits?by=\(key.rawValue)", key: ada)
                let everybody = try await home.own("credits?by=\(key.rawValue)", key: auditor)
                #expect(own["totals"]?[charged]?.integer == 20)
                #expect(everybody["totals"]?[charged]?.integer == 30)
            }
            let cross = try await home.own("credits?by=member,week", key: auditor)
            #expect(
                cross["spending"]?.array?.compactMap { $0["member"]?.string } == ["ada", "bob"]
            )
            #expect(cross["totals"]?[charged]?.integer == 30)
            let ownCross = try await home.own("credits?by=day,model", key: ada)
            #expect(ownCross["totals"]?[charged]?.integer == 20)
            for wrong in ["day,day", "colour", "day,model,tier", ""] {
                let answer = try await home.get("/purser/v1/credits?by=\(wrong)", key: ada)
                #expect(answer.status == 400, "\(wrong)")
            }
            let report = try await CreditReport(home.engine.store, by: .member, from: nil, to: nil)
            #expect(
                try await home.own("credits?by=member", key: auditor)
                    == JSONValue(Array(report.document.compact.utf8))
            )
            #expect(try await home.own("me", key: ada)["name"]?.string == "ada")
        }
    }

    @Test func `pages of jobs fit together while others are added`() async throws {
        try await withGateway { home in
            let key = try await home.member("ada")
            // Jobs of one request are of the same moment.
            let element = #"{"textInput":{"prompt":"a door"},"videoModelKey":"veo_3_1_t2v_fast"}"#
            let elements = [element, element, element].joined(separator: ",")
            let several = #"{"clientContext":{"tool":"PINHOLE"},"requests":[\#(elements)]}"#
            for body in [textBody(), several, textBody()] {
                #expect(try await home.post(textToVideo, body, key: key).status == 200)
            }
            let before = try await home.engine.store.jobs(JobFilter()).map(\.id.description)
            var seen: [String] = []
            var cursor = ""
            for page in 0..<3 {
                let answer = try await home.own("jobs?limit=2\(cursor)", key: key)
                seen += (answer["jobs"]?.array ?? []).compactMap { $0["id"]?.string }
                if page == 0 { _ = try await home.post(textToVideo, textBody(), key: key) }
                cursor = answer["next"]?.string.map { "&cursor=\($0)" } ?? ""
            }
            #expect(cursor.isEmpty)
            #expect(seen == before)
        }
    }

    @Test func `pages of the audit trail go back line by line`() async throws {
        try await withGateway { home in
            let key = try await home.member("eve", role: .auditor)
            let all = try await home.engine.store.audit().map(\.sequence)
            var seen: [Int64] = []
            var cursor: String? = ""
            while let next = cursor {
                let answer = try await home.own("audit?limit=2\(next)", key: key)
                seen = (answer["audit"]?.array ?? []).compactMap { $0["seq"]?.integer } + seen
                cursor = answer["next"]?.string.map { "&cursor=\($0)" }
            }
            #expect(seen == all)
        }
    }

    @Test func `a route is explained, and nothing is held or sent`() async throws {
        try await withGateway { home in
            let key = try await home.member("eve", role: .auditor)
            let narrow = MemberLimits(tiers: [.tierOne])
            _ = try await home.member("ada", limits: narrow)
            let reply = try await home.post("/purser/v1/route", captureBody, key: key)
            let narrowed = try await home.post(
                "/purser/v1/route?member=ada",
                captureBody,
                key: key
            )
            let first = JSONValue(Array(reply.text.utf8))?["accounts"]?.array?.first
            let other = JSONValue(Array(narrowed.text.utf8))?["accounts"]?.array?.first
            #expect(first?["account"]?.string == "ultra" && first?["rank"]?.integer == 1)
            #expect(other?["account"]?.string == "tier-one")
            let bad = try await home.post("/purser/v1/route", "{\"requests\":[{}]}", key: key)
            #expect(bad.status == 400 && bad.reason == "PURSER_INVALID_REQUEST")
            #expect(home.sandbox.requests().isEmpty)
            #expect(try await home.balance("ultra")?.held == .zero)
        }
    }

    @Test(
        arguments: [
            "jobs?limit=0", "jobs?limit=1001", "jobs?limit=x", "jobs?open=yes", "jobs?cursor=1-x",
            "jobs?limit=1&limit=1", "jobs?lim=1", "jobs?account=%ff",
            "audit?cursor=x", "audit?from=2026-02-30",
            "audit?from=2026-02-02&to=2026-02-01", "credits?by=colour", "accounts?open=true",
            "forecast/credits?horizon=6", "forecast/credits?add=gold",
            "forecast/credits?demand=+20%25", "forecast/credits?plan=0",
            "forecast/credits?add=free", "forecast/credits?plan=500",
            "forecast/credits?add=" + Array(repeating: "ultra", count: 21).joined(separator: ","),
        ]
    )
    func `a query that is not understood is refused`(_ query: String) async throws {
        try await withGateway { home in
            let key = try await home.member("root", role: .owner)
            let reply = try await home.get("/purser/v1/" + query, key: key)
            #expect(reply.status == 400 && reply.reason == "PURSER_INVALID_REQUEST", "\(query)")
        }
    }

    @Test func `escapes of a query are read, and what is none is refused`() throws {
        let query = try Query(of: "/purser/v1/jobs?account=a%2db+c&member=%E5%BC%80#x", for: .jobs)
        #expect(query["account"] == "a-b c" && query["member"] == "开")
        for text in ["%", "%2", "%zz", "%+f", "%-1", "%ff", "a&%=1"] {
            #expect(throws: Problem.self) { try Query(of: "/?account=\(text)", for: .jobs) }
        }
    }

    @Test func `a forecast is for whoever may see all credits`() async throws {
        try await withGateway { home in
            let auditor = try await home.member("eve", role: .auditor)
            let rows = try await home.own("forecast/credits?horizon=30&demand=20", key: auditor)
            let names = try #require(rows["forecast"]?.array).map { $0["name"]?.string }
            #expect(names == ["tier-one", "ultra", "ultra", "tier-one", "all"])
            let fewer = try await home.own("forecast/credits?without=ultra", key: auditor)
            #expect(fewer["forecast"]?.array?.count == 3)
            let path = "/purser/v1/forecast/credits"
            #expect(try await home.get(path + "?without=nobody", key: auditor).status == 404)
            #expect(try await home.get("/purser/v1/forecast/x", key: auditor).status == 404)
            let member = try await home.member("mia")
            #expect(try await home.get(path, key: member).status == 403)
        }
    }

    @Test func `the queue is told`() async throws {
        try await withGateway { home in
            let key = try await home.member("eve", role: .auditor)
            let queue = try await home.own("queue", key: key)
            #expect(queue["waiting"]?.integer == 0)
            #expect(queue["limit"]?.integer == 1000)
            #expect(queue["under_way"]?.integer == 0)
        }
    }
}

extension GatewayHome {
    /// An answer of the gateway's own interface, which must be a good one.
    func own(_ path: String, key: String?) async throws -> JSONValue {
        let reply = try await get(OwnCall.prefix + path, key: key)
        #expect(reply.status == 200, "\(path): \(reply.text)")
        #expect(!reply.text.contains("token-of-"), "no token is ever told")
        return try #require(JSONValue(Array(reply.text.utf8)))
    }
}
