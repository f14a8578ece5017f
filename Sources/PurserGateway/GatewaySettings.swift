package import PurserCore

/// Where the gateway listens, and what it takes.
package struct GatewaySettings: Sendable, Equatable {
    /// A name or an address of this machine.
    package var host = "127.0.0.1"
    /// 0 lets the system choose.
    package var port = 8484
    /// `nil`: plain HTTP, which is for loopback only unless `isInsecure`.
    package var tls: TLSFiles?
    /// Whether plain HTTP is served to other machines too.
    package var isInsecure = false
    package var limits = GatewayLimits()
    /// Whether members may sign in to a page at `/`.
    package var hasPage = true
    /// How long requests under way may go on after the gateway was told to stop; what was sent to the service by then
    /// is still waited for, and answered.
    package var drain: Duration = .seconds(30)
    /// How long clients have after that to take what was answered last.
    package var farewell: Duration = .seconds(5)

    package init() {}

    /// Refuses to serve members' keys in clear to other machines.
    package func check() throws(GatewayError) {
        guard tls != nil || isLoopback || isInsecure else { throw .plainHTTP(host: host) }
    }

    /// Whether the host is this machine by its very name: no lookup that someone else could answer.
    package var isLoopback: Bool { Self.isLoopback(host) }

    /// The same of another host's name.
    static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127"
            && parts.allSatisfy { part in part.utf8.allSatisfy(isDigit) && UInt8(part) != nil }
    }
}

/// A certificate chain and its private key, as PEM files.
package struct TLSFiles: Sendable, Equatable {
    package var certificateFile: String
    package var keyFile: String

    package init(certificateFile: String, keyFile: String) {
        self.certificateFile = certificateFile
        self.keyFile = keyFile
    }
}

/// What one client, and all of them together, may take up.
package struct GatewayLimits: Sendable, Equatable {
    /// Bytes of an upload's body; other bodies have `largestOther` at most.
    package var body = 32 << 20
    /// Bytes of all bodies that are in memory at a time, and of large answers.
    package var bodyMemory = 256 << 20
    /// Bytes of all uploads that lie in files at a time.
    package var bodyDisk = 1 << 30
    /// Bytes of a request's head.
    package var header = 32 << 10
    /// Fields of a request's head.
    package var headerFields = 100
    /// From the first byte of a head to its last; from the connection to its first byte, too.
    package var headerTime: Duration = .seconds(10)
    /// From the head of a request to the end of its body.
    package var bodyTime: Duration = .seconds(120)
    /// How long a connection may lie between two requests, and how long a client may leave an answer unread.
    package var idleTime: Duration = .seconds(60)
    package var connections = 1024
    /// Requests under way, those that wait for an account among them.
    package var requests = 1024

    package init() {}

    /// Bytes of a body that carries no image.
    package static let largestOther = 4 << 20
}

private func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}

/// Why the gateway does not serve.
package enum GatewayError: Failure {
    case plainHTTP(host: String)

    package var kind: FailureKind { .invalidInput }

    package var message: String {
        switch self {
        case .plainHTTP(let host):
            "members' keys and work would cross the network in clear: \(host) is not this machine alone, and there is no certificate"
        }
    }

    package var hint: String? {
        "set tls-certificate and tls-key under [gateway]; --insecure is for a proxy in front that has TLS"
    }
}
