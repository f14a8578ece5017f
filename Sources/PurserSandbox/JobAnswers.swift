/// The answer to a submission or a status query: both shapes have their place in it.
struct JobsAnswer: Encodable {
    var operations: [OperationAnswer]?
    var media: [MediaAnswer]?
    var workflows: [WorkflowAnswer]?
    /// The account's whole balance; nil where the service says nothing, and where it is zero.
    var remainingCredits: Int?
}

/// The answer of `GET /v1/credits`; every number that is zero is left out.
struct CreditsAnswer: Encodable {
    var credits: Int?
    var userPaygateTier: String
    var subscriptionCredits: Int?
    var topUpCredits: Int?
    var sku: String?
    var serviceTier: String?
}

/// The error of a job that failed.
struct JobError: Encodable {
    let code: Int
    let message: String
}

/// One job in the older shape.
struct OperationAnswer: Encodable {
    struct Video: Encodable {
        let mediaGenerationId: String
        let fifeUrl: String
        let model: String
        let aspectRatio: String?
        let prompt: String?
    }

    struct Metadata: Encodable {
        let type = "type.googleapis.com/google.internal.labs.aisandbox.v1.Media"
        let name: String
        let video: Video

        private enum CodingKeys: String, CodingKey {
            case type = "@type"
            case name
            case video
        }
    }

    struct Operation: Encodable {
        let name: String
        var metadata: Metadata?
        var error: JobError?
    }

    let operation: Operation
    let sceneId: String?
    let status: String
    var mediaGenerationId: String?

    init(_ job: World.Job, state: String) {
        var operation = Operation(name: job.name)
        if state == "SUCCESSFUL" {
            mediaGenerationId = job.mediaGenerationID
            operation.metadata = Metadata(
                name: job.mediaGenerationID,
                video: Video(
                    mediaGenerationId: job.mediaGenerationID,
                    fifeUrl: job.url,
                    model: job.key,
                    aspectRatio: job.aspectRatio,
                    prompt: job.prompt
                )
            )
        } else {
            operation.error = job.error(in: state)
        }
        self.operation = operation
        sceneId = job.sceneID
        status = "MEDIA_GENERATION_STATUS_" + state
    }
}

/// One job in the newer shape, named by the medium it makes.
struct MediaAnswer: Encodable {
    struct Status: Encodable {
        let mediaGenerationStatus: String
        var error: JobError?
        var failureReasons: [String]?
    }

    struct Metadata: Encodable {
        let mediaStatus: Status
    }

    struct Video: Encodable {
        let fifeUrl: String
        let model: String
    }

    let name: String
    let projectId: String?
    let workflowId: String
    let mediaMetadata: Metadata
    var video: Video?

    init(_ job: World.Job, state: String) {
        name = job.media
        projectId = job.project
        workflowId = job.workflow
        var status = Status(mediaGenerationStatus: "MEDIA_GENERATION_STATUS_" + state)
        if let error = job.error(in: state) {
            status.error = error
            status.failureReasons = [error.message]
        }
        mediaMetadata = Metadata(mediaStatus: status)
        if state == "SUCCESSFUL" { video = Video(fifeUrl: job.url, model: job.key) }
    }
}

/// The workflow that comes with a medium at submission.
struct WorkflowAnswer: Encodable {
    let name: String
    let projectId: String?

    init(_ job: World.Job) {
        name = job.workflow
        projectId = job.project
    }
}

/// The answers of the two upload calls.
struct UploadAnswer: Encodable {
    struct Media: Encodable {
        let name: String
    }

    struct MediaGeneration: Encodable {
        let mediaGenerationId: String
    }

    var media: Media?
    var mediaGenerationId: MediaGeneration?
}
