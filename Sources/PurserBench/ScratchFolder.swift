import FoundationEssentials
import Glibc

/// A folder of our own for the time of a benchmark.
struct ScratchFolder {
    let path: String

    init(in folder: String) throws {
        var template = Array("\(folder)/purser-bench.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw BenchmarkError("\(folder): \(String(cString: strerror(errno)))")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func write(_ text: String, to name: String) throws -> String {
        let file = "\(path)/\(name)"
        guard let stream = fopen(file, "w") else {
            throw BenchmarkError("\(file): \(String(cString: strerror(errno)))")
        }
        defer { fclose(stream) }
        guard chmod(file, 0o600) == 0, fputs(text, stream) >= 0 else {
            throw BenchmarkError("\(file): \(String(cString: strerror(errno)))")
        }
        return file
    }

    /// Removes the folder and all that is in it.
    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}
