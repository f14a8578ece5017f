import PurserCore
import PurserEngine
import PurserPages
import Synchronization

/// Who is signed in to the page.
///
/// Kept in memory alone, so that a gateway which ends ends them all; what is kept opens nothing. A session ends with its
/// key, its member, a change of their role, after half an hour without a page, and after twelve hours.
final class PageSessions: Sendable {
    private struct Session {
        let member: MemberID
        let keyID: String
        let role: MemberRole
        let begunAt: Timestamp
        var usedAt: Timestamp
        var notice: Notice?

        func lasts(at now: Timestamp) -> Bool {
            // A clock that was set back must not lengthen it.
            usedAt - PageSessions.slack <= now && now < usedAt + PageSessions.idle
                && now < begunAt + PageSessions.longest
        }
    }

    static let idle = Duration.seconds(30 * 60)
    static let longest = Duration.seconds(12 * 3600)
    /// Sessions at a time, and of one member; who signs in beyond ends the one that lay longest.
    static let most = 1000
    static let mostOfOne = 10
    private static let slack = Duration.seconds(60)

    private let sessions = Mutex<[SessionMark: Session]>([:])
    private let members: MemberDesk
    private let ambient: Ambient

    init(_ members: MemberDesk, ambient: Ambient) {
        self.members = members
        self.ambient = ambient
    }

    /// Begins a session of whoever showed a key; answers the secret that their browser keeps.
    func begin(_ holder: MemberDesk.Holder) -> String {
        let secret = SessionMark.secret(ambient)
        let now = ambient.now()
        sessions.withLock { sessions in
            sessions = sessions.filter { $0.value.lasts(at: now) }
            let member = holder.member.id
            let own = sessions.filter { $0.value.member == member }
            if own.count >= Self.mostOfOne { sessions[Self.oldest(own)] = nil }
            if sessions.count >= Self.most { sessions[Self.oldest(sessions)] = nil }
            sessions[SessionMark(secret)] = Session(
                member: member,
                keyID: holder.keyID,
                role: holder.member.role,
                begunAt: now,
                usedAt: now
            )
        }
        return secret
    }

    /// Whose session it is, as they are now; `nil`, it is none, or has ended.
    ///
    /// `isUse`: somebody looks, and no script that asks by itself.
    func member(of secret: String, isUse: Bool) async throws -> Member? {
        let (mark, now) = (SessionMark(secret), ambient.now())
        let known = sessions.withLock { sessions -> Session? in
            guard let session = sessions[mark] else { return nil }
            guard session.lasts(at: now) else {
                sessions[mark] = nil
                return nil
            }
            if isUse { sessions[mark]?.usedAt = now }
            return session
        }
        guard let known else { return nil }
        guard let member = try await members.holder(of: known.keyID), member.id == known.member,
            member.role == known.role
        else {
            end(secret)
            return nil
        }
        return member
    }

    func end(_ secret: String) {
        sessions.withLock { $0[SessionMark(secret)] = nil }
    }

    /// Has the next page say what came of an action.
    func leave(_ notice: Notice, in secret: String) {
        sessions.withLock { $0[SessionMark(secret)]?.notice = notice }
    }

    func takeNotice(of secret: String) -> Notice? {
        sessions.withLock { sessions in
            defer { sessions[SessionMark(secret)]?.notice = nil }
            return sessions[SessionMark(secret)]?.notice
        }
    }

    /// For tests: how many there are.
    var count: Int { sessions.withLock(\.count) }

    private static func oldest(_ sessions: [SessionMark: Session]) -> SessionMark {
        sessions.min { $0.value.usedAt < $1.value.usedAt }?.key ?? SessionMark("")
    }
}
