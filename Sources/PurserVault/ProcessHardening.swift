import CHardening
import Glibc

/// What the process asks of the system before it reads a secret.
package enum ProcessHardening {
    /// Turns off core dumps and keeps other processes' debuggers out, but not root.
    package static func apply() throws(VaultError) {
        guard purser_harden_process() == 0 else {
            throw unsafe .io(path: "process", reason: String(cString: unsafe strerror(errno)))
        }
    }
}
