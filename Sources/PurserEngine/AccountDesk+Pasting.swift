package import PurserCore
import PurserVault

extension AccountDesk {
    /// Puts a token in place that somebody pasted: probed first, sealed for where the one before it was, and without a
    /// command.
    ///
    /// `bytes` are copied into locked memory; the caller wipes their own.
    package func rotate(
        _ account: Account,
        toPasted bytes: [UInt8],
        expiresAt: Timestamp?
    ) async throws -> Rotated {
        let contents = try await engine.keyring.contents()
        let draft = try contents.successor(
            of: account.id,
            token: try Secret(copying: bytes),
            expiresAt: expiresAt,
            keepsCommand: false
        )
        return try await rotate(account, to: draft, probing: true, expiresAt: expiresAt)
    }
}
