import Foundation
import PurserCore
import PurserEngine
import PurserSandbox
import PurserVault
import Testing

@testable import PurserCLI

/// Tokens that a command prints: real processes, the real protocol.
struct TokenCommandTests {
    /// Prints what the file `token` holds, and counts its runs in `runs`.
    private func writeCommand(_ home: CommandHome, _ more: String = "") throws {
        try home.script(
            "echo run >> \(home.folder)/runs\n\(more)\ncat \(home.folder)/token",
            named: "print-token"
        )
    }

    private func runs(_ home: CommandHome) -> Int {
        let text = try? String(contentsOfFile: home.folder + "/runs", encoding: .utf8)
        return text?.split(separator: "\n").count ?? 0
    }

    private func add(_ home: CommandHome) async throws {
        try home.write(CommandHome.ultraToken + "\n", to: "token")
        try await home.purser("accounts add ultra-1 --tier ultra --token-command ~/print-token")
    }

    private func replaceToken(_ home: CommandHome, by token: String) throws {
        try home.sandbox.setToken(of: "ultra", to: token)
        try home.write(token + "\n", to: "token")
    }

    @Test func `a refused token is fetched again, and the request goes through`() async throws {
        try await withCommandHome { home in
            try writeCommand(home)
            try await add(home)
            try await home.purser("send ~/capture.txt")
            #expect(runs(home) == 1)
            try replaceToken(home, by: "ya29.second")
            try await home.purser("send ~/capture.txt")
            #expect(runs(home) == 2)
            #expect(try await home.json("accounts show ultra-1")["credential_version"] as? Int == 2)
            let audit = try await home.purser("audit list").output
            #expect(audit.contains("token-command"))
            #expect(!audit.contains("ya29"))
        }
    }

    @Test func `jobs under way are asked about with the fresh token`() async throws {
        try await withCommandHome { home in
            try writeCommand(home)
            try await add(home)
            try await home.purser("send ~/capture.txt")
            try replaceToken(home, by: "ya29.second")
            try await home.purser("jobs wait")
            #expect(runs(home) == 2)
        }
    }

    @Test func `a token near its end is fetched before the service refuses it`() async throws {
        try await withCommandHome { home in
            let now = Timestamp.now
            try writeCommand(home)
            try home.write(
                #"{"token": "\#(CommandHome.ultraToken)", "expires_at": "\#((now + .seconds(3600)).iso8601)"}"#,
                to: "token"
            )
            try await home.purser("accounts add ultra-1 --token-command ~/print-token")
            try home.sandbox.setToken(of: "ultra", to: "ya29.second", keepOld: true)
            try home.write(
                #"{"Version": 1, "expires_at": null, "token": "ya29.second", "more": [{}, "x"]}"#,
                to: "token"
            )
            try await home.purser("send ~/capture.txt")
            #expect(runs(home) == 1)
            home.skipped.add(.seconds(3600 - 240))
            try await home.purser("send ~/capture.txt")
            #expect(runs(home) == 2)
            let shown = try await home.json("accounts show ultra-1")
            #expect(shown["credential_version"] as? Int == 2)
            #expect(shown["token_expires_at"] is NSNull)
        }
    }

