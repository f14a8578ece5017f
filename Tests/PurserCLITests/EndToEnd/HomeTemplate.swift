import Foundation
import PurserSandbox

/// A home that was made once and is copied: a passphrase slot costs half a second on purpose, and
/// `init` itself has tests of its own.
enum HomeTemplate {
    private static let folder = FileManager.default.temporaryDirectory.appending(
        path: "purser-template-\(UUID())"
    )
    private static let made = Task {
        atexit { try? FileManager.default.removeItem(at: HomeTemplate.folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let home = CommandHome(
            folder: folder.path,
            sandbox: try Sandbox(.twoAccounts()),
            skipped: SkippedTime(),
            environment: [
                "HOME": folder.path, "PURSER_HOME": folder.path + "/home",
                "XDG_STATE_HOME": folder.path + "/state",
            ]
        )
        try home.write(CommandHome.passphrase + "\n", to: "passphrase")
        try await home.purser("init --passphrase-file ~/passphrase --key-file ~/test.key")
    }

    static func copy(to folder: String) async throws {
        try await made.value
        for name in ["home", "state", "test.key"] {
            try FileManager.default.copyItem(
                atPath: Self.folder.appending(path: name).path,
                toPath: folder + "/" + name
            )
        }
    }
}
