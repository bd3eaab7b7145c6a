#include "exchange/links.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"

namespace merlon::exchange {
namespace {

using value::Value;

constexpr std::array<std::string_view, 5> kConfidences{"", "told", "stated", "signed, not verified",
                                                       "recorded"};
constexpr std::size_t kSha256Digits = 64;

LinkEnd artifact(std::string name) { return {"artifact", std::move(name)}; }

// "git+https://host/a@refs/heads/main" as "https://host/a".
std::string address_of(std::string_view uri) {
    if (uri.starts_with("git+")) uri.remove_prefix(4);
    const std::size_t scheme = uri.find("://");
    const std::size_t path = uri.find('/', scheme == std::string_view::npos ? 0 : scheme + 3);
    const std::size_t at = path == std::string_view::npos ? path : uri.find('@', path);
    uri = uri.substr(0, at);
    return std::string(uri.substr(0, uri.find_first_of("?#")));
}

bool is_hexadecimal(std::string_view text) {
    return !text.empty() &&
           text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

// The commit that a set of digests names; SLSA 0.2 calls it sha1.
std::string commit_in(const Value& digests, FieldReader& fields) {
    for (const std::string_view key : {"gitCommit", "sha1"})
        if (std::string text = fields.text(digests, key); is_hexadecimal(text))
            return lower_case(text);
    return {};
}

class ProvenanceReader {
  public:
    ProvenanceReader(const Value& statement, Confidence confidence, FieldReader& fields)
        : fields_(fields), confidence_(confidence) {
        subjects_ = subjects_of_statement(statement, fields);
        names_of_subjects(statement);
        const Value* const predicate = fields.object(statement, "predicate");
        if (predicate == nullptr) return;
        read_version_1(*predicate);
        read_version_0(*predicate);
        add_run();
    }

    std::vector<Link> take() && { return std::move(links_); }

  private:
    void names_of_subjects(const Value& statement) {
        for (const Value& subject : fields_.items(statement, "subject")) {
            if (!fields_.is_object(subject)) continue;
            const std::string called = fields_.text(subject, "name");
            const Value* const digests = fields_.object(subject, "digest");
            const std::string digest = digests == nullptr ? "" : fields_.text(*digests, "sha256");
            // What a registry calls it.
            const bool is_image = called.contains('/') && called.find('.') < called.find('/');
            if (is_image && !digest.empty())
                add(artifact("sha256:" + lower_case(digest)), "named", {"image", called});
        }
    }

    void read_version_1(const Value& predicate) {
        const Value* const build = fields_.object(predicate, "buildDefinition");
        if (build == nullptr) return;
        if (const Value* run = fields_.object(predicate, "runDetails")) {
            if (const Value* builder = fields_.object(*run, "builder"))
                builder_ = fields_.text(*builder, "id");
            if (const Value* metadata = fields_.object(*run, "metadata")) {
                time_ = fields_.text(*metadata, "finishedOn");
                run_ = fields_.text(*metadata, "invocationId");
            }
        }
        // How GitHub's build types name what they were asked for.
        if (const Value* parameters = fields_.object(*build, "externalParameters"))
            if (const Value* workflow = fields_.object(*parameters, "workflow"))
                set_pipeline(fields_.text(*workflow, "repository"),
                             fields_.text(*workflow, "path"));
        for (const Value& one : fields_.items(*build, "resolvedDependencies")) add_material(one);
    }

    void read_version_0(const Value& predicate) {
        if (const Value* builder = fields_.object(predicate, "builder");
            builder_.empty() && builder)
            builder_ = fields_.text(*builder, "id");
        if (const Value* metadata = fields_.object(predicate, "metadata");
            time_.empty() && metadata) {
            time_ = fields_.text(*metadata, "buildFinishedOn");
            if (run_.empty()) run_ = fields_.text(*metadata, "buildInvocationId");
        }
        if (const Value* invocation = fields_.object(predicate, "invocation"))
            if (const Value* source = fields_.object(*invocation, "configSource")) {
                add_material(*source);
                set_pipeline(fields_.text(*source, "uri"), fields_.text(*source, "entryPoint"));
            }
        for (const Value& one : fields_.items(predicate, "materials")) add_material(one);
    }

    void set_pipeline(const std::string& repository, const std::string& path) {
        if (pipeline_.empty() && !repository.empty() && !path.empty())
            pipeline_ = address_of(repository) + "/" + path;
    }

    // The run of a pipeline that has built it, who vouches for that, and of what.
    void add_run() {
        if (run_.empty()) return;
        const LinkEnd run{"run", run_};
        if (!pipeline_.empty()) add({"pipeline", pipeline_}, "ran as", run);
        if (!builder_.empty()) add({"identity", builder_}, "ran", run);
        for (const std::string& commit : commits_) add({"commit", commit}, "built in", run);
        for (const std::string& subject : subjects_) add(run, "built", artifact(subject));
    }

    // What a build was made of: a commit of a repository, or another thing.
    void add_material(const Value& material) {
        if (!fields_.is_object(material)) return;
        const std::string uri = fields_.text(material, "uri");
        const Value* const digests = fields_.object(material, "digest");
        if (digests == nullptr) return;
        const std::string commit = commit_in(*digests, fields_);
        if (commit.empty() || !(uri.starts_with("git+") || uri.empty() || uri.contains(".git") ||
                                digests->find("gitCommit") != nullptr))
            return;
        const LinkEnd end{"commit", commit};
        if (std::ranges::find(commits_, commit) == commits_.end()) commits_.push_back(commit);
        if (!uri.empty()) add({"repository", address_of(uri)}, "has", end);
        for (const std::string& subject : subjects_) add(end, "built", artifact(subject));
    }

    void add(LinkEnd from, std::string_view relation, LinkEnd to) {
        Link link{.from = std::move(from),
                  .relation = std::string(relation),
                  .to = std::move(to),
                  .confidence = confidence_,
                  .collector = builder_,
                  .valid_from = time_,
                  .valid_until = {}};
        if (std::ranges::find(links_, link) == links_.end()) links_.push_back(std::move(link));
    }

    FieldReader& fields_;
    Confidence confidence_;
    std::vector<std::string> subjects_, commits_;
    std::string builder_, time_, run_, pipeline_;
    std::vector<Link> links_;
};

}  // namespace

std::string_view name(Confidence confidence) {
    const auto index = static_cast<std::size_t>(confidence);
    return index < kConfidences.size() ? kConfidences[index] : kConfidences[0];
}

std::vector<Link> links_of(const Bom& bom, const std::vector<std::string>& subjects,
                           Confidence confidence) {
    std::vector<LinkEnd> ends;
    for (const std::string& subject : subjects) ends.push_back(artifact(subject));
    for (const BomHash& hash : bom.root.hashes)
        if (equal_without_case(hash.algorithm, "SHA-256") && hash.value.size() == kSha256Digits)
            ends.push_back(artifact("sha256:" + lower_case(hash.value)));
    if (ends.empty()) {
        std::string name = bom.root.purl.empty() ? bom.root.name : bom.root.purl;
        if (bom.root.purl.empty() && !bom.root.version.empty()) name += "@" + bom.root.version;
        if (!name.empty()) ends.push_back(artifact(std::move(name)));
    }
    std::ranges::sort(ends);
    const auto [first, last] = std::ranges::unique(ends);
    ends.erase(first, last);
    Link link{.from = {},
              .to = {},
              .confidence = confidence,
              .valid_from = bom.timestamp,
              .valid_until = {}};
    if (!bom.tools.empty()) link.collector = bom.tools[0].name + " " + bom.tools[0].version;
    std::vector<Link> links;
    const auto add = [&](LinkEnd from, std::string_view relation, const LinkEnd& to) {
        link.from = std::move(from);
        link.relation = relation;
        link.to = to;
        links.push_back(link);
    };
    for (const LinkEnd& end : ends) {
        for (const BomComponent& component : bom.components)
            if (component.purl.starts_with("pkg:"))
                add({"package", component.purl}, "part of", end);
        for (const BomReference& reference : bom.root.references)
            if (reference.type == "vcs") add({"repository", address_of(reference.url)}, "has", end);
        const bool is_image = bom.root.type == BomType::kContainer && !bom.root.name.empty();
        if (is_image) add(end, "named", {"image", bom.root.name});
    }
    return links;
}

std::vector<std::string> subjects_of_statement(const Value& statement, FieldReader& fields) {
    std::vector<std::string> subjects;
    for (const Value& subject : fields.items(statement, "subject")) {
        if (!fields.is_object(subject)) continue;
        const Value* const digests = fields.object(subject, "digest");
        if (digests == nullptr) continue;
        if (const std::string digest = fields.text(*digests, "sha256"); is_hexadecimal(digest))
            subjects.push_back("sha256:" + lower_case(digest));
    }
    return subjects;
}

std::vector<Link> links_of_statement(const Value& statement, Confidence confidence,
                                     FieldReader& fields) {
    return ProvenanceReader(statement, confidence, fields).take();
}

}  // namespace merlon::exchange
