import ArgumentParser
import PurserCore
import PurserEngine

struct Accounts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accounts",
        abstract: "The accounts at the service, and their tokens.",
        subcommands: [
            AccountList.self, AccountShow.self, AccountAdd.self, AccountRotate.self,
            AccountRollback.self, AccountVersions.self, AccountPurge.self, AccountSet.self,
            AccountPause.self, AccountResume.self, AccountRefresh.self, AccountReveal.self,
            AccountRemove.self, AccountImport.self, AccountExport.self,
        ]
    )
}

/// What may be set of an account.
///
/// What is not given stays as it is.
struct SettingsOptions: ParsableArguments {
    @Option(help: "The project sent in place of the request's own; an empty text takes it away.")
    var projectId: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How many jobs it may run at a time (4 unless told).", valueName: "n")
    )
    var maxInFlight: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Credits that routing leaves untouched (0 unless told).",
            valueName: "credits"
        )
    )
    var reserve: Int64?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The credits its plan grants each month.", valueName: "credits")
    )
    var monthlyCredits: Int64?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The day of the month on which the plan renews, 1 to 31.",
            valueName: "day"
        )
    )
    var renewsOn: Int?

    @Option(
        name: .customLong("tag"),
        help: ArgumentHelp(
            "A tag to list it by; may be repeated, and replaces the tags before.",
            valueName: "tag"
        )
    )
    var tags: [String] = []

    func change() throws -> SettingsChange {
        var change = SettingsChange()
        if let projectId {
            guard projectId.isEmpty || projectId.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
                projectId.utf8.count <= 128
            else {
                throw CommandError.invalid(
                    "--project-id takes up to 128 visible ASCII characters",
                    hint: nil
                )
            }
            change.projectID = .some(projectId.isEmpty ? nil : projectId)
        }
        change.maxInFlight = maxInFlight
        change.reserve = try reserve.map { try credits($0, "--reserve") }
        if let monthlyCredits {
            change.monthlyCredits = .some(try credits(monthlyCredits, "--monthly-credits"))
        }
        if let renewsOn { change.renewsOnDay = .some(renewsOn) }
        if !tags.isEmpty { change.tags = tags }
        return change
    }

    func gives(_ setting: ClearableSetting) -> Bool {
        switch setting {
        case .tags: !tags.isEmpty
        case .monthlyCredits: monthlyCredits != nil
        case .renewsOn: renewsOn != nil
        case .projectID: projectId != nil
        }
    }

    /// What was given, for the audit trail.
    var words: String {
        [
            projectId.map { "project-id \($0)" }, maxInFlight.map { "max-in-flight \($0)" },
            reserve.map { "reserve \($0)" }, monthlyCredits.map { "monthly-credits \($0)" },
            renewsOn.map { "renews-on \($0)" },
            tags.isEmpty ? nil : "tags \(tags.joined(separator: ","))",
        ].compactMap { $0 }.joined(separator: ", ")
    }
}

/// A setting that an account can be without.
enum ClearableSetting: String, CaseIterable, ExpressibleByArgument {
    case tags
    case monthlyCredits = "monthly-credits"
    case renewsOn = "renews-on"
    case projectID = "project-id"

    func clear(in change: inout SettingsChange) {
        switch self {
        case .tags: change.tags = []
        case .monthlyCredits: change.monthlyCredits = .some(nil)
        case .renewsOn: change.renewsOnDay = .some(nil)
        case .projectID: change.projectID = .some(nil)
        }
    }
}

/// Reads an amount of credits, or says which option it was.
func credits(
    _ amount: Int64,
    _ option: String,
    orNegative: Bool = false
) throws(CommandError) -> Credits {
    guard let credits = Credits(amount), orNegative || credits >= .zero else {
        throw .invalid(
            "\(option): \(amount) is no amount of credits",
            hint: "write a whole number, 0 to \(Credits.limit.grouped)"
        )
    }
    return credits
}

/// Reads `2026-12-31` or `2026-12-31T18:00:00Z`.
func instant(_ text: String?, _ option: String) throws -> Timestamp? {
    guard let text else { return nil }
    guard let instant = Timestamp(dayOrInstant: text) else {
        throw CommandError.invalid(
            "\(option): \(text.debugDescription) is no date",
            hint: "write 2026-12-31 or 2026-12-31T18:00:00Z"
        )
    }
    return instant
}

extension Tier: ExpressibleByArgument {}
