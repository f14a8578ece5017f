import COpenSSL

/// The library that does the cryptography.
package enum OpenSSLLibrary {
    /// `OpenSSL 3.0.17 1 Jul 2025`, of the library that is loaded, not of the headers.
    package static var version: String {
        unsafe OpenSSL_version(OPENSSL_VERSION).map { unsafe String(cString: $0) } ?? "unknown"
    }
}