    @Test func `a command that fails leaves a reason, and rests`() async throws {
        try await withCommandHome { home in
            try writeCommand(home, "test ! -e \(home.folder)/broken || exit 3")
            try await add(home)
            try replaceToken(home, by: "ya29.second")
            try home.write("", to: "broken")
            try await home.purser("accounts refresh", expecting: 1)
            try await home.purser("accounts refresh", expecting: 1)
            #expect(runs(home) == 2)
            let state = try await home.json("accounts show ultra-1")["state"] as? String
            #expect(state?.contains("the token-command ended with status 3") == true)
            try FileManager.default.removeItem(atPath: home.folder + "/broken")
            home.skipped.add(.seconds(61))
            try await home.purser("accounts refresh")
            #expect(
                try await home.json("accounts show ultra-1")["state"] as? String == "enabled"
            )
        }
    }

    @Test func `what a command prints is shown nowhere`() async throws {
        try await withCommandHome { home in
            try writeCommand(home, "echo canary-on-stderr >&2")
            try await add(home)
            try home.sandbox.setToken(of: "ultra", to: "ya29.second")
            try home.write("canary-on-stdout two words\n", to: "token")
            let refreshed = try await home.purser("accounts refresh", expecting: 1)
            let others = [
                try await home.purser("audit list --json").output,
                try await home.purser("accounts show ultra-1 --json").output,
                refreshed.output, refreshed.messages,
            ]
            for text in others { #expect(!text.contains("canary-on")) }
            #expect(others[0].contains("more than one word"))
        }
    }

    @Test func `processes that need a fresh token at once run the command once`() async throws {
        try await withCommandHome { home in
            try writeCommand(home, "sleep 0.5")
            try await add(home)
            try replaceToken(home, by: "ya29.second")
            let processes = try (0..<3).map { _ in try home.process("send ~/capture.txt") }
            for process in processes { try process.run() }
            for process in processes { try await process.untilEnded() }
            #expect(processes.map(\.terminationStatus) == [0, 0, 0])
            #expect(runs(home) == 2)
        }
    }

    @Test func `a command gets neither what opens the vault nor other tokens`() async throws {
        try await withCommandHome { home in
            try writeCommand(home, "env > \(home.folder)/seen; pwd > \(home.folder)/where")
            let file = """
                [vault]
                key-file = "\(home.folder)/test.key"
                [[accounts]]
                name = "pro-1"
                tier = "tier-one"
                token-env = "PRO_TOKEN"
                """
            try home.write(file, to: "accounts.toml")
            let more = home.with([
                "PRO_TOKEN": "ya29.other", "PURSER_KEY_FILE": home.folder + "/test.key",
                "CREDENTIALS_DIRECTORY": home.folder, "LANG": "C",
            ])
            try await add(more)
            let seen = try String(contentsOfFile: home.folder + "/seen", encoding: .utf8)
            for name in ["PRO_TOKEN", "PURSER_", "CREDENTIALS_DIRECTORY"] {
                #expect(!seen.contains(name), "\(name) is in the command's environment")
            }
            #expect(seen.contains("LANG=C"))
            #expect(try String(contentsOfFile: home.folder + "/where", encoding: .utf8) == "/\n")
        }
    }

    @Test func `a command that takes too long is ended, with its children`() async throws {
        try await withCommandHome { home in
            let runner = TokenCommandRunner(environment: [], limit: .milliseconds(200))
            await #expect {
                _ = try await runner.run("sleep 300 & echo $! > \(home.folder)/child; wait")
            } throws: { error in
                (error as? any Failure)?.message.contains("was stopped after") == true
            }
            let text = try String(contentsOfFile: home.folder + "/child", encoding: .utf8)
            let child = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
            // The kernel may take a moment; a child that lives on would do so for minutes.
            for _ in 0..<200 where isRunning(child) { try await Task.sleep(for: .milliseconds(10)) }
            #expect(!isRunning(child))
        }
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGKILL])
    func `a command ends with the process that runs it, however that ends`(
        _ signal: Int32
    ) async throws {
        try await withCommandHome { home in
            let pid = home.folder + "/child"
            try home.script(
                "sleep 300 &\necho $! > \(pid).tmp\nmv \(pid).tmp \(pid)\nwait",
                named: "slow"
            )
            let process = try home.process("accounts add ultra-1 --token-command ~/slow")
            try process.run()
            while !FileManager.default.fileExists(atPath: pid) {
                try #require(process.isRunning)
                try await Task.sleep(for: .milliseconds(5))
            }
            let text = try String(contentsOfFile: pid, encoding: .utf8)
            let child = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
            #expect(isRunning(child))
            kill(process.processIdentifier, signal)
            try await process.untilEnded()
            for _ in 0..<500 where isRunning(child) { try await Task.sleep(for: .milliseconds(10)) }
            #expect(!isRunning(child))
        }
    }

    @Test func `a command is waited for also where ended children are thrown away`() async throws {
        try await withCommandHome { home in
            try writeCommand(home)
            try home.write(CommandHome.ultraToken + "\n", to: "token")
            let process = try home.process("accounts add ultra-1 --token-command ~/print-token")
            let words = [try #require(process.executableURL).path] + (process.arguments ?? [])
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = ["-c", "trap '' CHLD; exec \"$@\"", "sh"] + words
            try process.run()
            try await process.untilEnded()
            #expect(process.terminationStatus == 0)
            #expect(runs(home) == 1)
        }
    }

    /// A child that ended, and that nobody has waited for yet, does not run.
    private func isRunning(_ process: Int32) -> Bool {
        guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        else { return false }
        return !status.contains(") Z ")
    }

    @Test(arguments: [
        ("printf tok", "tok"), ("printf ' tok\\r\\n\\n'", "tok"),
        (#"printf '{"token":"a\\/b\\"c"}'"#, #"a/b"c"#),
        (#"printf '{ "x": {"token": "no"}, "n": -1.5, "token" : "tok" }\n'"#, "tok"),
    ])
    func `a bare token and JSON are read`(_ command: String, _ token: String) async throws {
        let printed = try await TokenCommandRunner(environment: [], limit: .seconds(30))
            .run(command)
        #expect(printed.token.withBytes { String(decoding: $0, as: UTF8.self) } == token)
        #expect(printed.expiresAt == nil)
    }

    @Test(arguments: [
        "true", "printf 'two words'", "printf '{}'", "printf '{\"token\":1}'",
        "printf '{\"token\":'",
        #"printf '{"token":"a","token":"b"}'"#, #"printf '{"token":"a"} x'"#,
        #"printf '{"token":"a\\u0062"}'"#, #"printf '{"token":"a","expires_at":"soon"}'"#,
        #"printf '{"token":"a","expires_at":17}'"#, "printf '{\"token'", "printf '{\"x\":['",
        "head -c 20000 /dev/zero | tr '\\0' x", "exit 7", "kill -9 $$", "/no/such/program",
    ])
    func `anything else is a failure without a word of it`(_ command: String) async throws {
        await #expect {
            _ = try await TokenCommandRunner(environment: [], limit: .seconds(30)).run(command)
        } throws: { error in
            (error as? any Failure)?.message.hasPrefix("the token-command") == true
        }
    }
}
