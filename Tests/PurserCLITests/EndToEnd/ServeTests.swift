import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import PurserEngine
import PurserSandbox
import Testing

@testable import PurserCLI

/// The gateway as a process of its own.
struct ServeTests {
    @Test func `members are served, changes are taken up, and SIGTERM ends it in order`()
        async throws
    {
        try await withCommandHome { home in
            try await home.addUltra()
            let ada = try await home.key(of: "ada")
            try await home.serving("serve --port 0 --json --log-format json") { base, process in
                #expect(try await Self.credits(base, ada) == 690)
                // While it runs the command line adds an account and a member, and takes a key away.
                try await home.addTierOne()
                let bob = try await home.key(of: "bob")
                try await home.purser("members revoke ada")
                try await Task.sleep(for: .milliseconds(500))
                #expect(try await Self.credits(base, bob) == 1390)
                #expect(try await Self.credits(base, ada) == nil)

                process.terminate()
                try await process.untilEnded()
                #expect(process.terminationStatus == 0)
            }
            try await home.purser("ledger verify --unlocked")
        }
    }

    @Test func `a hang-up signal does not end it`() async throws {
        try await withCommandHome { home in
            try await home.serving("serve --port 0 --json") { base, process in
                kill(process.processIdentifier, SIGHUP)
                try await Task.sleep(for: .milliseconds(200))
                let request = HTTPClientRequest(url: base + "/readyz")
                let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
                #expect(answer.status == .ok)
                process.terminate()
                try await process.untilEnded()
                #expect(process.terminationStatus == 0)
            }
        }
    }

    @Test func `it does not serve keys in clear to other machines`() async throws {
        try await withCommandHome { home in
            let result = try await home.purser("serve --host 0.0.0.0", expecting: 78)
            #expect(result.messages.contains("--insecure"))
        }
    }

    /// What a key may still spend; `nil`, it opens nothing.
    private static func credits(_ base: String, _ key: String) async throws -> Int? {
        var request = HTTPClientRequest(url: base + "/v1/credits")
        request.headers.add(name: "Authorization", value: "Bearer \(key)")
        let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
        guard answer.status == .ok else { return nil }
        let body = try await answer.body.collect(upTo: 1 << 16)
        let json =
            try JSONSerialization.jsonObject(with: Data(body.readableBytesView)) as? [String: Any]
        return json?["credits"] as? Int
    }
}

extension CommandHome {
    /// Adds a member, and returns their key.
    func key(of name: String) async throws -> String {
        try #require(try await json("members add \(name)")["key"] as? String)
    }

    /// Starts a gateway and lends its base URL; whatever happens it is ended.
    func serving(
        _ line: String,
        _ body: (String, Process) async throws -> Void
    ) async throws {
        let process = try process(line)
        let output = try #require(process.standardOutput as? Pipe)
        // Nobody reads them, and a full pipe would stop the process.
        process.standardError = FileHandle.nullDevice
        try process.run()
        defer {
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
            process.waitUntilExit()
        }
        var said = ""
        while !said.contains("}"), process.isRunning {
            let data = output.fileHandleForReading.availableData
            said += String(decoding: data, as: UTF8.self)
        }
        let json = try JSONSerialization.jsonObject(with: Data(said.utf8)) as? [String: Any]
        try await body(try #require(json?["url"] as? String), process)
    }
}
