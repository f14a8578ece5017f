import PurserCore
import Testing

@testable import PurserCLI

struct ConfigurationProblemTests {
    /// The messages of everything that is wrong, each followed by its hint.
    private func problems(_ bytes: [UInt8]) -> [String] {
        do throws(ConfigurationError) {
            _ = try Configuration(bytes: bytes, file: "accounts.toml")
            return []
        } catch {
            return error.problems.map { $0.message + ($0.hint.map { " | \($0)" } ?? "") }
        }
    }

    private func problems(_ text: String) -> [String] { problems(Array(text.utf8)) }

    @Test func `an unknown key names file, line, table, account and the nearest name`() {
        let text = """
            # three accounts
            [[accounts]]
            name = "a"
            tier = "free"
            [[accounts]]
            name = "b"
            tier = "free"
            [[accounts]]
            name = "pro-2"
            tier = "free"

            max-inflight = 3
            """
        #expect(
            problems(text) == [
                "accounts.toml:12: [[accounts]] number 3 \"pro-2\": unknown key \"max-inflight\""
                    + " | did you mean \"max-in-flight\"?"
            ]
        )
    }

    @Test(arguments: [
        ("[routnig]", "1: unknown key \"routnig\" | did you mean \"routing\"?"),
        ("[upstream.folw]", "1: [upstream]: unknown key \"folw\" | did you mean \"flow\"?"),
        (
            "[upstream.flow]\npoll_every = \"1s\"",
            "2: [upstream.flow]: unknown key \"poll_every\" | did you mean \"poll-every\"?"
        ),
        (
            "[routing]\nzzzzzzzz = 1",
            "2: [routing]: unknown key \"zzzzzzzz\""
                + " | known are policy, wait, queue, attempts, retry-within, allow-unknown-models, unknown-model-price"
        ),
        ("routing = 3", "1: \"routing\" must be a table, not a whole number"),
        ("[accounts]", "1: \"accounts\" must be an array of tables, not a table"),
        (
            "accounts = [1]",
            "1: \"accounts\" holds something that is not a table | write [[accounts]]"
        ),
        ("[gateway]\nport = \"80\"", "2: [gateway]: \"port\" must be a whole number, not a string"),
        ("[gateway]\nport = 65536", "2: [gateway]: \"port\" is 65536, allowed are 1 to 65535"),
        (
            "[gateway]\nport = -9223372036854775808",
            "2: [gateway]: \"port\" is -9223372036854775808, allowed are 1 to 65535"
        ),
        ("[gateway]\nhost = \"\"", "2: [gateway]: \"host\" is empty"),
        ("[gateway]\nhost = \"a b\"", "2: [gateway]: \"host\" is not a host name or an address"),
        (
            "[gateway]\ntls-key = \"k\"",
            "2: [gateway]: \"tls-key\" is given alone"
                + " | TLS needs both tls-certificate and tls-key"
        ),
        (
            "[routing]\npolicy = \"ballanced\"",
            "2: [routing]: \"policy\" is \"ballanced\", allowed are balanced, soonest-renewal,"
                + " most-credits, round-robin, least-busy | did you mean \"balanced\"?"
        ),
        (
            "[routing]\nwait = \"30\"",
            "2: [routing]: \"wait\" is \"30\", which is not a length of time | \(Duration.textHint)"
        ),
        ("[routing]\nwait = \"2h\"", "2: [routing]: \"wait\" is \"2h\", allowed are 0s to 1h"),
        (
            "[routing]\nattempts = 2.0",
            "2: [routing]: \"attempts\" must be a whole number, not a number with a fraction"
        ),
        (
            "[routing]\nallow-unknown-models = true",
            "2: [routing]: \"allow-unknown-models\" needs \"unknown-model-price\""
                + " | name the credits to hold for a model the catalogue does not know"
        ),
        (
            "[routing]\nunknown-model-price = 9007199254740993",
            "2: [routing]: \"unknown-model-price\" is 9007199254740993,"
                + " allowed are 0 to 9007199254740992"
        ),
        (
            "[upstream.flow]\nbase-url = \"http://example.org\"",
            "2: [upstream.flow]: \"base-url\" would send tokens in clear to example.org"
                + " | use https; http is for 127.0.0.1, [::1] and localhost"
        ),
        (
            "[vault]\nkey-file = \"a\"\npassphrase-file = \"b\"",
            "2: [vault]: \"key-file\" stands beside \"passphrase-file\" | give only one of them"
        ),
        (
            "[vault]\npassphrase = \"hunter2\"",
            "2: [vault]: \"passphrase\": a secret in clear is not accepted"
                + " | name its source: passphrase-file, passphrase-command or key-file"
        ),
        (
            "[alerts]\nwebhok = \"https://a\"",
            "2: [alerts]: unknown key \"webhok\" | did you mean \"webhook\"?"
        ),
        (
            "[alerts]\nwebhook = \"http://example.org/x\"\nsecret-file = \"s\"",
            "2: [alerts]: \"webhook\" would send messages in clear to example.org"
                + " | use https; http is for 127.0.0.1, [::1] and localhost"
        ),
        (
            "[alerts]\nwebhook = \"https://ada@example.org/x\"\nsecret-file = \"s\"",
            "2: [alerts]: \"webhook\" is not the address of a webhook | write https://host/path"
        ),
        (
            "[alerts]\nwebhook = \"https://example.org/x\"",
            "2: [alerts]: \"webhook\" needs a secret to sign messages with"
                + " | name its source: secret-env, secret-file or secret-command"
        ),
        (
            "[alerts]\nsecret-file = \"s\"",
            "1: [alerts]: names a secret and no \"webhook\""
        ),
        (
            "[alerts]\nsecret = \"whsec_SECRET\"",
            "2: [alerts]: \"secret\": a secret in clear is not accepted"
                + " | name its source: secret-env, secret-file or secret-command"
        ),
        (
            "[alerts]\nlow-credits = [0]",
            "2: [alerts]: \"low-credits\" holds something else than at most 8 whole numbers"
                + " from 1 to 4503599627370496"
        ),
        (
            "[vault]\nslot = \"-x\"",
            "2: [vault]: \"slot\" is \"-x\", which is not a name | \(plainNameHint)"
        ),
    ])
    func `a wrong setting is named with its line`(text: String, problem: String) {
        #expect(problems(text) == ["accounts.toml:\(problem)"])
    }

    @Test(arguments: [
        ("token = \"ya29.SECRET\"", "\"token\": a token in clear is not accepted"),
        ("token-env = \"ya29.SECRET\"", "\"token-env\" is not the name of an environment variable"),
        (
            "token-env = \"A\"\ntoken-file = \"ya29.SECRET\"",
            "\"token-file\" stands beside \"token-env\""
        ),
        ("token-file = { ya29 = 1 }", "\"token-file\" must be a string, not a table"),
        ("renews-on = 32", "\"renews-on\" is 32, allowed are 1 to 31"),
        ("reserve = -1", "\"reserve\" is -1, allowed are 0 to 9007199254740992"),
        ("max-in-flight = 0", "\"max-in-flight\" is 0, allowed are 1 to 1000"),
        ("expires-at = 2026-12-31T23:59:59", "\"expires-at\" does not say its offset from UTC"),
        ("expires-at = 2026-12-31", "\"expires-at\" must be a date with time, not a date"),
        ("tags = [\"a\", 1]", "\"tags\" holds something that is not a name"),
        ("tags = \"a\"", "\"tags\" must be a list of names, not a string"),
        ("offline = true", "\"offline\" needs \"credits\""),
        ("credits = 5", "\"credits\" is for \"offline = true\""),
        ("project-id = \"a b\"", "\"project-id\" is not a project id"),
    ])
    func `a wrong account is named, and no token is repeated`(text: String, problem: String) {
        let found = problems("[[accounts]]\nname = \"x\"\ntier = \"free\"\n\(text)\n")
        #expect(found.count == 1)
        #expect(found.first?.contains("[[accounts]] number 1 \"x\": \(problem)") == true)
        #expect(found.first?.contains("SECRET") == false)
    }

    @Test func `where alerts are signed with is named as tokens are, and no secret is repeated`() {
        let found = problems(
            "[alerts]\nwebhook = \"http://127.0.0.1:1/x?y=z\"\nsecret-env = \"whsec_SECRET/+\"\n"
        )
        #expect(
            found == [
                "accounts.toml:3: [alerts]: \"secret-env\" is not the name of an environment variable"
                    + " | write the variable's name, not the secret"
            ]
        )
    }

    @Test func `names are unique and plain, and harmless in a message`() {
        let text = """
            [[accounts]]
            name = "a"
            tier = "free"
            [[accounts]]
            name = "a"
            tier = "gold"
            [[accounts]]
            name = "\\u001b[31m"
            tier = "free"
            [[accounts]]
            """
        let found = problems(text)
        #expect(found.count == 5)
        #expect(found[0].hasSuffix("number 2 \"a\": \"name\" \"a\" stands on line 2 too"))
        #expect(found[1].contains("accounts.toml:6: "))
        #expect(found[2].contains("accounts.toml:8: [[accounts]] number 3 \"\\u{1b}[31m\""))
        #expect(found[3] == "accounts.toml:10: [[accounts]] number 4: \"name\" is missing")
        #expect(found[4] == "accounts.toml:10: [[accounts]] number 4: \"tier\" is missing")
        #expect(!found.joined().unicodeScalars.contains("\u{1B}"))
    }

    @Test func `a model key belongs to one model`() {
        let text = """
            [[models]]
            id = "a"
            ultra = { key = "k", credits = 1 }
            [[models]]
            id = "b"
            tier-one = { key = "k", creditz = 1 }
            ultra = { }
            free = { key = "k\\n" }
            [[models]]
            id = "a"
            endpoint = "../x"
            """
        #expect(
            problems(text) == [
                "accounts.toml:6: [[models]] number 2 \"b\", tier-one: unknown key \"creditz\""
                    + " | did you mean \"credits\"?",
                "accounts.toml:6: [[models]] number 2 \"b\", tier-one: \"key\" \"k\" is a key of \"a\" too",
                "accounts.toml:7: [[models]] number 2 \"b\", ultra: says nothing"
                    + " | write { key = \"…\", credits = 10 }",
                "accounts.toml:8: [[models]] number 2 \"b\", free: \"key\" is \"k\\n\","
                    + " which is not a model key",
                "accounts.toml:10: [[models]] number 3 \"a\": \"id\" \"a\" stands on line 2 too",
                "accounts.toml:11: [[models]] number 3 \"a\": \"endpoint\" is \"../x\","
                    + " which is not a path after /v1/ | video:batchAsyncGenerateVideoText, for example",
            ]
        )
    }

    @Test func `a syntax error has line and column`() {
        let found = problems("[vault]\nslot = \"a\"\nslot = \"b\"\n")
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("accounts.toml:3:") == true)
        #expect(problems("a = [1,\n  2\n").first?.hasPrefix("accounts.toml:") == true)
    }

    @Test func `bytes that are no text are refused with their line`() {
        #expect(
            problems(Array("a = 1\nb = \"".utf8) + [0]) == ["accounts.toml:2: holds a NUL byte"]
        )
        #expect(
            problems("[vault]\nslot = \"a\\u0000b\"") == ["accounts.toml:2: holds an escaped NUL"]
        )
        #expect(
            problems(Array("\n\n# ".utf8) + [0xFF, 0x0A]) == ["accounts.toml:3: is not UTF-8 text"]
        )
        #expect(problems(Array("# ".utf8) + [0xC3]) == ["accounts.toml:1: is not UTF-8 text"])
    }

    @Test(arguments: ["[=]", "[", "[[", "[ :x]", "[#", "[[\n]]", "[.a]", "[é]"])
    func `a table without a name ends no process`(header: String) {
        #expect(problems("a = 1\n\(header)") == ["accounts.toml:2: a table has no name"])
        #expect(problems("[]").first?.hasPrefix("accounts.toml:1:") == true)
    }

    @Test(arguments: ["[}", "[1,}", "[ # x\n }", "[\u{2028}1]", "[[1],\u{85}]"])
    func `what is no value in a list ends no process`(list: String) {
        let line = list.contains("\n") ? 3 : 2
        #expect(
            problems("a = 1\nb = \(list)")
                == ["accounts.toml:\(line): a list holds something that is no value"]
        )
    }

    @Test(arguments: ["2026-12-31T", "2026-12-31tx", "2026-12-31 x", "2026-12-31  07:00:00"])
    func `a date with something else than a time after it ends no process`(date: String) {
        #expect(
            problems("a = 1\nb = [\(date), 1]")
                == ["accounts.toml:2: a date has no time after it"]
        )
        #expect(!problems("b = 2026-12-31 # x").joined().contains("no time"))
        #expect(!problems("b = 2026-12-31 07:00:00").joined().contains("no time"))
    }

    @Test func `a hostile depth ends no process`() {
        let dots = "\n[" + String(repeating: "a.", count: 500_000) + "a]\nb = 1\n"
        #expect(problems(dots) == ["accounts.toml:2: nests too deeply"])
        let brackets = "a = " + String(repeating: "[", count: 500_000)
        #expect(problems(brackets) == ["accounts.toml:1: nests too deeply"])
        let braces = String(repeating: "{a=", count: 100_000)
        #expect(problems("a = \(braces)") == ["accounts.toml:1: nests too deeply"])
    }

    @Test func `several problems are all kept, and the first is the message`() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration(
                bytes: Array("[gateway]\nport = 0\n[routing]\nwait = 1\n".utf8),
                file: "f"
            )
        }
        #expect(
            error?.message == "f:2: [gateway]: \"port\" is 0, allowed are 1 to 65535 (and 1 more)"
        )
        #expect(error?.kind == .invalidInput)
    }

    @Test(arguments: [
        ("max-inflight", "max-in-flight"), ("Policy", "policy"), ("ploicy", "policy"),
        ("renews_on", "renews-on"), ("x", nil), ("", nil), ("completely-different", nil),
    ])
    func `the nearest name is offered when one is near`(text: String, nearest: String?) {
        let names = ["max-in-flight", "policy", "renews-on", "tags"]
        #expect(nearestName(to: text, in: names) == nearest)
    }
}
