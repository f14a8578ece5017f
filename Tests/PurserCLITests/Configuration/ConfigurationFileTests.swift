import FoundationEssentials
import Glibc
import PurserCore
import PurserGateway
import Testing

@testable import PurserCLI

struct ConfigurationFileTests {
    private let temporary: TemporaryDirectory
    private var directory: URL { temporary.url }

    init() throws {
        temporary = try TemporaryDirectory()
    }

    private func path(_ name: String) -> String { directory.appending(path: name).path }

    private func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: directory.appending(path: name))
        return path(name)
    }

    @Test func `the example loads, and shows every key there is`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appending(path: "accounts.example.toml").path
        let configuration = try Configuration.load(file, environment: Environment(["HOME": "/h"]))
        #expect(configuration.accounts.map(\.name) == ["studio-ultra", "pro-1", "pro-2"])
        #expect(configuration.models.count == 2)
        _ = try Catalogue.builtin.adding(configuration.models)
        #expect(configuration.routing == Configuration.default.routing)
        #expect(configuration.flow == Configuration.default.flow)
        #expect(configuration.alerts.rule == Configuration.default.alerts.rule)
        #expect(configuration.alerts.webhook?.secret == .file("/h/.config/purser/webhook.secret"))
        #expect(configuration.gateway.port == Configuration.default.gateway.port)

        let text = String(decoding: try readFile(file, limit: 1 << 20), as: UTF8.self)
        let lines = text.split(separator: "\n").map { $0.trimmingPrefix("# ") }
        typealias Keys = ConfigurationKeys
        let names =
            Keys.Vault.allCases.map(\.rawValue) + Keys.Routing.allCases.map(\.rawValue)
            + Keys.Gateway.allCases.map(\.rawValue) + Keys.Flow.allCases.map(\.rawValue)
            + Keys.Alerts.allCases.map(\.rawValue)
            + Keys.Model.allCases.map(\.rawValue) + Keys.Account.allCases.map(\.rawValue)
        for name in names {
            #expect(lines.contains { $0.hasPrefix("\(name) = ") }, "\(name) is not shown")
        }
        for name in Keys.Offer.allCases { #expect(text.contains("\(name.rawValue) = ")) }
        for policy in PolicyName.allCases { #expect(text.contains("# \(policy.rawValue) ")) }
    }

    @Test func `a file that was asked for must exist, the default one need not`() throws {
        let environment = Environment(["HOME": directory.path])
        #expect(try Configuration.resolve(flag: nil, environment: environment) == .default)
        #expect(throws: ConfigurationError.notFound(path: path("none.toml"))) {
            try Configuration.resolve(flag: path("none.toml"), environment: environment)
        }
        #expect(throws: ConfigurationError.notFound(path: path("none.toml"))) {
            let asked = Environment(["PURSER_CONFIG": path("none.toml")])
            return try Configuration.resolve(flag: nil, environment: asked)
        }
    }

    @Test func `a flag wins over the environment, the environment over the default place`() throws {
        try FileManager.default.createDirectory(
            at: directory.appending(path: "purser"),
            withIntermediateDirectories: true
        )
        _ = try write("[gateway]\nport = 1\n", to: "purser/accounts.toml")
        let second = try write("[gateway]\nport = 2\n", to: "second.toml")
        let third = try write("[gateway]\nport = 3\n", to: "third.toml")
        func port(flag: String?, _ more: [String: String] = [:]) throws -> Int {
            let all = ["XDG_CONFIG_HOME": directory.path].merging(more) { $1 }
            return try Configuration.resolve(flag: flag, environment: Environment(all)).gateway.port
        }
        #expect(try port(flag: nil) == 1)
        #expect(try port(flag: nil, ["PURSER_CONFIG": second]) == 2)
        #expect(try port(flag: third, ["PURSER_CONFIG": second]) == 3)
    }

    @Test func `the environment lays its settings over the file`() throws {
        let file = try write("[vault]\nkey-file = \"k\"\n", to: "a.toml")
        func resolve(_ variables: [String: String]) throws -> Configuration {
            try Configuration.resolve(flag: file, environment: Environment(variables))
        }
        #expect(try resolve([:]).vault.key == .keyFile(path("k")))
        #expect(try resolve(["PURSER_PASSPHRASE_FILE": "/p"]).vault.key == .passphraseFile("/p"))
        #expect(try resolve(["PURSER_KEY_FILE": ""]).vault.key == .keyFile(path("k")))
        #expect(
            try resolve(["PURSER_FLOW_BASE_URL": "http://localhost:1"]).flow.baseURL.port == 1
        )
        let refused = #expect(throws: ConfigurationError.self) {
            try resolve(["PURSER_FLOW_BASE_URL": "http://example.org"])
        }
        #expect(refused?.message.hasPrefix("PURSER_FLOW_BASE_URL: would send tokens") == true)
        #expect(throws: ConfigurationError.self) {
            try resolve(["PURSER_KEY_FILE": "/k", "PURSER_PASSPHRASE_COMMAND": "c"])
        }
    }

    @Test func `systemd's credentials open the vault when they hold the key`() throws {
        let environment = Environment(["CREDENTIALS_DIRECTORY": directory.path])
        #expect(try KeySource(environment) == nil)
        let key = try write("x", to: "purser-key")
        #expect(try KeySource(environment) == .keyFile(key))
    }

    @Test func `a huge file, a directory and a pipe are refused unread`() throws {
        let huge = try write("", to: "huge.toml")
        #expect(truncate(huge, 1 << 30) == 0)
        #expect(throws: FileRefusal.tooLarge(1 << 20)) { try readFile(huge, limit: 1 << 20) }
        #expect(throws: FileRefusal.notAFile) { try readFile(directory.path, limit: 10) }
        #expect(mkfifo(path("pipe"), 0o600) == 0)
        #expect(throws: FileRefusal.notAFile) { try readFile(path("pipe"), limit: 10) }
        #expect(throws: FileRefusal.notFound) { try readFile(path("none"), limit: 10) }
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration.load(huge, environment: Environment([:]))
        }
        #expect(error?.message == "\(huge): is larger than 1,048,576 bytes")
    }

    @Test func `a file of exactly the limit is read`() throws {
        let file = try write("12345", to: "f")
        #expect(try readFile(file, limit: 5) == Array("12345".utf8))
        #expect(throws: FileRefusal.tooLarge(4)) { try readFile(file, limit: 4) }
    }

    @Test func `a pipe is read to its end, up to the limit`() throws {
        func pipe(_ text: String) throws -> Int32 {
            var ends: [Int32] = [0, 0]
            try #require(Glibc.pipe(&ends) == 0)
            #expect(Glibc.write(ends[1], text, text.utf8.count) == text.utf8.count)
            Glibc.close(ends[1])
            return ends[0]
        }
        for limit in [4, 5, 100_000] {
            let end = try pipe("12345")
            defer { Glibc.close(end) }
            if limit < 5 {
                #expect(throws: FileRefusal.tooLarge(4)) { try readToEnd(end, limit: 4) }
            } else {
                #expect(try readToEnd(end, limit: limit) == Array("12345".utf8))
            }
        }
    }
}

