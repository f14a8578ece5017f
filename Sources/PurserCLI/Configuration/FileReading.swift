import Glibc

/// Why a file was not read.
enum FileRefusal: Error, Equatable {
    case notFound
    case notAFile
    case tooLarge(Int)
    case failed(Int32)

    var words: String {
        switch self {
        case .notFound: "there is no such file"
        case .notAFile: "is not a regular file"
        case .tooLarge(let limit): "is larger than \(Int64(limit).grouped) bytes"
        case .failed(let code): String(cString: strerror(code))
        }
    }
}

/// Reads a regular file whole, and for `-` whatever standard input has.
///
/// A larger one is refused: a file by its size, before anything is read.
func readInput(_ path: String, limit: Int) throws(FileRefusal) -> [UInt8] {
    path == "-" ? try readToEnd(STDIN_FILENO, limit: limit) : try readFile(path, limit: limit)
}

/// Reads a regular file whole.
///
/// A larger one is refused by its size, before anything is read.
func readFile(_ path: String, limit: Int) throws(FileRefusal) -> [UInt8] {
    // Without O_NONBLOCK a named pipe would hold the open call until somebody writes.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw errno == ENOENT ? .notFound : .failed(errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .failed(errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile }
    guard status.st_size <= limit else { throw .tooLarge(limit) }
    return try readToEnd(descriptor, limit: limit, expecting: Int(status.st_size))
}

/// Reads what is left of a file, a pipe or a terminal, but no more than one byte beyond `limit`.
///
/// `size`: about how much there is.
func readToEnd(
    _ descriptor: Int32,
    limit: Int,
    expecting size: Int = 0
) throws(FileRefusal) -> [UInt8] {
    // One byte more shows the end, or what has grown since, without another round.
    var chunk = [UInt8](repeating: 0, count: min(max(size + 1, 65_536), limit + 1, 1 << 20))
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size)
    while true {
        let length = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        if length < 0, errno == EINTR { continue }
        guard length >= 0 else { throw .failed(errno) }
        if length == 0 { return bytes }
        bytes += chunk[..<length]
        guard bytes.count <= limit else { throw .tooLarge(limit) }
    }
}
