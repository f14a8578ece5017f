import PurserCore
import Testing

@testable import PurserVault

/// Every way to open a vault, every operation, and every vault that is not the one it was: exactly the expected code.
struct LifeCycleTests {
    @Test func `a vault that is not the one it was is refused, whatever was to be done`() throws {
        let cast = try Cast()
        for way in Way.allCases {
            for situation in Situation.allCases {
                let image = try cast.image(situation, for: way)
                let expected = Self.kind(of: situation, for: way)
                #expect(
                    failure { try cast.open(way, image, pin: cast.pin) }?.kind == expected,
                    "\(way), \(situation), opened afresh"
                )
                // A process that runs has opened the right one, and meets the other before it does anything.
                for operation in Operation.allCases {
                    let error = failure {
                        let contents = try cast.follow(way, image)
                        try operation.run(contents, way: way, cast: cast)
                    }
                    #expect(
                        error?.kind == Self.kindWhileRunning(of: situation),
                        "\(way), \(situation), \(operation): \(error?.message ?? "none")"
                    )
                }
            }
        }
    }

    @Test func `in the right vault each may do what the role allows`() throws {
        let cast = try Cast()
        for way in Way.allCases {
            for operation in Operation.allCases {
                let error = failure {
                    try operation.run(try cast.follow(way, cast.image), way: way, cast: cast)
                }
                #expect(error?.kind == operation.refusal(for: way), "\(way), \(operation)")
            }
        }
    }

    private static func kind(of situation: Situation, for way: Way) -> FailureKind {
        switch (situation, way) {
        case (.revoked, .passphrase), (.otherVault, .passphrase),
            (.otherVault, .namelessPassphrase):
            .noSuchSlot
        case (.revoked, _), (.otherVault, _): .wrongPassphrase
        default: .untrusted
        }
    }

    private static func kindWhileRunning(of situation: Situation) -> FailureKind {
        situation == .revoked ? .wrongPassphrase : .untrusted
    }
}

private enum Way: String, CaseIterable {
    case passphrase
    case namelessPassphrase
    case identity
    case keyFile
    case recovery
    /// A process that unlocked long ago and followed since.
    case following

    var slot: String {
        switch self {
        case .passphrase: "alice"
        case .namelessPassphrase: "bob"
        case .identity: "mia"
        case .keyFile, .following: "gate"
        case .recovery: "sheet"
        }
    }

    var role: SlotRole {
        switch self {
        case .passphrase, .recovery: .admin
        case .namelessPassphrase, .identity: .member
        case .keyFile, .following: .server
        }
    }

    var hasPassphrase: Bool { self == .passphrase || self == .namelessPassphrase }
}

private enum Situation: String, CaseIterable {
    case oldFile
    case forked
    case forged
    case revoked
    case otherVault
}

private enum Operation: String, CaseIterable {
    case openCredential
    case addCredential
    case rotateCredential
    case sealAnswer
    case addSlot
    case removeSlot
    case rotateKey
    case changePassphrase
    case raiseCost

    func run(_ contents: VaultContents, way: Way, cast: Cast) throws {
        switch self {
        case .openCredential: _ = try contents.currentVersion(of: ada)
        case .addCredential:
            _ = try contents.addCredential(draft("t"), of: AccountID(high: 9, low: 9), now: noon)
        case .rotateCredential: _ = try contents.stageAndPlace(draft("t"), for: ada, now: noon)
        case .sealAnswer:
            let place = RecordAddress(
                table: "submission",
                id: ada.bytes,
                field: "answer",
                version: 1
            )
            _ = try contents.vault.seal([1], at: place)
        case .addSlot:
            let keys = try SlotSeed(random: .repeatable("new")).publicKeys()
            _ = try contents.addSlot(.publicKeys(keys, name: "new"), now: noon)
        case .removeSlot:
            let slot = try #require(contents.vault.slots.first { $0.name == "spare" })
            _ = try contents.rotate(removing: [slot.id], now: noon)
        case .rotateKey: _ = try contents.rotate(now: noon)
        case .changePassphrase:
            _ = try contents.changePassphrase(to: secret("other words"), cost: cast.cost, now: noon)
        case .raiseCost:
            let unlocking = Unlocking.key(try SlotSeed(random: .repeatable("none")))
            let change = try contents.raisingCost(of: unlocking, to: cast.cost, now: noon)
            #expect(change == nil)
        }
    }

