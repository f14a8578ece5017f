package import PurserCore
import PurserVault
import Synchronization

/// Knows members by their keys.
///
/// Members and keys are kept in memory, and looked at again as soon as somebody changed them: what the command line adds
/// or revokes counts within `refreshEvery` in every process.
package final class MemberDesk: Sendable {
    /// A member, and which of their keys was shown: the key is named by the part that may be.
    package struct Holder: Sendable {
        package let member: Member
        package let keyID: String
    }

    private struct Known {
        var directory = MemberDirectory(revision: .min, members: [:], keys: [:])
        /// `nil`: it was never read, or could not be.
        var lookedAt: Timestamp?
    }

    /// How long what was read is trusted without a look at the store.
    package static let refreshEvery = Duration.milliseconds(250)

    private let store: any Store
    private let now: @Sendable () -> Timestamp
    private let known = Mutex(Known())

    package init(store: any Store, now: @escaping @Sendable () -> Timestamp) {
        self.store = store
        self.now = now
    }

    package convenience init(_ engine: Engine) {
        self.init(store: engine.store, now: engine.ambient.now)
    }

    /// The member whose key this is; `nil` for everything else.
    ///
    /// A key that is malformed, unknown, wrong, expired or revoked, or whose member is, is told from the others neither by
    /// the answer nor by the work: each is read, hashed and compared in the same steps, in constant time.
    ///
    /// Throws what the store throws where members cannot be read, whatever the key.
    package func authenticate(_ presented: String) async throws -> Member? {
        try await identify(presented)?.member
    }

    /// The same, with the key's name: for whoever has to know later whether it still works.
    package func identify(_ presented: String) async throws -> Holder? {
        let now = now()
        let directory = try await directory(at: now)
        // A text far longer than a key is none, and not worth the reading.
        let text = MemberKeyText(String(decoding: presented.utf8.prefix(128), as: UTF8.self))
        let key = directory.keys[text?.id ?? Self.nobody.id] ?? Self.nobody
        let member = directory.members[key.memberID]
        let isRight = Digest.equal(Digest.sha256(text?.secret ?? Self.noSecret), key.digest)
        let counts = key.works(at: now) && member?.revokedAt == nil
        guard isRight, counts, let member else { return nil }
        return Holder(member: member, keyID: key.id)
    }

    /// The member whose key of that name was shown once; `nil` where it works no longer, or they do not.
    package func holder(of keyID: String) async throws -> Member? {
        let now = now()
        let directory = try await directory(at: now)
        guard let key = directory.keys[keyID], key.works(at: now),
            let member = directory.members[key.memberID], member.revokedAt == nil
        else { return nil }
        return member
    }

    /// What the member may still spend now.
    package func allowance(of member: Member) async throws -> Allowance {
        try await store.allowance(of: member.id, at: now())
    }

    private func directory(at now: Timestamp) async throws -> MemberDirectory {
        let (directory, isFresh) = known.withLock { known in
            let isFresh =
                known.lookedAt.map { $0 <= now && now < $0 + Self.refreshEvery } ?? false
            // Those who come while this one looks use what is there; only at the beginning there is nothing.
            if !isFresh, known.lookedAt != nil { known.lookedAt = now }
            return (known.directory, isFresh)
        }
        if isFresh { return directory }
        do {
            let read = try await store.memberDirectory(changedSince: directory.revision)
            return known.withLock { known in
                if let read { known.directory = read }
                known.lookedAt = now
                return known.directory
            }
        } catch {
            known.withLock { $0.lookedAt = nil }
            throw error
        }
    }

    private static let noSecret = [UInt8](repeating: 0, count: 32)
    /// What a key is compared with that nobody has: no hash is all zeros.
    private static let nobody = MemberKey(
        id: "",
        memberID: SpendingOwner.team.id,
        digest: noSecret,
        createdAt: Timestamp(milliseconds: 0)
    )
}
