/// One page, with what it shows.
package enum Page: Sendable {
    case signIn(SignInView)
    case overview(OverviewView)
    case spend(SpendView)
    case jobs(JobsView)
    case members(MembersView)
    case route(RouteView)
    case audit(AuditView)
    case confirm(ConfirmView)
    case problem(ProblemView)
}
