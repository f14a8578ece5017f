/// One of the service's calls, as its method and path name it.
enum Call: Equatable {
    case submit(Submission)
    case status
    case upload(older: Bool)
    case cancel
    case credits

    /// What a submission endpoint demands of each element.
    struct Submission: Equatable {
        var images: [Image] = []
        var references = false
        var video = false
        var text = true

        enum Image: String {
            case startImage
            case endImage
        }
    }

    init?(method: String, path: String) {
        switch (method, path) {
        case ("GET", "/v1/credits"): self = .credits
        case ("POST", "/v1/video:batchCheckAsyncVideoGenerationStatus"): self = .status
        case ("POST", "/v1/flow/uploadImage"): self = .upload(older: false)
        case ("POST", "/v1:uploadUserImage"): self = .upload(older: true)
        case ("POST", "/v1/flowMedia:cancelGeneration"): self = .cancel
        case ("POST", _):
            let prefix = "/v1/video:batchAsyncGenerateVideo"
            guard path.hasPrefix(prefix),
                let submission = Self.submissions[String(path.dropFirst(prefix.count))]
            else { return nil }
            self = .submit(submission)
        default: return nil
        }
    }

    var scope: SandboxFault.Scope {
        switch self {
        case .submit: .submit
        case .status: .status
        case .upload: .upload
        case .cancel: .cancel
        case .credits: .credits
        }
    }

    private static let submissions: [String: Submission] = [
        "Text": .init(),
        "StartImage": .init(images: [.startImage]),
        "StartAndEndImage": .init(images: [.startImage, .endImage]),
        "ReferenceImages": .init(references: true),
        "ExtendVideo": .init(video: true),
        "UpsampleVideo": .init(video: true, text: false),
        "EditVideo": .init(video: true),
        "ReshootVideo": .init(video: true, text: false),
    ]
}

/// The body of a submission, as far as the service looks into it.
struct SubmitBody: Decodable {
    struct Context: Decodable {
        let projectId: String?
        let userPaygateTier: String?
    }

    struct Media: Decodable {
        let mediaId: String?
    }

    struct Text: Decodable {
        let prompt: String?
    }

    struct Metadata: Decodable {
        let sceneId: String?
    }

    struct Element: Decodable {
        let aspectRatio: String?
        let videoModelKey: String?
        let textInput: Text?
        let metadata: Metadata?
        let startImage: Media?
        let endImage: Media?
        let referenceImages: [Media]?
        let videoInput: Media?

        /// Every media id the element names, whatever its endpoint asks for.
        var mediaIDs: [String] {
            ([startImage, endImage, videoInput].compactMap(\.self) + (referenceImages ?? []))
                .compactMap(\.mediaId)
        }

        /// The field its endpoint demands and it does not have.
        func missingField(for call: Call.Submission) -> String? {
            for image in call.images {
                let media = image == .startImage ? startImage : endImage
                if media?.mediaId == nil { return "\(image.rawValue).mediaId" }
            }
            if call.references, (referenceImages ?? []).contains(where: { $0.mediaId == nil }) {
                return "referenceImages.mediaId"
            }
            if call.references, referenceImages?.isEmpty != false { return "referenceImages" }
            if call.video, videoInput?.mediaId == nil { return "videoInput.mediaId" }
            if call.text, textInput == nil { return "textInput" }
            return videoModelKey == nil ? "videoModelKey" : nil
        }
    }

    let clientContext: Context?
    let requests: [Element]?
}

/// The body of a status query, in either shape.
struct StatusBody: Decodable {
    struct Name: Decodable {
        let name: String?
    }

    struct OperationQuery: Decodable {
        let operation: Name?
    }

    let operations: [OperationQuery]?
    let media: [Name]?
}

/// The body of an upload: newer clients put the bytes at the top, older ones in `imageInput`.
struct UploadBody: Decodable {
    struct Image: Decodable {
        let imageBytes: String?
        let rawImageBytes: String?
    }

    let imageBytes: String?
    let rawImageBytes: String?
    let imageInput: Image?
    let clientContext: SubmitBody.Context?

    var base64: String? {
        imageBytes ?? rawImageBytes ?? imageInput?.rawImageBytes ?? imageInput?.imageBytes
    }
}

/// The body of a cancellation.
struct CancelBody: Decodable {
    let mediaId: String?
}
