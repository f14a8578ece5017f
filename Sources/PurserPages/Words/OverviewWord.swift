/// What is left, and how long it lasts.
enum OverviewWord: String, Words {
    case balances, byTier, accounts, noAccounts, alerts, noAlerts, about, whatIsWrong, team
    case queue, waiting, underWay, freeSlots, expectedWait, noWaitForecast, history, spent
    case chance, stopped, forecastChart, forecastTable
    case forecast, forecastNote, runsOut, notBeforeEnd, leftAtRenewal, notEnoughData, pool
    case tierSubject

    var both: (String, String) {
        switch self {
        case .balances: ("Balances", "余额")
        case .byTier: ("By tier", "按套餐等级")
        case .accounts: ("Accounts", "账号")
        case .noAccounts: ("There is no account yet.", "还没有账号。")
        case .alerts: ("Alerts", "告警")
        case .noAlerts: ("Nothing needs a hand.", "一切正常，无需处理。")
        case .about: ("About", "对象")
        case .whatIsWrong: ("What is wrong", "问题")
        case .team: ("the team", "整个团队")
        case .queue: ("Queue", "排队情况")
        case .waiting: ("Requests waiting", "等待中的请求")
        case .underWay: ("Requests under way", "处理中的请求")
        case .freeSlots: ("Free slots", "空闲名额")
        case .expectedWait: ("Wait for a request that comes now", "新请求的预计等待时间")
        case .noWaitForecast: ("not enough jobs have ended to tell", "已完成的任务太少，无法估计")
        case .history: ("Credits spent in the past year", "过去一年的积分消耗")
        case .spent: ("Spent", "已消耗")
        case .forecast: ("How long credits last", "积分还能用多久")
        case .forecastChart: ("Credits left at a day's end", "每日结束时的剩余积分")
        case .forecastTable: ("When credits run out", "积分何时用尽")
        case .forecastNote:
            (
                "From the tenth to the ninetieth percentile of what may come: a range, and not a promise.",
                "取可能结果的第 10 至第 90 百分位：这是一个区间，并非承诺。"
            )
        case .runsOut: ("Runs out", "预计用尽")
        case .notBeforeEnd: ("not within the forecast", "预测期内不会用尽")
        case .leftAtRenewal: ("Left at renewal", "续期时剩余")
        case .chance: ("How likely", "概率")
        case .stopped: ("takes no work", "未在使用")
        case .notEnoughData: ("not enough data", "数据不足")
        case .pool: ("all accounts", "全部账号")
        case .tierSubject: ("tier", "等级")
        }
    }
}
