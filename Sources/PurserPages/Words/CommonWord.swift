/// What tables, charts and forms have in common.
enum CommonWord: String, Words {
    case unknown, nothing, total, others, label, showData, noData, legend, apply, more, cancel
    case problem, backToOverview, from, to, low, middle, high

    var both: (String, String) {
        switch self {
        case .unknown: ("unknown", "未知")
        case .nothing: ("–", "–")
        case .total: ("Total", "合计")
        case .others: ("Others", "其他")
        case .label: ("Name", "名称")
        case .showData: ("Show the numbers", "查看数据")
        case .noData: ("Nothing to show yet", "暂无数据")
        case .legend: ("Legend", "图例")
        case .apply: ("Apply", "应用")
        case .more: ("Further on", "下一页")
        case .cancel: ("Cancel", "取消")
        case .problem: ("This did not work", "操作未成功")
        case .backToOverview: ("Back to the overview", "返回总览")
        case .from: ("From", "起始日期")
        case .to: ("To", "结束日期")
        case .low: ("Low", "下限")
        case .middle: ("Middle", "中位")
        case .high: ("High", "上限")
        }
    }
}
