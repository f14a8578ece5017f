import PurserTestSupport
import Testing

@testable import PurserStore

struct ConformanceTests {
    @Test(arguments: StoreConformance.cases)
    func `the store conforms`(_ behaviour: StoreConformance.Case) async throws {
        let home = TestHome()
        let store = try await home.open()
        try await behaviour.run(LedgerFixture(store))
        try await store.close()
    }
}
