import Foundation
import Logging
import PurserCore
import PurserEngine
import PurserSandbox
import Testing

@testable import PurserCLI

/// The table of `Documentation/CLI.md` names every field that `--json` prints, and no other.
struct JSONReferenceTests {
    @Test func `every field printed is documented, and every documented field is printed`()
        async throws
    {
        let documented = try JSONFields.documented()
        let printed = PrintedFields()
        try await withCommandHome(isMade: false) { home in
            try await recordAccounts(home, in: printed)
            try await recordWork(home, in: printed)
            try await recordBooks(home, in: printed)
            try await recordVault(home, in: printed)
            try await recordChanges(home, in: printed)
        }
        let all = await printed.fields
        #expect(Set(documented.keys) == Set(all.keys))
        for (command, fields) in documented {
            let seen = all[command] ?? [:]
            let missing = Set(fields.keys).subtracting(seen.keys)
                .subtracting(Self.unseen[command] ?? [])
            #expect(missing.isEmpty, "\(command): documented, not printed: \(missing.sorted())")
            for (field, types) in seen {
                let known = fields[field] ?? []
                #expect(types.isSubset(of: known), "\(command): \(field) printed as \(types)")
            }
        }
    }

    /// What this work does not bring about: a job under way has made nothing yet, the trail is right, nothing was renewed,
    /// spent elsewhere or sold at another price.
    private static let unseen = [
        "jobs check": ["open[].media[]"],
        "audit verify": ["findings[].rule", "findings[].place", "findings[].message"],
        "credits wasted": rowsAndTotals(
            "wasted",
            [
                "account", "renewals", "granted", "lapsed", "cheapest_model", "cheapest_price",
                "cheapest_videos", "most_used_model", "most_used_price", "most_used_videos",
            ]
        ),
        "credits drift": rowsAndTotals("drift", ["account", "cause", "entries", "amount"]),
        "credits prices": rowsAndTotals(
            "prices",
            ["day", "model", "tier", "before", "price", "catalogue", "accounts"]
        ),
    ]

    private static func rowsAndTotals(_ name: String, _ fields: [String]) -> [String] {
        fields.flatMap { ["\(name)[].\($0)", "totals.\($0)"] }
    }

    private func recordAccounts(_ home: CommandHome, in printed: PrintedFields) async throws {
        try home.write(
            """
            [[accounts]]
            name = "gone"
            tier = "ultra"
            token-file = "no-such-token"
            """,
            to: "team.toml"
        )
        try await printed.run(
            "init",
            "init --passphrase-file ~/passphrase --key-file ~/test.key --config ~/team.toml",
            home,
            expecting: 74
        )
        try await printed.run(
            "accounts add",
            "accounts add ultra-1 --token-stdin --monthly-credits 1000 --renews-on 5 --tag video",
            home,
            input: CommandHome.ultraToken
        )
        try await home.addTierOne()
        for token in ["ya29.second", "ya29.third"] {
            try home.sandbox.setToken(of: "ultra", to: token, keepOld: true)
            let line = "accounts rotate ultra-1 --token-stdin --expires-at 2126-12-31"
            try await printed.run("accounts rotate", line, home, input: token)
        }
        try await printed.run("accounts versions", "accounts versions ultra-1", home)
        try await printed.run("accounts rollback", "accounts rollback ultra-1", home)
        try await printed.run("accounts purge", "accounts purge ultra-1", home)
        try await printed.run("accounts reveal", "accounts reveal ultra-1 --yes", home)
        try await printed.run("accounts refresh", "accounts refresh", home)
        try await home.purser("accounts set ultra-1 --max-in-flight 3")
        try await printed.run("accounts export", "accounts export", home)
        try await printed.run("accounts export", "accounts export --output ~/all.toml", home)
        try home.write(
            "[[accounts]]\nname = \"pro-1\"\ntier = \"tier-one\"\ntags = [\"x\"]",
            to: "one.toml"
        )
        try await printed.run("accounts import", "accounts import ~/one.toml --dry-run", home)
        let dead = "[[accounts]]\nname = \"dead\"\ntier = \"ultra\"\ntoken-file = \"dead.token\""
        try home.write("ya29.dead", to: "dead.token")
        try home.write(dead, to: "dead.toml")
        try await printed.run("accounts import", "accounts import ~/dead.toml", home, expecting: 1)
        try await printed.run("members add", "members add ana --budget 500", home)
        try await printed.run("members set", "members set ana --add-budget 5", home)
        try await recordMembers(home, in: printed)
        try await printed.run("models list", "models list", home)
        try await printed.run("models explain", "models explain veo_3_0_r2v_fast", home)
    }

