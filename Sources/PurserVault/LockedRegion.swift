import COpenSSL
import Glibc
import Synchronization

/// Whole pages, locked, wiped when the value goes, and then kept for the next secret or given back.
struct LockedRegion: ~Copyable, Sendable {
    // A number, not a pointer: nothing but this file makes a pointer of it.
    private let address: UInt
    private let capacity: Int
    private let mapped: Int

    init(capacity: Int) throws(VaultError) {
        precondition(capacity >= 0)
        let page = SparePages.size
        mapped = max(1, (capacity + page - 1) / page) * page
        if mapped == page, let spare = SparePages.take() {
            address = spare
        } else {
            address = try Self.map(mapped)
        }
        self.capacity = capacity
    }

    var buffer: UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(
            start: UnsafeMutableRawPointer(bitPattern: address),
            count: capacity
        )
    }

    deinit {
        unsafe OPENSSL_cleanse(UnsafeMutableRawPointer(bitPattern: address), mapped)
        if mapped == SparePages.size, SparePages.keep(address) { return }
        unsafe munmap(UnsafeMutableRawPointer(bitPattern: address), mapped)
    }

    /// Where the limit on locked memory is reached, spare pages make room.
    private static func map(_ size: Int) throws(VaultError) -> UInt {
        guard
            let start = unsafe mmap(
                nil,
                size,
                PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS,
                -1,
                0
            ),
            unsafe start != MAP_FAILED
        else { throw unsafe .io(path: "memory", reason: String(cString: unsafe strerror(errno))) }
        var isLocked = unsafe mlock(start, size) == 0
        if !isLocked {
            // Whoever made room: another may have taken the spare pages a moment ago.
            SparePages.giveBack()
            isLocked = unsafe mlock(start, size) == 0
        }
        guard isLocked else {
            unsafe munmap(start, size)
            throw .memoryNotLocked(bytes: size)
        }
        // Both are advice against copies we would not see; neither can fail on a fresh mapping.
        _ = unsafe madvise(start, size, MADV_DONTDUMP)
        _ = unsafe madvise(start, size, MADV_DONTFORK)
        return UInt(bitPattern: start)
    }
}

/// Pages that held a secret and are wiped: locked, left out of dumps and forks, and ready for the next one.
///
/// Opening a token takes half a dozen secrets for microseconds each. To map, lock and unmap a page for each costs more than
/// the cryptography, and unmapping interrupts every other processor.
enum SparePages {
    static let size = Int(sysconf(Int32(_SC_PAGESIZE)))
    /// So many are kept at most: they count against the limit on locked memory, which may be as low as 64 KiB.
    static let limit = 8

    private static let spare = Mutex<[UInt]>([])

    static var count: Int { spare.withLock(\.count) }

    /// A page of zeros; `nil` where none is spare.
    ///
    /// A page that is not of zeros was written to by somebody who had given it back: then nothing that lies in memory is
    /// sure to be what it should, and the process ends.
    static func take() -> UInt? {
        guard let page = spare.withLock({ $0.popLast() }) else { return nil }
        precondition(isWiped(page), "a page of secrets was written to after it was given back")
        return page
    }

    /// Whether the page, which must be wiped, is kept for later.
    static func keep(_ page: UInt) -> Bool {
        spare.withLock { spare in
            precondition(!spare.contains(page), "a page of secrets was given back twice")
            guard spare.count < limit else { return false }
            spare.append(page)
            return true
        }
    }

    /// Unmaps them all, and answers how many there were; the room is there for everybody once it returns.
    @discardableResult
    static func giveBack() -> Int {
        spare.withLock { spare in
            for page in spare { unsafe munmap(UnsafeMutableRawPointer(bitPattern: page), size) }
            defer { spare = [] }
            return spare.count
        }
    }

    private static func isWiped(_ page: UInt) -> Bool {
        let words = unsafe UnsafeRawBufferPointer(
            start: UnsafeRawPointer(bitPattern: page),
            count: size
        ).bindMemory(to: UInt64.self)
        return unsafe words.allSatisfy { $0 == 0 }
    }
}
