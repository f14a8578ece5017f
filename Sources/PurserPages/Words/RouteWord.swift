/// Where a request would go.
enum RouteWord: String, Words {
    case requestLabel, requestHint, forMember, forMemberHint, explain, chosen, nowhere, rank
    case modelKeys, why, passedOver, policy, call, modelsAsked, answer

    var both: (String, String) {
        switch self {
        case .requestLabel: ("Request", "请求内容")
        case .requestHint:
            (
                "Paste the JSON body of a request. Nothing is sent or held.",
                "粘贴请求的 JSON 正文。不会发送请求，也不会冻结积分。"
            )
        case .forMember: ("For the member", "以哪位成员的身份")
        case .forMemberHint: ("leave empty for nobody in particular", "留空表示不指定成员")
        case .explain: ("Explain", "查看路由")
        case .chosen: ("It would go to", "将会使用")
        case .nowhere: ("No account can take it now.", "目前没有账号可以处理此请求。")
        case .rank: ("Place", "名次")
        case .modelKeys: ("Model keys", "模型键")
        case .why: ("Why", "理由")
        case .passedOver: ("passed over", "未选用")
        case .policy: ("Policy", "策略")
        case .call: ("Call", "接口")
        case .modelsAsked: ("Models", "模型")
        case .answer: ("Result", "结果")
        }
    }
}