    private func recordMembers(_ home: CommandHome, in printed: PrintedFields) async throws {
        let limits = "--per-cycle 900 --cycle-day 5 --total 5000 --warn-at 80"
        let choice = "--tier ultra --tag video --model veo_3_0_r2v_fast"
        try await printed.run("members add", "members add ben \(limits) \(choice)", home)
        let end = "--expires-at 2126-12-31"
        try await printed.run("members rotate", "members rotate ben \(end)", home)
        try await home.purser("members rotate ben")
        try await printed.run("members revoke", "members revoke ben", home)
        try await printed.run("members show", "members show ana", home)
        try await printed.run("members show", "members show ben", home)
        try await home.purser("members set --team --per-day 100000 --warn-at 90")
        try await home.purser("members set --team --total 1000000")
        try await printed.run("members show --team", "members show --team", home)
        try await home.purser("members set --team --clear day --clear total")
        try await home.purser("members set --team --per-cycle 1000000 --cycle-day 1")
        try await printed.run("members show --team", "members show --team", home)
        try await printed.run("members list", "members list", home)
    }

    private func recordWork(_ home: CommandHome, in printed: PrintedFields) async throws {
        try await printed.run("route", "route ~/capture.txt", home)
        try await printed.run("send --dry-run", "send ~/capture.txt --dry-run", home)
        try home.sandbox.arm(SandboxFault(preset: "throttled"))
        try home.write(
            #"{"clientContext": {"tool": "PINHOLE"}, "imageInput": {"rawImageBytes": "aGk="}}"#,
            to: "upload.json"
        )
        try await printed.run("send", "send ~/upload.json --path flow/uploadImage", home)
        try await home.purser("members set --team --total 1000000 --warn-at 1")
        try await home.purser("members set ana --total 100 --warn-at 1")
        try await printed.run("send", "send ~/capture.txt --member ana", home)
        try await printed.run("accounts show", "accounts show ultra-1", home)
        try await printed.run("jobs wait", "jobs wait", home)
        try home.sandbox.arm(SandboxFault(preset: "fail-jobs"))
        let failing = "send ~/capture.txt --account pro-1 --wait"
        try await printed.run("send", failing, home, expecting: 82)
        try await printed.run("send", "send ~/capture.txt --account pro-1 --wait", home)
        try await printed.run("jobs list", "jobs list", home)
        let jobs = try await home.json("jobs list")["jobs"] as? [[String: Any]]
        let ended = jobs?.first { $0["state"] as? String == "SUCCESSFUL" }
        let job = try #require(ended?["id"] as? String)
        try await printed.run("jobs show", "jobs show \(job)", home)
        try await home.purser("send ~/capture.txt --account pro-1")
        try home.sandbox.arm(SandboxFault(preset: "cut-after-charge"))
        try await home.purser("send ~/capture.txt --account pro-1", expecting: 83)
        try await printed.run("jobs check", "jobs check --no-wait", home)
    }

    private func recordAlerts(_ home: CommandHome, in printed: PrintedFields) async throws {
        let receiver = try WebhookReceiver([500, 204])
        defer { receiver.stop() }
        let alerts = """
            [alerts]
            webhook = "http://127.0.0.1:\(receiver.port)/"
            secret-command = "echo whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
            low-credits = [5000]
            """
        try home.write(alerts, to: "alerts.toml")
        let home = home.with(["PURSER_CONFIG": home.folder + "/alerts.toml"])
        try await home.inContext { context in
            try await context.withAlertDesk(logger: Logger(label: "test")) { desk in
                try await desk?.judge()
                _ = try await desk?.deliver()
            }
        }
        try await printed.run("alerts test", "alerts test", home)
        try await printed.run("alerts list", "alerts list", home)
    }

    private func recordBooks(_ home: CommandHome, in printed: PrintedFields) async throws {
        try await printed.run("credits", "credits", home)
        for key in ["account,week", "tier,month", "member", "model", "day"] {
            try await printed.run("credits --by", "credits --by \(key)", home)
        }
        for section in ["budgets", "wasted", "drift", "prices"] {
            try await printed.run("credits \(section)", "credits \(section)", home)
        }
        for key in ["account", "tier", "member", "model", "day", "week", "month"] {
            try await printed.run("credits failures", "credits failures --by \(key)", home)
        }
        try await printed.run("credits statement", "credits statement pro-1", home)
        try await printed.run("credits forecast", "credits forecast", home)
        try await printed.run("simulate", "simulate", home)
        try await printed.run("ledger list", "ledger list", home)
        try await printed.run("audit list", "audit list", home)
        try await recordAlerts(home, in: printed)
        try await printed.run("doctor", "doctor --no-unlock --offline", home, expecting: 1)
        try await recordCopies(home, in: printed)
        // An unknown that nobody has decided for a month is worth a warning.
        home.skipped.add(.seconds(30 * 86_400))
        try await printed.run("ledger verify", "ledger verify", home)
        try await home.purser("jobs check")
        try await home.purser("send ~/capture.txt --account pro-1")
        for scope in [SandboxFault.Scope.status, .credits] {
            try home.sandbox.arm(SandboxFault(.answer, scope: scope, count: nil, status: 503))
        }
        try await printed.run("jobs check", "jobs check", home, expecting: 1)
        home.sandbox.clearFaults()
        try home.sandbox.changeCredits(of: "tier-one", by: -1)
        try await printed.run("ledger reconcile", "ledger reconcile", home)
    }

