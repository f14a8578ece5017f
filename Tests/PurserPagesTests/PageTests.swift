import PurserCore
import Testing

@testable import PurserPages

struct PageTests {
    private let pages: Pages
    private let views = SampleViews.plain

    init() throws {
        pages = try Pages.shared.get()
    }

    private static let viewers: [MemberRole?] = MemberRole.allCases + [nil]

    @Test(arguments: viewers, Language.allCases)
    func `every page is whole, and asks for nothing the policy forbids`(
        _ role: MemberRole?,
        _ language: Language
    ) throws {
        for (name, page) in views.pages {
            let html = pages.html(page, in: views.frame(role, language))
            let markup = try Markup(html)
            #expect(html.contains("<html lang=\"\(language.rawValue)\">"))
            try check(markup, name)
            let scripts = markup.elements.filter { $0.name == "script" }
            #expect(scripts.compactMap { $0["src"] } == ["/page/live.js"], "\(name)")
            #expect(scripts.count == 1 && !markup.elements.contains { $0.name == "style" })
        }
    }

    /// No script or style in attributes, ids once each, and every reference to one is met.
    private func check(_ markup: Markup, _ name: String) throws {
        var ids: Set<String> = []
        for element in markup.elements {
            for (attribute, value) in element.attributes {
                #expect(attribute != "style" && !attribute.hasPrefix("on"), "\(name): \(attribute)")
                #expect(!value.lowercased().contains("javascript:"), "\(name): \(value)")
            }
            if let id = element["id"] { #expect(ids.insert(id).inserted, "\(name): \(id) twice") }
        }
        for element in markup.elements {
            for attribute in ["for", "aria-labelledby", "aria-describedby"] {
                if let id = element[attribute] { #expect(ids.contains(id), "\(name): #\(id)") }
            }
            if ["input", "select", "textarea"].contains(element.name), element["type"] != "hidden" {
                let id = element["id"]
                let isLabelled = markup.elements.contains { $0.name == "label" && $0["for"] == id }
                #expect(isLabelled, "\(name): no label for \(id ?? "")")
            }
            if element.name == "svg", element["role"] != "img" {
                #expect(element["aria-hidden"] == "true", "\(name): a drawing without a name")
            }
        }
        for landmark in ["header", "main", "footer", "h1"] {
            #expect(markup.elements.count { $0.name == landmark } == 1, "\(name): \(landmark)")
        }
        let tables = markup.elements.count { $0.name == "table" }
        #expect(markup.elements.count { $0.name == "caption" } == tables)
    }

    @Test(arguments: MemberRole.allCases)
    func `what changes something carries the token, and is there for whom it is allowed`(
        _ role: MemberRole
    ) throws {
        for (name, page) in views.pages {
            let html = pages.html(page, in: views.frame(role))
            let markup = try Markup(html)
            let posts = markup.elements.filter { $0.name == "form" && $0["method"] == "post" }
            let tokens = markup.elements.count { $0["name"] == "form-token" }
            #expect(tokens == posts.count, "\(name)")
            let targets = posts.compactMap { $0["action"] }.filter { $0 != "/page/sign-out" }
            switch page {
            case .signIn: #expect(targets == ["/page/sign-in"])
            case .route: #expect(targets.isEmpty == !role.may(.explainRoute))
            case .confirm: #expect(targets.isEmpty == !role.may(.changeAccounts))
            default: #expect(targets.isEmpty, "\(name)")
            }
            if case .overview(let view) = page, view.accounts?.isEmpty == false {
                let links = html.contains("href=\"/page/accounts/account-1/pause\"")
                #expect(links == role.may(.changeAccounts))
            }
        }
    }

    @Test(arguments: MemberRole.allCases)
    func `the navigation has what the role may see`(_ role: MemberRole) throws {
        let html = pages.html(.overview(views.own), in: views.frame(role))
        let links = try Markup(html).elements.filter { $0.name == "a" }.compactMap { $0["href"] }
        #expect(links.contains("/page/audit") == role.may(.readAudit))
        #expect(links.contains("/page/route") == role.may(.explainRoute))
        #expect(links.contains("/page/jobs") == (role.may(.ownJobs) || role.may(.allJobs)))
        #expect(html.contains("My budget</a>") == !role.may(.readMembers))
        #expect(html.contains("<a href=\"/\" aria-current=\"page\">Overview</a>"))
    }

    @Test func `signed out there is nothing but the form`() throws {
        let html = pages.html(.signIn(SignInView()), in: views.frame(nil))
        #expect(!html.contains("<nav") && !html.contains("/page/sign-out"))
        #expect(html.contains("type=\"password\""))
    }

    @Test func `unknown is a word, and 0 a number`() {
        let html = pages.html(.overview(views.overview), in: views.frame(.auditor))
        #expect(html.contains("<span class=\"unknown\">unknown</span>"))
        #expect(html.contains("0 / 25,000"))
        #expect(html.contains("+ 1 unknown"))
        #expect(html.contains("12,045 / 25,000"))
    }

    @Test func `a token is asked for only where it may travel`() {
        let view = ConfirmView(
            now: views.now,
            action: .rotate,
            account: views.accounts[0],
            mayPasteToken: false
        )
        let html = pages.html(.confirm(view), in: views.frame(.owner))
        #expect(!html.contains("name=\"token\"") && html.contains("only be pasted over TLS"))
        let confirm = pages.html(.confirm(views.confirm(.rotate)), in: views.frame(.owner))
        #expect(confirm.contains("name=\"token\" type=\"password\""))
    }

    @Test func `pages of lists go on where they ended`() {
        let html = pages.html(.audit(views.audit), in: views.frame(.owner))
        #expect(html.contains("<input type=\"hidden\" name=\"cursor\" value=\"cursor\">"))
        #expect(html.contains("<input type=\"hidden\" name=\"verb\" value=\"verb\">"))
        #expect(html.contains("<input id=\"to\" name=\"to\" type=\"date\" value=\"2026-11-18\">"))
    }

    @Test func `the report is one file that asks for nothing`() throws {
        let html = pages.report(views.report)
        let markup = try Markup(html)
        #expect(markup.elements.count { $0.name == "style" } == 1)
        for element in markup.elements {
            #expect(element["src"] == nil && element["href"] == nil && element.name != "script")
        }
        let style = String(decoding: Pages.styleSheet, as: UTF8.self)
        #expect(!style.contains("url(") && !style.contains("@import") && !style.contains("<"))
    }
}
