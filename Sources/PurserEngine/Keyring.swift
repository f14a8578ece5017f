package import PurserCore
package import PurserVault
import Synchronization

/// The open vault together with the store that keeps its records, and the pin that remembers both.
///
/// It follows the vault while others change it: new slots and a rotated vault key are taken up with the slot
/// it was opened with, and what it or the pin has seen once it never accepts an older state of.
package final class Keyring: Sendable {
    private struct Seen {
        var vault: Vault
        /// What the vault will be if the change of the header under way gets through.
        var next: Vault?
        /// The newest that was read and checked.
        var contents: VaultContents?

        mutating func take(_ new: VaultContents) throws(VaultError) {
            if try contents?.pin.order(of: new.pin) ?? .newer == .newer { contents = new }
            if new.vault.headerSequence > vault.headerSequence { vault = new.vault }
        }
    }

    private let store: any Store
    private let pin: WatchedPin
    private let unremembered: @Sendable (any Error) -> Void
    private let seen: Mutex<Seen>

    /// `unremembered` hears why the pin could not be moved on after a change was written: it is in all the same, and
    /// whoever unlocks next moves the pin or fails at that.
    package init(
        vault: Vault,
        store: any Store,
        pin: PinFile,
        unremembered: @escaping @Sendable (any Error) -> Void = { _ in }
    ) {
        self.store = store
        self.pin = WatchedPin(pin)
        self.unremembered = unremembered
        seen = Mutex(Seen(vault: vault))
    }

    /// As it was when it was last looked at.
    package var vault: Vault { seen.withLock { $0.vault } }

    /// The records as they are now and the vault that opens them, checked against the manifest and against what was
    /// seen before, by this process or by another one on this machine.
    ///
    /// Throws `VaultError.slotRemoved` where the slot this process opened the vault with is there no more.
    package func contents() async throws -> VaultContents {
        // Reads may pass each other; but a read cannot see less than was seen before it began.
        let (start, known) = seen.withLock { ($0.vault, $0.contents) }
        let pinned = try pin.read()
        // Each write of the vault gives it another state: under the same one, what was checked is what is there.
        if let known, try await store.vaultState() == known.state {
            try pinned?.check(known.pin)
            return known
        }
        guard let image = try await store.vaultImage() else { throw EngineError.noVault }
        let contents = try open(image, from: start)
        try known?.pin.check(contents.pin)
        try pinned?.check(contents.pin)
        try seen.withLock { try $0.take(contents) }
        return contents
    }

    private func open(_ image: VaultImage, from start: Vault) throws -> VaultContents {
        let known = seen.withLock { [start, $0.vault, $0.next].compactMap { $0 } }
        for vault in known {
            do {
                return try vault.contents(of: image)
            } catch VaultError.headerChanged { continue }
        }
        return try start.following(image).contents(of: image)
    }

    /// Moves this machine's pin forward to what the store holds now.
    package func remember() async throws {
        try pin.file.advance(to: try await contents().pin)
    }

    /// Computes a change and applies it, again from fresh records while someone else is faster.
    func commit(
        _ change: (VaultContents) async throws -> VaultChange,
        apply: (VaultChange) async throws -> Void
    ) async throws {
        try await repeating { contents in
            try await apply(try await change(contents))
        }
    }

    /// The same for a change of the header, or none; the keyring goes on with the vault that it makes.
    func commitHeader(
        _ change: (VaultContents) throws -> HeaderChange?,
        apply: (HeaderChange, VaultContents) async throws -> Void
    ) async throws {
        try await repeating { contents in
            guard let next = try change(contents) else { return }
            seen.withLock { $0.next = next.vault }
            try await apply(next, contents)
        }
    }

    private func repeating(_ body: (VaultContents) async throws -> Void) async throws {
        // Each round that fails means that another change got through; the bound guards against a bug.
        for _ in 0..<Self.rounds {
            do {
                try await body(try await contents())
            } catch StoreError.vaultMoved { continue }
            do {
                try await remember()
            } catch {
                // What failed after the commit must not read as if nothing had been done.
                unremembered(error)
            }
            return
        }
        throw StoreError.vaultMoved
    }

    private static let rounds = 16

    /// Lends a credential: the version asked for where it still exists, otherwise the one in place.
    package func withCredential<Result>(
        of account: AccountID,
        version: UInt64?,
        _ body: (borrowing OpenCredential) async throws -> Result
    ) async throws -> Result {
        let contents = try await contents()
        let exists = version.map { contents.hasCredential(of: account, version: $0) }
        return try await contents.withOpenCredential(
            of: account,
            version: exists == true ? version : nil,
            body
        )
    }

    // MARK: Stored answers

    /// An answer sealed under the vault key of today, after the store said that the one at hand is not.
    func sealAnew(
        _ answer: ProviderAnswer,
        of place: AnswerPlace
    ) async throws -> SealedAnswer {
        try Self.seal(answer, of: place, with: try await contents().vault)
    }

    func seal(_ answer: ProviderAnswer, of place: AnswerPlace) throws -> SealedAnswer {
        try Self.seal(answer, of: place, with: vault)
    }

    func open(_ answer: SealedAnswer, of place: AnswerPlace) async throws -> ProviderAnswer {
        let known = vault
        let vault = known.epoch == answer.epoch ? known : try await contents().vault
        return try Self.open(answer, of: place, with: vault)
    }

    /// Status and content type are sealed with the body: an answer can be deleted, but not bent.
    static func seal(
        _ answer: ProviderAnswer,
        of place: AnswerPlace,
        with vault: Vault
    ) throws -> SealedAnswer {
        let head = head(answer.status, answer.contentType)
        let record = try vault.seal(head + answer.body, at: address(place))
        return SealedAnswer(
            status: answer.status,
            contentType: answer.contentType,
            epoch: record.epoch,
            sealed: record.sealed
        )
    }

    static func open(
        _ answer: SealedAnswer,
        of place: AnswerPlace,
        with vault: Vault
    ) throws -> ProviderAnswer {
        let record = SealedRecord(
            address: address(place),
            epoch: answer.epoch,
            sealed: answer.sealed
        )
        let plaintext = try vault.open(record)
        let head = head(answer.status, answer.contentType)
        guard plaintext.starts(with: head) else {
            throw VaultError.tampered("the stored answer \(place)")
        }
        return ProviderAnswer(
            status: answer.status,
            contentType: answer.contentType,
            body: Array(plaintext.dropFirst(head.count))
        )
    }

    private static func head(_ status: Int, _ contentType: String?) -> [UInt8] {
        var encoder = CanonicalEncoder()
        encoder.append("purser/v1/answer")
        encoder.append(Int64(status))
        encoder.append(contentType ?? "")
        return encoder.bytes
    }

    private static func address(_ place: AnswerPlace) -> RecordAddress {
        switch place {
        case .submission(let id):
            RecordAddress(table: "submission", id: id.bytes, field: "answer", version: 1)
        case .job(let id, let shape):
            RecordAddress(table: "job", id: id.bytes, field: shape.rawValue, version: 1)
        }
    }
}
