package import PurserCore

extension RaisedAlert {
    /// The header `webhook-id`: the same in every try.
    package var messageID: String { AlertDesk.messageID(id) }

    /// The message that is delivered: names and figures, never a secret.
    package var message: JSONOutput {
        [
            "type": .string(alert.key.kind.rawValue), "timestamp": JSONOutput(raisedAt),
            "data": alert.figures,
        ]
    }
}

extension Alert {
    /// The member `data` of its message.
    fileprivate var figures: JSONOutput {
        switch key.kind {
        case .lowCredits:
            [
                "account": .string(name), "credits": JSONOutput(amount),
                "threshold": .integer(key.threshold),
            ]
        case .tokenExpires:
            [
                "account": .string(name), "expires_at": JSONOutput(until),
                "days": .integer(key.threshold),
            ]
        case .tokenDead, .paused: ["account": .string(name), "reason": .string(detail)]
        case .drift: ["account": .string(name), "credits": JSONOutput(amount)]
        case .spending:
            [
                "member": name.isEmpty ? .null : .string(name), "window": .string(detail),
                "percent": .integer(key.threshold), "credits": JSONOutput(amount),
                "limit": JSONOutput(limit), "resets_at": JSONOutput(until),
            ]
        }
    }

    /// In a few words, for people.
    package var words: String {
        switch key.kind {
        case .lowCredits: "\(amount ?? .zero) credits, fewer than \(key.threshold)"
        case .tokenExpires:
            "the token \(key.threshold == 0 ? "ended" : "ends") at \(until?.readable ?? "")"
        case .tokenDead, .paused: detail
        case .drift: "a reading is \(amount ?? .zero) off the books"
        case .spending:
            "\(amount ?? .zero) of \(limit ?? .zero) credits (\(detail)), \(key.threshold) % or more"
        }
    }
}
