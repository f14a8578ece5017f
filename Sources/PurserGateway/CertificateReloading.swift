import Logging
import ServiceLifecycle
import UnixSignals

/// Has a gateway read its certificate again at each SIGHUP, until it is shut down.
package struct CertificateReloading: Service {
    private let gateway: Gateway

    package init(_ gateway: Gateway) {
        self.gateway = gateway
    }

    package func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        for await _ in signals.cancelOnGracefulShutdown() { reload() }
    }

    func reload() {
        do {
            let isThere = try gateway.reload()
            gateway.logger.notice(
                isThere ? "the certificate was read again" : "there is no certificate to read again"
            )
        } catch {
            gateway.logger.error(
                "the certificate was not changed",
                metadata: ["error": "\(error)"]
            )
        }
    }
}
