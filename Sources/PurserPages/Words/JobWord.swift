/// States of a job, in the service's words.
enum JobWord: String, Words {
    case scheduled, pending, running, successful, failed, canceled, filtered, lost

    var both: (String, String) {
        switch self {
        case .scheduled: ("scheduled", "已排期")
        case .pending: ("pending", "等待中")
        case .running: ("running", "生成中")
        case .successful: ("successful", "成功")
        case .failed: ("failed", "失败")
        case .canceled: ("canceled", "已取消")
        case .filtered: ("filtered", "被过滤")
        case .lost: ("lost", "失联")
        }
    }
}
