import PurserCore

/// What a finished command says to the shell.
///
/// Stable: scripts depend on it (`Documentation/CLI.md`).
///
/// 65 to 75 are those of the vault's format; 64 is what swift-argument-parser gives for wrong usage (`EX_USAGE` of
/// sysexits.h).
enum ExitStatus {
    static let done: Int32 = 0

    /// The one place where kinds of failure become exit statuses.
    static func status(of kind: FailureKind) -> Int32 {
        switch kind {
        case .failed: 1
        case .usage: 64
        case .notAVault: 65
        case .damaged: 66
        case .newerVersion: 67
        case .noSuchSlot: 68
        case .wrongPassphrase: 69
        case .kdfPolicy: 70
        case .tampered: 71
        case .untrusted: 72
        case .notFound: 73
        case .io: 74
        case .locked: 75
        case .conflict: 76
        case .invalidInput: 78
        case .noEligibleAccount: 80
        case .notEnoughCredits: 81
        case .upstreamRefused: 82
        case .unknownOutcome: 83
        case .upstreamUnreachable: 84
        case .notEnoughBudget: 85
        }
    }
}
