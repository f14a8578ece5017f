import AsyncHTTPClient
import Foundation
import NIOHTTP1
import NIOSSL
import PurserCore
import Testing

@testable import PurserGateway

struct TLSTests {
    @Test(.enabled(if: Certificates.canBeMade))
    func `members are served over TLS, and a new certificate is taken up`() async throws {
        try await Certificates.withFolder { folder in
            let (files, next) = (try folder.make("a"), try folder.make("b"))
            try await withGateway(.with { $0.tls = files }) { home in
                #expect(try await folder.isServed("a", by: home))
                #expect(try await folder.isServed("b", by: home) == false)

                try folder.replace(files, by: next)
                #expect(try await folder.isServed("a", by: home))
                try home.gateway.reload()
                #expect(try await folder.isServed("b", by: home))

                try folder.write("no key at all", to: files.keyFile)
                #expect(throws: TLSError.self) { try home.gateway.reload() }
                #expect(try await folder.isServed("b", by: home))

                let plain = try await talk(
                    to: home.port,
                    "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
                )
                #expect(!plain.contains("HTTP/1.1 200"))
            }
        }
    }

    @Test(.enabled(if: Certificates.canBeMade))
    func `a key of another certificate is refused`() async throws {
        try await Certificates.withFolder { folder in
            var files = try folder.make("a")
            files.keyFile = try folder.make("b").keyFile
            let error = #expect(throws: TLSError.self) { _ = try TLSContext(files) }
            #expect(error?.message.contains("b.key") == true)
            files.certificateFile = "/nonexistent/x.crt"
            let missing = #expect(throws: TLSError.self) { _ = try TLSContext(files) }
            #expect(missing?.message.contains("/nonexistent/x.crt") == true)
        }
    }

    @Test func `a gateway without a certificate does not say that it read one`() async throws {
        try await withGateway { home in
            CertificateReloading(home.gateway).reload()
            #expect(home.log.all.contains { $0.contains("there is no certificate to read again") })
            #expect(!home.log.all.contains { $0.contains("was read again") })
        }
    }

    @Test(arguments: [
        ("127.0.0.1", "http://127.0.0.1:8484"), ("::1", "http://[::1]:8484"),
        ("[::1]", "http://[::1]:8484"), ("localhost", "http://localhost:8484"),
    ])
    func `it says where it listens as a URL has it`(_ host: String, _ url: String) {
        #expect(GatewaySettings.with { $0.host = host }.url(port: 8484) == url)
    }

    @Test(
        arguments: [
            ("127.0.0.1", true), ("127.8.9.1", true), ("localhost", true), ("::1", true),
            ("[::1]", true), ("0.0.0.0", false), ("10.0.0.1", false), ("::", false),
            ("127.0.0.1.evil.test", false), ("gateway.test", false), ("127.0.0.256", false),
        ]
    )
    func `plain HTTP is for this machine alone`(_ host: String, _ isServed: Bool) throws {
        var settings = GatewaySettings()
        settings.host = host
        if isServed {
            try settings.check()
        } else {
            #expect(throws: GatewayError.self) { try settings.check() }
        }
        settings.isInsecure = true
        try settings.check()
    }
}

/// Certificates of a test's own, which the `openssl` command makes.
struct Certificates: Sendable {
    let path: String

    private static let openssl = "/usr/bin/openssl"

    static var canBeMade: Bool { FileManager.default.isExecutableFile(atPath: openssl) }

    static func withFolder(_ body: (Certificates) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "purser-tls-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(Certificates(path: folder.path))
    }

    func make(_ name: String) throws -> TLSFiles {
        let files = TLSFiles(
            certificateFile: "\(path)/\(name).crt",
            keyFile: "\(path)/\(name).key"
        )
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.openssl)
        process.arguments =
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".words
            + "-subj /CN=\(name) -addext subjectAltName=IP:127.0.0.1".words
            + ["-keyout", files.keyFile, "-out", files.certificateFile]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return files
    }

    func write(_ text: String, to file: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    }

    /// Puts other files in the place of these.
    func replace(_ files: TLSFiles, by others: TLSFiles) throws {
        for (old, new) in [
            (files.certificateFile, others.certificateFile), (files.keyFile, others.keyFile),
        ] {
            try Data(contentsOf: URL(fileURLWithPath: new)).write(to: URL(fileURLWithPath: old))
        }
    }

    /// Whether a client that trusts the certificate of that name alone is served.
    func isServed(_ name: String, by home: GatewayHome) async throws -> Bool {
        try await withClient(trusting: name) { client in
            let reply = try? await home.send(
                .GET,
                "/healthz",
                nil,
                key: nil,
                scheme: "https",
                client: client
            )
            return reply?.status == 200
        }
    }

    /// Lends a client that trusts the certificate of that name alone, and follows no redirect.
    func withClient<Result>(
        trusting name: String,
        _ body: (HTTPClient) async throws -> Result
    ) async throws -> Result {
        var trust = TLSConfiguration.makeClientConfiguration()
        trust.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(trusted(name)))
        var configuration = HTTPClient.Configuration()
        configuration.tlsConfiguration = trust
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.redirectConfiguration = .disallow
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let result: Result
        do {
            result = try await body(client)
        } catch {
            try await client.shutdown()
            throw error
        }
        try await client.shutdown()
        return result
    }

    /// A copy of the certificate as it was first seen: the file itself may be replaced.
    private func trusted(_ name: String) -> String {
        let kept = "\(path)/\(name).trusted"
        if !FileManager.default.fileExists(atPath: kept) {
            try? FileManager.default.copyItem(atPath: "\(path)/\(name).crt", toPath: kept)
        }
        return kept
    }
}

extension String {
    fileprivate var words: [String] { split(separator: " ").map(String.init) }
}
