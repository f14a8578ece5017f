import NIOSSL
package import PurserCore
import Synchronization

/// The certificate and key that new connections get; read again when told to.
final class TLSContext: Sendable {
    private let files: TLSFiles
    private let context: Mutex<NIOSSLContext>

    /// - Throws: ``TLSError`` that names the file.
    init(_ files: TLSFiles) throws(TLSError) {
        self.files = files
        context = Mutex(try Self.read(files))
    }

    var current: NIOSSLContext { context.withLock { $0 } }

    /// Takes up what the files hold now; with an error the one in place stays.
    func reload() throws(TLSError) {
        let fresh = try Self.read(files)
        context.withLock { $0 = fresh }
    }

    // The library's own errors carry paths of the machine it was built on, so none of their words are passed on.
    private static func read(_ files: TLSFiles) throws(TLSError) -> NIOSSLContext {
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(files.certificateFile)
        } catch {
            throw .unreadable(files.certificateFile, "certificate chain")
        }
        guard !chain.isEmpty else { throw .unreadable(files.certificateFile, "certificate chain") }
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(file: files.keyFile, format: .pem)
        } catch {
            throw .unreadable(files.keyFile, "private key")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw .mismatch(files)
        }
    }
}

/// Why the gateway cannot offer TLS.
package enum TLSError: Failure {
    case unreadable(String, String)
    case mismatch(TLSFiles)

    package var kind: FailureKind { .invalidInput }

    package var message: String {
        switch self {
        case .unreadable(let path, let what): "\(path): no \(what) in PEM could be read from it"
        case .mismatch(let files):
            "the key in \(files.keyFile) does not belong to the certificate in \(files.certificateFile)"
        }
    }

    package var hint: String? {
        switch self {
        case .unreadable: "see that it is there, that purser may read it, and that it is PEM"
        case .mismatch: "give the pair that was issued together"
        }
    }
}
