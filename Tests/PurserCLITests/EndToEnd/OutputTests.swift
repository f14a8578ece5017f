import Foundation
import PurserSandbox
import Testing

/// What lands on which stream: one document, notes that can be silenced, warnings that cannot.
struct OutputTests {
    @Test(arguments: ["route ~/capture.txt", "send ~/capture.txt --dry-run"])
    func `a route without an account is one document and a message`(_ line: String) async throws {
        try await withCommandHome { home in
            let result = try await home.purser(line + " --json", expecting: 80)
            #expect(documents(result.output) == 1)
            #expect(result.output.contains("\"policy\""))
            #expect(result.messages.contains("purser: error:"))
        }
    }

    @Test func `wrong usage under json has its kind`() async throws {
        try await withCommandHome { home in
            let error = try await home.json("accounts set ultra-1", expecting: 64)["error"]
            let fields = try #require(error as? [String: Any])
            #expect(fields["kind"] as? String == "usage")
            #expect(fields["message"] as? String != "")
        }
    }

    @Test func `quiet leaves hints out and keeps errors`() async throws {
        try await withCommandHome { home in
            let loud = try await home.purser("accounts show nobody", expecting: 73)
            #expect(loud.messages.contains("hint:"))
            let quiet = try await home.purser("accounts show nobody --quiet", expecting: 73)
            #expect(quiet.messages.contains("purser: error:"))
            #expect(!quiet.messages.contains("hint:"))
        }
    }

    @Test func `the first opening on a machine is a warning that stays`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try FileManager.default.removeItem(atPath: home.folder + "/state")
            let result = try await home.purser("accounts versions ultra-1 --quiet")
            #expect(result.messages.contains("purser: warning:"))
            #expect(result.messages.contains("fingerprint"))
        }
    }

    @Test func `an expected fingerprint is compared`() async throws {
        try await withCommandHome(isMade: false) { home in
            let made = try await home.json(
                "init --passphrase-file ~/passphrase --key-file ~/test.key"
            )
            let fingerprint = try #require(made["vault_fingerprint"] as? String)
            try await home.addUltra()
            try FileManager.default.removeItem(atPath: home.folder + "/state")
            let line = "accounts versions ultra-1 --expect-fingerprint "
            try await home.purser(line + "AAAA-BBBB", expecting: 72)
            let result = try await home.purser(line + fingerprint.replacing(" ", with: ""))
            #expect(result.messages.isEmpty)
        }
    }

    @Test func `a token is revealed as a document`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            let revealed = try await home.json("accounts reveal ultra-1 --yes")
            #expect(revealed["account"] as? String == "ultra-1")
            #expect(revealed["version"] as? Int == 1)
            #expect(revealed["token"] as? String == CommandHome.ultraToken)
        }
    }

    @Test(arguments: ["reveal", "remove"])
    func `a no leaves everything as it was and is a failure`(_ verb: String) async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            let line = "accounts \(verb) ultra-1"
            let result = try await home.purser(line, answers: ["n"], expecting: 1)
            #expect(!result.output.contains(CommandHome.ultraToken))
            try await home.purser("accounts show ultra-1")
            let yes = try await home.purser(line, answers: ["y"])
            #expect(yes.output.contains(verb == "reveal" ? CommandHome.ultraToken : "removed"))
        }
    }

    @Test func `a key file and a passphrase file exclude each other`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try await home.purser(
                "accounts versions ultra-1 --key-file ~/test.key --passphrase-file ~/passphrase",
                expecting: 64
            )
        }
    }

    @Test(arguments: ["send ~/capture.txt --wait --timeout 1s", "jobs wait --timeout 1s"])
    func `a time limit that passed is a failure with the next step`(_ line: String) async throws {
        try await withCommandHome(.twoAccounts(jobSeconds: 600)) { home in
            try await home.addUltra()
            if line.hasPrefix("jobs") { try await home.purser("send ~/capture.txt") }
            let result = try await home.purser(line + " --json", expecting: 1)
            #expect(documents(result.output) == 1)
            #expect(result.messages.contains("1 job is still open after 1s"))
            #expect(result.messages.contains("purser jobs wait"))
        }
    }

    @Test func `a model tells where its price was seen`() async throws {
        try await withCommandHome { home in
            let models = try await home.json("models list")["models"] as? [[String: Any]]
            let sources = (models ?? []).map { $0["source"] as? String }
            #expect(!sources.isEmpty)
            #expect(sources.allSatisfy { $0?.hasPrefix("built-in") == true })
        }
    }

    @Test func `the sandbox tells its address as a document`() async throws {
        try await withCommandHome { home in
            let process = try home.process("sandbox --port 0 --json")
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            defer { process.terminate() }
            let text = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
            let document = try JSONSerialization.jsonObject(with: Data(text.utf8))
            let url = (document as? [String: String])?["url"]
            #expect(url?.hasPrefix("http://127.0.0.1:") == true)
        }
    }

    /// How many JSON documents stand one after another.
    private func documents(_ text: String) -> Int {
        text.split(separator: "\n").count { $0 == "{" || $0 == "[" }
    }
}
