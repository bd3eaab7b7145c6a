#include "gate/links.h"

#include <string>
#include <string_view>
#include <utility>

namespace merlon::gate {
namespace {

using exchange::Confidence;
using exchange::Link;
using exchange::LinkEnd;

class Linker {
  public:
    Linker(const Input& input, const Verdict& verdict) : input_(input), verdict_(verdict) {}

    std::vector<Link> links() {
        if (!input_.change.head.empty()) add_change({"commit", input_.change.head});
        add_decisions();
        const bool is_deployment =
            verdict_.outcome == Outcome::kPass && !input_.environment.empty();
        if (is_deployment) add_deployment({"deployment", input_.environment});
        return std::move(links_);
    }

  private:
    // Names in Git are what their writers wrote; the rest is the pipeline's word.
    void add_change(const LinkEnd& head) {
        for (const Author& author : input_.change.authors)
            add({"identity", author.email.empty() ? author.name : author.email}, "wrote", head,
                Confidence::kStated);
        const LinkEnd repository{"repository", input_.repository};
        add(repository, "has", head, Confidence::kTold);
        if (input_.pull_request.empty()) return;
        // A bare number says nothing without its repository.
        const bool is_address = input_.pull_request.contains('/');
        const LinkEnd request{"pull request", is_address
                                                  ? input_.pull_request
                                                  : input_.repository + "#" + input_.pull_request};
        add(head, "proposed in", request, Confidence::kTold);
        if (!input_.target.empty())
            add(request, "goes to", {"ref", input_.repository + "@" + input_.target},
                Confidence::kTold);
    }

    void add_decisions() {
        const std::string& digest = verdict_.subject_digest;
        constexpr std::string_view kCommit = "gitCommit:";
        const LinkEnd subject = digest.starts_with(kCommit)
                                    ? LinkEnd{"commit", digest.substr(kCommit.size())}
                                    : LinkEnd{"artifact", digest};
        for (const SeenDecision& decision : input_.decisions) {
            if (!decision.is_valid) continue;
            const LinkEnd made{"decision", decision.id};
            add({"identity", decision.person}, decision.kind == "reject" ? "rejected" : "signed",
                made, Confidence::kRecorded, decision.time, decision.expires);
            if (!digest.empty())
                add(made, decision.kind == "approve" ? "approves" : "is about", subject,
                    Confidence::kRecorded, decision.time, decision.expires);
        }
    }

    void add_deployment(const LinkEnd& deployment) {
        if (!input_.requested_by.empty())
            add({"identity", input_.requested_by}, "asked for", deployment, Confidence::kTold,
                verdict_.time, verdict_.expires);
        for (const std::string& workload : input_.workloads)
            add(deployment, "runs as", {"workload", workload}, Confidence::kTold, verdict_.time,
                verdict_.expires);
    }

    void add(LinkEnd from, std::string_view relation, LinkEnd to, Confidence confidence,
             std::string since = {}, std::string until = {}) {
        if (from.name.empty() || to.name.empty()) return;
        links_.push_back({.from = std::move(from),
                          .relation = std::string(relation),
                          .to = std::move(to),
                          .confidence = confidence,
                          .collector = "merlon gate " + verdict_.gate,
                          .valid_from = std::move(since),
                          .valid_until = std::move(until)});
    }

    const Input& input_;
    const Verdict& verdict_;
    std::vector<Link> links_;
};

}  // namespace

std::vector<Link> links_of(const Input& input, const Verdict& verdict) {
    return Linker(input, verdict).links();
}

}  // namespace merlon::gate
