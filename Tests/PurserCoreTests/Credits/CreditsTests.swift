import PurserCore
import Testing

struct CreditsTests {
    private let most = Credits(unchecked: Credits.limit)

    @Test func `only what JSON carries exactly is an amount`() {
        #expect(Credits(1 << 53)?.amount == 9_007_199_254_740_992)
        #expect(Credits(-(1 << 53)) != nil)
        #expect(Credits((1 << 53) + 1) == nil)
        #expect(Credits(.max) == nil)
        #expect(Credits(.min) == nil)
    }

    @Test func `sums and differences are exact up to the limit and throw past it`() throws {
        let one = Credits(unchecked: 1)
        #expect(try Credits(unchecked: 690).plus(Credits(unchecked: -10)).amount == 680)
        #expect(try most.minus(one).plus(one) == most)
        #expect(throws: CreditsOutOfRange.self) { try most.plus(one) }
        #expect(throws: CreditsOutOfRange.self) { try most.negated.minus(one) }
    }

    @Test func `a product throws past the limit and past the machine's numbers`() throws {
        #expect(try Credits(unchecked: 20).times(3).amount == 60)
        #expect(try Credits(unchecked: 20).times(0) == .zero)
        #expect(throws: CreditsOutOfRange.self) { try most.times(2) }
        #expect(throws: CreditsOutOfRange.self) { try most.times(.max) }
    }

    @Test func `a sum that no account can have is damage, with a next step`() {
        #expect(CreditsOutOfRange().kind == .damaged)
        #expect(CreditsOutOfRange().hint == "run purser ledger verify")
    }

    @Test func `amounts are ordered and say themselves`() {
        #expect(Credits(unchecked: -1) < .zero)
        #expect("\(Credits(unchecked: 1799))" == "1799")
        #expect(Credits(unchecked: 5).negated.negated == Credits(unchecked: 5))
    }
}
