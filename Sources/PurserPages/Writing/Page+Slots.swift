package import PurserCore

extension Page {
    /// What the page's own template is filled with.
    func slots(_ voice: Voice, _ frame: PageFrame) -> Slots {
        switch self {
        case .signIn(let view): view.slots(voice)
        case .overview(let view): view.slots(voice, frame.viewer)
        case .spend(let view): view.slots(voice, frame.viewer)
        case .jobs(let view): view.slots(voice)
        case .members(let view): view.slots(voice)
        case .route(let view): view.slots(voice, frame.viewer)
        case .audit(let view): view.slots(voice)
        case .confirm(let view): view.slots(voice, frame.viewer)
        case .problem(let view): view.slots(voice, isSignedIn: frame.viewer != nil)
        }
    }

    var template: String {
        switch self {
        case .signIn: "sign-in"
        case .overview: "overview"
        case .spend: "spend"
        case .jobs: "jobs"
        case .members: "members"
        case .route: "route"
        case .audit: "audit"
        case .confirm: "confirm"
        case .problem: "problem"
        }
    }

    /// Its place in the navigation; `nil`, it has none.
    var path: PagePath? {
        switch self {
        case .overview: .overview
        case .spend: .spend
        case .jobs: .jobs
        case .members: .members
        case .route: .route
        case .audit: .audit
        case .signIn, .confirm, .problem: nil
        }
    }

    func title(_ voice: Voice, _ viewer: Viewer?) -> String {
        switch self {
        case .signIn: voice[SignInWord.signIn]
        case .confirm(let view): view.title(voice)
        case .problem: voice[CommonWord.problem]
        case .overview, .spend, .jobs, .members, .route, .audit:
            path?.title(voice, viewer) ?? ""
        }
    }
}

extension PagePath {
    /// The pages that are linked from each other, in order.
    package static let navigation = [overview, spend, jobs, members, route, audit]

    /// Whether a role may look at it; members without `read-members` find themselves on that page.
    package func isOpen(to role: MemberRole) -> Bool {
        switch self {
        case .spend, .members: role.may(.ownCredits)
        case .jobs: role.may(.ownJobs) || role.may(.allJobs)
        case .route: role.may(.explainRoute)
        case .audit: role.may(.readAudit)
        case .overview, .signIn, .signOut, .events, .style, .script: true
        }
    }

    fileprivate func title(_ voice: Voice, _ viewer: Viewer?) -> String {
        switch self {
        case .overview: voice[FrameWord.overview]
        case .spend: voice[FrameWord.spend]
        case .jobs: voice[FrameWord.jobs]
        case .members:
            voice[viewer?.may(.readMembers) == false ? FrameWord.myBudget : FrameWord.members]
        case .route: voice[FrameWord.route]
        case .audit: voice[FrameWord.audit]
        case .signIn, .signOut, .events, .style, .script: ""
        }
    }
}

extension PageFrame {
    /// What the layout is filled with.
    func slots(_ voice: Voice, of page: Page) -> Slots {
        let links = viewer.map { viewer in
            PagePath.navigation.filter { $0.isOpen(to: viewer.role) }.map { path in
                [
                    "path": path.rawValue, "name": path.title(voice, viewer),
                    "current": path == page.path,
                ] as Slots
            }
        }
        return [
            "title": page.title(voice, viewer), "template": page.template, "formToken": formToken,
            "styleAt": PagePath.style.rawValue, "scriptAt": PagePath.script.rawValue,
            "eventsAt": PagePath.events.rawValue, "signOutAt": PagePath.signOut.rawValue,
            "address": path,
            "navigation": links.map { [["links": $0] as Slots] } ?? [],
            "viewer": viewer.map { [["name": $0.name, "role": voice[$0.role]] as Slots] } ?? [],
            "notices": notice.map { [$0.slots(voice)] } ?? [],
        ]
    }
}

extension Notice {
    fileprivate func slots(_ voice: Voice) -> Slots {
        ["words": words(voice), "failed": failed]
    }

    private var failed: Bool {
        if case .failed = self { true } else { false }
    }

    private func words(_ voice: Voice) -> String {
        switch self {
        case .done(.pause, let name): voice("\(name) is paused.", "\(name) 已暂停。")
        case .done(.resume, let name): voice("\(name) takes work again.", "\(name) 已恢复。")
        case .done(.refresh, let name):
            voice("The balance of \(name) was read.", "已读取 \(name) 的余额。")
        case .done(.rotate, let name):
            voice("\(name) has its new token.", "\(name) 已启用新令牌。")
        case .failed(let message): message
        case .signedOut: voice[SignInWord.signedOutNotice]
        case .sessionEnded: voice[SignInWord.sessionEnded]
        }
    }
}
