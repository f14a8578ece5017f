import COpenSSL

/// A source of random bytes, passed in so that a test can repeat what it did.
@safe package struct Randomness: Sendable {
    private let fill: @Sendable (UnsafeMutableRawBufferPointer) throws -> Void

    /// `fill` must write every byte it is lent.
    package init(_ fill: @escaping @Sendable (UnsafeMutableRawBufferPointer) throws -> Void) {
        unsafe self.fill = fill
    }

    /// OpenSSL's generator.
    package static let system = unsafe Randomness { buffer in
        guard unsafe RAND_bytes(buffer.baseAddress, Int32(buffer.count)) == 1 else {
            throw VaultError.randomness
        }
    }

    package func bytes(_ count: Int) throws -> [UInt8] {
        try unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            unsafe buffer.initialize(repeating: 0)
            try unsafe fill(
                UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(buffer).prefix(count)
                )
            )
            filled = count
        }
    }

    /// Random bytes that never lie in ordinary memory.
    package func secret(_ count: Int) throws -> Secret {
        try unsafe Secret(capacity: count) { buffer in
            try unsafe fill(buffer)
            return count
        }
    }
}
