package import PurserCore

/// What is told of something that did not work: what the page says itself, it says in its reader's language.
package enum PageProblem: Sendable, Equatable {
    /// What the engine or the service said, as it was said.
    case said(String)
    case noSuchPage, noSuchAccount, noSuchMember
    /// The address takes this method alone.
    case otherMethod(String)
    /// The role allows none of these.
    case roleForbids(MemberRole, [Permission])
    case form(FormProblem)
    case query(QueryProblem)
    case gateway(GatewayProblem)

    /// In a language of the pages; in English as the gateway's own interface says it, too.
    package func text(_ language: Language) -> String {
        switch language {
        case .english: both.0
        case .chinese: both.1
        }
    }

    private var both: (String, String) {
        switch self {
        case .said(let words): (words, words)
        case .noSuchPage: ("there is no such page", "没有这个页面")
        case .noSuchAccount: ("there is no such account", "没有这个账号")
        case .noSuchMember: ("there is no such member", "没有这位成员")
        case .otherMethod(let method):
            ("this address takes \(method)", "此地址只接受 \(method) 请求")
        case .roleForbids(let role, let permissions):
            (
                "the role \(role.rawValue) does not allow "
                    + permissions.map(\.rawValue).joined(separator: " or "),
                "角色“\(role.both.1)”没有 "
                    + permissions.map(\.rawValue).joined(separator: " 或 ") + " 权限"
            )
        case .form(let problem): problem.both
        case .query(let problem): problem.both
        case .gateway(let problem): problem.both
        }
    }
}

/// What is wrong with a form that was sent.
package enum FormProblem: Sendable, Equatable {
    /// Of another session, or of one that has ended.
    case tooOld
    /// The browser does not say that it was sent from these pages.
    case foreign
    case noForm, unknownField
    case unreadable(FormField)
    /// More bytes than that.
    case tooLarge(Int)
    case longReason, unreadableExpiry, tokenInClear

    fileprivate var both: (String, String) {
        switch self {
        case .tooOld: ("this form is too old: load the page again", "表单已过期：请重新加载页面")
        case .foreign:
            (
                "the browser does not say that this form is from this address: "
                    + "open the page at its own; a proxy before it must pass Host on",
                "浏览器未表明此表单来自本页面的地址：请用页面自身的地址打开；如经代理，代理须原样传递 Host"
            )
        case .noForm:
            (
                "a form is application/x-www-form-urlencoded",
                "表单须为 application/x-www-form-urlencoded 格式"
            )
        case .unknownField:
            ("the form has a field that it cannot have", "表单中有不应出现的字段")
        case .unreadable(let field):
            ("\(field.rawValue) cannot be read", "无法读取字段 \(field.rawValue)")
        case .tooLarge(let limit):
            ("the body is larger than \(limit) bytes", "请求正文超过 \(limit) 字节")
        case .longReason:
            ("the reason is one line of at most 200 characters", "原因须为一行，不超过 200 个字符")
        case .unreadableExpiry:
            (
                "a token expires at a date such as 2026-12-31 or 2026-12-31T18:00:00Z",
                "到期时间应为日期或时刻，例如 2026-12-31 或 2026-12-31T18:00:00Z"
            )
        case .tokenInClear:
            (
                "a token is taken over TLS, or from this machine itself",
                "只有通过 TLS 连接或在网关本机上才能提交令牌"
            )
        }
    }
}

/// What is wrong with the query of an address.
package enum QueryProblem: Sendable, Equatable {
    /// What a parameter takes.
    package enum Wanted: Sendable {
        case day, trueOrFalse, cursor, spendKey

        fileprivate var both: (String, String) {
            switch self {
            case .day: ("a day such as 2026-11-30", "2026-11-30 这样的日期")
            case .trueOrFalse: ("true or false", "true 或 false")
            case .cursor: ("the next of a page", "前一页给出的值")
            case .spendKey:
                (
                    "one of " + SpendKey.allCases.map(\.rawValue).joined(separator: ", "),
                    SpendKey.allCases.map(\.rawValue).joined(separator: "、") + " 之一"
                )
            }
        }
    }

    case unreadable
    case unknown(String)
    case twice(String)
    case unfit(FormField, String, Wanted)
    /// The last day lies before the first.
    case backwards
    /// More days than that.
    case tooLong(Int)

    fileprivate var both: (String, String) {
        switch self {
        case .unreadable: ("the query cannot be read", "无法读取查询参数")
        case .unknown(let name):
            ("there is no parameter \(name.jsonQuoted)", "没有参数“\(name)”")
        case .twice(let name): ("\(name) is given twice", "参数 \(name) 重复出现")
        case .unfit(let field, let text, let wanted):
            (
                "\(field.rawValue): \(text.jsonQuoted) is not \(wanted.both.0)",
                "参数 \(field.rawValue) 的值“\(text)”无效：应为 \(wanted.both.1)"
            )
        case .backwards: ("to lies before from", "结束日期早于起始日期")
        case .tooLong(let days):
            ("from and to lie at most \(days) days apart", "起止日期最多相隔 \(days) 天")
        }
    }
}

/// What the gateway cannot do now.
package enum GatewayProblem: Sendable, Equatable {
    /// So many requests are under way, of everybody or of this member.
    case requests(Int)
    case ownRequests(Int)
    /// No memory or disk for another body, of anybody or of this member.
    case room, ownRoom
    case openPages
    case failed, vault, books, busyBooks

    fileprivate var both: (String, String) {
        switch self {
        case .requests(let count):
            (
                Voice.counted(count, "request is", "requests are") + " under way already",
                "已有 \(count) 个请求正在处理"
            )
        case .ownRequests(let count):
            (
                "\(count) of your requests \(count == 1 ? "is" : "are") under way already",
                "您已有 \(count) 个请求正在处理"
            )
        case .room: ("there is no room for another body now", "目前没有空间接收新的请求正文")
        case .ownRoom:
            ("there is no room for another body of yours now", "目前没有空间接收您的新请求正文")
        case .openPages: ("too many pages are open already", "打开的页面过多")
        case .failed:
            (
                "the gateway failed; its log tells more under this request's id",
                "网关出错；日志中此请求的编号下有详情"
            )
        case .vault:
            ("the gateway cannot use its vault; its log tells more", "网关无法使用保险库；详情见日志")
        case .books:
            ("the gateway cannot write its books; nothing was sent", "网关无法写入账目；未发送任何内容")
        case .busyBooks: ("the books are busy; nothing was sent", "账目繁忙；未发送任何内容")
        }
    }
}
