// What pipelines and infrastructure take in: GitHub Actions, Terraform providers.

#include <set>

#include "inventory/readers.h"

namespace merlon::inventory {
namespace {

using packages::Package;
using packages::Relation;
using packages::Scope;
using value::Value;

// "owner/repository/path@reference"; "./here" and "docker://image" are no packages.
void add_action(Reading& reading, const Value* uses) {
    const std::string_view text = string_of(uses);
    if (text.empty() || text.starts_with("./") || text.starts_with("docker://")) return;
    const std::size_t offset = reading.offset_of(uses);
    const auto [path, reference] = split_last(text, '@');
    const std::size_t slash = path.find('/');
    if (reference.empty() || slash == std::string_view::npos) {
        reading.unknown(offset, "expected \"owner/repository@reference\": " + std::string(text));
        return;
    }
    const std::string_view name = path.substr(0, path.find('/', slash + 1));
    Package& package = reading.add(name, reference, offset);
    package.relation = Relation::kDirect;
    package.scope = Scope::kBuild;
    if (reference.size() == 40 && reference.find_first_not_of("0123456789abcdef") == reference.npos)
        package.commit = reference;
    // People write the tag of a commit behind it: "# v4.1.0".
    if (package.commit.empty() || offset >= reading.bytes.size()) return;
    const std::string_view line = reading.lines().line_text(reading.lines().line_of(offset));
    if (const std::size_t comment = line.find('#'); comment != std::string_view::npos)
        package.requested = trim(line.substr(comment + 1));
}

void add_steps(Reading& reading, const Value* steps) {
    each_item(steps, [&](const Value& step) {
        if (step.is_object()) add_action(reading, step.find("uses"));
    });
}

}  // namespace

// docs.github.com, "Workflow syntax" and "Metadata syntax" of composite actions.
Status read_github_workflow(Reading& reading) {
    const Value* root = MERLON_TRY(reading.yaml());
    each_entry(object_in(root, "jobs"), [&](std::string_view, const Value& job) {
        if (!job.is_object()) return;
        add_action(reading, job.find("uses"));
        add_steps(reading, array_in(&job, "steps"));
    });
    add_steps(reading, array_in(object_in(root, "runs"), "steps"));
    return {};
}

namespace {

// The text in the first quotes.
std::string_view quoted(std::string_view text) {
    const std::size_t open = text.find('"');
    const std::size_t close = open == std::string_view::npos ? open : text.find('"', open + 1);
    return close == std::string_view::npos ? std::string_view()
                                           : text.substr(open + 1, close - open - 1);
}

}  // namespace

// developer.hashicorp.com/terraform, "Dependency Lock File".
Status read_terraform_lock(Reading& reading) {
    bool in_provider = false, in_hashes = false;
    for (std::uint32_t number = 1; number <= reading.lines().line_count(); ++number) {
        const std::string_view line = trim(reading.lines().line_text(number));
        if (line.starts_with('#')) continue;
        if (line.starts_with("provider ")) {
            in_provider = !quoted(line).empty();
            if (in_provider)
                reading.add(quoted(line), "", reading.lines().line_begin(number)).relation =
                    Relation::kDirect;
            continue;
        }
        if (!in_provider) continue;
        Package& package = reading.at(reading.count() - 1);
        if (in_hashes) {
            in_hashes = !line.starts_with(']');
            const auto [kind, digest] = split_first(quoted(line), ':');
            if (!digest.empty())
                package.checksums.push_back(
                    {kind == "zh" ? "sha256" : std::string(kind), std::string(digest)});
            continue;
        }
        const std::string_view key = trim(split_first(line, '=').first);
        if (key == "version") package.version = quoted(line);
        if (key == "constraints") package.requested = quoted(line);
        in_hashes = key == "hashes" && !line.ends_with(']');
        if (line == "}") in_provider = false;
    }
    return {};
}

}  // namespace merlon::inventory
