import PurserCore
import PurserEngine

@testable import PurserConfiguration

/// `accounts.toml`: read, or refused with problems that have a place and can be shown.
///
/// What `accounts import` reads is the same file.
func fuzzAccounts(_ bytes: [UInt8]) {
    do throws(ConfigurationError) {
        let read = try Configuration(bytes: bytes, file: "accounts.toml")
        require(Set(read.accounts.map(\.name)).count == read.accounts.count, "a name stands once")
        for account in read.accounts {
            require(Account.isName(account.name), "a name is one")
            require((1...1000).contains(account.settings.maxInFlight), "a number is in its range")
        }
    } catch {
        require(!error.problems.isEmpty, "a refusal names a problem")
        let lines = bytes.count { $0 == 0x0A } + 1
        for problem in error.problems {
            require(problem.line.map { (1...lines).contains($0) } ?? true, "a line is the file's")
            require(!problem.message.unicodeScalars.contains(where: \.isTreacherous), "no control")
        }
    }
}

/// Dates, lengths of time and addresses, as options and files hold them.
func fuzzTexts(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    if let instant = Timestamp(iso8601: text) {
        require(Timestamp(iso8601: instant.iso8601) == instant, "an instant is read as written")
    }
    if let day = CalendarDay(text) {
        require(CalendarDay(day.description) == day, "a day is read as written")
        _ = day.start.readable
    }
    if let length = Duration(text: text) {
        require(Duration(text: length.text) == length, "a length of time is read as written")
    }
    if let origin = try? Origin(upstream: text) {
        require(Origin(origin.description) == origin, "an address is read as written")
        require(origin.scheme == "https" || origin.isLoopback, "a token never travels in clear")
    }
    _ = ProviderCall(text)
    require(!visible(text).unicodeScalars.contains(where: \.isTreacherous), "text can be shown")
    let cut = text.truncated(to: 10)
    require(cut.columns <= 10, "a cut text is narrow enough")
}
