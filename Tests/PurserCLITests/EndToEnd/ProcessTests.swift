import Foundation
import PurserSandbox
import Testing

/// What only real processes can show: two at once, a kill in the middle, what `/proc` tells of one.
struct ProcessTests {
    @Test func `processes at once never spend more than there is`() async throws {
        try await withCommandHome(.twoAccounts(ultraCredits: 50)) { home in
            try await home.addUltra()
            try await home.purser("accounts set ultra-1 --max-in-flight 100")
            let processes = try (0..<8).map { _ in try home.process("send ~/capture.txt") }
            let statuses = try await run(processes)

            #expect(statuses.filter { $0 == 0 }.count == 5)
            #expect(statuses.filter { $0 == 81 }.count == 3)
            #expect(home.seenSubmissions().count == 5)
            #expect(home.realCredits("ultra") == 0)
            let shown = try await home.json("accounts show ultra-1")
            #expect(shown["posted"] as? Int == 0)
            #expect(shown["held"] as? Int == 0)
            try await home.purser("ledger verify --unlocked")
        }
    }

    @Test(arguments: ["delay", "cutAfterCharge"])
    func `a process killed while it sends leaves a hold that a check decides`(
        _ kind: String
    ) async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try home.sandbox.arm(
                SandboxFault(kind == "delay" ? .delay : .cutAfterCharge, delaySeconds: 5)
            )
            let process = try home.process("send ~/capture.txt")
            try process.run()
            try await home.untilSending(process)
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()

            let before = try await home.json("accounts show ultra-1")
            #expect(before["held"] as? Int == 10)
            try await home.purser("jobs check")

            let after = try await home.json("accounts show ultra-1")
            #expect(after["held"] as? Int == 0)
            #expect(after["posted"] as? Int == home.realCredits("ultra"))
            try await home.purser("ledger verify --unlocked")
        }
    }

    @Test func `no token shows in what a running process tells of itself`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try home.sandbox.arm(SandboxFault(.delay, delaySeconds: 1))
            let process = try home.process("send ~/capture.txt")
            try process.run()
            try await home.untilSending(process)
            let folder = "/proc/\(process.processIdentifier)/"
            let told = ["cmdline", "environ"].map { name in
                (try? Data(contentsOf: URL(fileURLWithPath: folder + name))) ?? Data()
            }
            process.waitUntilExit()
            #expect(told[0].count > 0)
            for data in told { #expect(Canary.found(in: data).isEmpty) }
        }
    }

    @Test func `a home holds no token in clear, and neither does any output`() async throws {
        try await withCommandHome { home in
            var said = ""
            for line in [
                "accounts list", "accounts show ultra-1", "accounts versions ultra-1", "credits",
                "ledger list", "audit list", "jobs list", "jobs check", "route ~/capture.txt",
            ] {
                if said.isEmpty {
                    try await home.addUltra()
                    try await home.purser("send ~/capture.txt --wait")
                    try home.sandbox.arm(SandboxFault(preset: "unauthorized"))
                    said += try await home.purser("send ~/capture.txt", expecting: nil).messages
                }
                let result = try await home.purser(line, expecting: nil)
                said += result.output + result.messages
                let json = try await home.purser(line + " --json", expecting: nil)
                said += json.output + json.messages
            }
            #expect(Canary.found(in: Data(said.utf8)).isEmpty)
            let files = try #require(FileManager.default.enumerator(atPath: home.folder))
            for case let name as String in files {
                let data = (try? Data(contentsOf: URL(fileURLWithPath: home.folder + "/" + name)))
                #expect(Canary.found(in: data ?? Data()).isEmpty, "in \(name)")
            }
        }
    }

    private func run(_ processes: [Process]) async throws -> [Int32] {
        for process in processes { try process.run() }
        return await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                for process in processes { process.waitUntilExit() }
                continuation.resume(returning: processes.map(\.terminationStatus))
            }
        }
    }
}

/// Looks for the tests' tokens in every writing they could leak in.
enum Canary {
    static func found(in data: Data) -> [String] {
        [CommandHome.ultraToken, CommandHome.tierOneToken].flatMap(writings).filter {
            data.range(of: Data($0.utf8)) != nil
        }
    }

    /// Raw, hexadecimal, reversed, percent-encoded, and base64 at each of the three alignments.
    private static func writings(of token: String) -> [String] {
        let bytes = Array(token.utf8)
        let hex = bytes.map { String(format: "%02x", $0) }.joined()
        let aligned = (0..<3).map { shift -> String in
            let text = Data([UInt8](repeating: 0x20, count: shift) + bytes).base64EncodedString()
            // The first and last groups mix in neighbours; what lies between is the token's own.
            return String(text.dropFirst(4).dropLast(4))
        }
        return [token, hex, hex.uppercased(), String(token.reversed())] + aligned
    }

    @Test static func `a canary is found in every writing`() {
        let token = CommandHome.ultraToken
        let prefixed = Data("x\(token)y".utf8)
        #expect(!found(in: prefixed).isEmpty)
        #expect(!found(in: Data(prefixed.base64EncodedString().utf8)).isEmpty)
        #expect(
            !found(in: Data(token.utf8.map { String(format: "%02x", $0) }.joined().utf8)).isEmpty
        )
    }
}
