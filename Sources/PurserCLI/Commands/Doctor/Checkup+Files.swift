import FoundationEssentials
import Glibc
import PurserCore

extension Checkup {
    /// Who else may read or write what this home needs.
    mutating func files(of home: Home) throws {
        for folder in [home.directory, home.directory + "/instances", home.stateDirectory] {
            guard fileExists(folder) else { continue }
            mode(of: folder, forbidden: 0o077, "others may look into it")
            for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
                let path = "\(folder)/\(name)"
                guard !isFolder(path) else { continue }
                mode(of: path, forbidden: 0o077, "others may read it")
            }
        }
    }

    /// What opens the vault, and the file that names commands which are run.
    mutating func files(
        of configuration: Configuration,
        flag: String?,
        environment: Environment
    ) {
        switch configuration.vault.key {
        case .keyFile(let path), .passphraseFile(let path):
            let place = Home.absolute(path, environment: environment)
            if environment["CREDENTIALS_DIRECTORY"].map({ place.hasPrefix($0) }) == true { break }
            guard fileExists(place) else {
                add(.files, place, "there is no such file, and it is to open the vault")
                break
            }
            mode(of: place, forbidden: 0o077, "others may read it")
        case .passphraseCommand, nil: break
        }
        let named = flag ?? environment["PURSER_CONFIG"]
        guard let path = named ?? (try? Home.defaultConfiguration(environment)), fileExists(path)
        else { return }
        mode(of: path, forbidden: 0o022, "others may write it, and it names commands")
    }

    private mutating func mode(of path: String, forbidden: mode_t, _ words: String) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFLNK else { return }
        let quoted = Self.shellQuoted(path)
        if status.st_uid != geteuid() {
            add(.files, path, "another user owns it", mend: "chown $(id -un) \(quoted)")
        } else if status.st_mode & forbidden != 0 {
            let mode = status.st_mode & 0o7777
            let right = mode & ~forbidden & 0o777
            add(
                .files,
                path,
                "\(words) (mode \(String(mode, radix: 8)))",
                mend: "chmod \(String(right, radix: 8)) \(quoted)"
            )
        }
    }

    private func isFolder(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// As it may be pasted into a shell.
    private static func shellQuoted(_ path: String) -> String {
        let isPlain = path.utf8.allSatisfy { isNameByte($0) || $0 == UInt8(ascii: "/") }
        return isPlain ? path : "'\(path.replacing("'", with: "'\\''"))'"
    }

    /// Room for the books to grow, and whether they may.
    mutating func disk(under home: Home) {
        var space = statvfs()
        guard fileExists(home.directory), statvfs(home.directory, &space) == 0 else {
            return skip(.disk, because: "there is no home")
        }
        let free = UInt64(space.f_bavail) * UInt64(space.f_frsize)
        if free < Self.leastSpace {
            add(
                .disk,
                home.directory,
                "\(free >> 20) MiB are free: a claim that cannot be written is not sent",
                mend: "make room"
            )
        }
        if access(home.directory, W_OK) != 0 {
            let reason = String(cString: strerror(errno)).lowercased()
            add(.disk, home.directory, "it cannot be written: \(reason)", mend: "mount it writable")
        }
    }

    private static let leastSpace: UInt64 = 100 << 20
}
