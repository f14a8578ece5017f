import PurserCore
import PurserVault

/// What an import does to each account, worked out before anything is changed.
struct ImportPlan {
    enum Action: String {
        case add
        case change
        case remove
        case unchanged
        /// In the home and not in the file, and `--prune` was not given.
        case keep
    }

    /// One setting, by its name in `accounts.toml`; absent is `nil`.
    struct Change: Equatable {
        let setting: String
        let old: String?
        let new: String?
    }

    struct Step {
        let name: String
        let action: Action
        let changes: [Change]
        /// `nil` for what the file does not name.
        let entry: Configuration.AccountEntry?
        /// `nil` for what the home does not hold.
        let account: AccountOverview?
        var failure: (any Failure)?

        /// Whether the token, or what is sealed with it, is replaced.
        var rotates: Bool { changes.contains { Self.sealed.contains($0.setting) } }

        fileprivate static let sealed = ["token", "token-command", "expires-at"]
    }

    var steps: [Step]

    var hasWork: Bool { steps.contains { $0.action != .unchanged && $0.action != .keep } }

    /// Accounts that were removed with an exposed token.
    var forgotten: [String] {
        steps.filter {
            $0.action == .remove && $0.failure == nil && $0.account?.account.tokenExposedAt != nil
        }.map(\.name)
    }

    func count(_ action: Action) -> Int {
        steps.count { $0.action == action && $0.failure == nil }
    }
}

extension AccountSettings {
    /// The settings as `accounts.toml` names them, in its order.
    fileprivate var named: [(name: String, value: String?)] {
        [
            ("project-id", projectID), ("max-in-flight", "\(maxInFlight)"),
            ("reserve", "\(reserve)"), ("monthly-credits", monthlyCredits.map { "\($0)" }),
            ("renews-on", renewsOnDay.map { "\($0)" }),
            ("tags", tags.isEmpty ? nil : tags.joined(separator: ", ")),
        ]
    }

    /// What differs from `old`.
    func changes(from old: AccountSettings) -> [ImportPlan.Change] {
        zip(old.named, named).compactMap { before, after in
            before.value == after.value
                ? nil : .init(setting: after.name, old: before.value, new: after.value)
        }
    }

    /// The change that makes any settings these.
    var asChange: SettingsChange {
        var change = SettingsChange()
        change.projectID = .some(projectID)
        change.maxInFlight = maxInFlight
        change.reserve = reserve
        change.monthlyCredits = .some(monthlyCredits)
        change.renewsOnDay = .some(renewsOnDay)
        change.tags = tags
        return change
    }
}

extension ImportPlan.Change {
    /// `reserve 0 → 500`.
    var words: String { "\(setting) \(old ?? "–") → \(new ?? "–")" }
}
