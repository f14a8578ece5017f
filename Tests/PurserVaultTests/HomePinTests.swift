import Foundation
import Testing

@testable import PurserVault

struct HomePinTests {
    private func withFolder(_ body: (_ state: String, _ home: String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "purser-pin-\(UUID())")
            .path
        for name in ["/state", "/data"] {
            try FileManager.default.createDirectory(
                atPath: folder + name,
                withIntermediateDirectories: true
            )
        }
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder + "/state", folder + "/data")
    }

    private let ours = [UInt8](repeating: 1, count: 16)
    private let theirs = [UInt8](repeating: 2, count: 16)

    @Test func `a home that was never opened takes any vault`() throws {
        try withFolder { state, home in
            try HomePin(directory: state, home: home).check(theirs)
        }
    }

    /// The pin alone does not see it: it is found by the vault's id, which the thief chose anew.
    @Test func `another vault in a known home is refused`() throws {
        try withFolder { state, home in
            try HomePin(directory: state, home: home).write(ours)
            try HomePin(directory: state, home: home).check(ours)
            #expect(throws: VaultError.self) {
                try HomePin(directory: state, home: home).check(theirs)
            }
        }
    }

    @Test func `a link to a home is the home`() throws {
        try withFolder { state, home in
            try HomePin(directory: state, home: home).write(ours)
            let link = state + "/link"
            try FileManager.default.createSymbolicLink(
                atPath: link,
                withDestinationPath: home
            )
            #expect(throws: VaultError.self) {
                try HomePin(directory: state, home: link).check(theirs)
            }
        }
    }

    @Test func `two homes are two`() throws {
        try withFolder { state, home in
            try HomePin(directory: state, home: home).write(ours)
            try HomePin(directory: state, home: state).check(theirs)
        }
    }
}
