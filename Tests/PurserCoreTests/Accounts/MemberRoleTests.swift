import PurserCore
import Testing

/// The table of `Documentation/Members.md`, cell by cell.
struct MemberRoleTests {
    static let table: [(Permission, owner: Bool, operator: Bool, member: Bool, auditor: Bool)] = [
        (.submit, true, true, true, false),
        (.ownJobs, true, true, true, false),
        (.allJobs, true, true, false, true),
        (.ownCredits, true, true, true, true),
        (.allCredits, true, true, false, true),
        (.readAccounts, true, true, false, true),
        (.changeAccounts, true, true, false, false),
        (.readMembers, true, true, false, true),
        (.changeMembers, true, false, false, false),
        (.readAudit, true, false, false, true),
        (.explainRoute, true, true, false, true),
        (.readMetrics, true, true, false, true),
    ]

    @Test(arguments: MemberRoleTests.table.indices)
    func `a role may do what the table says`(_ index: Int) {
        let row = Self.table[index]
        #expect(MemberRole.owner.may(row.0) == row.owner, "owner, \(row.0)")
        #expect(MemberRole.operator.may(row.0) == row.operator, "operator, \(row.0)")
        #expect(MemberRole.member.may(row.0) == row.member, "member, \(row.0)")
        #expect(MemberRole.auditor.may(row.0) == row.auditor, "auditor, \(row.0)")
    }

    @Test func `the table has every permission once`() {
        #expect(Self.table.map(\.0) == Permission.allCases)
    }
}
