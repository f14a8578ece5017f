/// The audit trail.
enum AuditWord: String, Words {
    case sequence, at, actor, verb, subject, detail, noEntries, verbHint

    var both: (String, String) {
        switch self {
        case .sequence: ("No.", "序号")
        case .at: ("At", "时间")
        case .actor: ("Who", "操作者")
        case .verb: ("What", "操作")
        case .subject: ("Of what", "对象")
        case .detail: ("Detail", "详情")
        case .noEntries: ("No line matches.", "没有符合条件的记录。")
        case .verbHint:
            (
                "such as account.pause; account. for all that begin so",
                "例如 account.pause；填 account. 可匹配所有以此开头的操作"
            )
        }
    }
}
