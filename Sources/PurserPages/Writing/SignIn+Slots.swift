extension SignInView {
    func slots(_ voice: Voice) -> Slots {
        [
            "signInAt": PagePath.signIn.rawValue,
            "refusals": refusal.map { [$0.words(voice)] } ?? [],
            "next": next.map { [$0] } ?? [],
        ]
    }
}

extension SignInView.Refusal {
    fileprivate func words(_ voice: Voice) -> String {
        switch self {
        case .notAKey: voice[SignInWord.notAKey]
        case .foreignForm: voice[SignInWord.foreignForm]
        case .tooMany(let seconds):
            voice(
                "Too many tries. Please wait \(seconds) seconds.",
                "尝试次数过多，请等待 \(seconds) 秒后再试。"
            )
        }
    }
}

extension ProblemView {
    func slots(_ voice: Voice, isSignedIn: Bool) -> Slots {
        [
            "status": status, "message": voice[problem], "hints": hint.map { [$0] } ?? [],
            "overviewAt": PagePath.overview.rawValue,
            "back": isSignedIn
                ? voice[CommonWord.backToOverview] : voice[SignInWord.signIn],
        ]
    }
}
