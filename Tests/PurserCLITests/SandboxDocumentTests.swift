import Foundation
import PurserCore
import PurserSandbox
import Testing

/// `Documentation/Sandbox.md` shows a scenario that can be used, with every field, and names every preset.
struct SandboxDocumentTests {
    @Test func `the scenario of the document can be used and has every field`() throws {
        let text = try Document("Sandbox.md").block("scenario")
        let scenario = try SandboxScenario(json: Array(text.utf8))
        _ = try Sandbox(scenario)

        let shown = try #require(JSONValue(Array(text.utf8)))
        let whole = try #require(JSONValue(Array(try JSONEncoder().encode(scenario))))
        #expect(names(shown) == names(whole))
        #expect(names(shown["accounts"]?.array?.first) == names(whole["accounts"]?.array?.first))
    }

    @Test func `the document names every preset and every kind of fault`() throws {
        let document = try Document("Sandbox.md")
        let presets = try document.rows(of: "presets").flatMap {
            $0[0].components(separatedBy: ", ")
        }
        #expect(Set(presets) == Set(SandboxFault.presets.keys))
        let kinds = try document.rows(of: "kinds").map { $0[0] }
        #expect(kinds.allSatisfy { SandboxFault.Kind(rawValue: $0) != nil })
        #expect(Set(kinds).isSuperset(of: SandboxFault.presets.values.map(\.kind.rawValue)))
    }

    private func names(_ value: JSONValue?) -> Set<String> {
        guard case .object(let members) = value else { return [] }
        return Set(members.keys)
    }
}
