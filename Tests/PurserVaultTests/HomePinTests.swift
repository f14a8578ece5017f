import Foundation
import PurserCore
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
            try HomePin(directory: state, home: home).check(theirs, fingerprint: "a b")
        }
    }

    /// The pin alone does not see it: it is found by the vault's id, which the thief chose anew.
    @Test func `another vault in a known home is refused`() throws {
        try withFolder { state, home in
            try HomePin(directory: state, home: home).write(ours, fingerprint: "a b")
            try HomePin(directory: state, home: home).check(ours, fingerprint: "a b")
            #expect(throws: VaultError.self) {
                try HomePin(directory: state, home: home).check(theirs, fingerprint: "a b")
            }
        }
    }

    @Test func `the same id over another first header is another vault`() throws {
        try withFolder { state, home in
            let pin = try HomePin(directory: state, home: home)
            try pin.write(ours, fingerprint: "a b")
            try pin.check(ours, fingerprint: "a b")
            #expect(throws: VaultError.self) { try pin.check(ours, fingerprint: "a c") }
        }
    }

    @Test func `what an earlier version wrote is taken, and filled in`() throws {
        try withFolder { state, home in
            let pin = try HomePin(directory: state, home: home)
            try pin.write(ours, fingerprint: "a b")
            let file = try #require(
                FileManager.default.contentsOfDirectory(atPath: state).first
            )
            let earlier = ours.hexadecimal + "\n"
            try earlier.write(toFile: "\(state)/\(file)", atomically: true, encoding: .utf8)
            try pin.check(ours, fingerprint: "a c")
            try pin.write(ours, fingerprint: "a c")
            #expect(throws: VaultError.self) { try pin.check(ours, fingerprint: "a b") }
        }
    }

    @Test func `a link to a home is the home`() throws {
        try withFolder { state, home in
            try HomePin(directory: state, home: home).write(ours, fingerprint: "a b")
            let link = state + "/link"
            try FileManager.default.createSymbolicLink(
                atPath: link,
                withDestinationPath: home
            )
            #expect(throws: VaultError.self) {
                try HomePin(directory: state, home: link).check(theirs, fingerprint: "a b")
            }
        }
    }

    @Test func `two homes are two`() throws {
        try withFolder { state, home in
            try HomePin(directory: state, home: home).write(ours, fingerprint: "a b")
            try HomePin(directory: state, home: state).check(theirs, fingerprint: "a b")
        }
    }
}
