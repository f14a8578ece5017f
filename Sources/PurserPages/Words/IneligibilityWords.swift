import PurserCore

extension Ineligibility {
    /// Why an account was passed over: in English as the command line says it.
    func words(_ voice: Voice) -> String {
        voice(words, chinese)
    }

    private var chinese: String {
        switch self {
        case .notTheOneAskedFor: "请求指定了其他账号"
        case .alreadyTried: "本次请求已试过此账号"
        case .paused(let reason): "已暂停：\(reason)"
        case .needsRotation(let reason): "需要更换令牌：\(reason)"
        case .tokenExpired: "令牌已过期"
        case .tierCannotUse(let model, let tier): "\(tier.rawValue) 等级无法使用 \(model)"
        case .priceUnknown(let model, let tier): "\(model) 在 \(tier.rawValue) 等级的价格未知"
        case .otherTierAskedFor(let tier): "请求要求 \(tier.rawValue) 等级"
        case .resting(let reason, _, let model):
            "冷却中（\(reason.both.1)\(model.map { "，\($0)" } ?? "")）"
        case .balanceUnknown: "从未读取过余额"
        case .notEnoughCredits, .aboveMaximum, .overBudget: chineseCredits
        case .notForThisMember(.tier(let tier)): "该成员不能使用 \(tier.rawValue) 等级"
        case .notForThisMember(.tags(let tags)):
            "该成员只能使用带有以下标签的账号：\(tags.joined(separator: "、"))"
        case .notForThisMember(.model(let model)): "该成员不能使用 \(model)"
        case .noFreeSlot(let inFlight, let maximum): "进行中的任务 \(inFlight) / \(maximum)，没有空位"
        case .comingBack(let reason, let inFlight, let width):
            "冷却后逐步恢复（\(reason.both.1)）：进行中的任务 \(inFlight) / \(width)"
        case .mediaBelongTo(let owners):
            owners.count > 1 ? "请求引用了 \(owners.count) 个账号的素材" : "请求引用了其他账号的素材"
        }
    }

    private var chineseCredits: String {
        switch self {
        case .notEnoughCredits(let available, .zero, let price):
            "可用 \(available) 积分，需要 \(price)"
        case .notEnoughCredits(let available, let reserve, let price):
            "可用 \(available) 积分（其中保留 \(reserve)），需要 \(price)"
        case .aboveMaximum(let price, let maximum): "需要 \(price) 积分，超过上限 \(maximum)"
        case .overBudget(let price, let available): "需要 \(price) 积分，预算或限额只剩 \(available)"
        default: ""
        }
    }
}
