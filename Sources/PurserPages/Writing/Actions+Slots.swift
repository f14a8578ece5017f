import PurserCore
import PurserEngine

extension RouteView {
    func slots(_ voice: Voice, _ viewer: Viewer?) -> Slots {
        var slots: Slots = [
            "mayAsk": viewer?.may(.explainRoute) ?? false, "routeAt": PagePath.route.rawValue,
            "request": request, "member": member,
            "refused": [] as [Slots], "explained": [] as [Slots],
        ]
        switch answer {
        case nil: break
        case .refused(let problem, let hint):
            slots["refused"] = [
                ["message": voice[problem], "hints": hint.map { [$0] } ?? []] as Slots
            ]
        case .explained(let explanation, let call, let models):
            slots["explained"] = [
                [
                    "chosen": explanation.lines.first { $0.rank == 1 }.map { [$0.name] } ?? [],
                    "policy": explanation.policy.rawValue, "call": call,
                    "models": models.joined(separator: ", "),
                    "table": explanation.table(voice).slots(voice),
                ] as Slots
            ]
        }
        return slots
    }
}

extension RouteExplanation {
    fileprivate func table(_ voice: Voice) -> TableView {
        TableView(
            caption: voice[RouteWord.answer],
            columns: [
                .init(voice[AccountWord.account]), .init(voice[RouteWord.rank], isNumber: true),
                .init(voice[AccountWord.tier]), .init(voice[RouteWord.modelKeys]),
                .init(voice[ListWord.price], isNumber: true),
                .init(voice[AccountWord.available], isNumber: true), .init(voice[RouteWord.why]),
            ],
            rows: lines.map { line in
                [
                    .text(line.name), line.rank.map { .number(Int64($0)) } ?? .none,
                    .text(line.tier.rawValue),
                    .lines(Set(line.modelKeys).sorted().map { .text($0) }),
                    line.price.map { .number($0.amount) } ?? .none,
                    .number(line.available?.amount), line.whyCell(voice),
                ]
            }
        )
    }
}

extension RouteExplanation.Line {
    fileprivate func whyCell(_ voice: Voice) -> Cell {
        guard rank == nil else { return .text(score ?? "") }
        return .lines(
            [.state(voice[RouteWord.passedOver], .quiet)]
                + ineligibilities.map { .text($0.words(voice)) }
        )
    }
}

extension ConfirmView {
    func title(_ voice: Voice) -> String {
        voice.pair(voice[action], account.account.name)
    }

    func slots(_ voice: Voice, _ viewer: Viewer?) -> Slots {
        let note: ActionWord =
            switch action {
            case .pause: .pauseNote
            case .resume: .resumeNote
            case .refresh: .refreshNote
            case .rotate: .rotateNote
            }
        let mayChange = viewer?.may(.changeAccounts) ?? false
        let mayAct = mayChange && (action != .rotate || mayPasteToken)
        return [
            "actionAt": PagePath.account(account.account.name, action),
            "overviewAt": PagePath.overview.rawValue,
            "note": voice[note], "do": voice[action],
            "failures": failure.map {
                [["message": voice[$0], "hints": hint.map { [$0] } ?? []] as Slots]
            }
                ?? [],
            "form": mayAct
                ? [["reason": action == .pause, "token": action == .rotate] as Slots] : [],
            "needsTLS": mayChange && !mayAct,
            "state": [account.stateCell(voice, at: now).slots(voice)],
        ]
    }
}

extension ReportView {
    func slots(_ voice: Voice) -> Slots {
        [
            "title": title, "span": span, "made": Cell.time(madeAt).slots(voice),
            "style": String(decoding: Pages.styleSheet, as: UTF8.self),
            "sections": sections.map { section in
                [
                    "heading": section.heading, "notes": section.note.map { [$0] } ?? [],
                    "tables": section.tables.map { $0.slots(voice) },
                    "charts": section.chart.map { [$0.slots(voice)] } ?? [],
                ] as Slots
            },
        ]
    }
}
