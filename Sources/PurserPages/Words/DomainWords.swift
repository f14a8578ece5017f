import PurserCore

extension RestReason: Words {
    var both: (String, String) {
        switch self {
        case .throttled: ("throttled by the service", "被服务限流")
        case .dailyModelQuota: ("the model's daily quota is used up", "模型当日配额已用完")
        case .outOfCredits: ("out of credits", "积分不足")
        case .concurrencyLimit: ("too many jobs at a time", "并发任务过多")
        case .tooMuchTraffic: ("too much traffic", "请求过于频繁")
        case .networkRefused: ("the service refuses this network", "服务拒绝了当前网络")
        case .quietPoint: ("the books need a quiet moment", "账目需要静默核对")
        }
    }
}

extension MemberRole: Words {
    var both: (String, String) {
        switch self {
        case .owner: ("owner", "所有者")
        case .operator: ("operator", "运维")
        case .member: ("member", "成员")
        case .auditor: ("auditor", "审计员")
        }
    }
}

extension AccountAction: Words {
    var both: (String, String) {
        switch self {
        case .pause: ("Pause", "暂停")
        case .resume: ("Resume", "恢复")
        case .refresh: ("Refresh", "刷新余额")
        case .rotate: ("Rotate token", "更换令牌")
        }
    }
}

extension SpendKey: Words {
    var both: (String, String) {
        switch self {
        case .member: ("Member", "成员")
        case .model: ("Model", "模型")
        case .account: ("Account", "账号")
        }
    }
}

extension SpendingWindow.Kind: Words {
    var both: (String, String) {
        switch self {
        case .day: ("a day", "每天")
        case .week: ("a week", "每周")
        case .month: ("a month", "每月")
        case .cycle: ("in each cycle", "每个周期")
        case .total: ("in all", "总计")
        }
    }
}

extension JobState {
    /// How it reads, and how it looks; a state nobody knows keeps the service's own name.
    func cell(_ voice: Voice) -> Cell {
        switch self {
        case .scheduled: .state(voice[JobWord.scheduled], .waiting)
        case .pending: .state(voice[JobWord.pending], .waiting)
        case .active: .state(voice[JobWord.running], .waiting)
        case .successful: .state(voice[JobWord.successful], .good)
        case .failed: .state(voice[JobWord.failed], .bad)
        case .canceled: .state(voice[JobWord.canceled], .quiet)
        case .filtered: .state(voice[JobWord.filtered], .bad)
        case .lost: .state(voice[JobWord.lost], .bad)
        case .other(let name): .state(name, .quiet)
        }
    }
}
