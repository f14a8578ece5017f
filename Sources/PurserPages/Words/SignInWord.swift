/// The form that asks for a key.
enum SignInWord: String, Words {
    case signIn, signInIntro, keyLabel, keyHint, notAKey, staleForm, signedOutNotice
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
        case .staleForm: ("The form was too old. Please try again.", "表单已过期，请重试。")
        case .signedOutNotice: ("You are signed out.", "您已退出登录。")
        case .sessionEnded: ("Your session has ended. Please sign in again.", "会话已结束，请重新登录。")
        }
    }
}
