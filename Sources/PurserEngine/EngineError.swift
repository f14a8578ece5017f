package import PurserCore

/// What the use cases refuse by themselves.
package enum EngineError: Failure {
    case noVault
    case invalidName(String)
    case tokenTaken(by: String)
    case sameToken(String)
    case tierDiffers(account: String, said: Tier, read: String)
    case tierNeeded
    case nothingToPurge(String)
    case invalidSetting(String)
    /// The member whom the command line works for is neither revoked nor made less than an owner.
    case ownerStays

    package var kind: FailureKind {
        switch self {
        case .noVault: .notFound
        case .invalidName, .tierNeeded, .invalidSetting: .invalidInput
        case .tokenTaken, .sameToken, .tierDiffers, .nothingToPurge, .ownerStays: .conflict
        }
    }

    package var message: String {
        switch self {
        case .noVault: "there is no vault in this home yet"
        case .invalidName(let name):
            "\(name.prefix(80).debugDescription) is no name: it has 1 to 64 letters, digits, \".\", \"_\" or \"-\""
        case .tokenTaken(let name): "the account \(name) already has this token"
        case .sameToken(let name): "this is the token that \(name) has already"
        case .tierDiffers(let name, let said, let read):
            "\(name) was said to be \(said.rawValue), the service says \(read)"
        case .tierNeeded: "the tier must be told when the service is not asked"
        case .nothingToPurge(let name): "\(name) has no retired token to purge"
        case .invalidSetting(let what): what
        case .ownerStays: "the command line works for \(Member.ownerName), who stays an owner"
        }
    }

    package var hint: String? {
        switch self {
        case .noVault: "purser init makes one"
        case .invalidName, .nothingToPurge, .invalidSetting: nil
        case .tokenTaken: "one subscription is one account: rotate or remove the other one first"
        case .sameToken: "paste the new token, not the one in place"
        case .tierDiffers(_, _, let read):
            if let tier = Tier(wireName: read) {
                "check that the token is the right account's; if its tier changed, purser accounts refresh takes it over (--tier \(tier.rawValue) when it is added)"
            } else {
                "this purser does not know that tier and treats it as the lowest: update purser"
            }
        case .ownerStays: "purser members revoke \(Member.ownerName) --key KEY ends one key"
        case .tierNeeded: "give --tier ultra, tier-one or free"
        }
    }
}
