#include "secrets/program.h"

#include <algorithm>
#include <string>
#include <utility>

#include "crypto/digest.h"
#include "secrets/stored_config.h"

namespace merlon::secrets {
namespace {

// Raised when the same rules and bytes give other facts than before.
constexpr std::string_view kEngineVersion = "merlon-secrets 6";
// A kind is a bit for each rule with a path; the highest says that the path was looked at. Rules
// beyond the bits are run whatever the path is, and conclude() decides.
constexpr model::DocumentKind kPathKnown = model::DocumentKind{1} << 63;

}  // namespace

Result<Program> Program::compile(Config config, ProgramOptions options, model::Diagnostics&) {
    Program program;
    program.options_ = std::move(options);
    program.config_ = std::make_shared<const Config>(std::move(config));
    const std::vector<Rule>& rules = program.config_->rules;
    program.enabled_.assign(rules.size(), program.options_.enabled_rules.empty() ? 1 : 0);
    for (const std::string& id : program.options_.enabled_rules) {
        const Rule* rule = program.config_->find(id);
        if (rule == nullptr) return Error{"Requested rule " + id + " not found in rules"};
        program.enabled_[static_cast<std::size_t>(rule - rules.data())] = 1;
    }
    program.patterns_ = rule_patterns(*program.config_, program.enabled_);
    std::uint8_t next_bit = 0;
    for (const Rule& rule : rules) {
        const bool has_bit = rule.path && next_bit < kNoPathBit;
        program.path_bits_.push_back(has_bit ? next_bit++ : kNoPathBit);
    }
    program.set_ = program.config_->patterns;
    if (program.set_ == nullptr || !program.options_.enabled_rules.empty()) {
        program.set_ = std::make_shared<const match::PatternSet>(
            expressions_of(*program.config_, program.patterns_));
    }
    return program;
}

std::string Program::digest() const {
    crypto::Hasher hasher(crypto::DigestAlgorithm::kSha256);
    hasher.update(kEngineVersion).update("\n").update(digest_of(*config_));
    const auto add = [&hasher](std::int64_t option) {
        hasher.update("\n").update(std::to_string(option));
    };
    add(static_cast<std::int64_t>(options_.dialect));
    add(static_cast<std::int64_t>(options_.allow_comments));
    add(options_.max_decode_depth);
    add(options_.max_megabytes);
    for (const std::string& id : options_.enabled_rules) hasher.update("\n").update(id);
    return hasher.finish().to_string();
}

bool Program::path_fits(const Rule& rule, std::string_view path) const {
    if (rule.path->is_match(path)) return true;
    if (options_.dialect != Dialect::kMerlon || path.find('!') == std::string_view::npos) {
        return false;
    }
    std::string in_folder(path);
    std::ranges::replace(in_folder, '!', '/');
    return rule.path->is_match(in_folder);
}

model::DocumentKind Program::kind(std::string_view path) const {
    model::DocumentKind kind = kPathKnown;
    for (std::size_t i = 0; i < path_bits_.size(); ++i) {
        if (path_bits_[i] != kNoPathBit && path_fits(config_->rules[i], path)) {
            kind |= model::DocumentKind{1} << path_bits_[i];
        }
    }
    return kind;
}

}  // namespace merlon::secrets
