import ArgumentParser
import PurserCore

/// What a member, or the team, may spend in each window.
struct SpendingOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The most to be spent on a day (UTC).", valueName: "credits")
    )
    var perDay: Int64?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The most to be spent from a Monday to a Sunday.", valueName: "credits")
    )
    var perWeek: Int64?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The most to be spent in a month.", valueName: "credits")
    )
    var perMonth: Int64?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The most to be spent in a billing cycle; needs --cycle-day.",
            valueName: "credits"
        )
    )
    var perCycle: Int64?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The day on which billing cycles begin, 1 to 28.", valueName: "day")
    )
    var cycleDay: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The most to be spent ever, counted from the first work.",
            valueName: "credits"
        )
    )
    var total: Int64?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "From how much of these limits on work goes through with a warning.",
            valueName: "percent"
        )
    )
    var warnAt: Int?

    func validate() throws {
        if (perCycle == nil) != (cycleDay == nil) {
            throw ValidationError("--per-cycle and --cycle-day need each other")
        }
        if warnAt != nil, isEmpty {
            throw ValidationError("--warn-at needs a limit, such as --per-day")
        }
    }

    /// Whether there is none.
    ///
    /// Amounts are judged by ``limits()``, whose errors `validate` would turn into others.
    var isEmpty: Bool { perDay ?? perWeek ?? perMonth ?? perCycle ?? total == nil }

    func limits() throws -> [SpendingLimit] {
        let given: [(SpendingWindow, Int64?, String)] = [
            (.day, perDay, "--per-day"), (.week, perWeek, "--per-week"),
            (.month, perMonth, "--per-month"),
            (.cycle(day: cycleDay ?? 1), perCycle, "--per-cycle"), (.total, total, "--total"),
        ]
        return try given.compactMap { window, amount, option in
            try amount.map {
                let credits = try credits($0, option)
                return SpendingLimit(window: window, credits: credits, warnAt: warnAt)
            }
        }
    }
}

/// What a member may use.
struct ChoiceOptions: ParsableArguments {
    @Option(
        name: .customLong("tier"),
        help: ArgumentHelp("A tier they may use; may be repeated.", valueName: "tier")
    )
    var tiers: [Tier] = []

    @Option(
        name: .customLong("tag"),
        help: ArgumentHelp(
            "They may use accounts with this tag; may be repeated.",
            valueName: "tag"
        )
    )
    var tags: [String] = []

    @Option(
        name: .customLong("model"),
        help: ArgumentHelp(
            "A model they may use, by its name or a key; may be repeated.",
            valueName: "model"
        )
    )
    var models: [String] = []

    /// The models' own names: a key of any tier stands for its model.
    func modelIDs(_ catalogue: Catalogue) throws -> Set<ModelID>? {
        guard !models.isEmpty else { return nil }
        return Set(
            try models.map { text in
                if let model = catalogue.model(forKey: text) { return model.id }
                guard catalogue.models.contains(where: { $0.id.rawValue == text }) else {
                    let near = catalogue.nearest(to: text, limit: 3).joined(separator: ", ")
                    throw CommandError.invalid(
                        "--model: there is no model \(text.prefix(80).debugDescription)",
                        hint: near.isEmpty ? "purser models list shows them" : "near it: \(near)"
                    )
                }
                return ModelID(text)
            }
        )
    }
}

/// A limit that can be taken away.
enum ClearableLimit: String, CaseIterable, ExpressibleByArgument {
    case day, week, month, cycle, total, tiers, tags, models

    var kind: SpendingWindow.Kind? { SpendingWindow.Kind(rawValue: rawValue) }
}

/// How long: `90s`, `30m`, `24h`, `7d`, or a number of seconds.
struct DurationOption: ExpressibleByArgument {
    let duration: Duration

    init(_ duration: Duration) {
        self.duration = duration
    }

    init?(argument: String) {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        let unit = argument.last.flatMap { units[$0] }
        guard let number = Int64(unit == nil ? argument[...] : argument.dropLast()),
            (0...315_360_000).contains(number)
        else { return nil }
        duration = .seconds(number * (unit ?? 1))
    }

    var defaultValueDescription: String {
        let hours = duration.components.seconds / 3600
        return "\(hours)h"
    }
}
