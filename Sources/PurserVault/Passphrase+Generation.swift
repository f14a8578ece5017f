extension Secret {
    private static let passphraseGroups = 5

    /// A passphrase that nobody needs to think of: five groups of four characters, without those that look alike.
    ///
    /// Each of the 20 characters is one of 31, so there are about 2^99 of them.
    package static func generatedPassphrase(random: Randomness = .system) throws -> Secret {
        let alphabet = Array("abcdefghjkmnpqrstuvwxyz23456789".utf8)
        let length = passphraseGroups * 5 - 1
        return try unsafe Secret(capacity: length) { buffer in
            var count = 0
            while count < length {
                if count % 5 == 4 {
                    unsafe buffer[count] = UInt8(ascii: "-")
                    count += 1
                    continue
                }
                let byte = try random.secret(1)
                let drawn = unsafe byte.withBytes { unsafe $0[0] & 31 }
                // 31 characters: what would fall on a 32nd is drawn again, so that all are equally likely.
                guard Int(drawn) < alphabet.count else { continue }
                unsafe buffer[count] = alphabet[Int(drawn)]
                count += 1
            }
            return count
        }
    }
}
