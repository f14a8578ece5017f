import PurserCore
import PurserEngine

extension AccountOverview {
    /// A row of the table of accounts.
    func cells(_ voice: Voice, at now: Timestamp, withActions: Bool) -> [Cell] {
        [
            .text(account.name), .text(account.tier.rawValue), stateCell(voice, at: now),
            availableCell(voice), heldCell(voice),
            .text("\(candidate.jobsInFlight) / \(account.settings.maxInFlight)"),
            account.nextRenewal(after: now).map { .day($0, from: now, voice) }
                ?? .text(voice[CommonWord.unknown]),
            tokenCell(voice, at: now),
        ] + (withActions ? [actionsCell(voice)] : [])
    }

    /// Whether it takes work, every rest that holds, and what is wrong with its books.
    func stateCell(_ voice: Voice, at now: Timestamp) -> Cell {
        var lines: [Cell] =
            switch account.state {
            case .enabled: []
            case .paused(let reason): [.state(voice[AccountWord.paused], .quiet), .text(reason)]
            case .needsRotation(let reason):
                [.state(voice[AccountWord.needsRotation], .bad), .text(reason)]
            }
        if account.worksUntil.map({ $0 <= now }) ?? false {
            lines.append(.state(voice[AccountWord.tokenExpired], .bad))
        }
        for rest in candidate.rests where now < rest.until {
            lines.append(.state(voice[AccountWord.resting], .waiting))
            lines.append(.text(rest.words(voice)))
        }
        if lines.isEmpty { lines.append(.state(voice[AccountWord.enabled], .good)) }
        if let drift {
            lines.append(.state(voice.pair(voice[AccountWord.drift], voice.number(drift)), .bad))
        }
        return .lines(lines)
    }

    /// The number, and of a known grant how much is left.
    private func availableCell(_ voice: Voice) -> Cell {
        guard let balance else { return .number(nil) }
        let words = voice.number(balance.available)
        guard let grant = account.settings.monthlyCredits, grant > .zero else {
            return .text(words)
        }
        return .meter(
            Meter(
                whole: grant.amount,
                filled: balance.available.amount,
                held: balance.held.amount
            ),
            words: "\(words) / \(voice.number(grant))"
        )
    }

    private func heldCell(_ voice: Voice) -> Cell {
        guard let balance else { return .number(nil) }
        guard unknown > .zero else { return .number(balance.held.amount) }
        return .lines([
            .number(balance.held.amount),
            .text("\(voice.number(unknown)) \(voice[AccountWord.undecided])"),
        ])
    }

    private func tokenCell(_ voice: Voice, at now: Timestamp) -> Cell {
        var lines: [Cell] = []
        if account.tokenCommand != nil { lines.append(.text(voice[AccountWord.tokenByCommand])) }
        if let expiry = account.tokenExpiresAt {
            lines += [.time(expiry), .text(voice.relative(CalendarDay(expiry), to: now))]
        }
        if account.tokenExposedAt != nil {
            lines.append(.state(voice[AccountWord.tokenExposed], .bad))
        }
        return lines.isEmpty ? .number(nil) : .lines(lines)
    }

    private func actionsCell(_ voice: Voice) -> Cell {
        .lines(
            account.actions.map { action in
                .link(
                    voice[action],
                    to: PagePath.account(account.name, action),
                    label: "\(voice[action]) \(account.name)"
                )
            }
        )
    }
}

extension Account {
    /// What makes sense in its state.
    var actions: [AccountAction] {
        switch state {
        case .enabled: [.pause, .refresh, .rotate]
        case .paused: [.resume, .refresh, .rotate]
        case .needsRotation: [.rotate]
        }
    }
}

extension Rest {
    fileprivate func words(_ voice: Voice) -> String {
        let model = modelID.map { " (\($0))" } ?? ""
        return voice(
            "\(voice[reason])\(model), until \(until.readable)",
            "\(voice[reason])\(model)，至 \(until.readable)"
        )
    }
}
