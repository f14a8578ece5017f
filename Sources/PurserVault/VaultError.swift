package import PurserCore

/// Where something was found damaged.
package enum VaultPart: String, Sendable {
    case header
    case headerLog = "header log"
    case record
    case pin
    case key
}

/// What can go wrong with a vault, told apart as far as the person at the keyboard must act differently.
package enum VaultError: Failure, Equatable {
    /// The first eight bytes are not a vault's.
    case notAVault
    /// A checksum or a strict parse failed: an accident, as far as anyone can tell.
    case damaged(VaultPart, String)
    case newerVersion(found: UInt16, supported: UInt16)
    case unsupportedSuite(UInt8)
    case noSuchSlot(String?, known: [String])
    /// The checksum is right, and the seed's commitment does not fit the passphrase.
    case wrongPassphrase(slot: String?)
    /// The key belongs to no slot.
    case wrongIdentity
    /// The slot this process opened the vault with is there no more, or has other keys.
    case slotRemoved(String)
    /// Key derivation parameters that no honest writer of this format uses.
    case kdfPolicy(String)
    /// Somebody without the vault key changed something.
    case tampered(String)
    /// The chain of signatures does not reach what this machine knows.
    case untrusted(String)
    /// Another header or another state under the same sequence number.
    case forked(String)
    /// An older vault than this machine has seen.
    case rollback(String, found: UInt64, pinned: UInt64)
    /// Another process changed the header since this vault was unlocked; `Vault.following` catches up.
    case headerChanged
    /// A note or record sealed under a vault key that has been rotated away.
    case earlierEpoch(found: UInt32, current: UInt32)
    /// Another process holds a lock.
    case locked(String)
    case io(path: String, reason: String)
    /// The system refused to keep memory out of swap.
    case memoryNotLocked(bytes: Int)
    case randomness
    /// OpenSSL refused something that does not depend on a secret.
    case crypto(String)
    /// A key file that others could read or that lies beside what it opens.
    case keyFileRefused(path: String, reason: String)
    case unusable(String)
    /// A token that no header can hold.
    case unusableToken
    /// A new passphrase of so few characters.
    case weakPassphrase(characters: Int)
    /// The slot in use may not do this.
    case notPermitted(String)
    case conflict(String)
    case noSuchCredential(String)

    package var kind: FailureKind {
        switch self {
        case .notAVault: .notAVault
        case .damaged: .damaged
        case .newerVersion, .unsupportedSuite: .newerVersion
        case .noSuchSlot: .noSuchSlot
        case .wrongPassphrase, .wrongIdentity, .slotRemoved: .wrongPassphrase
        case .kdfPolicy: .kdfPolicy
        case .tampered: .tampered
        case .untrusted, .forked, .rollback: .untrusted
        case .headerChanged, .conflict: .conflict
        case .earlierEpoch, .noSuchCredential: .notFound
        case .locked: .locked
        case .io: .io
        case .memoryNotLocked, .randomness, .crypto: .failed
        case .keyFileRefused, .unusable, .unusableToken, .weakPassphrase, .notPermitted:
            .invalidInput
        }
    }

    package var message: String {
        switch self {
        case .notAVault: "this is not a vault"
        case .damaged(let part, let detail): "the vault's \(part.rawValue) is damaged: \(detail)"
        case .newerVersion(let found, let supported):
            "the vault needs a reader of format \(found); this one reads up to \(supported)"
        case .unsupportedSuite(let suite): "the vault uses cipher suite \(suite), not known here"
        case .noSuchSlot(let name, _):
            name.map { "the vault has no fitting slot named \($0)" }
                ?? "the vault has no passphrase slot that could be tried without a name"
        case .wrongPassphrase(let slot):
            slot.map { "wrong passphrase for slot \($0)" } ?? "wrong passphrase"
        case .wrongIdentity: "the key belongs to no slot of this vault"
        case .slotRemoved(let name):
            "the key slot \(name) was removed from the vault, or its keys were changed"
        case .kdfPolicy(let detail): "key derivation refused: \(detail)"
        case .tampered(let what): "the vault was tampered with: \(what)"
        case .untrusted(let what): "the vault is not the one this machine trusts: \(what)"
        case .forked(let what): "the vault was forked: \(what)"
        case .rollback(let what, let found, let pinned):
            "the vault is older than this machine has seen: \(what) is \(found), was \(pinned)"
        case .headerChanged: "the vault's slots or key changed since it was unlocked"
        case .earlierEpoch(let found, let current):
            "sealed under vault key \(found), which was rotated away (now \(current))"
        case .locked(let what): "\(what) is locked by another process"
        case .io(let path, let reason): "\(path): \(reason)"
        case .memoryNotLocked(let bytes): "\(bytes) bytes could not be kept out of swap"
        case .randomness: "the system gave no random bytes"
        case .crypto(let what): "OpenSSL failed at \(what)"
        case .keyFileRefused(let path, let reason): "key file \(path) refused: \(reason)"
        case .unusable(let what): what
        case .unusableToken:
            "the token must be 1 to 4096 visible ASCII characters, without spaces"
        case .weakPassphrase(let count):
            "the passphrase has \(count) characters, fewer than \(PassphraseBlock.shortestNew)"
        case .notPermitted(let what): what
        case .conflict(let what): what
        case .noSuchCredential(let what): what
        }
    }

    package var hint: String? {
        switch self {
        case .notAVault: "wrong file, or its first 8 bytes are damaged: restore a backup"
        case .damaged(.pin, _):
            "compare the vault's fingerprint with an admin; if it is the right one, remove this machine's pin"
        case .damaged(.key, _): "copy the key file once more, or open the vault another way"
        case .damaged: "restore a backup; nothing was changed"
        case .newerVersion, .unsupportedSuite: "update Purser"
        case .noSuchSlot(_, let known):
            known.isEmpty
                ? "use a key file or the recovery key"
                : "name one of: \(known.joined(separator: ", "))"
        case .wrongPassphrase: "try again; if it is surely right, the slot was altered on purpose"
        case .wrongIdentity: "use the key file that was added to this vault"
        case .slotRemoved: "unlock again with a key of today; an admin can add one"
        case .kdfPolicy, .tampered: "stop, keep the file, and call an admin of the vault"
        case .untrusted, .forked: "stop, keep the file, and compare fingerprints with an admin"
        case .rollback:
            "stop and find out why; only where a backup was restored on purpose: purser vault accept-rollback"
        case .headerChanged: "unlock the vault again"
        case .locked: "try again in a moment"
        case .memoryNotLocked:
            "raise the limit on locked memory: ulimit -l, or LimitMEMLOCK= in systemd"
        case .keyFileRefused: "chmod 600 the key file, own it, and keep it apart from the database"
        case .unusableToken: "give the token alone, on one line: what follows Bearer in the header"
        case .weakPassphrase: "choose several words, or let --generate-passphrase make one"
        case .notPermitted: "ask an admin of the vault"
        case .earlierEpoch: "nothing was changed; try again"
        case .io, .randomness, .crypto, .unusable, .conflict, .noSuchCredential: nil
        }
    }
}
