/// An account's row.
enum AccountWord: String, Words {
    case account, tier, state, available, held, jobsOfMost, renews, tokenEnds, actions, enabled
    case paused, needsRotation, tokenExpired, resting, tokenExposed, tokenByCommand, drift
    case undecided

    var both: (String, String) {
        switch self {
        case .account: ("Account", "账号")
        case .tier: ("Tier", "套餐等级")
        case .state: ("State", "状态")
        case .available: ("Available", "可用积分")
        case .held: ("Held", "冻结积分")
        case .jobsOfMost: ("Jobs", "任务数")
        case .renews: ("Renews", "续期日")
        case .tokenEnds: ("Token ends", "令牌到期")
        case .actions: ("Actions", "操作")
        case .enabled: ("enabled", "正常")
        case .paused: ("paused", "已暂停")
        case .needsRotation: ("needs a fresh token", "需要更换令牌")
        case .tokenExpired: ("token expired", "令牌已过期")
        case .resting: ("resting", "冷却中")
        case .tokenExposed: ("token known to others", "令牌已泄露")
        case .tokenByCommand: ("renewed by a command", "由命令自动更新")
        case .drift: ("off the books", "与账面不符")
        case .undecided: ("undecided", "未决")
        }
    }
}