struct HomeTests {
    private func home(_ flag: String?, _ variables: [String: String]) throws -> Home {
        try Home.resolve(flag: flag, environment: Environment(variables))
    }

    @Test func `flag, environment, data directory, in that order`() throws {
        let all = ["HOME": "/u", "PURSER_HOME": "/p", "XDG_DATA_HOME": "/d"]
        #expect(try home("/f", all).directory == "/f")
        #expect(try home(nil, all).directory == "/p")
        #expect(try home(nil, ["HOME": "/u", "XDG_DATA_HOME": "/d"]).directory == "/d/purser")
        #expect(try home(nil, ["HOME": "/u"]).database == "/u/.local/share/purser/purser.db")
        #expect(try home("~/x", ["HOME": "/u"]).directory == "/u/x")
    }

    @Test func `pins lie in the state directory`() throws {
        #expect(try home("/f", ["HOME": "/u"]).stateDirectory == "/u/.local/state/purser")
        #expect(try home("/f", ["XDG_STATE_HOME": "/s"]).stateDirectory == "/s/purser")
    }

    @Test func `relative directories of the XDG variables are ignored`() throws {
        let home = try home(nil, ["HOME": "/u", "XDG_DATA_HOME": "d"])
        #expect(home.directory == "/u/.local/share/purser")
    }

    @Test func `without HOME there is no guess`() {
        #expect(throws: ConfigurationError.noHome) { try home(nil, [:]) }
        #expect(throws: ConfigurationError.noHome) { try home("/f", ["HOME": ""]) }
    }
}

/// A directory of one test, gone with it.
private final class TemporaryDirectory {
    let url = FileManager.default.temporaryDirectory
        .appending(path: "purser-configuration-\(UUID().uuidString)")

    init() throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }
}
