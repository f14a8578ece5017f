import FoundationEssentials

/// The package's files as they lie on disk.
enum Tree {
    static let root: URL = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every text file, read once; what is built or belongs to version control is left out.
    static let files: [SourceFile] = paths(below: "").compactMap { path in
        guard let bytes = FileManager.default.contents(atPath: absolute(path)),
            let text = String(validating: bytes, as: UTF8.self)
        else { return nil }
        return SourceFile(path: path, text: text)
    }

    static let sources: [SourceFile] = files.filter { $0.path.hasPrefix("Sources/") && $0.isSwift }
    static let tests: [SourceFile] = files.filter { $0.path.hasPrefix("Tests/") && $0.isSwift }

    /// Whether `path`, from the root, names something that is there.
    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: absolute(path))
    }

    /// Whether the owner may run the file.
    static func isExecutable(_ path: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: absolute(path))
    }

    private static let leftOut: Set<String> = [".build", ".git", ".swiftpm", "Package.resolved"]

    private static func absolute(_ path: String) -> String {
        root.appending(path: path).path(percentEncoded: false)
    }

    private static func paths(below folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: absolute(folder))) ?? []
        return names.filter { !leftOut.contains($0) }.sorted().flatMap { name in
            let path = folder.isEmpty ? name : "\(folder)/\(name)"
            var isFolder = false
            _ = FileManager.default.fileExists(atPath: absolute(path), isDirectory: &isFolder)
            return isFolder ? paths(below: path) : [path]
        }
    }
}

extension SourceFile {
    var isSwift: Bool { path.hasSuffix(".swift") }
    var isDocument: Bool { path.hasSuffix(".md") }
}
