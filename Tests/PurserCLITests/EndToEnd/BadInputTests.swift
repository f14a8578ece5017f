import Foundation
import PurserEngine
import PurserSandbox
import Testing

@testable import PurserCLI

/// Bad input gets an error that names the place and the next step, and changes nothing.
struct BadInputTests {
    @Test func `a mistake in a request is told with file, line and path`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try home.write(
                "{\n  \"requests\": [\n    {\"videoModelKey\": 7}\n  ]\n}",
                to: "bad.json"
            )
            let result = try await home.purser("send ~/bad.json", expecting: 78)
            #expect(result.messages.contains("bad.json: line 3, column"))
            #expect(result.messages.contains("requests[0].videoModelKey"))
            #expect(home.seenSubmissions().isEmpty)
        }
    }

    @Test func `an unknown model names the nearest`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try home.write(
                #"{"requests": [{"textInput": {"prompt": "p"}, "videoModelKey": "veo_3_1_t2v_fats"}]}"#,
                to: "typo.json"
            )
            let result = try await home.purser("send ~/typo.json", expecting: 78)
            #expect(result.messages.contains("veo_3_1_t2v_fast"))
        }
    }

    /// Each case of the table: its status, its words, and nothing changed by any of them.
    @Test(arguments: [
        BadInput.requests, BadInput.configurations, BadInput.tokens, BadInput.words,
        BadInput.replays,
    ])
    func `what is wrong is named with its place and the next step, and changes nothing`(
        _ table: [BadInput]
    ) async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            let before = try await home.books()
            let calls = home.sandbox.requests().count
            for bad in table {
                try home.write(bad.file, to: "bad")
                let result = try await home.purser(bad.line, input: bad.input, expecting: nil)
                #expect(result.status == bad.status, "\(bad.what): \(result.messages)")
                #expect(result.messages.contains("purser: error:"), "\(bad.what)")
                for part in bad.says {
                    #expect(result.messages.contains(part), "\(bad.what): \(result.messages)")
                }
                let shown = result.messages.unicodeScalars
                #expect(!shown.contains { $0 != "\n" && $0.isTreacherous }, "\(bad.what)")
                #expect(shown.count < 2000, "\(bad.what)")
                #expect(!result.messages.contains("Swift."), "\(bad.what)")
            }
            #expect(try await home.books() == before)
            #expect(home.sandbox.requests().count == calls)
        }
    }

    @Test func `a request that cannot be sent costs no passphrase`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            // Opening the vault would fail: whatever says something else came before it.
            let locked = home.with(["PURSER_KEY_FILE": home.folder + "/no.key"])
            try home.write(#"{"requests": [{"textInput": {}, "videoModelKey": "x"}]}"#, to: "bad")
            for (line, words) in [
                ("send ~/bad", "no model has the key"),
                ("send ~/capture.txt --member nobody", "no member nobody"),
                ("send ~/capture.txt --account nobody", "no account nobody"),
                ("send ~/capture.txt --max-credits -1", "--max-credits"),
                ("accounts add a/b --token-stdin", "is no name"),
                ("accounts add ultra-1 --token-stdin", "is taken"),
                ("accounts add b --max-in-flight 0 --token-stdin", "--max-in-flight"),
            ] {
                let result = try await locked.purser(line, expecting: nil)
                #expect(result.messages.contains(words), "\(line): \(result.messages)")
            }
            let last = try await locked.purser("send ~/capture.txt", expecting: 74)
            #expect(last.messages.contains("no.key"))
        }
    }

    @Test func `a reason is one line of characters that show`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            let long = String(repeating: "a", count: 201)
            for reason in ["a\u{1B}[31m\nb", "a\u{202E}b", "a\u{200B}", long] {
                for dry in ["", " --dry-run"] {
                    let line = "accounts pause ultra-1 --reason \(reason)\(dry)"
                    let result = try await home.purser(line, expecting: 78)
                    #expect(result.messages.contains("one line of at most 200 characters"))
                }
            }
            try await home.purser("accounts pause ultra-1 --reason \(long.dropLast())")
        }
    }

    @Test func `a second init leaves the home alone`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            let result = try await home.purser(
                "init --passphrase-file ~/passphrase",
                expecting: 76
            )
            #expect(result.messages.contains("hint:"))
            let accounts = try await home.json("accounts list")["accounts"] as? [[String: Any]]
            #expect(accounts?.count == 1)
        }
    }

    @Test func `a wrong passphrase has a status of its own`() async throws {
        try await withCommandHome { home in
            try home.write("wrong\n", to: "wrong")
            try await home.purser(
                "accounts add a --passphrase-file ~/wrong --token-stdin",
                input: "t\n",
                expecting: 69
            )
            try await home.purser(
                "accounts add ultra-1 --passphrase-file ~/passphrase --token-stdin",
                input: CommandHome.ultraToken
            )
        }
    }

    @Test(
        arguments: [
            ("accounts show nobody", Int32(73)), ("accounts pause nobody", 73),
            ("jobs show ffff", 73), ("credits --from yesterday", 78),
            ("credits --by colour", 64), ("credits --by day,day", 64), ("credits --by day,", 64),
            ("credits --by day,model,tier", 64), ("credits --last 0d", 78),
            ("credits --last 30", 78), ("credits --month november", 78),
            ("credits --month 2026-11 --from 2026-11-01", 64), ("credits --cycle --last 3d", 64),
            ("credits failures --by day,model", 78), ("credits drift --format pdf", 64),
            ("credits statement ultra-1 --month 2026-13", 78), ("accounts set ultra-1", 64),
            ("accounts add x --credits 5", 64), ("models explain veo_9", 78),
            ("send ~/no-such-file", 74), ("send ~/capture.txt --path video:none", 78),
            ("accounts set ultra-1 --max-in-flight 0", 78), ("no-such-command", 64),
            ("accounts add 'a/b' --offline --tier ultra --token-stdin", 78),
        ])
    func `wrong words end with a status that says which kind`(
        _ line: String,
        _ status: Int32
    ) async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            let result = try await home.purser(line, input: "token", expecting: status)
            #expect(result.messages.contains("purser: error:"))
            #expect(!result.messages.contains("Swift."))
        }
    }

    @Test func `a tier that differs is refused and nothing is added`() async throws {
        try await withCommandHome { home in
            let result = try await home.purser(
                "accounts add ultra-1 --tier tier-one --token-stdin",
                input: CommandHome.ultraToken,
                expecting: 76
            )
            #expect(result.messages.contains("tier-one"))
            #expect(result.messages.contains("PAYGATE_TIER_TWO"))
            let accounts = try await home.json("accounts list")["accounts"] as? [[String: Any]]
            #expect(accounts?.isEmpty == true)
        }
    }

    @Test func `the same token under two names is refused`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            let result = try await home.purser(
                "accounts add again --token-stdin",
                input: CommandHome.ultraToken,
                expecting: 76
            )
            #expect(result.messages.contains("ultra-1"))
        }
    }

    @Test func `a token with a line break within is refused`() async throws {
        try await withCommandHome { home in
            try await home.purser(
                "accounts add a --token-stdin",
                input: "abc\r\nX-Evil: 1\n",
                expecting: 78
            )
            #expect(home.sandbox.requests().isEmpty)
        }
    }

    @Test func `a dry run writes nothing`() async throws {
        try await withCommandHome { home in
            try await home.purser(
                "accounts add ultra-1 --token-stdin --dry-run",
                input: CommandHome.ultraToken
            )
            let accounts = try await home.json("accounts list")["accounts"] as? [[String: Any]]
            #expect(accounts?.isEmpty == true)
            try await home.addUltra()
            try await home.purser("accounts pause ultra-1 --dry-run")
            try await home.purser("send ~/capture.txt --dry-run")
            #expect(home.seenSubmissions().isEmpty)
            let shown = try await home.json("accounts show ultra-1")
            #expect(shown["state"] as? String == "enabled")
        }
    }

    @Test func `every error under json has its kind, message and hint`() async throws {
        try await withCommandHome { home in
            let error = try await home.json("accounts show nobody", expecting: 73)["error"]
            let fields = try #require(error as? [String: Any])
            #expect(fields["kind"] as? String == "not_found")
            #expect((fields["hint"] as? String)?.contains("purser accounts list") == true)
        }
    }
}