    private func recordCopies(_ home: CommandHome, in printed: PrintedFields) async throws {
        try await printed.run("ledger export", "ledger export --output ~/books", home)
        try await printed.run("audit export", "audit export --output ~/trail", home)
        try await printed.run("audit verify", "audit verify", home)
        try await printed.run("vault backup", "vault backup ~/copy", home)
        let header = try await home.json("vault backup ~/copy --force")["header_id"] as? String
        try await home.purser("accounts pause ultra-1")
        let back = "vault restore ~/copy --accept-rollback \(try #require(header))"
        try await printed.run("vault restore", back, home)
    }

    private func recordVault(_ home: CommandHome, in printed: PrintedFields) async throws {
        let admin = "--passphrase-file ~/passphrase"
        let add = "vault keys add"
        try await printed.run("vault keys new", "vault keys new ~/bob.key", home)
        try await printed.run(add, "\(add) bob --public-key ~/bob.key.pub --yes \(admin)", home)
        try await printed.run(add, "\(add) ci --new-key-file ~/ci.key \(admin)", home)
        try await printed.run(add, "\(add) sheet --recovery \(admin)", home)
        try await printed.run(add, "\(add) eve --generate-passphrase \(admin)", home)
        try await printed.run("vault keys list", "vault keys list", home)
        try await printed.run("vault keys remove", "vault keys remove bob --yes \(admin)", home)
        try await printed.run("vault rotate-key", "vault rotate-key \(admin)", home)
        let change = "vault change-passphrase"
        try home.write("another good passphrase", to: "other")
        let steps = "\(change) --new-passphrase-file ~/other --compromised \(admin)"
        try await printed.run(change, steps, home)
        let generated = "\(change) --generate-passphrase --passphrase-file ~/other"
        try await printed.run(change, generated, home)
        try await printed.run("vault status", "vault status", home)
        try await printed.run("vault verify", "vault verify", home)
        try await printed.run("vault checkpoint", "vault checkpoint", home)
        try await printed.run("accounts show", "accounts show ultra-1", home)
        let header = try await home.json("vault status")["header_id"] as? String
        try await printed.run(
            "vault accept-rollback",
            "vault accept-rollback \(try #require(header))",
            home
        )
    }

    private func recordChanges(_ home: CommandHome, in printed: PrintedFields) async throws {
        try await printed.run("accounts list", "accounts list", home)
        try await printed.run("accounts set", "accounts set ultra-1 --reserve 10", home)
        try await printed.run("accounts pause", "accounts pause ultra-1", home)
        try await printed.run("accounts resume", "accounts resume ultra-1", home)
        try await printed.run("accounts remove", "accounts remove ultra-1 --yes", home)
        try await printed.run("every error", "accounts show nobody", home, expecting: 73)
    }
}

/// A field's path, such as `accounts[].name`, and the types it is printed as.
typealias FieldTypes = [String: Set<String>]

enum JSONFields {
    /// The document's table, shapes filled in: command, path, types.
    static func documented() throws -> [String: FieldTypes] {
        var rows: [String: FieldTypes] = [:]
        for row in try Document("CLI.md").rows(of: "json") {
            try #require(row.count == 4, "a row has four cells: \(row)")
            for command in row[0].split(separator: ", ") {
                rows[String(command), default: [:]][row[1]] = Set(
                    row[2].split(separator: " or ").map(String.init)
                )
            }
        }
        let shapes = rows.filter { $0.key.hasPrefix("shape ") }
        return rows.filter { !$0.key.hasPrefix("shape ") }.mapValues { fields in
            fields.reduce(into: FieldTypes()) { filled, field in
                guard let name = field.value.first, let shape = shapes["shape \(name)"] else {
                    filled[field.key] = field.value
                    return
                }
                for (below, types) in shape {
                    filled[field.key == "." ? below : "\(field.key).\(below)"] = types
                }
            }
        }
    }

    /// Everything a value prints; names under `not_checked` are rules, not fields.
    static func printed(_ value: JSONValue, at path: String = "") -> FieldTypes {
        switch value {
        case .object(let members):
            return members.reduce(into: [:]) { fields, member in
                let name = path == "not_checked" ? "*" : member.key
                let below = printed(member.value, at: path.isEmpty ? name : "\(path).\(name)")
                fields.merge(below) { $0.union($1) }
            }
        case .array(let elements):
            return elements.reduce(into: [:]) { fields, element in
                fields.merge(printed(element, at: path + "[]")) { $0.union($1) }
            }
        case .string: return [path: ["string"]]
        case .number(let text): return [path: [Int64(text) == nil ? "number" : "integer"]]
        case .boolean: return [path: ["boolean"]]
        case .null: return [path: ["null"]]
        }
    }
}

/// What commands printed, collected over a test.
actor PrintedFields {
    private(set) var fields: [String: FieldTypes] = [:]

    func run(
        _ command: String,
        _ line: String,
        _ home: CommandHome,
        input: String = "",
        expecting status: Int32 = 0
    ) async throws {
        let result = try await home.purser(line + " --json", input: input, expecting: status)
        let value = try #require(JSONValue(Array(result.output.utf8)), "\(line): no JSON")
        fields[command, default: [:]].merge(JSONFields.printed(value)) { $0.union($1) }
    }
}
