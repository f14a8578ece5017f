import Foundation
import PurserCore
import Testing

@testable import PurserVault

/// What is remembered of a pin never hides what somebody did to its file.
struct WatchedPinTests {
    private func pin(_ state: UInt64) -> Pin {
        Pin(
            vaultID: [UInt8](0..<16),
            headerSequence: 1,
            headerID: [UInt8](repeating: 7, count: 32),
            epoch: 1,
            stateSequence: state,
            manifestMAC: [UInt8](repeating: 9, count: 32)
        )
    }

    /// Each way to change a pin, tried on one that is remembered and on one that is too fresh for it.
    @Test(arguments: [true, false])
    func `every change of the file is seen at once`(isRemembered: Bool) throws {
        try withTemporaryDirectory { folder in
            let file = PinFile(directory: folder, vaultID: [UInt8](0..<16))
            let watched = WatchedPin(file, tick: isRemembered ? 30_000_000 : 60_000_000_000)
            #expect(try watched.read() == nil)
            try file.advance(to: pin(3))
            // Until the file is old enough to be remembered, where it is at all.
            func settle() {
                if isRemembered { Thread.sleep(forTimeInterval: 0.05) }
            }
            settle()
            for _ in 0..<3 { #expect(try watched.read() == pin(3)) }
            try file.advance(to: pin(4))
            #expect(try watched.read() == pin(4))
            settle()
            #expect(try watched.read() == pin(4))
            try file.reset(to: pin(2))
            #expect(try watched.read() == pin(2))
            settle()
            #expect(try watched.read() == pin(2))
            // In place, as large, and with its times set back.
            let before = try FileManager.default.attributesOfItem(atPath: file.path)
            let handle = try #require(FileHandle(forWritingAtPath: file.path))
            try handle.write(contentsOf: Data(pin(5).text.utf8))
            try handle.close()
            try FileManager.default.setAttributes(
                [.modificationDate: try #require(before[.modificationDate])],
                ofItemAtPath: file.path
            )
            #expect(try watched.read() == pin(5))
            try Data("no pin".utf8).write(to: URL(filePath: file.path))
            #expect(failure { try watched.read() }?.kind == .damaged)
            try FileManager.default.removeItem(atPath: file.path)
            #expect(try watched.read() == nil)
        }
    }
}
