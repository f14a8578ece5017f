/// Jobs, members and the audit trail.
enum ListWord: String, Words {
    case model, price, submitted, ended, refund, openOnly, jobID, noJobs, refundDue, refundDone
    case name, role, budget, noBudget, limits, keys, revoked, active, teamLimits, mayUse, limit
    case left, resets

    var both: (String, String) {
        switch self {
        case .model: ("Model", "模型")
        case .price: ("Price", "价格")
        case .submitted: ("Submitted", "提交时间")
        case .ended: ("Ended", "结束时间")
        case .refund: ("Refund", "退款")
        case .openOnly: ("Only jobs under way", "仅显示进行中的任务")
        case .jobID: ("Job", "任务编号")
        case .noJobs: ("There are no jobs.", "没有任务。")
        case .refundDue: ("due", "待退还")
        case .refundDone: ("refunded", "已退还")
        case .name: ("Name", "姓名")
        case .role: ("Role", "角色")
        case .budget: ("Budget left", "剩余预算")
        case .noBudget: ("no budget", "未设预算")
        case .limits: ("Limits", "限额")
        case .keys: ("Keys that work", "有效密钥数")
        case .revoked: ("revoked", "已停用")
        case .active: ("active", "正常")
        case .teamLimits: ("Limits of the team", "团队限额")
        case .mayUse: ("May use", "可用范围")
        case .limit: ("Limit", "限额")
        case .left: ("Left", "剩余")
        case .resets: ("Begins anew", "重置时间")
        }
    }
}
