import COpenSSL

/// Bytes that must not leave this process: keys, seeds, passphrases, tokens.
///
/// They lie in pages of their own that are kept out of swap, core dumps and child processes (`LockedRegion`), and are
/// wiped when the value goes. A secret can be neither copied nor interpolated; it does not change after
/// `init`, which is why tasks may share it.
package struct Secret: ~Copyable, Sendable {
    private let region: LockedRegion
    package let count: Int

    /// Lets `fill` write up to `capacity` bytes straight into locked memory; it returns how many it wrote.
    ///
    /// Throws `VaultError.memoryNotLocked` when the limit on locked memory is too small: falling
    ///   back to ordinary memory in silence would break the promise above. Otherwise what `fill` throws.
    package init(
        capacity: Int,
        filling fill: (UnsafeMutableRawBufferPointer) throws -> Int
    ) throws {
        let region = try LockedRegion(capacity: capacity)
        let count = try unsafe fill(region.buffer)
        precondition((0...capacity).contains(count), "more bytes than the capacity")
        self.region = region
        self.count = count
    }

    /// Copies bytes that are already in ordinary memory; the caller's copy stays where it is.
    package init(copying bytes: some Collection<UInt8>) throws {
        try unsafe self.init(capacity: bytes.count) { buffer in
            unsafe buffer.copyBytes(from: bytes)
            return bytes.count
        }
    }

    /// Lends the bytes.
    package borrowing func withBytes<Result: ~Copyable>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try unsafe body(UnsafeRawBufferPointer(rebasing: region.buffer.prefix(count)))
    }

    /// Lends the bytes across suspensions; the memory is wiped no sooner than `body` has returned.
    package borrowing func withBytesAcrossSuspension<Result>(
        _ body: (UnsafeRawBufferPointer) async throws -> Result
    ) async rethrows -> Result {
        try await unsafe body(UnsafeRawBufferPointer(rebasing: region.buffer.prefix(count)))
    }

    /// Some of the bytes, in pages of their own.
    borrowing func slice(_ range: Range<Int>) throws -> Secret {
        try unsafe withBytes { bytes in
            try unsafe Secret(copying: bytes[range])
        }
    }

    /// Whether two secrets hold the same bytes, in a time that depends on their lengths only.
    package static func equal(_ a: borrowing Secret, _ b: borrowing Secret) -> Bool {
        guard a.count == b.count else { return false }
        return unsafe a.withBytes { left in
            unsafe b.withBytes { right in
                unsafe CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0
            }
        }
    }
}
