import Glibc
import NIOPosix
import PurserCore

/// What of an upload is not kept in memory: a file without a name, gone with the last reference to it and with the process,
/// however that ends.
final class BodyFile: PayloadFile {
    private let descriptor: Int32
    private let spare: Int

    /// A new file in a folder on whose disk `spare` bytes are left to others.
    ///
    /// - Throws: ``Problem`` that says nothing was sent, here and when it is written.
    convenience init(in folder: String, spare: Int = BodyFile.spare) throws(Problem) {
        var descriptor = open(folder, O_RDWR | O_CLOEXEC | O_EXCL | Self.unnamed, 0o600)
        if descriptor < 0 {
            // Not every file system knows files without a name.
            var path = Array("\(folder)/upload-XXXXXX".utf8CString)
            descriptor = mkstemp(&path)
            if descriptor >= 0 {
                unlink(path)
                _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            }
        }
        guard descriptor >= 0 else { throw .noDisk }
        self.init(descriptor: descriptor, spare: spare)
    }

    init(descriptor: Int32, spare: Int = 0) {
        self.descriptor = descriptor
        self.spare = spare
    }

    deinit { close(descriptor) }

    func write(_ bytes: [UInt8], at offset: Int) async throws {
        try await NIOThreadPool.singleton.runIfActive { try self.writeNow(bytes, at: offset) }
    }

    func read(_ range: Range<Int>) async throws -> [UInt8] {
        try await NIOThreadPool.singleton.runIfActive { try self.readNow(range) }
    }

    private func writeNow(_ bytes: [UInt8], at offset: Int) throws(Problem) {
        var disk = statvfs()
        guard fstatvfs(descriptor, &disk) == 0 else { throw .noDisk }
        // The books lie on the same disk, and must be able to grow.
        let needed = (spare + bytes.count) / max(Int(disk.f_frsize), 1)
        guard disk.f_bavail > needed else { throw .noDisk }
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress, $0.count, off_t(offset + done))
            }
            guard count > 0 else {
                if count < 0, errno == EINTR { continue }
                throw .noDisk
            }
            done += count
        }
    }

    private func readNow(_ range: Range<Int>) throws(StoreError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: range.count)
        var done = 0
        while done < bytes.count {
            let start = range.lowerBound + done
            let count = bytes[done...].withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress, $0.count, off_t(start))
            }
            guard count > 0 else {
                if count < 0, errno == EINTR { continue }
                throw .io("an upload's file could not be read")
            }
            done += count
        }
        return bytes
    }

    /// Linux's `O_TMPFILE`, whose macro Swift does not see.
    private static let unnamed: Int32 = 0o20_000_000 | O_DIRECTORY
    private static let spare = 64 << 20
}

extension Problem {
    static var noDisk: Problem {
        var problem = Problem(
            .storage,
            "the gateway has no room on its disk for this upload; nothing was sent",
            retryAfter: .seconds(10)
        )
        problem.endsConnection = true
        return problem
    }
}
