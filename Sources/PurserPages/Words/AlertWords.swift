import PurserCore
import PurserEngine

extension Alert {
    /// In a few words; reasons stay as they came.
    func words(_ voice: Voice) -> String {
        let credits =
            self.amount.map { Voice.counted($0.amount, "credit", "credits") }
            ?? "\(voice.number(self.amount)) credits"
        let amount = voice.number(amount)
        return switch key.kind {
        case .lowCredits:
            voice(
                "\(credits), fewer than \(Voice.grouped(key.threshold))",
                "剩余 \(amount) 积分，低于 \(Voice.grouped(key.threshold))"
            )
        case .tokenExpires where key.threshold == 0:
            voice("the token ended at \(end)", "令牌已于 \(end) 到期")
        case .tokenExpires: voice("the token ends at \(end)", "令牌将于 \(end) 到期")
        case .tokenDead: voice("its token is dead: \(detail)", "令牌失效：\(detail)")
        case .paused: voice("paused: \(detail)", "已暂停：\(detail)")
        case .drift: voice("a reading is \(amount) off the books", "读数与账面相差 \(amount)")
        case .spending:
            voice(
                "\(amount) of \(voice.number(limit)) credits (\(windowWords(voice))), "
                    + "\(key.threshold) % or more",
                "已用 \(amount) / \(voice.number(limit)) 积分（\(windowWords(voice))），"
                    + "达到 \(key.threshold) %"
            )
        }
    }

    private var end: String { until?.readable ?? "" }

    private func windowWords(_ voice: Voice) -> String {
        SpendingWindow.Kind(rawValue: detail).map { voice[$0] } ?? detail
    }
}
