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
    // One byte more than allowed shows a file that has grown since.
    var bytes = [UInt8](repeating: 0, count: limit + 1)
    var count = 0
    while count < bytes.count {
        let length = bytes.withUnsafeMutableBytes { buffer in
            read(descriptor, buffer.baseAddress?.advanced(by: count), buffer.count - count)
        }
        if length < 0, errno == EINTR { continue }
        guard length >= 0 else { throw .failed(errno) }
        if length == 0 { break }
        count += length
    }
    guard count <= limit else { throw .tooLarge(limit) }
    return Array(bytes[..<count])
}
