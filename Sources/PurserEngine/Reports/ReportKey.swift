package import PurserCore

/// What the credit report is grouped by.
package enum ReportKey: String, Sendable, CaseIterable {
    case account
    case tier
    case member
    case model
    case day
    /// From Monday on.
    case week
    case month

    /// Whether its groups follow each other in time.
    package var isTime: Bool {
        switch self {
        case .day, .week, .month: true
        case .account, .tier, .member, .model: false
        }
    }

    /// What the kept sums must tell apart for it.
    package var dimension: UsageDimension {
        switch self {
        case .account, .tier: .account
        case .member: .member
        case .model: .model
        case .day, .week, .month: .day
        }
    }
}

/// One key, or two for a cross table.
package struct ReportKeys: Sendable, Equatable {
    package let rows: ReportKey
    package let columns: ReportKey?

    package init(_ rows: ReportKey, across columns: ReportKey? = nil) {
        self.rows = rows
        self.columns = columns
    }

    /// Reads `account` and `day,model`.
    package init(_ text: String) throws(ReportKeyError) {
        let words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        var keys: [ReportKey] = []
        for word in words {
            guard let key = ReportKey(rawValue: word) else { throw .unknown(word) }
            guard !keys.contains(key) else { throw .repeated(key) }
            keys.append(key)
        }
        guard keys.count <= 2 else { throw .tooMany(keys.count) }
        self.init(keys[0], across: keys.count > 1 ? keys[1] : nil)
    }

    package var dimensions: Set<UsageDimension> {
        Set([rows, columns].compactMap { $0?.dimension })
    }
}

/// Why a report cannot be grouped as was asked for.
package enum ReportKeyError: Failure, Equatable {
    case unknown(String)
    case repeated(ReportKey)
    case tooMany(Int)

    package var kind: FailureKind { .usage }

    package var message: String {
        switch self {
        case .unknown(let word): "a report cannot be grouped by \(word.debugDescription)"
        case .repeated(let key): "a report cannot be grouped by \(key.rawValue) twice"
        case .tooMany(let count): "a report has two keys at most, and these are \(count)"
        }
    }

    package var hint: String? {
        let keys = ReportKey.allCases.map(\.rawValue).joined(separator: ", ")
        return "one or two of \(keys), such as day,model"
    }
}

/// What a row of a report is about.
enum ReportLabel: Hashable, Comparable {
    case name(String)
    /// Names of removed accounts can be given again: the id tells such accounts apart.
    case account(String, AccountID)
    case day(CalendarDay)

    init(_ row: UsageRow, by key: ReportKey) {
        switch key {
        case .account:
            let name = row.accountName ?? ""
            self = row.accountID.map { .account(name, $0) } ?? .name(name)
        case .tier: self = .name(row.tier?.rawValue ?? "")
        case .member: self = .name(row.memberName ?? "")
        case .model: self = .name(row.modelID?.rawValue ?? "")
        case .day, .week, .month: self.init(row.day ?? CalendarDay(number: 0), by: key)
        }
    }

    init(_ row: FailureSum, by key: ReportKey) {
        switch key {
        case .account: self = .account(row.accountName, row.accountID)
        case .tier: self = .name(row.tier.rawValue)
        case .member: self = .name(row.memberName)
        case .model: self = .name(row.modelID.rawValue)
        case .day, .week, .month: self.init(row.day, by: key)
        }
    }

    private init(_ day: CalendarDay, by key: ReportKey) {
        switch key {
        case .week: self = .day(day.monday)
        case .month: self = .day(day.latest(dayOfMonth: 1))
        default: self = .day(day)
        }
    }

    /// For people: a name, a day, a week's Monday, `2026-11`.
    func text(_ key: ReportKey?) -> String {
        switch self {
        case .name(let name), .account(let name, _): name
        case .day(let day): key == .month ? String(day.description.dropLast(3)) : day.description
        }
    }
}
