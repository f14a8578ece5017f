/// What stands around every page.
enum FrameWord: String, Words {
    case product, skip, pages, overview, spend, jobs, members, myBudget, route, audit, signOut
    case signedInAs, utc, madeAt, asOf

    var both: (String, String) {
        switch self {
        case .product: ("Purser", "Purser")
        case .skip: ("Skip to content", "跳到正文")
        case .pages: ("Pages", "页面导航")
        case .overview: ("Overview", "总览")
        case .spend: ("Spending", "积分消耗")
        case .jobs: ("Jobs", "任务")
        case .members: ("Members", "成员")
        case .myBudget: ("My budget", "我的预算")
        case .route: ("Route explainer", "路由说明")
        case .audit: ("Audit trail", "审计日志")
        case .signOut: ("Sign out", "退出登录")
        case .signedInAs: ("Signed in as", "当前用户")
        case .utc: ("All times and days are in UTC.", "所有时间和日期均为 UTC。")
        case .madeAt: ("Made at", "生成时间")
        case .asOf: ("As of", "数据截至")
        }
    }
}
