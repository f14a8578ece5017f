import Foundation
import NIOHTTP1
import PurserCore
import PurserEngine
import PurserPages
import Testing

@testable import PurserGateway

struct PageRoleTests {
    /// What each page answers to owner, operator, member and auditor.
    static let table: [(String, [Int])] = [
        ("/", [200, 200, 200, 200]),
        ("/page/spend", [200, 200, 200, 200]),
        ("/page/spend?by=member&from=2026-01-01&to=2026-02-01", [200, 200, 200, 200]),
        ("/page/jobs", [200, 200, 200, 200]),
        ("/page/members", [200, 200, 200, 200]),
        ("/page/route", [200, 200, 403, 200]),
        ("/page/audit", [200, 403, 403, 200]),
        ("/page/accounts/ultra/pause", [200, 200, 403, 403]),
        ("/page/accounts/ultra/rotate", [200, 200, 403, 403]),
        ("/page/accounts/nobody/pause", [404, 404, 403, 403]),
        ("/page/accounts/ultra/remove", [404, 404, 404, 404]),
        ("/page/sign-out", [405, 405, 405, 405]),
        ("/page/nothing", [404, 404, 404, 404]),
        ("/page", [404, 404, 404, 404]),
        ("/PAGE/jobs", [404, 404, 404, 404]),
        ("/page/audit?from=&to=&verb=&actor=", [200, 403, 403, 200]),
        ("/page/spend?from=2026-02-30", [400, 400, 400, 400]),
        ("/page/jobs?cursor=x", [400, 400, 400, 400]),
        ("/page/jobs?colour=red", [400, 400, 400, 400]),
    ]

    @Test func `each role sees what it may, and a page for what it may not`() async throws {
        try await withGateway { home in
            _ = try await home.post(textToVideo, textBody(), key: try await home.member("ada"))
            let roles = [MemberRole.owner, .operator, .member, .auditor]
            for (index, role) in roles.enumerated() {
                let browser = try await home.browser("as-\(role.rawValue)", role: role)
                for (path, statuses) in Self.table {
                    let reply = try await browser.get(path)
                    #expect(reply.status == statuses[index], "\(role) \(path)")
                    #expect(reply.headers.first(name: "Content-Type") == "text/html; charset=utf-8")
                    #expect(reply.headers.first(name: "Content-Security-Policy") != nil)
                }
            }
        }
    }

    @Test func `a member sees their own work and nobody else's`() async throws {
        try await withGateway { home in
            let (ada, bob) = (
                try await home.member("ada"), try await home.member("bob", budget: 777)
            )
            _ = try await home.post(textToVideo, textBody(), key: ada)
            let job = try #require(try await home.engine.store.jobs(JobFilter()).first)
            var browser = PageBrowser(home: home)
            _ = try await browser.signIn(bob)
            let id = String(job.id.description.prefix(8))
            let bobs = try await browser.get("/page/jobs").text
            #expect(!bobs.contains(id))
            let members = try await browser.get("/page/members").text
            #expect(members.contains("bob") && !members.contains("ada"))
            #expect(members.contains("777"))
            let overview = try await browser.get("/").text
            #expect(!overview.contains("tier-one"))

            _ = try await browser.signIn(ada)
            let adas = try await browser.get("/page/jobs").text
            #expect(adas.contains(id))
        }
    }

    @Test func `the overview tells how long credits last, to whom it may concern`() async throws {
        try await withGateway { home in
            let member = try await home.browser("ada", role: .member)
            let auditor = try await home.browser("bob", role: .auditor)
            let accounts = try await home.engine.store.accounts()
            let keeper = try #require(home.gateway.responder.page).forecasts
            let forecast = try #require(await keeper.forecast(of: accounts))
            let views = ForecastView(forecast).rows
            // Two accounts, two tiers, the pool; nothing was spent that tells more.
            #expect(views.count == 5)
            #expect(views.allSatisfy { $0.outcome == .notEnoughData })
            #expect(try await auditor.get("/").text.contains("ot enough data"))
            #expect(try await member.get("/").text.contains("ot enough data") == false)
        }
    }

