#include "cli/source_lines.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>

#include "base/file.h"
#include "exchange/foreign_secrets.h"
#include "exchange/foreign_text.h"

namespace merlon::cli {
namespace {

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{4} << 20;
constexpr std::uint32_t kMaxLines = 20;       // of one finding
constexpr std::size_t kMaxLineBytes = 4'096;  // longer ones are no code that a person wrote

class Sources {
  public:
    explicit Sources(const std::string& root) : root_(root) {}

    const std::vector<std::string>& lines_of(const std::string& path) {
        const auto [place, is_first] = files_.try_emplace(path);
        if (!is_first) return place->second;
        const std::optional<std::string> text = source_below(root_, path);
        if (text) place->second = exchange::lines_of(*text);
        return place->second;
    }

  private:
    const std::string& root_;
    std::map<std::string, std::vector<std::string>> files_;
};

std::set<std::string, std::less<>> rules_of_secrets(const model::Report& report) {
    std::set<std::string, std::less<>> ids;
    for (const model::Rule& rule : report.rules) {
        std::vector<std::string> tags = rule.tags;
        tags.push_back(rule.cwe);
        if (exchange::is_rule_of_secrets(rule.id, tags)) ids.insert(rule.id);
    }
    return ids;
}

// Whether nothing but its lines would say what it is.
bool wants_lines(const model::Finding& finding) {
    return finding.excerpt.lines.empty() && finding.fingerprints.empty() &&
           finding.secret.empty() && finding.secret_id.empty() &&
           !finding.properties.contains("package") && !finding.properties.contains("purl");
}

void add_lines(Sources& sources, model::Finding& finding) {
    const auto* const file = std::get_if<model::FileLocation>(&finding.location);
    if (file == nullptr || file->region.start_line == 0) return;
    const std::vector<std::string>& lines = sources.lines_of(file->path);
    const std::uint32_t first = file->region.start_line;
    const std::uint32_t last =
        std::min({std::max(first, file->region.end_line), first + kMaxLines - 1,
                  static_cast<std::uint32_t>(lines.size())});
    for (std::uint32_t line = first; line <= last; ++line)
        if (lines[line - 1].size() > kMaxLineBytes) return;
    for (std::uint32_t line = first; line <= last; ++line)
        finding.excerpt.lines.push_back(lines[line - 1]);
    finding.excerpt.first_line = first;
    finding.excerpt.mark_line = first;
}

}  // namespace

std::optional<std::string> source_below(const std::string& root, const std::string& path) {
    std::error_code failure;
    const std::string real = std::filesystem::weakly_canonical(root + path, failure).string();
    if (failure || !real.starts_with(root)) return std::nullopt;
    auto text = read_text_file(real, kMaxFileBytes);
    return text.ok() ? std::optional(std::move(text).value()) : std::nullopt;
}

void add_source_lines(const std::string& root, std::vector<exchange::ReadReport>& reports,
                      const CancelToken* cancel) {
    Sources sources(root);
    for (exchange::ReadReport& read : reports) {
        if (exchange::is_secret_scanner(read.report.analysis.tool)) continue;
        const auto secrets = rules_of_secrets(read.report);
        for (model::Finding& finding : read.report.findings) {
            if (cancel != nullptr && cancel->cancelled()) return;
            if (wants_lines(finding) && !secrets.contains(finding.rule_id))
                add_lines(sources, finding);
        }
    }
}

}  // namespace merlon::cli