    func refusal(for way: Way) -> FailureKind? {
        switch self {
        case .openCredential, .addCredential, .rotateCredential, .sealAnswer, .raiseCost: nil
        case .addSlot, .removeSlot, .rotateKey: way.role == .admin ? nil : .invalidInput
        case .changePassphrase: way.hasPassphrase ? nil : .invalidInput
        }
    }
}

/// A vault with a slot of every kind, what each opens it with, and what its enemies made of it.
private struct Cast {
    let cost = PassphraseCost(logN: 15)
    let image: VaultImage
    let pin: Pin
    private let older: VaultImage
    private let fork: VaultImage
    private let running: [Way: Vault]
    private let desk: Desk
    private let sheet: [UInt8]

    init() throws {
        var desk = try Desk("cast")
        let cost = PassphraseCost(logN: 15)
        sheet = try SlotSeed(random: .repeatable("sheet")).text().copied()
        let drafts: [SlotDraft] = [
            .passphrase(try secret("alice's words"), name: "alice"),
            .passphrase(try secret("bobby's words"), name: "bob", role: .member),
            .key(
                try SlotSeed(random: .repeatable("mia")),
                kind: .identity,
                name: "mia",
                role: .member
            ),
            .key(
                try SlotSeed(random: .repeatable("gate")),
                kind: .keyFile,
                name: "gate",
                role: .server
            ),
            .key(
                try SlotSeed(random: .repeatable("sheet")),
                kind: .recovery,
                name: "sheet",
                role: .admin
            ),
            .publicKeys(try SlotSeed(random: .repeatable("spare")).publicKeys(), name: "spare"),
        ]
        for draft in drafts {
            desk.apply(try desk.contents().addSlot(draft, cost: cost, now: noon))
        }
        try desk.add("token-of-ada", to: ada)
        older = desk.image
        var other = desk
        try other.add("token-of-ben", to: ben)
        fork = other.image
        desk.apply(try desk.contents().rotate(now: noon))
        image = desk.image
        pin = try desk.contents().pin
        self.desk = desk
        var running: [Way: Vault] = [:]
        for way in Way.allCases { running[way] = try Self.unlock(way, image, pin: nil, sheet) }
        self.running = running
    }

    func image(_ situation: Situation, for way: Way) throws -> VaultImage {
        switch situation {
        case .oldFile: return older
        case .forked: return fork
        case .forged:
            let sequence = desk.vault.headerSequence + 1
            return try Theft(desk: desk).forged(sequence: sequence, previous: desk.vault.headerID)
        case .revoked:
            let slot = try #require(desk.vault.slots.first { $0.name == way.slot })
            return image.applying(try desk.contents().rotate(removing: [slot.id], now: noon).change)
        case .otherVault: return try Desk("another").image
        }
    }

    /// Unlocks with what the way has, against what this machine has seen.
    func open(_ way: Way, _ image: VaultImage, pin: Pin) throws -> VaultContents {
        try Self.unlock(way, image, pin: pin, sheet).contents(of: image)
    }

    /// What a running process does with an image.
    func follow(_ way: Way, _ image: VaultImage) throws -> VaultContents {
        let vault = try #require(running[way])
        let contents: VaultContents
        do {
            contents = try vault.contents(of: image)
        } catch VaultError.headerChanged {
            contents = try vault.following(image).contents(of: image)
        }
        try pin.check(contents.pin)
        return contents
    }

    private static func unlock(
        _ way: Way,
        _ image: VaultImage,
        pin: Pin?,
        _ sheet: [UInt8]
    ) throws -> Vault {
        let unlocking: Unlocking =
            switch way {
            case .passphrase: .passphrase(try secret("alice's words"), slot: "alice")
            case .namelessPassphrase: .passphrase(try secret("bobby's words"), slot: nil)
            case .identity: .key(try SlotSeed(random: .repeatable("mia")))
            case .keyFile, .following: .key(try SlotSeed(random: .repeatable("gate")))
            case .recovery: .key(try SlotSeed(text: secret(sheet)))
            }
        return try Vault.unlock(image, with: unlocking, pin: pin)
    }
}
