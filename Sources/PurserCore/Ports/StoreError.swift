/// What the store refuses, and why it cannot go on.
package enum StoreError: Failure {
    /// The vault changed since the change was computed: read it again and repeat.
    case vaultMoved
    case nameTaken(String)
    case noSuch(String, String)
    case accountBusy(name: String, what: String)
    /// Only a fresh credential ends this state of an account.
    case needsRotation(name: String)
    case overBudget(member: String, available: Credits, price: Credits)
    /// A limit of the member, or of the team, leaves less than `price` in its window.
    case overSpending(by: String, SpendingStatus, price: Credits)
    case memberRevoked(String)
    /// The member's spending is not limited, so there is nothing to take away.
    case noBudget(member: String)
    case idempotencyConflict(key: String)
    case stillUnderWay(key: String)
    case operationReused(OperationID)
    case lockTimeout(path: String)
    /// Another process has the home open while it has to be nobody.
    case homeInUse(path: String)
    /// Somebody worked in the home after it was looked at.
    case homeMoved(path: String)
    case notAHome(path: String, reason: String)
    case newerSchema(found: Int, supported: Int)
    case damaged(String)
    /// The disk, a quota or a limit is full; writing goes on by itself when there is room again.
    case noRoom(path: String)
    case io(String)

    package var kind: FailureKind {
        switch self {
        case .vaultMoved, .nameTaken, .accountBusy, .needsRotation, .idempotencyConflict,
            .stillUnderWay, .operationReused, .homeMoved, .memberRevoked:
            .conflict
        case .noSuch, .noBudget: .notFound
        case .overBudget: .notEnoughCredits
        case .overSpending: .notEnoughBudget
        case .lockTimeout, .homeInUse: .locked
        case .notAHome: .notAVault
        case .newerSchema: .newerVersion
        case .damaged: .damaged
        case .noRoom, .io: .io
        }
    }

    package var message: String {
        switch self {
        case .vaultMoved: "the vault was changed by someone else at the same time"
        case .nameTaken(let name): "the name \(name) is taken"
        case .noSuch(let what, let name): "there is no \(what) \(name)"
        case .accountBusy(let name, let what): "\(name) still has \(what)"
        case .needsRotation(let name):
            "\(name) needs a fresh token: it takes no work until it is rotated"
        case .overBudget(let member, let available, let price):
            "\(member) may still spend \(available) credits, \(price) are needed"
        case .overSpending(let who, let status, let price):
            "\(who) may spend \(status.limit.words): \(status.spent) are spent and \(status.held) held, \(price) are needed"
        case .memberRevoked(let member): "\(member) was revoked and sends no work"
        case .noBudget(let member): "\(member) has no budget to take from"
        case .idempotencyConflict(let key):
            "the idempotency key \(key) was used before with another request"
        case .stillUnderWay(let key):
            "the request under the idempotency key \(key) is still under way"
        case .operationReused(let id): "operation \(id) was used before with other content"
        case .lockTimeout(let path): "another process holds \(path)"
        case .homeInUse(let path): "another purser works in \(path)"
        case .homeMoved(let path): "\(path) was changed after it was looked at"
        case .notAHome(let path, let reason): "\(path) cannot be used as a home: \(reason)"
        case .newerSchema(let found, let supported):
            "the database is of version \(found), this purser knows \(supported)"
        case .damaged(let what): "the database is damaged: \(what)"
        case .noRoom(let path): "there is no room to write beside \(path)"
        case .io(let what): "the disk refused: \(what)"
        }
    }

    package var hint: String? {
        switch self {
        case .vaultMoved: "run the command again"
        case .nameTaken: "choose another name"
        case .noSuch(let what, _): "purser \(what)s list shows the names"
        case .needsRotation(let name): "purser accounts rotate \(name)"
        case .accountBusy: "wait for its jobs, or run purser jobs check"
        case .overBudget: "a budget is raised with purser members set NAME --add-budget CREDITS"
        case .overSpending(_, let status, _):
            if let end = status.resetsAt {
                "it counts anew from \(CalendarDay(end)) (UTC); purser members set raises it"
            } else {
                "purser members set raises it"
            }
        case .memberRevoked(let member):
            "purser members set \(member) --restore lets them work again"
        case .noBudget: "a limit is set with purser members set NAME --add-budget CREDITS"
        case .idempotencyConflict: "use another key, or send the same request"
        case .stillUnderWay: "run purser jobs list, then try again"
        case .operationReused: nil
        case .io: "see that the disk has room, and that the home is yours to write"
        case .homeInUse: "stop it, then try again"
        case .homeMoved: "nothing was put in place: look again what would be lost"
        case .lockTimeout: "wait for it to end, then try again"
        case .notAHome: "give another --home"
        case .newerSchema: "update purser"
        case .noRoom: "make room there, then try again; nothing was written"
        case .damaged: "restore a backup; nothing was changed"
        }
    }
}
