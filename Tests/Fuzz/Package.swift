// swift-tools-version: 6.2
import PackageDescription

// What sanitizers build: the parts below HTTP, their tests, and the fuzz targets. The packages that HTTP brings would
// cost ten times as much. Scripts/sanitized lays the package out in .build, where `Sources`, `Tests` and `checkouts`
// are links to the real folders.

let package = Package(
    name: "purser",
    dependencies: [
        .package(path: "checkouts/GRDB.swift"), .package(path: "checkouts/swift-log"),
    ],
    targets: [
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto"),
        .target(name: "CHardening"),
        .target(name: "CSQLiteShim", linkerSettings: [.linkedLibrary("sqlite3")]),
        .target(name: "PurserCore"),
        .target(name: "PurserVault", dependencies: ["PurserCore", "COpenSSL", "CHardening"]),
        .target(
            name: "PurserStore",
            dependencies: [
                "PurserCore", "CSQLiteShim", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]
        ),
        .target(
            name: "PurserEngine",
            dependencies: [
                "PurserCore", "PurserVault", .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .target(
            name: "PurserTestSupport",
            dependencies: ["PurserCore"],
            path: "Tests/PurserTestSupport"
        ),
        .testTarget(
            name: "PurserVaultTests",
            dependencies: ["PurserVault", "PurserCore", "PurserTestSupport"]
        ),
        .testTarget(
            name: "PurserStoreTests",
            dependencies: [
                "PurserStore", "PurserCore", "PurserTestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        .testTarget(
            name: "PurserEngineTests",
            dependencies: [
                "PurserEngine", "PurserStore", "PurserVault", "PurserCore", "PurserTestSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            // Goes over HTTP.
            exclude: [
                "ErrorTable", "KnownBugsOfOthersTests.swift", "StatusServiceTests.swift",
            ]
        ),

        // The readers of Providers and CLI, without what talks to the network or a terminal.
        .target(
            name: "PurserProviders",
            dependencies: ["PurserCore"],
            sources: [
                "Flow/FlowAnswers.swift", "Flow/FlowClassifier.swift", "Flow/FlowError.swift",
                "HTTPReply.swift",
            ]
        ),
        .target(
            name: "PurserGateway",
            dependencies: ["PurserCore"],
            sources: ["GatewaySettings.swift"]
        ),
        .target(
            name: "CTOML",
            path: "checkouts/TOMLKit/Sources/CTOML",
            cxxSettings: [.define("TOML_EXCEPTIONS", to: "1"), .unsafeFlags(["-w"])]
        ),
        .target(
            name: "TOMLKit",
            dependencies: ["CTOML"],
            path: "checkouts/TOMLKit/Sources/TOMLKit",
            exclude: ["TOMLKit.docc"],
            swiftSettings: [.swiftLanguageMode(.v5), .unsafeFlags(["-suppress-warnings"])]
        ),
        .target(
            name: "PurserConfiguration",
            dependencies: ["PurserCore", "PurserEngine", "PurserGateway", "TOMLKit"],
            path: "Sources/PurserCLI",
            sources: [
                "Configuration", "Console/NumberText.swift", "Console/VisibleText.swift",
                "Home.swift",
            ]
        ),

        // libFuzzer's own `main` calls the C entry, which calls the harness.
        .target(
            name: "Harness",
            dependencies: [
                "PurserConfiguration", "PurserCore", "PurserEngine", "PurserProviders",
                "PurserVault",
            ],
            path: "Tests/Fuzz/Harness"
        ),
        .executableTarget(name: "fuzz", dependencies: ["Harness"], path: "Tests/Fuzz/Entry"),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)

// Only libFuzzer brings a `main` for it.
if !Context.packageDirectory.hasSuffix("/fuzzer") {
    package.targets.removeAll { $0.name == "fuzz" }
}

for target in package.targets
where target.name.hasPrefix("Purser") || target.name == "Harness" {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableUpcomingFeature("InferIsolatedConformances"),
    ]
}
