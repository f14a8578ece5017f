import Foundation
import PurserCore
import Testing

@testable import PurserVault

/// Key files, their text, and pins on disk.
struct KeyFileTests {
    private func bech32(_ text: String, prefix: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        do {
            try Array(text.utf8).withUnsafeBytes { text in
                try Bech32.decode(prefix: prefix, text) { bytes.append($0) }
            }
        } catch { return nil }
        return bytes
    }

    @Test func `Bech32 reads the vectors of BIP 173`() {
        #expect(bech32("A12UEL5L", prefix: "A") == [])
        #expect(
            bech32(
                "ABCDEF1QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LMQQQXW",
                prefix: "ABCDEF"
            )
                == hex("00443214c74254b635cf84653a56d7c675be77df")
        )
        #expect(bech32("A12UEL5X", prefix: "A") == nil)
        #expect(bech32("a12uel5l", prefix: "A") == nil)
    }

    @Test func `a seed survives its text, and every wrong character is found`() throws {
        let text = try SlotSeed(hexadecimal: KnownAnswer.bobSeed).text().copied()
        #expect(String(decoding: text, as: UTF8.self).hasPrefix("PURSER-KEY-1"))
        let again = try SlotSeed(text: secret(text + [0x0A]))
        #expect(again.bytes.copied() == hex(KnownAnswer.bobSeed))
        for index in text.indices {
            for character in "QP1-b ".utf8 where character != text[index] {
                var wrong = text
                wrong[index] = character
                #expect(failure { try SlotSeed(text: secret(wrong)) }?.kind == .damaged)
            }
        }
        for other in [Array(text.dropLast()), text + [0x51], text + [0x0A, 0x0A]] {
            #expect(failure { try SlotSeed(text: secret(other)) }?.kind == .damaged)
        }
    }

    private func write(_ path: String, mode: Int = 0o600) throws {
        let text = try SlotSeed(hexadecimal: KnownAnswer.bobSeed).text().copied()
        #expect(
            FileManager.default.createFile(
                atPath: path,
                contents: Data(text),
                attributes: [.posixPermissions: mode]
            )
        )
    }

    @Test func `a key file that others may read is refused`() throws {
        try withTemporaryDirectory { folder in
            let home = folder + "/home"
            try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
            let path = folder + "/key"
            try write(path)
            let seed = try KeyFile.read(path, databaseDirectory: home)
            #expect(seed.bytes.copied() == hex(KnownAnswer.bobSeed))
            for mode in [0o640, 0o604, 0o660, 0o620] {
                try write(path, mode: mode)
                #expect(
                    failure { try KeyFile.read(path, databaseDirectory: home) }
                        == .keyFileRefused(path: path, reason: "others may read it")
                )
            }
            // systemd guards its own directory.
            #expect(
                failure {
                    try KeyFile.read(path, databaseDirectory: home, credentialsDirectory: folder)
                } == nil
            )
        }
    }

    @Test func `a key file beside the database is refused`() throws {
        try withTemporaryDirectory { folder in
            try write(folder + "/key")
            #expect(
                failure { try KeyFile.read(folder + "/key", databaseDirectory: folder) }
                    == .keyFileRefused(
                        path: folder + "/key",
                        reason: "it lies in the database's directory"
                    )
            )
            #expect(
                failure { try KeyFile.read(folder + "/none", databaseDirectory: "/") }?.kind == .io
            )
            #expect(
                failure { try KeyFile.read(folder, databaseDirectory: "/") }?.kind == .io
            )
        }
    }

    private func pin(header: UInt64, state: UInt64) -> Pin {
        Pin(
            vaultID: [UInt8](0..<16),
            headerSequence: header,
            headerID: [UInt8](repeating: 7, count: 32),
            epoch: 1,
            stateSequence: state,
            manifestMAC: [UInt8](repeating: 9, count: 32)
        )
    }

    @Test func `a pin goes forward on disk and never back`() throws {
        try withTemporaryDirectory { folder in
            let file = PinFile(directory: folder, vaultID: [UInt8](0..<16))
            #expect(try file.read() == nil)
            try file.advance(to: pin(header: 1, state: 5))
            #expect(try file.read() == pin(header: 1, state: 5))
            try file.advance(to: pin(header: 1, state: 4))
            #expect(try file.read() == pin(header: 1, state: 5))
            try file.advance(to: pin(header: 2, state: 6))
            #expect(try file.read() == pin(header: 2, state: 6))
            try file.reset(to: pin(header: 1, state: 1))
            #expect(try file.read() == pin(header: 1, state: 1))
            let mode =
                try FileManager.default.attributesOfItem(atPath: file.path)[
                    .posixPermissions
                ] as? Int
            #expect(mode == 0o600)
        }
    }

    @Test func `a damaged pin is said to be damaged`() throws {
        let text = pin(header: 1, state: 5).text
        #expect(try Pin(text: text) == pin(header: 1, state: 5))
        for other in ["", text + "\n", text.uppercased(), String(text.dropLast(3))] {
            #expect(failure { try Pin(text: other) } == .damaged(.pin, "it does not parse"))
        }
    }
}