    @Test func `the forecast is of the accounts that there are now, and says of when it is`()
        async throws
    {
        try await withGateway { home in
            let browser = try await home.browser("ada", role: .operator)
            let before = try await browser.get("/").text
            #expect(before.contains("data-live=\"forecast\"") && !before.contains("takes no work"))
            #expect(before.components(separatedBy: "As of <time").count == 3)
            #expect(try await browser.submit(PagePath.account("ultra", .pause)).status == 303)
            // Of the account; nobody else has its tier.
            let paused = try await browser.get("/").text
            #expect(paused.components(separatedBy: "takes no work").count == 2)

            let old = try #require(
                try await home.engine.store.accounts().first { $0.account.name == "ultra" }
            )
            try await AccountDesk(home.engine).remove(old.account)
            try await home.add("ultra", .tierOne, credits: 900)
            let renewed = try await browser.get("/").text
            #expect(!renewed.contains("takes no work") && !renewed.contains("tier ultra"))
        }
    }

    @Test func `a range that cannot be shown is refused on the page by name`() async throws {
        try await withGateway { home in
            let browser = try await home.browser("ada", role: .auditor)
            for (query, words) in [
                ("from=2026-02-30", "from"), ("from=2026-02-03&to=2026-02-01", "to lies before"),
                ("from=2020-01-01&to=2026-01-01", "at most 366 days"),
                ("by=colour", "one of member"),
            ] {
                let reply = try await browser.get("/page/spend?\(query)")
                #expect(reply.status == 400)
                #expect(reply.text.contains(words), "\(query)")
                #expect(reply.text.contains("<select id=\"by\""), "\(query)")
            }
        }
    }

    @Test func `what the page says of a mistake it says in the reader's language`() async throws {
        try await withGateway { home in
            let browser = try await home.browser("ada", role: .operator)
            let chinese = ("Accept-Language", "zh-CN")
            for (path, words) in [
                ("/page/nothing", "没有这个页面"), ("/page/audit", "角色“运维”没有 read-audit 权限"),
                ("/page/accounts/nobody/pause", "没有这个账号"), ("/page/sign-out", "只接受 POST"),
                ("/page/spend?from=xx", "的值“xx”无效"), ("/page/jobs?from=xx", "没有参数“from”"),
            ] {
                let reply = try await browser.get(path, headers: [chinese])
                #expect(reply.text.contains(words), "\(path)")
            }
            let pause = PagePath.account("ultra", .pause)
            let here = [browser.origin, chinese]
            let long = String(repeating: "x", count: 201)
            let refused = [
                (try await browser.submit(pause, [(.reason, long)], headers: here), "原因须为一行"),
                (try await browser.submit(pause, formToken: "0", headers: here), "表单已过期"),
                (try await browser.submit(pause, headers: [chinese]), "代理须原样传递"),
                (
                    try await browser.submit(
                        PagePath.account("ultra", .rotate),
                        [(.token, "t"), (.expiresAt, "soon")],
                        headers: here
                    ), "到期时间应为"
                ),
                (
                    try await browser.submit(
                        "/page/route",
                        [(.request, textBody()), (.member, "nobody")],
                        headers: here
                    ), "没有这位成员"
                ),
            ]
            for (reply, words) in refused { #expect(reply.text.contains(words), "\(words)") }
        }
    }

    @Test func `a request is explained, and nothing is held`() async throws {
        try await withGateway { home in
            let browser = try await home.browser("ada", role: .operator)
            let reply = try await browser.submit("/page/route", [(.request, textBody())])
            #expect(reply.status == 200)
            #expect(reply.text.contains("ultra") && reply.text.contains("tier-one"))
            #expect(try await home.balance("ultra")?.held == .zero)
            let bad = try await browser.submit("/page/route", [(.request, "{\"a\": <script>")])
            #expect(bad.status == 200)
            #expect(!bad.text.contains("<script>\""))
            let nobody = try await browser.submit(
                "/page/route",
                [(.request, textBody()), (.member, "nobody")]
            )
            #expect(nobody.text.contains("there is no such member"))
            #expect(home.submissions().isEmpty)
        }
    }

    @Test func `a page is in the language that the browser likes best`() async throws {
        try await withGateway { home in
            let browser = PageBrowser(home: home)
            let chinese = try await browser.get(
                "/page/sign-in",
                headers: [("Accept-Language", "zh-CN,zh;q=0.9,en;q=0.5")]
            )
            #expect(chinese.headers.first(name: "Content-Language") == "zh-Hans")
            let other = try await browser.get("/page/sign-in")
            #expect(other.headers.first(name: "Content-Language") == "en")
        }
    }

    @Test func `style and script are there for everybody, from here alone`() async throws {
        try await withGateway { home in
            for (path, type) in [
                (PagePath.style, "text/css; charset=utf-8"),
                (.script, "text/javascript; charset=utf-8"),
            ] {
                let reply = try await PageBrowser(home: home).get(path.rawValue)
                #expect(reply.status == 200)
                #expect(!reply.text.isEmpty)
                #expect(reply.headers.first(name: "Content-Type") == type)
                #expect(reply.headers.first(name: "X-Content-Type-Options") == "nosniff")
            }
        }
    }
}
