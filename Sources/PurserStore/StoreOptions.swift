package import PurserCore

/// How a store is opened; the defaults suit a gateway.
package struct StoreOptions: Sendable {
    /// SHA-256: the store links no cryptography of its own.
    package typealias Digest = @Sendable ([UInt8]) -> [UInt8]

    /// How claims choose among the accounts.
    package var policy: PolicyName
    /// What the work in the books would cost elsewhere.
    package var catalogue: Catalogue
    /// How far apart two equal readings must lie before differences are booked.
    package var quietAfter: Duration
    package var sha256: Digest
    /// How long to wait for another process before `StoreError.lockTimeout`.
    package var lockTimeout: Duration
    /// Most operations in one transaction.
    package var batchLimit: Int
    /// The write-ahead log is emptied between batches once it is larger than this many bytes.
    package var checkpointAbove: Int
    /// How long to wait after a reader kept the log from being emptied.
    package var checkpointPause: Duration
    /// Works on the threads that call, which wait: for a program that gains nothing from others, such as a simulation.
    package var blocksCallers: Bool
    /// A hold under way for longer than this is reported by `verify` when its process is gone.
    package var holdLimit: Duration
    /// An unknown hold older than this is reported by `verify`.
    package var unknownLimit: Duration
    /// Whether an empty or missing database is made anew; without it one that was emptied is an error, not a fresh start.
    package var makesHome: Bool
    /// Names this process among those that write; its open holds become unknown when it is gone.
    package var instance: InstanceID

    package init(
        policy: PolicyName,
        quietAfter: Duration,
        sha256: @escaping Digest,
        catalogue: Catalogue = .builtin,
        lockTimeout: Duration = .seconds(10),
        batchLimit: Int = 64,
        checkpointAbove: Int = 4 << 20,
        checkpointPause: Duration = .seconds(1),
        blocksCallers: Bool = false,
        holdLimit: Duration = .seconds(15 * 60),
        unknownLimit: Duration = .seconds(24 * 3600),
        makesHome: Bool = true,
        instance: InstanceID? = nil
    ) {
        self.policy = policy
        self.catalogue = catalogue
        self.quietAfter = quietAfter
        self.sha256 = sha256
        self.lockTimeout = lockTimeout
        self.batchLimit = batchLimit
        self.checkpointAbove = checkpointAbove
        self.checkpointPause = checkpointPause
        self.blocksCallers = blocksCallers
        self.holdLimit = holdLimit
        self.unknownLimit = unknownLimit
        self.makesHome = makesHome
        var generator = SystemRandomNumberGenerator()
        self.instance = instance ?? InstanceID(using: &generator)
    }
}
