// swift-tools-version: 6.2
import PackageDescription

// The manifest is the table of contents: one section per target, in the order of Documentation/Architecture.md.

let package = Package(
    name: "purser",
    products: [
        .executable(name: "purser", targets: ["PurserCLI"]),
        .executable(name: "purser-bench", targets: ["PurserBench"]),
        .executable(name: "purser-prove", targets: ["PurserProve"]),
        .executable(name: "purser-simulate", targets: ["PurserSimulation"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        // C: the system's OpenSSL, and the two process settings Swift cannot reach.
        .systemLibrary(
            name: "COpenSSL",
            pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev"])]
        ),
        .target(name: "CHardening"),
        // C: SQLite's variadic settings call, which Swift cannot make.
        .target(name: "CSQLiteShim", linkerSettings: [.linkedLibrary("sqlite3")]),

        // Values, rules, ports.
        .target(name: "PurserCore"),
        .testTarget(name: "PurserCoreTests", dependencies: ["PurserCore", "PurserTestSupport"]),

        // Keys and sealed records.
        .target(name: "PurserVault", dependencies: ["PurserCore", "COpenSSL", "CHardening"]),
        .testTarget(
            name: "PurserVaultTests",
            dependencies: ["PurserVault", "PurserCore", "PurserTestSupport"]
        ),

        // The books: the only SQL.
        .target(
            name: "PurserStore",
            dependencies: [
                "PurserCore", "CSQLiteShim",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]
        ),
        .testTarget(
            name: "PurserStoreTests",
            dependencies: [
                "PurserStore", "PurserCore", "PurserTestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]
        ),

        // The service: the only outgoing HTTP.
        .target(
            name: "PurserProviders",
            dependencies: [
                "PurserCore",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "PurserProvidersTests",
            dependencies: [
                "PurserProviders", "PurserCore",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),

        // The use cases.
        .target(
            name: "PurserEngine",
            dependencies: [
                "PurserCore", "PurserVault",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "PurserEngineTests",
            dependencies: [
                "PurserEngine", "PurserStore", "PurserVault", "PurserProviders", "PurserSandbox",
                "PurserCore", "PurserTestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),

        // What people look at: values in, text out.
        .target(
            name: "PurserPages",
            dependencies: [
                "PurserCore", "PurserEngine",
                .product(name: "Mustache", package: "swift-mustache"),
            ],
            resources: [.embedInCode("Assets")]
        ),
        .testTarget(
            name: "PurserPagesTests",
            dependencies: ["PurserPages", "PurserEngine", "PurserCore"]
        ),

        // The members' door: the only incoming HTTP beside the sandbox.
        .target(
            name: "PurserGateway",
            dependencies: [
                "PurserCore", "PurserEngine", "PurserPages",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        .testTarget(
            name: "PurserGatewayTests",
            dependencies: [
                "PurserGateway", "PurserPages", "PurserEngine", "PurserStore", "PurserVault",
                "PurserProviders", "PurserSandbox", "PurserCore",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),

        // The embedded upstream: shares no code with the rest.
        .target(
            name: "PurserSandbox",
            dependencies: [
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "PurserSandboxTests",
            dependencies: [
                "PurserSandbox",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),

        // Commands and the composition root.
        .executableTarget(
            name: "PurserCLI",
            dependencies: [
                "PurserCore", "PurserVault", "PurserStore", "PurserProviders", "PurserEngine",
                "PurserGateway", "PurserPages", "PurserSandbox", "CHardening",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "TOMLKit", package: "TOMLKit"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        .testTarget(
            name: "PurserCLITests",
            dependencies: [
                "PurserCLI", "PurserCore", "PurserVault", "PurserEngine", "PurserGateway",
                "PurserSandbox", "PurserTestSupport",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            exclude: ["Transcripts"]
        ),

        // Measurements, each beside a measured yardstick.
        .executableTarget(
            name: "PurserBench",
            dependencies: [
                "PurserCore", "PurserEngine", "PurserGateway", "PurserPages", "PurserStore",
                "PurserVault",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),

        // Proofs that need processes of their own, and the storage layer that fails them on purpose.
        .target(
            name: "CStorageProbe",
            path: "Tests/CStorageProbe",
            linkerSettings: [.linkedLibrary("sqlite3")]
        ),
        .executableTarget(
            name: "PurserProve",
            dependencies: [
                "PurserCore", "PurserStore", "PurserVault", "CStorageProbe",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Tests/PurserProve",
            exclude: ["Fixtures"]
        ),

        // Many seeded lives of router, ledger and service, each audited.
        .executableTarget(
            name: "PurserSimulation",
            dependencies: [
                "PurserCore", "PurserVault", "PurserStore", "PurserEngine",
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "PurserSimulationTests",
            dependencies: ["PurserSimulation"]
        ),

        // What several test targets share, and the code's checks of itself.
        .target(
            name: "PurserTestSupport",
            dependencies: ["PurserCore"],
            path: "Tests/PurserTestSupport"
        ),
        .testTarget(name: "TidyTests"),
    ],
    swiftLanguageModes: [.v6]
)

let targetsInC = ["CHardening", "CSQLiteShim", "CStorageProbe"]
for target in package.targets where target.type != .system && !targetsInC.contains(target.name) {
    var settings: [SwiftSetting] = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableUpcomingFeature("InferIsolatedConformances"),
        .treatAllWarnings(as: .error),
        .treatWarning("DeprecatedDeclaration", as: .warning),
    ]
    if target.name == "PurserVault" {
        // Every call into C carries `unsafe`: the list for an audit writes itself.
        settings.append(.strictMemorySafety())
    }
    target.swiftSettings = settings
}
