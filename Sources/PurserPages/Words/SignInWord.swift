/// The form that asks for a key.
enum SignInWord: String, Words {
    case signIn, signInIntro, keyLabel, keyHint, notAKey, foreignForm, signedOutNotice
    case sessionEnded

    var both: (String, String) {
        switch self {
        case .signIn: ("Sign in", "登录")
        case .signInIntro:
            (
                "Sign in with your member key. It is the key that your programs use.",
                "请用成员密钥登录，与您的程序所用的密钥相同。"
            )
        case .keyLabel: ("Member key", "成员密钥")
        case .keyHint: ("It begins with psr_.", "以 psr_ 开头。")
        case .notAKey: ("This key does not work.", "密钥无效。")
        case .foreignForm:
            (
                "Your browser does not say that this form is from this address. Please open the page at its own; a proxy before it must pass Host on.",
                "浏览器未表明此表单来自本页面的地址。请用页面自身的地址打开；如经代理，代理须原样传递 Host。"
            )
        case .signedOutNotice: ("You are signed out.", "您已退出登录。")
        case .sessionEnded: ("Your session has ended. Please sign in again.", "会话已结束，请重新登录。")
        }
    }
}
