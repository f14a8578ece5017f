@testable import PurserCore

/// A byte that says how the body is cut, and the body after it, as an upload.
///
/// However it is cut, it is parted alike and whole again, and judged as the whole body is.
func fuzzUpload(_ bytes: [UInt8]) {
    guard let first = bytes.first else { return }
    let body = Array(bytes.dropFirst())
    let (once, aside) = sifted(body, parts: body.count + 1)
    let (again, asideAgain) = sifted(body, parts: 1 + Int(first))
    require(once.bytes == again.bytes, "the same stays, however a body is cut")
    require(once.holes == again.holes, "the same places are left, however a body is cut")
    require(aside == asideAgain, "the same goes aside, however a body is cut")
    require(once.whole(with: aside) == body, "a parted body is whole again")

    let call = ProviderCall.upload(path: "flow/uploadImage")
    let whole = Result { () throws(RequestBodyError) in try RequestBody.parse(body, for: call) }
    let parted = Result { () throws(RequestBodyError) in try RequestBody.parse(once, for: call) }
    switch (whole, parted) {
    case (.success(let whole), .success(let parted)):
        let keys = whole.elements.map { "k\($0.index)" }
        let sent = parted.rewritten(tier: .ultra, modelKeys: keys, projectID: "p")
        require(
            sent.whole(with: aside)
                == whole.rewritten(tier: .ultra, modelKeys: keys, projectID: "p").bytes,
            "a parted body is rewritten as the whole one"
        )
        require(whole.mediaIDs == parted.mediaIDs, "a parted body names the same media")
    case (.success, .failure(let error)):
        require(error.problem == .tooLong, "a good body is refused for long names alone")
    case (.failure, .success): require(false, "what the whole body is refused for, a parted one is")
    case (.failure(let whole), .failure(let parted)):
        require(whole == parted || parted.problem == .tooLong, "the same error at the same place")
    }
}

private func sifted(_ body: [UInt8], parts size: Int) -> (payload: Payload, aside: [UInt8]) {
    var sieve = PayloadSieve(longestRun: 24)
    var aside: [UInt8] = []
    var start = 0
    while start < body.count {
        let end = min(start + size, body.count)
        sieve.take(Array(body[start..<end]), aside: &aside)
        start = end
    }
    return (sieve.payload(in: nil), aside)
}

extension Payload {
    fileprivate func whole(with aside: [UInt8]) -> [UInt8] {
        var whole: [UInt8] = []
        var place = 0
        for hole in holes {
            whole += bytes[place..<hole.place]
            whole += aside[hole.source]
            place = hole.place
        }
        return whole + bytes[place...]
    }
}
