import Glibc
import PurserCore

func fileExists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// Whether two names, by whatever way they lead there, are of one file.
func isSameFile(_ one: String, _ other: String) -> Bool {
    var (first, second) = (stat(), stat())
    return stat(one, &first) == 0 && stat(other, &second) == 0
        && first.st_dev == second.st_dev && first.st_ino == second.st_ino
}

/// Whether a regular file's mode lets somebody but its owner read it.
func othersMayRead(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        && status.st_mode & 0o044 != 0
}

/// Makes a folder and the ones above it that are missing, for the user alone.
func makeDirectories(_ path: String) throws {
    if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
    if errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex {
        try makeDirectories(String(path[..<slash]))
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
    }
    throw StoreError.notAHome(path: path, reason: systemErrorText())
}

/// Makes a file for the user alone, never over another one; durable when it returns.
///
/// A file that could not be finished is taken away again.
func makePrivateFile(_ path: String, _ write: (Int32) throws -> Void) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else {
        if errno == EEXIST { throw CommandError.fileExists(path) }
        throw ConsoleError.unreadable(path: path, reason: systemErrorText())
    }
    do {
        defer { close(file) }
        try write(file)
        try flush(file, path)
        try flushFolder(of: path)
    } catch {
        unlink(path)
        throw error
    }
}

/// Makes a file for the user alone that is there whole or not at all: `write` fills an empty one beside it.
///
/// Over another file only with `replacing`; durable when it returns.
func writePrivateFile(
    _ path: String,
    replacing: Bool = false,
    _ write: (_ beside: String) async throws -> Void
) async throws {
    guard replacing || !fileExists(path) else { throw CommandError.fileExists(path) }
    // A name of this process: two that write the same file would else take each other's piece away.
    let beside = "\(path).\(getpid()).partial"
    unlink(beside)
    let file = open(beside, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else {
        throw ConsoleError.unreadable(path: path, reason: systemErrorText())
    }
    defer {
        close(file)
        unlink(beside)
    }
    try await write(beside)
    try flush(file, path)
    // A link is refused where a name is taken meanwhile; a rename replaces it in one step.
    guard (replacing ? rename(beside, path) : link(beside, path)) == 0 else {
        if errno == EEXIST { throw CommandError.fileExists(path) }
        throw ConsoleError.unreadable(path: path, reason: systemErrorText())
    }
    try flushFolder(of: path)
}

/// A file that is there and is written to from its beginning, piece by piece.
final class WritableFile {
    private let path: String
    private let descriptor: Int32

    init(_ path: String) throws {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ConsoleError.unreadable(path: path, reason: systemErrorText())
        }
    }

    deinit { close(descriptor) }

    func write(_ text: String) throws {
        var text = text
        try text.withUTF8 {
            try writeFully(UnsafeRawBufferPointer($0), to: descriptor, path: path)
        }
    }
}

/// Copies a file into a new one for the user alone.
func copyPrivately(_ source: String, to path: String) throws {
    let from = open(source, O_RDONLY | O_CLOEXEC)
    guard from >= 0 else { throw ConsoleError.unreadable(path: source, reason: systemErrorText()) }
    defer { close(from) }
    try makePrivateFile(path) { file in
        try withUnsafeTemporaryAllocation(byteCount: 1 << 18, alignment: 16) { buffer in
            while true {
                let count = read(from, buffer.baseAddress, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else {
                    throw ConsoleError.unreadable(path: source, reason: systemErrorText())
                }
                if count == 0 { return }
                try writeFully(
                    UnsafeRawBufferPointer(rebasing: buffer[..<count]),
                    to: file,
                    path: path
                )
            }
        }
    }
}

/// Writes all of `bytes`, however many calls it takes.
func writeFully(
    _ bytes: UnsafeRawBufferPointer,
    to file: Int32,
    path: String
) throws(ConsoleError) {
    var rest = bytes
    while !rest.isEmpty {
        let count = write(file, rest.baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw .unreadable(path: path, reason: systemErrorText()) }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
}

/// A new name survives a power cut once the folder that holds it was flushed.
private func flushFolder(of path: String) throws(ConsoleError) {
    let slash = path.lastIndex(of: "/") ?? path.startIndex
    let folder = slash == path.startIndex ? "/" : String(path[..<slash])
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
        throw .unreadable(path: folder, reason: systemErrorText())
    }
    defer { close(descriptor) }
    try flush(descriptor, folder)
}

private func flush(_ descriptor: Int32, _ path: String) throws(ConsoleError) {
    guard fsync(descriptor) == 0 else {
        throw .unreadable(path: path, reason: systemErrorText())
    }
}

private func systemErrorText() -> String { String(cString: strerror(errno)) }
