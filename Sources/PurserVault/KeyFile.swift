import Glibc

/// Reads the file that opens a vault, after looking who else could.
package enum KeyFile {
    /// Reads a `PURSER-KEY-1…` line.
    ///
    /// A key beside the database it opens protects nothing, so a key file in `databaseDirectory`, or below,
    /// is refused. `credentialsDirectory` is `$CREDENTIALS_DIRECTORY`: systemd guards what lies in there
    /// itself, with modes and an owner that would be refused elsewhere.
    package static func read(
        _ path: String,
        databaseDirectory: String,
        credentialsDirectory: String? = nil
    ) throws -> SlotSeed {
        let text = try Secret.readFile(path) { descriptor throws(VaultError) in
            try checkPlace(path, databaseDirectory: databaseDirectory)
            let place = try resolved(path)
            if let credentialsDirectory, isInside(place, try resolved(credentialsDirectory)) {
                return
            }
            try checkMode(of: descriptor, path: path)
        }
        do {
            return try SlotSeed(text: text)
        } catch VaultError.damaged(let part, let detail) {
            throw VaultError.damaged(part, "\(path): \(detail)")
        }
    }

    /// Refuses a key file in `databaseDirectory`, or below; neither of them needs to be there yet.
    package static func checkPlace(
        _ path: String,
        databaseDirectory: String
    ) throws(VaultError) {
        if isInside(try foreseen(path), try foreseen(databaseDirectory)) {
            throw .keyFileRefused(path: path, reason: "it lies in the database's directory")
        }
    }

    /// Where a path leads once it is made: what is there already is resolved, the rest added.
    private static func foreseen(_ path: String) throws(VaultError) -> String {
        if unsafe access(path, F_OK) == 0 { return try resolved(path) }
        guard let slash = path.lastIndex(of: "/") else { return path }
        let name = path[path.index(after: slash)...]
        let above = slash == path.startIndex ? "/" : try foreseen(String(path[..<slash]))
        return name.isEmpty ? above : above == "/" ? "/\(name)" : "\(above)/\(name)"
    }

    private static func checkMode(of descriptor: Int32, path: String) throws(VaultError) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .systemError(path) }
        guard status.st_uid == geteuid() else {
            throw .keyFileRefused(path: path, reason: "another user owns it")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .keyFileRefused(path: path, reason: "others may read it")
        }
    }

    /// Both resolved.
    private static func isInside(_ path: String, _ directory: String) -> Bool {
        path.hasPrefix(directory + "/")
    }

    private static func resolved(_ path: String) throws(VaultError) -> String {
        guard let real = unsafe realpath(path, nil) else { throw .systemError(path) }
        defer { unsafe free(real) }
        return unsafe String(cString: real)
    }
}

extension Secret {
    /// Reads a small file straight into locked memory.
    ///
    /// `check` looks at the open descriptor before a byte is read, so that the file that was checked is
    /// the file that is read. Throws `VaultError.io` when it is no regular file of at most 64 KiB.
    package static func readFile(
        _ path: String,
        check: (Int32) throws(VaultError) -> Void = { _ in }
    ) throws -> Secret {
        let limit = 1 << 16
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw VaultError.systemError(path) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw VaultError.systemError(path) }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= limit else {
            throw VaultError.io(path: path, reason: "not a regular file of at most 64 KiB")
        }
        try check(descriptor)
        return try unsafe Secret(capacity: Int(status.st_size)) { buffer in
            try unsafe readFully(descriptor, into: buffer, path: path)
        }
    }

    /// Reads until the buffer is full or the file ends.
    private static func readFully(
        _ descriptor: Int32,
        into buffer: UnsafeMutableRawBufferPointer,
        path: String
    ) throws(VaultError) -> Int {
        var count = 0
        while count < buffer.count {
            let got = unsafe Glibc.read(
                descriptor,
                buffer.baseAddress?.advanced(by: count),
                buffer.count - count
            )
            if got == 0 { break }
            if got < 0 {
                if errno == EINTR { continue }
                throw .systemError(path)
            }
            count += got
        }
        return count
    }
}

extension VaultError {
    /// `errno`, in words.
    static func systemError(_ path: String) -> VaultError {
        unsafe .io(path: path, reason: String(cString: unsafe strerror(errno)))
    }
}
