import Foundation
import PurserCore
import PurserVault
import Testing

@testable import PurserCLI

/// Opening the vault while others work on it.
struct UnlockTests {
    @Test func `a commit between two reads is no rollback`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try await home.inContext { context in
                var others = false
                let (image, pin) = try await context.imageAndPin {
                    let image = try await context.store.vaultImage()
                    // Another process adds an account right after the first read, and moves the pin.
                    if !others { try await home.addTierOne() }
                    others = true
                    return image
                }
                let key = try KeyFile.read(
                    home.folder + "/test.key",
                    databaseDirectory: home.folder + "/home"
                )
                let vault = try Vault.unlock(image, with: .key(key), pin: pin)
                #expect(try vault.contents(of: image).state.sequence == pin?.stateSequence)
            }
        }
    }
}
