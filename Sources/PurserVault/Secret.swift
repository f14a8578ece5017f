import COpenSSL
import Glibc

/// Bytes that must not leave this process: keys, seeds, passphrases, tokens.
///
/// They lie in pages of their own that are kept out of swap, core dumps and child processes, and are wiped
/// when the value goes. A secret can be neither copied nor interpolated; it does not change after
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

/// Whole pages, locked, wiped and given back when the value goes.
struct LockedRegion: ~Copyable, Sendable {
    // A number, not a pointer: nothing but this file makes a pointer of it.
    private let address: UInt
    private let capacity: Int
    private let mapped: Int

    init(capacity: Int) throws(VaultError) {
        precondition(capacity >= 0)
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let mapped = max(1, (capacity + page - 1) / page) * page
        guard
            let start = unsafe mmap(
                nil,
                mapped,
                PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS,
                -1,
                0
            ),
            unsafe start != MAP_FAILED
        else { throw unsafe .io(path: "memory", reason: String(cString: unsafe strerror(errno))) }
        guard unsafe mlock(start, mapped) == 0 else {
            unsafe munmap(start, mapped)
            throw .memoryNotLocked(bytes: mapped)
        }
        // Both are advice against copies we would not see; neither can fail on a fresh mapping.
        _ = unsafe madvise(start, mapped, MADV_DONTDUMP)
        _ = unsafe madvise(start, mapped, MADV_DONTFORK)
        self.address = UInt(bitPattern: start)
        self.capacity = capacity
        self.mapped = mapped
    }

    var buffer: UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(
            start: UnsafeMutableRawPointer(bitPattern: address),
            count: capacity
        )
    }

    deinit {
        let start = unsafe UnsafeMutableRawPointer(bitPattern: address)
        unsafe OPENSSL_cleanse(start, mapped)
        unsafe munmap(start, mapped)
    }
}
