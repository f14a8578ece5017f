import Foundation
import PurserCore
import PurserSandbox
import Testing

@testable import PurserCLI

/// `purser credits` says the same in every form, and what it says is what the entries say.
struct CreditReportFormatTests {
    /// Work of two members on two accounts, over some weeks; one job failed and was given back.
    private func work(_ home: CommandHome) async throws {
        try await home.addUltra()
        try await home.addTierOne()
        try await home.purser("accounts set ultra-1 --monthly-credits 690 --renews-on 5")
        try await home.purser("members add ana --budget 500")
        try await home.purser("members add ben --per-month 300")
        for (index, member) in ["ana", "ben", "ana", "owner"].enumerated() {
            let account = index % 2 == 0 ? "ultra-1" : "pro-1"
            try await home.purser(
                "send ~/capture.txt --wait --member \(member) --account \(account)"
            )
            home.skipped.add(.seconds(9 * 86_400))
        }
        try home.sandbox.arm(SandboxFault(preset: "fail-jobs"))
        let failing = "send ~/capture.txt --wait --member ben --account ultra-1"
        try await home.purser(failing, expecting: 82)
        try await home.purser("jobs check")
    }

    /// Charged and refunded on accounts, added up over the exported entries.
    private func entrySums(_ home: CommandHome) async throws -> (charged: Int, refunded: Int) {
        var sums = (charged: 0, refunded: 0)
        let lines = try await home.purser("ledger export --format jsonl").output
        for line in lines.split(separator: "\n") {
            let entry = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            )
            guard (entry["ledger_account"] as? String)?.hasPrefix("credits:") == true else {
                continue
            }
            let delta = entry["d_posted"] as? Int ?? 0
            switch entry["kind"] as? String {
            case "settle", "charge": sums.charged -= delta
            case "refund": sums.refunded += delta
            default: break
            }
        }
        return sums
    }

    @Test func `all forms of a report agree with each other and with the entries`() async throws {
        try await withCommandHome { home in
            try await work(home)
            let (charged, refunded) = try await entrySums(home)
            #expect(charged > 0 && refunded > 0)
            for by in ["account", "week", "tier,member", "day,model", "member,month", "model,week"]
            {
                let line = "credits --by \(by)"
                let json = try await home.json(line)
                let rows = try #require(json["spending"] as? [[String: Any]])
                let totals = try #require(json["totals"] as? [String: Any])
                #expect(totals["charged"] as? Int == charged, "\(by)")
                #expect(totals["refunded"] as? Int == refunded, "\(by)")
                let sum = rows.reduce(0) { $0 + ($1["spent"] as? Int ?? 0) }
                #expect(sum == charged - refunded, "\(by)")

                let csv = try await home.purser(line + " --format csv").output
                    .split(separator: "\r\n").dropFirst()
                #expect(csv.count == rows.count, "\(by)")
                let last = csv.compactMap { $0.split(separator: ",").last.flatMap { Int($0) } }
                #expect(last.reduce(0, +) == sum, "\(by)")

                let markdown = try await home.purser(line + " --format markdown").output
                let table = try await home.purser(line).output
                let html = try await home.purser(line + " --format html").output
                #expect(markdown.hasSuffix("| **\(sum)** |\n"), "\(by)")
                #expect(table.hasSuffix(" \(sum)\n"), "\(by)")
                #expect(html.contains(">\(sum)<"), "\(by)")
                for row in rows {
                    let label = try #require(row[String(by.prefix { $0 != "," })] as? String)
                    #expect(table.contains(label) && html.contains(label), "\(by)")
                    #expect(markdown.replacing("\\", with: "").contains(label), "\(by)")
                }
            }
            #expect(try await home.purser("ledger verify").output.contains("0 violations"))
        }
    }

    @Test func `spans cut the same sums`() async throws {
        try await withCommandHome { home in
            try await work(home)
            func spent(_ words: String) async throws -> Int? {
                let totals = try await home.json("credits --by model \(words)")["totals"]
                return (totals as? [String: Any])?["charged"] as? Int
            }
            let all = try #require(try await spent(""))
            #expect(try await spent("--last 60d") == all)
            #expect(try await spent("--last 9w") == all)
            // The last send alone, by whatever way its day is told.
            let today = CalendarDay(Timestamp.now + home.skipped.span)
            let last = try await spent("--last 1d")
            #expect(last == 10)
            #expect(try await spent("--from \(today) --to \(today)") == last)
            let month = String(today.description.prefix(7))
            let first = today.latest(dayOfMonth: 1)
            let inMonth = try await spent("--month \(month)")
            #expect(inMonth == (try await spent("--from \(first) --to \(today)")))
            let cycle = try await home.json("credits --by account --cycle")
            let rows = cycle["spending"] as? [[String: Any]]
            for (name, start) in [("ultra-1", today.latest(dayOfMonth: 5)), ("pro-1", first)] {
                let own = try await home.json("credits --by account --from \(start)")["spending"]
                let expected = (own as? [[String: Any]])?.first { $0["account"] as? String == name }
                let found = rows?.first { $0["account"] as? String == name }
                #expect(found?["charged"] as? Int == expected?["charged"] as? Int)
            }
        }
    }

    @Test func `a terminal gets bars and a trend, a pipe does not`() async throws {
        try await withCommandHome { home in
            try await work(home)
            let piped = try await home.purser("credits --by member")
            let shown = try await home.purser("credits --by member", answers: [])
            #expect(!piped.output.contains("█") && shown.output.contains("█"))
            #expect(!shown.output.contains("\u{1B}"))
            let trend = try await home.purser("credits --by member,week", answers: [])
            #expect(trend.output.contains("TREND"))
            for by in ["member", "member,week"] {
                for format in ["csv", "markdown", "json"] {
                    let line = "credits --by \(by) --format \(format)"
                    let shown = try await home.purser(line, answers: []).output
                    #expect(try await home.purser(line).output == shown, "\(line)")
                }
                let html = try await home.purser("credits --by \(by) --format html", answers: [])
                #expect(!html.output.contains("█") && !html.output.contains("TREND"))
            }
        }
    }

    @Test func `every section has every form, and the whole report is one file`() async throws {
        try await withCommandHome { home in
            try await work(home)
            for section in ["budgets", "failures", "wasted", "drift", "prices"] {
                for format in ["table", "json", "csv", "markdown", "html"] {
                    let output = try await home.purser("credits \(section) --format \(format)")
                        .output
                    #expect(!output.isEmpty, "\(section) \(format)")
                }
            }
            let failures = try await home.json("credits failures --by member")
            let rows = failures["failures"] as? [[String: Any]]
            #expect(rows?.first?["member"] as? String == "ben")
            #expect(rows?.first?["failed"] as? Int == 1)
            let budgets = try await home.json("credits budgets")["budgets"] as? [[String: Any]]
            #expect(budgets?.map { $0["window"] as? String } == ["budget", "month"])
            #expect(budgets?.first?["limit"] as? Int == 500)
            #expect(budgets?.first?["spent"] as? Int == 20)

            let html = try await home.purser("credits --format html").output
            #expect(html.hasPrefix("<!DOCTYPE html>") || html.hasPrefix("<!doctype html>"))
            #expect(html.contains("<svg") && !html.contains("<script"))
            #expect(!html.contains("src=\"http") && !html.contains("href=\"http"))
        }
    }

    @Test func `a name that was given again is told from the removed account's`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try await home.purser("send ~/capture.txt --wait --account ultra-1")
            try await home.purser("accounts remove ultra-1 --yes")
            try await home.addUltra()
            try await home.purser("send ~/capture.txt --wait --account ultra-1")
            try await home.purser("accounts remove ultra-1 --yes")
            try await home.addUltra()
            try await home.purser("send ~/capture.txt --wait --account ultra-1")
            var removed: Set<String> = []
            for span in ["", " --cycle"] {
                let rows = try await home.json("credits --by account\(span)")["spending"]
                let names = (rows as? [[String: Any]])?.compactMap { $0["account"] as? String }
                removed = Set(names ?? [])
                #expect(removed.count == 3 && removed.contains("ultra-1"))
                removed.remove("ultra-1")
            }
            let drift = try await home.purser("ledger list --limit 1000").output
            let exported = try await home.purser("ledger export --format csv").output
            for label in removed {
                #expect(label.hasPrefix("ultra-1 (removed ") && drift.contains(label))
                let id = label.dropFirst("ultra-1 (removed ".count).dropLast()
                #expect(id.count == 8 && exported.contains("ultra-1-removed-\(id),"))
                let word = label.replacing(" ", with: "\u{A0}")
                let json = try await home.json("credits statement \(word)")
                let statement = json["movements"] as? [[String: Any]]
                #expect(statement?.contains { $0["amount"] as? Int == -10 } == true)
            }
        }
    }

    @Test func `files have every column, and a chart may fold its series`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            for _ in 0..<10 {
                try await home.purser("send ~/capture.txt --wait")
                home.skipped.add(.seconds(86_400))
            }
            let line = "credits --by account,day"
            let rows = try #require(try await home.json(line)["spending"] as? [[String: Any]])
            let days = rows.compactMap { $0["day"] as? String }
            #expect(days.count == 10)
            for form in ["", " --format markdown", " --format html"] {
                let output = try await home.purser(line + form).output
                #expect(days.allSatisfy { output.contains($0) }, "\(form)")
                #expect(form.hasSuffix("html") || !output.contains("earlier ("), "\(form)")
            }
            let html = try await home.purser(line + " --format html").output
            #expect(html.contains("earlier (4)"))
            let heads = html.matches(of: #/<th scope="col"[^>]*>([^<]*)</#).map { String($0.1) }
            #expect(days.allSatisfy { day in heads.contains(day) })
            #expect(html.contains("Spent by account and day: \(days[0]) to \(days[7])"))
        }
    }

    @Test func `a budget that was spent stays when its member is revoked`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            for name in ["total", "ben", "cy"] {
                try await home.purser("members add \(name) --budget 500 --per-month 300")
            }
            try await home.purser("members add dee --per-month 300")
            try await home.purser("send ~/capture.txt --wait --member total")
            try await home.purser("send ~/capture.txt --wait --member ben")
            for name in ["ben", "dee"] { try await home.purser("members revoke \(name)") }
            let json = try await home.json("credits budgets")["budgets"] as? [[String: Any]]
            let revoked = try #require(json).filter { $0["revoked"] as? Bool == true }
            #expect(revoked.map { $0["member"] as? String } == ["ben", "ben"])
            #expect(revoked.map { $0["spent"] as? Int } == [10, 10])
            let table = try await home.purser("credits budgets").output
            #expect(table.contains("ben (revoked)") && !table.contains("REVOKED"))
            #expect(try await home.purser("credits budgets --format csv").output.contains(",true"))

            let spent = try await home.purser("credits --by member").output
            #expect(spent.contains("\ntotal ") && spent.contains("\nin total "))
            let totals = try await home.json("credits --by member")["totals"] as? [String: Any]
            #expect(totals?["member"] as? String == "total")
        }
    }

    @Test(arguments: [
        "credits", "credits --by account", "credits wasted", "credits budgets", "credits forecast",
        "credits statement ultra-1", "ledger list", "models list",
    ])
    func `JSON and another form exclude each other`(_ line: String) async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            let result = try await home.purser("\(line) --json --format csv", expecting: 64)
            #expect(result.output.contains("\"usage\"") && result.messages.contains("--format csv"))
            try await home.purser("\(line) --json --format json")
        }
    }

    @Test func `a member has a statement with a budget and without`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try await home.purser("members add ana --budget 500")
            try await home.purser("members add ben")
            for member in ["ana", "ben", "ben"] {
                try await home.purser("send ~/capture.txt --wait --member \(member)")
            }
            func movements(_ name: String) async throws -> [[String: Any]] {
                let statement = try await home.json("credits statement --member \(name)")
                return try #require(statement["movements"] as? [[String: Any]])
            }
            let ana = try await movements("ana")
            #expect(ana.last?["balance"] as? Int == 490)
            let ben = try await movements("ben")
            #expect(ben.map { $0["amount"] as? Int } == [nil, -20, nil])
            #expect(ben.last?["balance"] as? Int == -20)
            try await home.purser("credits statement ultra-1 --month 9999-12")
            let last = try await home.purser("credits --month 9999-12 --by day --format html")
            #expect(last.output.contains("9999-12-01 to 9999-12-31"))
            try await home.purser("credits statement", expecting: 64)
            try await home.purser("credits statement ultra-1 --member ana", expecting: 64)
            try await home.purser("credits statement --member nobody", expecting: 73)
        }
    }
}
