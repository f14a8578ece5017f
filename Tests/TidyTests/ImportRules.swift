/// Which modules each target may import: the direction rules of `Documentation/Architecture.md`.
///
/// The manifest alone does not enforce them: the compiler accepts an undeclared import of any module that
/// some dependency happens to have built.
enum ImportRules {
    private static let system: Set<String> = ["FoundationEssentials", "Glibc", "Synchronization"]

    private static let targets: [String: Set<String>] = [
        "PurserCore": ["FoundationEssentials"],
        // Foundation: a passphrase is normalised (NFC) before it becomes a key.
        "PurserVault": system.union(["PurserCore", "COpenSSL", "CHardening", "Foundation"]),
        "PurserStore": system.union(["PurserCore", "CSQLiteShim", "GRDB", "GRDBSQLite"]),
        "PurserProviders": system.union([
            "PurserCore", "AsyncHTTPClient", "NIOCore", "NIOHTTP1", "NIOPosix",
        ]),
        "PurserEngine": [
            "FoundationEssentials", "Synchronization", "PurserCore", "PurserVault", "Logging",
        ],
        "PurserPages": ["PurserCore", "PurserEngine", "Mustache"],
        "PurserGateway": system.union([
            "PurserCore", "PurserEngine", "PurserPages", "Hummingbird", "HummingbirdCore",
            "HTTPTypes", "NIOCore", "NIOHTTP1", "NIOHTTPTypes", "NIOPosix", "NIOSSL", "Logging",
            "ServiceLifecycle", "UnixSignals",
        ]),
        "PurserSandbox": system.union(["Hummingbird", "HTTPTypes", "NIOCore", "Logging"]),
        // Foundation: the demo runs this very program as a user would (Process).
        "PurserCLI": system.union([
            "Foundation",
            "PurserCore", "PurserVault", "PurserStore", "PurserProviders", "PurserEngine",
            "PurserGateway", "PurserPages", "PurserSandbox", "CHardening", "ArgumentParser",
            "TOMLKit",
            "Logging", "ServiceLifecycle", "UnixSignals",
        ]),
        "PurserSimulation": system.union([
            "Dispatch", "PurserCore", "PurserVault", "PurserStore", "PurserEngine", "GRDBSQLite",
            "Logging",
        ]),
        // A yardstick is a proxy made of the gateway's own libraries.
        "PurserBench": system.union([
            "PurserCore", "PurserEngine", "PurserGateway", "PurserPages", "PurserVault",
            "PurserStore", "GRDBSQLite", "AsyncHTTPClient", "HTTPTypes", "Hummingbird", "Logging",
            "NIOCore", "NIOHTTP1", "NIOPosix",
        ]),
    ]

    /// What test targets may import of this package; other modules are theirs to choose.
    private static let testTargets: [String: Set<String>] = [
        "PurserTestSupport": ["PurserCore"],
        "PurserCoreTests": ["PurserCore", "PurserTestSupport"],
        "PurserVaultTests": ["PurserVault", "PurserCore", "PurserTestSupport"],
        "PurserStoreTests": ["PurserStore", "PurserCore", "PurserTestSupport"],
        "PurserProvidersTests": ["PurserProviders", "PurserCore"],
        "PurserEngineTests": [
            "PurserEngine", "PurserStore", "PurserVault", "PurserProviders", "PurserSandbox",
            "PurserCore", "PurserTestSupport",
        ],
        "PurserPagesTests": ["PurserPages", "PurserEngine", "PurserCore"],
        "PurserGatewayTests": [
            "PurserGateway", "PurserPages", "PurserEngine", "PurserStore", "PurserVault",
            "PurserProviders", "PurserSandbox", "PurserCore",
        ],
        "PurserSandboxTests": ["PurserSandbox"],
        "PurserCLITests": [
            "PurserCLI", "PurserCore", "PurserVault", "PurserEngine", "PurserGateway",
            "PurserSandbox", "PurserTestSupport",
        ],
        "PurserProve": ["PurserStore", "PurserVault", "PurserCore"],
        "PurserSimulationTests": ["PurserSimulation"],
        "TidyTests": [],
        // The readers alone, built apart for sanitizers.
        "Fuzz": [
            "PurserConfiguration", "PurserCore", "PurserEngine", "PurserProviders", "PurserVault",
        ],
    ]

    private static let kinds: Set<String> = [
        "struct", "class", "enum", "protocol", "typealias", "func", "let", "var",
    ]

    static func findings(in file: SourceFile) -> [Finding] {
        guard let target = file.target else { return [] }
        let isTest = file.path.hasPrefix("Tests/")
        guard let allowed = isTest ? testTargets[target] : targets[target] else {
            return [Finding(path: file.path, line: 1, message: "no list of imports for \(target)")]
        }
        return imports(of: file).compactMap { position, module in
            let isChecked = !isTest || module.hasPrefix("Purser") || module == "XCTest"
            guard isChecked, !allowed.contains(module) else { return nil }
            return file.finding(position, "\(target) may not import \(module)")
        }
    }

    private static func imports(of file: SourceFile) -> [(position: Int, module: String)] {
        file.positions(of: ["import"]).compactMap { position in
            var module = position + 1
            // `import struct Module.Name` imports the module too.
            if module < file.tokens.count, kinds.contains(file.tokens[module].text) { module += 1 }
            guard module < file.tokens.count else { return nil }
            return (position, file.tokens[module].text)
        }
    }
}
