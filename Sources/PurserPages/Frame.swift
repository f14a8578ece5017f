package import PurserCore

/// What every page has around it.
package struct PageFrame: Sendable {
    package let language: Language
    /// The address that was asked for, with its query: what live updates fetch again.
    package let path: String
    /// `nil`: nobody has signed in, and no page but signing in and problems is shown.
    package let viewer: Viewer?
    /// Goes hidden into every form, and comes back with it.
    package let formToken: String
    /// What came of the action that led here.
    package let notice: Notice?

    package init(
        language: Language,
        path: String,
        viewer: Viewer?,
        formToken: String,
        notice: Notice? = nil
    ) {
        self.language = language
        self.path = path
        self.viewer = viewer
        self.formToken = formToken
        self.notice = notice
    }
}

/// Who looks: what they may is a matter of their role.
package struct Viewer: Sendable, Equatable {
    package let name: String
    package let role: MemberRole

    package init(name: String, role: MemberRole) {
        self.name = name
        self.role = role
    }

    /// Whether their role allows it.
    package func may(_ permission: Permission) -> Bool { role.may(permission) }
}

/// One line at the top of a page.
package enum Notice: Sendable, Equatable {
    /// An action on an account was done.
    case done(AccountAction, account: String)
    /// It was not; the engine's words.
    case failed(String)
    case signedOut
    /// A session came to its end.
    case sessionEnded
}

/// What a role may do with an account on the page.
package enum AccountAction: String, Sendable, CaseIterable {
    case pause, resume, refresh, rotate
}
