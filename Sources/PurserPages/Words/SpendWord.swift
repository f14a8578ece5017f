/// What was spent.
enum SpendWord: String, Words {
    case stackedBy, videos, charged, refunded, net, spendPerDay, spendSums, ownOnly

    var both: (String, String) {
        switch self {
        case .stackedBy: ("Stack by", "分组方式")
        case .videos: ("Videos", "视频数")
        case .charged: ("Charged", "扣费")
        case .refunded: ("Refunded", "退还")
        case .net: ("Net", "净消耗")
        case .spendPerDay: ("Credits spent by day", "每日积分消耗")
        case .spendSums: ("Sums of the range", "区间合计")
        case .ownOnly: ("What you see is what was spent for you.", "此处仅显示您自己的消耗。")
        }
    }
}
