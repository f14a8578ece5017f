import Glibc

/// The pin of one vault on this machine: `<vault id>.pin` in a directory apart from the database.
package struct PinFile: Sendable {
    package let directory: String
    package let path: String

    /// `directory` must exist; `$XDG_STATE_HOME/purser` is the usual one.
    package init(directory: String, vaultID: [UInt8]) {
        self.directory = directory
        path = "\(directory)/\(vaultID.hexadecimal).pin"
    }

    /// `nil` when this machine has not met the vault.
    package func read() throws -> Pin? {
        guard unsafe access(path, F_OK) == 0 else {
            guard errno == ENOENT else { throw VaultError.systemError(path) }
            return nil
        }
        let text = try unsafe Secret.readFile(path).withBytes { bytes in
            unsafe String(decoding: bytes, as: UTF8.self)
        }
        do {
            return try Pin(text: text)
        } catch {
            throw VaultError.damaged(.pin, "\(path) does not parse")
        }
    }

    /// Writes the pin, unless the file has seen more already: another process may have been faster.
    ///
    /// Refused where the two cannot belong to one history (`Pin.order`). Durable when it returns: written beside,
    /// flushed, renamed, and the directory flushed.
    package func advance(to pin: Pin) throws {
        // Looked at even if there is nothing to write: the next change of the vault could not be remembered.
        guard unsafe access(directory, W_OK) == 0 else { throw VaultError.systemError(directory) }
        let lock = try takeLock()
        defer { close(lock) }
        if let current = try read(), try current.order(of: pin) != .newer { return }
        try write(pin)
    }

    /// Writes the pin even if the file has seen more: a restore that an admin has accepted.
    package func reset(to pin: Pin) throws {
        let lock = try takeLock()
        defer { close(lock) }
        try write(pin)
    }

    private func write(_ pin: Pin) throws(VaultError) {
        try replaceFile(path, in: directory, with: pin.text)
    }

    /// Held while the pin is compared and replaced; waits two seconds at most.
    private func takeLock() throws(VaultError) -> Int32 {
        let file = try opened(path + ".lock", O_RDWR | O_CREAT)
        for _ in 0..<200 {
            if flock(file, LOCK_EX | LOCK_NB) == 0 { return file }
            guard errno == EWOULDBLOCK || errno == EINTR else { break }
            usleep(10_000)
        }
        let reason = errno
        close(file)
        guard reason == EWOULDBLOCK else { throw .systemError(path + ".lock") }
        throw .locked("the pin \(path)")
    }
}

/// Replaces a small file by another, or leaves it as it is: written beside, flushed, renamed, and the directory flushed.
func replaceFile(
    _ path: String,
    in directory: String,
    with text: String
) throws(VaultError) {
    let temporary = path + ".tmp"
    let file = try opened(temporary, O_WRONLY | O_CREAT | O_TRUNC)
    do throws(VaultError) {
        defer { close(file) }
        let bytes = Array(text.utf8)
        guard unsafe write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0
        else { throw VaultError.systemError(temporary) }
    } catch {
        unsafe unlink(temporary)
        throw error
    }
    guard unsafe rename(temporary, path) == 0 else { throw .systemError(path) }
    let folder = try opened(directory, O_RDONLY | O_DIRECTORY)
    defer { close(folder) }
    guard fsync(folder) == 0 else { throw .systemError(directory) }
}

/// For the user alone, and no link.
private func opened(_ path: String, _ flags: Int32) throws(VaultError) -> Int32 {
    let descriptor = unsafe open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw .systemError(path) }
    return descriptor
}
