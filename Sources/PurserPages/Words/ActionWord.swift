/// The question before an action.
enum ActionWord: String, Words {
    case pauseNote, resumeNote, refreshNote, rotateNote, reasonLabel, tokenLabel, tokenHint,
        expiryLabel, expiryHint
    case tokenNeedsTLS, inTheAudit

    var both: (String, String) {
        switch self {
        case .pauseNote:
            (
                "It takes no new work until somebody resumes it. Work under way goes on.",
                "暂停后不再接受新任务，直到有人恢复；进行中的任务不受影响。"
            )
        case .resumeNote: ("It takes new work again.", "恢复后将重新接受新任务。")
        case .refreshNote:
            (
                "Its balance is read from the service, and a difference is booked.",
                "将从服务读取余额，并把差额入账。"
            )
        case .rotateNote:
            (
                "The new token is tried first, and put in place if it works. Jobs under way keep the one they began with.",
                "系统会先验证新令牌，可用后才启用；进行中的任务继续使用原令牌。"
            )
        case .reasonLabel: ("Reason (optional)", "原因（可选）")
        case .tokenLabel: ("New token", "新令牌")
        case .tokenHint: ("It is kept sealed and never shown again.", "令牌将加密保存，不会再次显示。")
        case .expiryLabel: ("Expires at (optional)", "到期时间（可选）")
        case .expiryHint:
            (
                "A day or an instant in UTC: 2026-12-31 or 2026-12-31T18:00:00Z. Whoever looks after the accounts is told in time.",
                "UTC 日期或时刻：2026-12-31 或 2026-12-31T18:00:00Z。到期前会提醒管理员。"
            )
        case .tokenNeedsTLS:
            (
                "A token may only be pasted over TLS or on the gateway's own machine.",
                "只有通过 TLS 连接或在网关本机上才能粘贴令牌。"
            )
        case .inTheAudit: ("This will be written to the audit trail.", "此操作将记入审计日志。")
        }
    }
}
